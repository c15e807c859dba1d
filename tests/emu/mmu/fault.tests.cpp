#include "mmu/fault.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace forkscope;

TEST_CASE("fault: status codes are kind and level", "[emu][mmu]") {
    const unsigned level = GENERATE(0u, 1u, 2u, 3u);
    CHECK(fault_status(FaultKind::AddressSize, level) == 0b000000 + level);
    CHECK(fault_status(FaultKind::Translation, level) == 0b000100 + level);
    CHECK(fault_status(FaultKind::AccessFlag, level) == 0b001000 + level);
    CHECK(fault_status(FaultKind::Permission, level) == 0b001100 + level);
    CHECK(fault_status(FaultKind::ExternalOnWalk, level) == 0b010100 + level);
    CHECK(fault_status(FaultKind::External, level) == 0b010000);
    CHECK(fault_status(FaultKind::Alignment, level) == 0b100001);
}

// Whole values, as a guest reads them.
TEST_CASE("fault: ESR of data aborts", "[emu][mmu]") {
    const Fault translation{FaultKind::Translation, 3};
    CHECK(data_abort_syndrome(translation, AccessType::Read, true) == 0x9200'0007);
    CHECK(data_abort_syndrome(translation, AccessType::Write, true) == 0x9200'0047);
    CHECK(data_abort_syndrome(translation, AccessType::Read, false) == 0x9600'0007);
    const Fault permission{FaultKind::Permission, 3};
    CHECK(data_abort_syndrome(permission, AccessType::Write, true) == 0x9200'004f);
    CHECK(data_abort_syndrome(permission, AccessType::Write, false) == 0x9600'004f);
    CHECK(data_abort_syndrome({FaultKind::Alignment, 0}, AccessType::Write, false) == 0x9600'0061);
    CHECK(data_abort_syndrome({FaultKind::External, 0}, AccessType::Read, false) == 0x9600'0010);
    CHECK(data_abort_syndrome({FaultKind::ExternalOnWalk, 2}, AccessType::Read, true) ==
          0x9200'0016);
}

TEST_CASE("fault: cache maintenance sets CM and WnR", "[emu][mmu]") {
    const Fault fault{FaultKind::Translation, 2};
    CHECK(data_abort_syndrome(fault, AccessType::CacheMaintenance, true) == 0x9200'0146);
    CHECK(data_abort_syndrome(fault, AccessType::CacheInvalidate, false) == 0x9600'0146);
    CHECK(address_translation_abort_syndrome({FaultKind::ExternalOnWalk, 1}, false) == 0x9600'0155);
}

TEST_CASE("fault: ESR of instruction aborts", "[emu][mmu]") {
    CHECK(instruction_abort_syndrome({FaultKind::Permission, 3}, true) == 0x8200'000f);
    CHECK(instruction_abort_syndrome({FaultKind::Translation, 0}, false) == 0x8600'0004);
}

TEST_CASE("fault: every kind has a name", "[emu][mmu]") {
    CHECK(fault_name(FaultKind::Permission) == "permission");
    CHECK(fault_name(FaultKind::ExternalOnWalk) == "external abort on walk");
}
