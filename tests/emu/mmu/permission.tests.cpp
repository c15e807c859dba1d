#include "mmu/permission.hpp"
#include "mmu/alignment.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;

namespace {

Rights at_el1(AccessPermission ap, bool uxn, bool pxn, bool wxn = false) {
    return Permissions(ap, uxn, pxn).rights(true, wxn);
}
Rights at_el0(AccessPermission ap, bool uxn, bool pxn, bool wxn = false) {
    return Permissions(ap, uxn, pxn).rights(false, wxn);
}

using enum AccessPermission;

} // namespace

// Arm ARM, "Data access permissions" and "Instruction execution permissions" tables.
TEST_CASE("permission: the AP table, without WXN", "[emu][mmu]") {
    CHECK(at_el1(El1ReadWrite, false, false) == Rights{true, true, true});
    CHECK(at_el0(El1ReadWrite, false, false) == Rights{false, false, true});
    CHECK(at_el1(BothReadWrite, false, false) == Rights{true, true, false}); // EL0 may write it
    CHECK(at_el0(BothReadWrite, false, false) == Rights{true, true, true});
    CHECK(at_el1(El1ReadOnly, false, false) == Rights{true, false, true});
    CHECK(at_el0(El1ReadOnly, false, false) == Rights{false, false, true});
    CHECK(at_el1(BothReadOnly, false, false) == Rights{true, false, true});
    CHECK(at_el0(BothReadOnly, false, false) == Rights{true, false, true});
}

TEST_CASE("permission: UXN forbids EL0 and PXN forbids EL1 to execute", "[emu][mmu]") {
    for (const AccessPermission ap : {El1ReadWrite, El1ReadOnly, BothReadOnly}) {
        CHECK_FALSE(at_el0(ap, true, false).execute);
        CHECK(at_el1(ap, true, false).execute);
        CHECK(at_el0(ap, false, true).execute);
        CHECK_FALSE(at_el1(ap, false, true).execute);
    }
}

TEST_CASE("permission: with WXN nothing writable is executed by who may write it", "[emu][mmu]") {
    CHECK(at_el1(El1ReadWrite, false, false, true) == Rights{true, true, false});
    CHECK(at_el0(El1ReadWrite, false, false, true) == Rights{false, false, true});
    CHECK(at_el0(BothReadWrite, false, false, true) == Rights{true, true, false});
    CHECK(at_el1(El1ReadOnly, false, false, true) == Rights{true, false, true});
    CHECK(at_el0(BothReadOnly, false, false, true) == Rights{true, false, true});
}

TEST_CASE("permission: cache maintenance needs read permission at EL0 only", "[emu][mmu]") {
    const Permissions kernel(El1ReadOnly, true, true);
    const Permissions shared(BothReadOnly, true, true);
    CHECK(kernel.allows({AccessType::CacheMaintenance, true}, false));
    CHECK_FALSE(kernel.allows({AccessType::CacheMaintenance, false}, false));
    CHECK(shared.allows({AccessType::CacheMaintenance, false}, false));
    CHECK_FALSE(kernel.allows({AccessType::CacheInvalidate, true}, false));
    CHECK(Permissions(El1ReadWrite, true, true).allows({AccessType::CacheInvalidate, true}, false));
}

TEST_CASE("permission: EL1 reads and writes EL0's pages, unprivileged accesses only those",
          "[emu][mmu]") {
    const Permissions user(BothReadWrite, true, true);
    const Permissions kernel(El1ReadWrite, true, true);
    CHECK(user.allows({AccessType::Write, true}, false));
    CHECK(user.allows({AccessType::Write, false}, false));
    CHECK(kernel.allows({AccessType::Read, true}, false));
    CHECK_FALSE(kernel.allows({AccessType::Read, false}, false));
}

TEST_CASE("alignment: SCTLR.A and the instruction decide before translation", "[emu][mmu]") {
    const u64 checked = Sctlr::A::mask;
    CHECK_FALSE(misaligned_before_translation(0x1001, 8, AlignmentRule::IfChecked, 0));
    CHECK(misaligned_before_translation(0x1001, 8, AlignmentRule::IfChecked, checked));
    CHECK_FALSE(misaligned_before_translation(0x1008, 8, AlignmentRule::IfChecked, checked));
    CHECK(misaligned_before_translation(0x1004, 8, AlignmentRule::Always, 0));
    CHECK_FALSE(misaligned_before_translation(0x1001, 64, AlignmentRule::Never, checked));
    CHECK_FALSE(misaligned_before_translation(0x1001, 64, AlignmentRule::NoDeviceMemory, checked));
}

TEST_CASE("alignment: Device memory takes no misaligned access and no DC ZVA", "[emu][mmu]") {
    const u8 device = 0x04, normal = 0xff;
    CHECK(misaligned_in_memory(0x1001, 2, AlignmentRule::IfChecked, device));
    CHECK_FALSE(misaligned_in_memory(0x1001, 2, AlignmentRule::IfChecked, normal));
    CHECK_FALSE(misaligned_in_memory(0x1002, 2, AlignmentRule::IfChecked, device));
    CHECK(misaligned_in_memory(0x1000, 64, AlignmentRule::NoDeviceMemory, device));
    CHECK_FALSE(misaligned_in_memory(0x1000, 64, AlignmentRule::NoDeviceMemory, normal));
    CHECK_FALSE(misaligned_in_memory(0x1001, 4, AlignmentRule::Never, device));
}

TEST_CASE("alignment: SA and SA0 check the stack pointer of their level", "[emu][mmu]") {
    CHECK(sp_misaligned(0x1008, false, Sctlr::SA::mask));
    CHECK_FALSE(sp_misaligned(0x1008, true, Sctlr::SA::mask));
    CHECK(sp_misaligned(0x1008, true, Sctlr::SA0::mask));
    CHECK_FALSE(sp_misaligned(0x1010, false, Sctlr::SA::mask));
    CHECK_FALSE(sp_misaligned(0x1001, false, 0));
    CHECK(pc_misaligned(0x1002));
    CHECK_FALSE(pc_misaligned(0x1004));
}
