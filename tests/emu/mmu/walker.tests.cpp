#include "fake_tables.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

using namespace forkscope;
using namespace forkscope::test;

namespace {

struct World {
    explicit World(unsigned bits)
        : regime(regime_of(bits)), low(memory, bits, kRoot0, 0x4100'0000),
          high(memory, bits, kRoot1, 0x4900'0000), upper(~((u64{1} << bits) - 1)) {}

    WalkResult at(u64 va) { return walk(regime, memory, va); }

    FakeTableMemory memory;
    TranslationRegime regime;
    FakeTables low, high;
    u64 upper; // what the upper half's addresses start with
};

void check_fault(const WalkResult& result, FaultKind kind, unsigned level) {
    REQUIRE(result.fault);
    CHECK(result.fault->kind == kind);
    CHECK(result.fault->level == level);
}

} // namespace

TEST_CASE("walker: a page is found at level 3 in both halves, for every range size", "[emu][mmu]") {
    const unsigned bits = GENERATE(range(25u, 49u));
    CAPTURE(bits);
    World world(bits);
    const u64 va = 0x0000'5a5a'5a5a'5000 & ((u64{1} << bits) - 1);
    world.low.set(va, 3, 0x4abc'd000 | kPage | kAf | kNg | kEl0);
    world.high.set(world.upper | va, 3, 0x4def'1000 | kPage | kAf);

    const WalkResult low = world.at(va | 0x123);
    REQUIRE_FALSE(low.fault);
    CHECK(low.translation.physical == 0x4abc'd000);
    CHECK(low.translation.physical_of(va | 0x123) == 0x4abc'd123);
    CHECK(low.translation.level == 3);
    CHECK(low.translation.shift == 12);
    CHECK_FALSE(low.translation.global);
    CHECK(low.first_level == static_cast<i32>(world.low.first_level()));
    CHECK(low.last_level == 3);

    const WalkResult high = world.at(world.upper | va);
    REQUIRE_FALSE(high.fault);
    CHECK(high.translation.physical == 0x4def'1000);
    CHECK(high.translation.global);
}

TEST_CASE("walker: blocks map 1 GiB at level 1 and 2 MiB at level 2", "[emu][mmu]") {
    World world(48);
    world.low.set(0x40'0000'0000, 1, 0x0000'00c0'0000'0000 | kBlock | kAf);
    world.low.set(0x80'0020'0000, 2, 0x0000'0000'4060'0000 | kBlock | kAf);

    const WalkResult gigabyte = world.at(0x40'1234'5678);
    REQUIRE_FALSE(gigabyte.fault);
    CHECK(gigabyte.translation.shift == 30);
    CHECK(gigabyte.translation.physical_of(0x40'1234'5678) == 0xc0'1234'5678);

    const WalkResult megabytes = world.at(0x80'003f'ffff);
    REQUIRE_FALSE(megabytes.fault);
    CHECK(megabytes.translation.shift == 21);
    CHECK(megabytes.translation.physical_of(0x80'003f'ffff) == 0x407f'ffff);
}

TEST_CASE("walker: low address bits of a block descriptor are ignored", "[emu][mmu]") {
    World world(39);
    world.low.set(0, 2, 0x4061'f000 | kBlock | kAf);
    CHECK(world.at(0x1000).translation.physical == 0x4060'0000);
}

TEST_CASE("walker: an invalid descriptor is a translation fault of its level", "[emu][mmu]") {
    const unsigned level = GENERATE(0u, 1u, 2u, 3u);
    CAPTURE(level);
    World world(48);
    const u64 va = 0x1234'5678'9000;
    // Bit 0 decides; the rest of an invalid descriptor is the software's.
    world.low.set(va, level, 0xffff'ffff'ffff'fffe);
    world.high.set(world.upper | va, level, 0);

    const WalkResult low = world.at(va);
    check_fault(low, FaultKind::Translation, level);
    CHECK(low.fault->descriptor == 0xffff'ffff'ffff'fffe);
    CHECK(low.fault->descriptor_address == world.low.slot(va, level));
    CHECK(low.last_level == static_cast<i32>(level));
    check_fault(world.at(world.upper | va), FaultKind::Translation, level);
}

TEST_CASE("walker: level 0 has no blocks and level 3 reserves 0b01", "[emu][mmu]") {
    World world(48);
    world.low.set(0, 0, 0x4000'0000 | kBlock | kAf);
    check_fault(world.at(0), FaultKind::Translation, 0);
    world.low.set(u64{1} << 39, 3, 0x4000'0000 | kBlock | kAf);
    check_fault(world.at(u64{1} << 39), FaultKind::Translation, 3);
}

TEST_CASE("walker: a clear access flag faults at the level of its block or page", "[emu][mmu]") {
    const unsigned level = GENERATE(1u, 2u, 3u);
    CAPTURE(level);
    World world(48);
    const u64 va = 0x40'0000'0000;
    world.low.set(va, level, 0x4000'0000 | (level == 3 ? kPage : kBlock));
    check_fault(world.at(va), FaultKind::AccessFlag, level);
    world.low.set(va, level, 0x4000'0000 | (level == 3 ? kPage : kBlock) | kAf);
    CHECK_FALSE(world.at(va).fault);
}

TEST_CASE("walker: an address between the halves is a translation fault of level 0", "[emu][mmu]") {
    const unsigned bits = GENERATE(39u, 48u);
    World world(bits);
    world.low.set(0, 3, 0x4000'0000 | kPage | kAf);
    for (const u64 va : {u64{1} << bits, world.upper - 1, u64{1} << 55, u64{1} << 63,
                         u64{0x00ff'ffff'ffff'f000}, u64{0x7fff'ffff'ffff'f000}}) {
        CAPTURE(va);
        const WalkResult result = world.at(va);
        check_fault(result, FaultKind::Translation, 0);
        CHECK(result.last_level < result.first_level);
    }
    CHECK(world.memory.reads == 0);
}

TEST_CASE("walker: EPD0 and EPD1 turn walks of their half into level 0 faults", "[emu][mmu]") {
    World world(39);
    world.low.set(0, 3, 0x4000'0000 | kPage | kAf);
    world.high.set(world.upper, 3, 0x4000'0000 | kPage | kAf);
    const u64 tcr = world.regime.tcr;
    world.regime.tcr = tcr | (1u << 7);
    check_fault(world.at(0), FaultKind::Translation, 0);
    CHECK_FALSE(world.at(world.upper).fault);
    world.regime.tcr = tcr | (1u << 23);
    CHECK_FALSE(world.at(0).fault);
    check_fault(world.at(world.upper), FaultKind::Translation, 0);
}

TEST_CASE("walker: a range size outside 25 to 48 bits faults at level 0", "[emu][mmu]") {
    World world(48);
    world.low.set(0, 3, 0x4000'0000 | kPage | kAf);
    for (const u64 size : {0u, 15u, 40u, 63u}) {
        CAPTURE(size);
        world.regime.tcr = size | (u64{5} << 32);
        check_fault(world.at(0), FaultKind::Translation, 0);
    }
}

TEST_CASE("walker: the halves may have different sizes", "[emu][mmu]") {
    World world(39);
    FakeTables wide(world.memory, 48, kRoot0, 0x4700'0000);
    world.regime.tcr = Tcr::T0SZ::set(world.regime.tcr, 16);
    wide.set(0x7f00'0000'0000, 3, 0x4111'1000 | kPage | kAf);
    world.high.set(world.upper, 3, 0x4222'2000 | kPage | kAf);
    CHECK(world.at(0x7f00'0000'0000).translation.physical == 0x4111'1000);
    CHECK(world.at(0x7f00'0000'0000).first_level == 0);
    CHECK(world.at(world.upper).translation.physical == 0x4222'2000);
    CHECK(world.at(world.upper).first_level == 1);
}

TEST_CASE("walker: TBI ignores the top byte, in its half only", "[emu][mmu]") {
    World world(39);
    world.low.set(0x1000, 3, 0x4111'1000 | kPage | kAf);
    world.high.set(world.upper | 0x1000, 3, 0x4222'2000 | kPage | kAf);
    const u64 tagged_low = 0xab00'0000'0000'1000;
    const u64 tagged_high = 0x12ff'ff80'0000'1000;
    check_fault(world.at(tagged_low), FaultKind::Translation, 0);
    check_fault(world.at(tagged_high), FaultKind::Translation, 0);

    world.regime.tcr |= Tcr::TBI0::mask;
    CHECK(world.at(tagged_low).translation.physical == 0x4111'1000);
    check_fault(world.at(tagged_high), FaultKind::Translation, 0);

    world.regime.tcr |= Tcr::TBI1::mask;
    CHECK(world.at(tagged_high).translation.physical == 0x4222'2000);
    CHECK(
        walk(world.regime, world.memory, tagged_high, WalkFor::Instruction).translation.physical ==
        0x4222'2000);
}

TEST_CASE("walker: table descriptors limit what lies below them", "[emu][mmu]") {
    World world(48);
    const u64 va = 0x1000;
    world.low.set(va, 3, 0x4000'0000 | kPage | kAf | kEl0);
    CHECK(world.at(va).translation.permissions ==
          Permissions(AccessPermission::BothReadWrite, false, false));

    const unsigned level = GENERATE(0u, 1u, 2u);
    CAPTURE(level);
    u64& table = world.memory.words[world.low.slot(va, level)];
    const u64 plain = table;
    table = plain | kNoEl0Table;
    CHECK(world.at(va).translation.permissions ==
          Permissions(AccessPermission::El1ReadWrite, false, false));
    table = plain | kReadOnlyTable;
    CHECK(world.at(va).translation.permissions ==
          Permissions(AccessPermission::BothReadOnly, false, false));
    table = plain | kReadOnlyTable | kNoEl0Table;
    CHECK(world.at(va).translation.permissions ==
          Permissions(AccessPermission::El1ReadOnly, false, false));
    table = plain | kUxnTable;
    CHECK(world.at(va).translation.permissions ==
          Permissions(AccessPermission::BothReadWrite, true, false));
    table = plain | kPxnTable;
    CHECK(world.at(va).translation.permissions ==
          Permissions(AccessPermission::BothReadWrite, false, true));
}

TEST_CASE("walker: output addresses over IPS are address size faults of their level",
          "[emu][mmu]") {
    World world(48);
    world.regime.tcr = Tcr::IPS::set(world.regime.tcr, 2); // 40 bits
    const u64 beyond = u64{1} << 40;
    const u64 va = 0x40'0000'0000;

    SECTION("a page") {
        world.low.set(va, 3, beyond | kPage | kAf);
        check_fault(world.at(va), FaultKind::AddressSize, 3);
    }
    SECTION("blocks, before the access flag is looked at") {
        world.low.set(va, 1, beyond | kBlock);
        check_fault(world.at(va), FaultKind::AddressSize, 1);
        world.low.set(va, 1, (beyond - (u64{1} << 30)) | kBlock | kAf);
        CHECK_FALSE(world.at(va).fault);
    }
    SECTION("a table") {
        const unsigned level = GENERATE(0u, 1u, 2u);
        world.low.set(va, level, beyond | kTable);
        check_fault(world.at(va), FaultKind::AddressSize, level);
    }
    SECTION("the TTBR itself: level 0, nothing read") {
        world.regime.ttbr0 = beyond;
        check_fault(world.at(va), FaultKind::AddressSize, 0);
        CHECK(world.memory.reads == 0);
    }
}

TEST_CASE("walker: IPS beyond the CPU's physical size counts as that size", "[emu][mmu]") {
    World world(39);
    world.regime.physical_bits = 36; // IPS says 48
    world.low.set(0, 3, (u64{1} << 36) | kPage | kAf);
    check_fault(world.at(0), FaultKind::AddressSize, 3);
    world.low.set(0, 3, (u64{1} << 35) | kPage | kAf);
    CHECK_FALSE(world.at(0).fault);
}

TEST_CASE("walker: a descriptor outside memory is an external abort on the walk", "[emu][mmu]") {
    World world(48);
    const u64 va = 0x1000;
    const unsigned level = GENERATE(0u, 1u, 2u, 3u);
    CAPTURE(level);
    if (level == 0)
        world.regime.ttbr0 = 0x9000'0000;
    else
        world.low.set(va, level - 1, 0x9000'0000 | kTable);
    const WalkResult result = world.at(va);
    check_fault(result, FaultKind::ExternalOnWalk, level);
    CHECK(result.fault->descriptor_address == 0x9000'0000 + (level == 3 ? 8u : 0u));
    CHECK(result.last_level == static_cast<i32>(level) - 1);
}

TEST_CASE("walker: TTBR bits below the first table's size are ignored", "[emu][mmu]") {
    const unsigned bits = GENERATE(25u, 31u, 39u, 48u);
    CAPTURE(bits);
    World world(bits);
    world.low.set(0x1000, 3, 0x4abc'd000 | kPage | kAf);
    const unsigned first_shift = 39 - 9 * world.low.first_level();
    const u64 table_bytes = 8 * (u64{1} << (bits - first_shift));
    world.regime.ttbr0 |= (u64{0x1234} << 48) | (table_bytes - 1);
    CHECK(world.at(0x1000).translation.physical == 0x4abc'd000);
    CHECK(world.at(0x1000).step[world.low.first_level()].address == kRoot0);
}

TEST_CASE("walker: a first table may start in the middle of a page", "[emu][mmu]") {
    FakeTableMemory memory;
    TranslationRegime regime = regime_of(30);    // one level 2 table of 512
    regime.tcr = Tcr::T0SZ::set(regime.tcr, 39); // 25 bits: 16 descriptors
    regime.ttbr0 = kRoot0 + 0x880;
    memory.words[kRoot0 + 0x880 + 15 * 8] = 0x4060'0000 | kBlock | kAf;
    CHECK(walk(regime, memory, 0x1ff'ffff).translation.physical == 0x4060'0000);
}

TEST_CASE("walker: attributes come from MAIR and the descriptor", "[emu][mmu]") {
    World world(39);
    world.low.set(0x1000, 3, 0x4000'0000 | kPage | kAf | (1u << 2) | (3u << 8));
    world.low.set(0x2000, 3, 0x4000'0000 | kPage | kAf | (2u << 2) | (2u << 8));
    CHECK(world.at(0x1000).translation.attributes == 0xff);
    CHECK(world.at(0x1000).translation.shareability == Shareability::Inner);
    CHECK(world.at(0x2000).translation.attributes == 0x44);
    CHECK(world.at(0x2000).translation.shareability == Shareability::Outer);
    CHECK(is_device_memory(0x04));
    CHECK_FALSE(is_device_memory(0x44));
}

TEST_CASE("walker: the ASID comes from the TTBR that A1 names, 8 or 16 bits wide", "[emu][mmu]") {
    TranslationRegime regime = regime_of(39);
    regime.ttbr0 |= u64{0x1234} << 48;
    regime.ttbr1 |= u64{0xabcd} << 48;
    CHECK(regime.asid() == 0x1234);
    regime.tcr |= Tcr::A1::mask;
    CHECK(regime.asid() == 0xabcd);
    regime.tcr &= ~Tcr::AS::mask;
    CHECK(regime.asid() == 0xcd);
    regime.tcr |= Tcr::AS::mask;
    regime.asid_bits = 8;
    CHECK(regime.asid() == 0xcd);
}

TEST_CASE("walker: with translation off addresses are physical and everything is allowed",
          "[emu][mmu]") {
    FakeTableMemory memory;
    TranslationRegime regime = regime_of(39);
    regime.sctlr = Sctlr::WXN::mask;
    regime.physical_bits = 40;

    const WalkResult data = walk(regime, memory, 0x12'3456'789a);
    REQUIRE_FALSE(data.fault);
    CHECK(data.translation.physical_of(0x12'3456'789a) == 0x12'3456'789a);
    CHECK(is_device_memory(data.translation.attributes));
    CHECK(data.translation.permissions.rights(true, true) == Rights{true, true, true});
    CHECK(data.translation.permissions.rights(false, true) == Rights{true, true, true});
    CHECK(memory.reads == 0);

    const WalkResult code = walk(regime, memory, 0x1000, WalkFor::Instruction);
    CHECK(code.translation.attributes == 0x44);
    regime.sctlr |= Sctlr::I::mask;
    CHECK(walk(regime, memory, 0x1000, WalkFor::Instruction).translation.attributes == 0xaa);

    check_fault(walk(regime, memory, u64{1} << 40), FaultKind::AddressSize, 0);
    check_fault(walk(regime, memory, ~u64{0}), FaultKind::AddressSize, 0);
    regime.tcr |= Tcr::TBI0::mask;
    CHECK(walk(regime, memory, 0xff00'0000'0000'1000).translation.physical == 0x1000);
}

TEST_CASE("walker: every step of a walk is reported with its address", "[emu][mmu]") {
    World world(48);
    const u64 va = 0x0080'4030'2000;
    world.low.set(va, 3, 0x4abc'd000 | kPage | kAf);
    const WalkResult result = world.at(va);
    REQUIRE_FALSE(result.fault);
    for (unsigned level = 0; level < 4; ++level) {
        CHECK(result.step[level].address == world.low.slot(va, level));
        CHECK(result.step[level].descriptor == world.memory.words[world.low.slot(va, level)]);
    }
    CHECK(result.translation.descriptor_address == world.low.slot(va, 3));
    CHECK(result.translation.descriptor == (0x4abc'd000 | kPage | kAf));
}
