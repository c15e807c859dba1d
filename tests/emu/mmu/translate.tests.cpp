#include "mmu/translate.hpp"

#include "fake_tables.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using namespace forkscope::test;

namespace {

constexpr u64 kVa = 0x40'0000;
constexpr Access kRead{AccessType::Read, false}, kWrite{AccessType::Write, false};
constexpr Access kExecute{AccessType::Execute, false};

struct World {
    World() { set_asid(1); }

    Translated at(u64 va, Access access) { return translate(regime, tlb, memory, va, access); }
    void set_asid(u64 asid) { regime.ttbr0 = kRoot0 | (asid << 48); }

    FakeTableMemory memory;
    TranslationRegime regime = regime_of(39);
    FakeTables low{memory, 39, kRoot0, 0x4100'0000};
    FakeTables high{memory, 39, kRoot1, 0x4900'0000};
    Tlb tlb;
};

constexpr u64 kUserPage = 0x4abc'd000 | kPage | kAf | kNg | kEl0;

} // namespace

TEST_CASE("translate: a miss walks and fills, a hit does not walk", "[emu][mmu]") {
    World world;
    world.low.set(kVa, 3, kUserPage);
    const Translated first = world.at(kVa + 5, kRead);
    REQUIRE_FALSE(first.fault);
    CHECK(first.physical == 0x4abc'd005);
    REQUIRE(first.entry != nullptr);
    const unsigned reads = world.memory.reads;
    CHECK(reads == 3);
    CHECK(world.at(kVa + 9, kWrite).physical == 0x4abc'd009);
    CHECK(world.memory.reads == reads);
}

TEST_CASE("translate: a stale entry answers until its TLBI", "[emu][mmu]") {
    World world;
    world.low.set(kVa, 3, kUserPage);
    (void)world.at(kVa, kRead);
    world.low.set(kVa, 3, (kUserPage & ~u64{0xffff'f000}) | 0x4fff'0000);
    CHECK(world.at(kVa, kRead).physical == 0x4abc'd000);
    world.low.set(kVa, 3, 0);
    CHECK_FALSE(world.at(kVa, kRead).fault);
    (void)world.tlb.invalidate_va(kVa, 1);
    REQUIRE(world.at(kVa, kRead).fault);
    CHECK(world.at(kVa, kRead).fault->kind == FaultKind::Translation);
}

TEST_CASE("translate: a stale read-only entry refuses a write without a new walk", "[emu][mmu]") {
    World world;
    world.low.set(kVa, 3, kUserPage | kReadOnly);
    (void)world.at(kVa, kRead);
    world.low.set(kVa, 3, kUserPage);
    const unsigned reads = world.memory.reads;
    const Translated refused = world.at(kVa, kWrite);
    REQUIRE(refused.fault);
    CHECK(refused.fault->kind == FaultKind::Permission);
    CHECK(refused.fault->level == 3);
    CHECK(refused.fault->descriptor == (kUserPage | kReadOnly)); // as it was at the walk
    CHECK(refused.fault->descriptor_address == world.low.slot(kVa, 3));
    CHECK(world.memory.reads == reads);

    (void)world.tlb.invalidate_va(kVa, 1);
    CHECK_FALSE(world.at(kVa, kWrite).fault);
}

TEST_CASE("translate: a stale writable entry lets a write through", "[emu][mmu]") {
    World world;
    world.low.set(kVa, 3, kUserPage);
    (void)world.at(kVa, kWrite);
    world.low.set(kVa, 3, kUserPage | kReadOnly);
    CHECK_FALSE(world.at(kVa, kWrite).fault);
    (void)world.tlb.invalidate_asid(1);
    CHECK(world.at(kVa, kWrite).fault->kind == FaultKind::Permission);
}

TEST_CASE("translate: a refused access leaves no entry", "[emu][mmu]") {
    World world;
    world.low.set(kVa, 3, kUserPage | kReadOnly | kUxn);
    CHECK(world.at(kVa, kWrite).fault->kind == FaultKind::Permission);
    CHECK(world.at(kVa, kExecute).fault->kind == FaultKind::Permission);
    CHECK(world.tlb.size() == 0);
    // So the corrected descriptor is seen at once.
    world.low.set(kVa, 3, kUserPage);
    CHECK_FALSE(world.at(kVa, kWrite).fault);
}

TEST_CASE("translate: faulting walks leave no entry", "[emu][mmu]") {
    World world;
    CHECK(world.at(kVa, kRead).fault->kind == FaultKind::Translation);
    world.low.set(kVa, 3, kUserPage & ~kAf);
    CHECK(world.at(kVa, kRead).fault->kind == FaultKind::AccessFlag);
    CHECK(world.tlb.size() == 0);
    world.low.set(kVa, 3, kUserPage);
    CHECK_FALSE(world.at(kVa, kRead).fault);
}

TEST_CASE("translate: spaces with different ASIDs keep their own entries", "[emu][mmu]") {
    World world;
    world.low.set(kVa, 3, kUserPage);
    (void)world.at(kVa, kRead);
    world.low.set(kVa, 3, (kUserPage & ~u64{0xffff'f000}) | 0x4fff'0000);
    world.set_asid(2);
    CHECK(world.at(kVa, kRead).physical == 0x4fff'0000);
    world.set_asid(1);
    CHECK(world.at(kVa, kRead).physical == 0x4abc'd000);
}

TEST_CASE("translate: a global page is walked once for all ASIDs", "[emu][mmu]") {
    World world;
    const u64 va = 0xffff'ff80'0000'1000;
    world.high.set(va, 3, 0x4abc'd000 | kPage | kAf);
    (void)world.at(va, {AccessType::Read, true});
    const unsigned reads = world.memory.reads;
    world.set_asid(77);
    CHECK_FALSE(world.at(va, {AccessType::Read, true}).fault);
    CHECK(world.memory.reads == reads);
}

TEST_CASE("translate: WXN works at once, on entries that are already there", "[emu][mmu]") {
    World world;
    world.low.set(kVa, 3, kUserPage);
    CHECK_FALSE(world.at(kVa, kExecute).fault);
    world.regime.sctlr |= Sctlr::WXN::mask;
    CHECK(world.at(kVa, kExecute).fault->kind == FaultKind::Permission);
    CHECK_FALSE(world.at(kVa, kWrite).fault);
}

TEST_CASE("translate: with translation off nothing is cached and entries are not used",
          "[emu][mmu]") {
    World world;
    world.low.set(kVa, 3, kUserPage);
    (void)world.at(kVa, kRead);
    world.regime.sctlr = 0;
    const Translated flat = world.at(kVa, kRead);
    CHECK(flat.physical == kVa);
    CHECK(flat.entry == nullptr);
    CHECK(world.tlb.size() == 1);
    world.regime.sctlr = 1;
    CHECK(world.at(kVa, kRead).physical == 0x4abc'd000);
}

TEST_CASE("translate: a tagged address shares the entry of the plain one", "[emu][mmu]") {
    World world;
    world.regime.tcr |= Tcr::TBI0::mask;
    world.low.set(kVa, 3, kUserPage);
    (void)world.at(kVa, kRead);
    const unsigned reads = world.memory.reads;
    CHECK(world.at((u64{0x5a} << 56) | kVa, kRead).physical == 0x4abc'd000);
    CHECK(world.memory.reads == reads);
}

TEST_CASE("translate: an entry never answers for an address between the halves", "[emu][mmu]") {
    World world;
    const u64 va = 0xffff'ff80'0000'1000;
    world.high.set(va, 3, 0x4abc'd000 | kPage | kAf);
    world.low.set(kVa, 3, kUserPage);
    (void)world.at(va, {AccessType::Read, true});
    (void)world.at(kVa, kRead);
    for (const u64 wild : {va & low_mask(56), kVa | (u64{0xff} << 56)}) {
        const Translated refused = world.at(wild, {AccessType::Read, true});
        REQUIRE(refused.fault);
        CHECK(refused.fault->kind == FaultKind::Translation);
        CHECK(refused.fault->level == 0);
    }
}

TEST_CASE("at: success reports address, attributes and shareability", "[emu][mmu]") {
    World world;
    world.low.set(kVa, 3, kUserPage | (1u << 2) | (3u << 8)); // Normal write-back, inner
    const AddressTranslation done =
        address_translate(world.regime, world.memory, kVa + 0x123, kRead);
    CHECK_FALSE(done.fault);
    CHECK(done.par == (0xff00'0000'0000'0000 | 0x4abc'd000 | 0xa00 | (3u << 7)));
    CHECK(world.tlb.size() == 0);
}

TEST_CASE("at: Device and Non-cacheable memory read as outer shareable", "[emu][mmu]") {
    World world;
    world.low.set(kVa, 3, kUserPage);                      // Device-nGnRnE, SH = 0
    world.low.set(kVa + 0x1000, 3, kUserPage | (2u << 2)); // Non-cacheable
    CHECK(address_translate(world.regime, world.memory, kVa, kRead).par ==
          (0x4abc'd000 | 0xa00 | (2u << 7)));
    CHECK(address_translate(world.regime, world.memory, kVa + 0x1000, kRead).par ==
          (0x4400'0000'0000'0000 | 0x4abc'd000 | 0xa00 | (2u << 7)));
}

TEST_CASE("at: a fault is in PAR with its status code", "[emu][mmu]") {
    World world;
    world.low.set(kVa, 3, kUserPage | kReadOnly);
    CHECK(address_translate(world.regime, world.memory, kVa, kWrite).par == (0x801 | (0x0f << 1)));
    CHECK(address_translate(world.regime, world.memory, kVa + 0x1000, kRead).par ==
          (0x801 | (0x07 << 1)));
    CHECK(address_translate(world.regime, world.memory, u64{1} << 40, kRead).par ==
          (0x801 | (0x04 << 1)));
}
