#include "mmu/tlb.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <random>
#include <tuple>

using namespace forkscope;

namespace {

constexpr u64 kVa = 0x40'0000;
constexpr u64 kKernelVa = 0xffff'ff80'0000'1000;

Translation page(u64 physical, u16 asid) {
    Translation translation;
    translation.physical = physical;
    translation.shift = 12;
    translation.level = 3;
    translation.global = false;
    translation.asid = asid;
    return translation;
}

Translation global_page(u64 physical) {
    Translation translation = page(physical, 0);
    translation.global = true;
    return translation;
}

Translation block(u64 physical, unsigned level, u16 asid) {
    Translation translation = page(physical, asid);
    translation.level = static_cast<u8>(level);
    translation.shift = static_cast<u8>(level_shift(level));
    return translation;
}

bool present(Tlb& tlb, u64 va, u16 asid) {
    return tlb.lookup(va, asid) != nullptr;
}

} // namespace

TEST_CASE("tlb: an entry answers for its page and its ASID only", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(kVa, page(0x4000'0000, 7));
    REQUIRE(present(tlb, kVa, 7));
    CHECK(tlb.lookup(kVa + 0xabc, 7)->physical_of(kVa + 0xabc) == 0x4000'0abc);
    CHECK_FALSE(present(tlb, kVa, 8));
    CHECK_FALSE(present(tlb, kVa + 0x1000, 7));
    CHECK_FALSE(present(tlb, kVa - 1, 7));
}

TEST_CASE("tlb: a global entry answers for every ASID", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(kKernelVa, global_page(0x4000'0000));
    CHECK(present(tlb, kKernelVa, 1));
    CHECK(present(tlb, kKernelVa, 0xffff));
}

TEST_CASE("tlb: a block answers for all of its addresses", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(0x8020'1234, block(0x4020'0000, 2, 3));
    tlb.insert(0x1'4000'0000, block(0xc000'0000, 1, 3));
    REQUIRE(present(tlb, 0x803f'ffff, 3));
    CHECK(tlb.lookup(0x803f'ffff, 3)->physical_of(0x803f'ffff) == 0x403f'ffff);
    CHECK_FALSE(present(tlb, 0x8040'0000, 3));
    REQUIRE(present(tlb, 0x1'7fff'ffff, 3));
    CHECK(tlb.lookup(0x1'7fff'ffff, 3)->physical_of(0x1'7fff'ffff) == 0xffff'ffff);
    CHECK_FALSE(present(tlb, 0x1'8000'0000, 3));
}

TEST_CASE("tlb: the two halves do not meet, although their low bits agree", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(0x0000'007f'0000'1000, page(0x4000'0000, 1));
    CHECK_FALSE(present(tlb, 0xffff'ffff'0000'1000, 1));
    CHECK_FALSE(present(tlb, 0xffff'007f'0000'1000, 1));
}

TEST_CASE("tlb: TLBI VAE1 removes one page of one ASID, and global pages there",
          "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(kVa, page(0x4000'0000, 1));
    tlb.insert(kVa, page(0x4000'1000, 2));
    tlb.insert(kVa + 0x1000, page(0x4000'2000, 1));
    tlb.insert(kKernelVa, global_page(0x4000'3000));

    (void)tlb.invalidate(TlbiScope::Va, (u64{1} << 48) | (kVa >> 12), 0xffff);
    CHECK_FALSE(present(tlb, kVa, 1));
    CHECK(present(tlb, kVa, 2));
    CHECK(present(tlb, kVa + 0x1000, 1));

    (void)tlb.invalidate(TlbiScope::Va, (u64{9} << 48) | ((kKernelVa >> 12) & low_mask(44)),
                         0xffff);
    CHECK_FALSE(present(tlb, kKernelVa, 1));
}

TEST_CASE("tlb: TLBI by any address of a block removes the block", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(0x8020'0000, block(0x4020'0000, 2, 3));
    tlb.insert(0x1'4000'0000, block(0xc000'0000, 1, 3));
    (void)tlb.invalidate_va(0x803f'f000, 3);
    CHECK_FALSE(present(tlb, 0x8020'0000, 3));
    (void)tlb.invalidate_va(0x1'7fff'f000, 3);
    CHECK_FALSE(present(tlb, 0x1'4000'0000, 3));
}

TEST_CASE("tlb: TLBI VAAE1 removes a page from every space", "[emu][mmu][tlb]") {
    Tlb tlb;
    for (const u16 asid : std::initializer_list<u16>{1, 2, 500, 65535}) {
        tlb.insert(kVa, page(0x4000'0000, asid));
        tlb.insert(kVa + 0x1000, page(0x4000'0000, asid));
    }
    tlb.insert(kKernelVa, global_page(0x4000'3000));
    (void)tlb.invalidate(TlbiScope::VaAllAsids, kVa >> 12, 0xffff);
    for (const u16 asid : std::initializer_list<u16>{1, 2, 500, 65535}) {
        CHECK_FALSE(present(tlb, kVa, asid));
        CHECK(present(tlb, kVa + 0x1000, asid));
    }
    (void)tlb.invalidate_va_all_asids(kKernelVa);
    CHECK_FALSE(present(tlb, kKernelVa, 1));
}

TEST_CASE("tlb: TLBI ASIDE1 leaves global entries and other ASIDs", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(kVa, page(0x4000'0000, 1));
    tlb.insert(kVa, page(0x4000'0000, 2));
    tlb.insert(kKernelVa, global_page(0x4000'3000));
    (void)tlb.invalidate(TlbiScope::Asid, u64{1} << 48, 0xffff);
    CHECK_FALSE(present(tlb, kVa, 1));
    CHECK(present(tlb, kVa, 2));
    CHECK(present(tlb, kKernelVa, 1));
    tlb.insert(kVa, page(0x4000'5000, 1));
    CHECK(tlb.lookup(kVa, 1)->physical == 0x4000'5000);
}

TEST_CASE("tlb: TLBI VMALLE1 removes everything", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(kVa, page(0x4000'0000, 1));
    tlb.insert(kKernelVa, global_page(0x4000'3000));
    (void)tlb.invalidate(TlbiScope::All, 0, 0xffff);
    CHECK(tlb.size() == 0);
    CHECK_FALSE(present(tlb, kVa, 1));
    CHECK_FALSE(present(tlb, kKernelVa, 1));
}

TEST_CASE("tlb: with 8-bit ASIDs the upper half of the operand's ASID is ignored",
          "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(kVa, page(0x4000'0000, 0x34));
    (void)tlb.invalidate(TlbiScope::Asid, u64{0x1234} << 48, 0xff);
    CHECK_FALSE(present(tlb, kVa, 0x34));
}

TEST_CASE("tlb: operand bits 47 to 44 of a TLBI by address are ignored", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(kVa, page(0x4000'0000, 1));
    (void)tlb.invalidate(TlbiScope::Va, (u64{1} << 48) | (u64{0xf} << 44) | (kVa >> 12), 0xffff);
    CHECK_FALSE(present(tlb, kVa, 1));
}

TEST_CASE("tlb: encodings of TLBI are those of ARMv8.0 EL1", "[emu][mmu][tlb]") {
    CHECK(decode_tlbi(0, 7, 0)->scope == TlbiScope::All);
    CHECK_FALSE(decode_tlbi(0, 7, 0)->broadcast);
    CHECK(decode_tlbi(0, 3, 0)->broadcast);
    CHECK(decode_tlbi(0, 7, 1)->scope == TlbiScope::Va);
    CHECK(decode_tlbi(0, 7, 5)->scope == TlbiScope::Va);
    CHECK(decode_tlbi(0, 3, 2)->scope == TlbiScope::Asid);
    CHECK(decode_tlbi(0, 3, 3)->scope == TlbiScope::VaAllAsids);
    CHECK(decode_tlbi(0, 7, 7)->scope == TlbiScope::VaAllAsids);
    CHECK_FALSE(decode_tlbi(0, 7, 4));
    CHECK_FALSE(decode_tlbi(4, 7, 0)); // EL2
    CHECK_FALSE(decode_tlbi(0, 1, 0)); // FEAT_TLBIOS
}

TEST_CASE("tlb: a TLBI asks for a soft flush only if what it removes was granted",
          "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.grant(tlb.insert(kVa, page(0x4000'0000, 1)));
    tlb.insert(kVa + 0x1000, page(0x4000'1000, 1));
    tlb.insert(kVa, page(0x4000'0000, 2));

    CHECK_FALSE(tlb.invalidate_va(kVa + 0x1000, 1)); // present, not granted
    CHECK_FALSE(tlb.invalidate_va(kVa + 0x2000, 1)); // absent
    CHECK_FALSE(tlb.invalidate_asid(2));             // nothing of it granted
    CHECK(tlb.invalidate_va(kVa, 1));
}

TEST_CASE("tlb: TLBI by ASID and of everything know whether anything was granted",
          "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(kVa, page(0x4000'0000, 1));
    CHECK_FALSE(tlb.invalidate_asid(1));
    tlb.insert(kVa, page(0x4000'0000, 1));
    CHECK_FALSE(tlb.invalidate_all());

    tlb.grant(tlb.insert(kVa, page(0x4000'0000, 1)));
    tlb.grant(tlb.insert(kKernelVa, global_page(0x4000'3000)));
    CHECK_FALSE(tlb.invalidate_asid(2));
    CHECK(tlb.invalidate_asid(1));
    CHECK(tlb.invalidate_all());
}

TEST_CASE("tlb: a global grant does not make TLBI ASIDE1 flush", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.grant(tlb.insert(kKernelVa, global_page(0x4000'3000)));
    tlb.insert(kVa, page(0x4000'0000, 0));
    CHECK_FALSE(tlb.invalidate_asid(0));
}

TEST_CASE("tlb: after a soft flush nothing is granted, and entries stay", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.grant(tlb.insert(kVa, page(0x4000'0000, 1)));
    tlb.soft_flushed();
    REQUIRE(present(tlb, kVa, 1));
    CHECK_FALSE(tlb.granted(*tlb.lookup(kVa, 1)));
    CHECK_FALSE(tlb.invalidate_asid(1));

    tlb.insert(kVa, page(0x4000'0000, 1));
    tlb.grant(*tlb.lookup(kVa, 1));
    CHECK(tlb.invalidate_va_all_asids(kVa));
}

TEST_CASE("tlb: an entry inserted again after its TLBI is not granted", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.grant(tlb.insert(kVa, page(0x4000'0000, 1)));
    CHECK(tlb.invalidate_va(kVa, 1));
    tlb.soft_flushed();
    CHECK_FALSE(tlb.granted(tlb.insert(kVa, page(0x4000'0000, 1))));
}

TEST_CASE("tlb: an entry taken back is gone, and its place is used again", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.withdraw(tlb.insert(kVa, page(0x4000'0000, 1)));
    CHECK_FALSE(present(tlb, kVa, 1));
    CHECK_FALSE(tlb.invalidate_va(kVa, 1));
    tlb.insert(kVa, page(0x4000'1000, 1));
    CHECK(tlb.lookup(kVa, 1)->physical == 0x4000'1000);
}

TEST_CASE("tlb: knows whether a half mixes global entries and those of spaces", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(kVa, page(0x4000'0000, 1));
    tlb.insert(kKernelVa, global_page(0x4000'3000));
    CHECK_FALSE(tlb.mixes_spaces());
    tlb.insert(kVa + 0x1000, global_page(0x4000'4000));
    CHECK(tlb.mixes_spaces());
    (void)tlb.invalidate_all();
    CHECK_FALSE(tlb.mixes_spaces());
}

TEST_CASE("tlb: a saved and restored state goes on as if nothing happened", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(kVa, page(0x4000'0000, 1));
    tlb.insert(kVa, page(0x4000'1000, 2));
    (void)tlb.invalidate_asid(2);
    const TlbState saved = tlb.state();
    (void)tlb.invalidate_all();
    Tlb other;
    other.restore(saved);
    CHECK(present(other, kVa, 1));
    CHECK_FALSE(present(other, kVa, 2));
    (void)other.invalidate_va_all_asids(kVa);
    CHECK(other.size() == 0);
}

TEST_CASE("tlb: for_each names page, space and globality of live entries", "[emu][mmu][tlb]") {
    Tlb tlb;
    tlb.insert(kVa + 0x123, page(0x4000'0000, 9));
    tlb.insert(kKernelVa, global_page(0x4000'3000));
    tlb.insert(kVa + 0x5000, page(0x4000'0000, 10));
    (void)tlb.invalidate_asid(10);
    std::map<u64, std::pair<bool, u16>> seen;
    tlb.for_each([&](const TlbEntry&, u64 va, bool global, u16 asid) {
        seen[va] = {global, asid};
    });
    CHECK(seen == std::map<u64, std::pair<bool, u16>>{{kVa, {false, 9}}, {kKernelVa, {true, 0}}});
}

TEST_CASE("tlb: past its bound the table empties itself and asks for a soft flush",
          "[emu][mmu][tlb]") {
    Tlb tlb;
    u64 inserted = 0;
    while (!tlb.soft_flush_due() && inserted <= 4 * Tlb::kMaxEntries) {
        tlb.insert(inserted << 12, page(0x4000'0000, 1));
        ++inserted;
    }
    CHECK(inserted > Tlb::kMaxEntries);
    CHECK(tlb.size() == 1);
    CHECK(tlb.invalidate_va(0, 1)); // until the flush has happened
    tlb.soft_flushed();
    CHECK_FALSE(tlb.soft_flush_due());
    CHECK_FALSE(tlb.invalidate_va(0, 1));
}

// A plain model: a map that each TLBI searches from end to end.
TEST_CASE("tlb: agrees with a simple model over a long random run", "[emu][mmu][tlb]") {
    using Key = std::tuple<u64, unsigned, bool, u16>; // base, level, global, ASID
    struct Value {
        u64 physical;
        bool granted;
    };
    std::map<Key, Value> model;
    Tlb tlb;
    std::mt19937_64 random(20240501);
    const auto pick = [&](u64 bound) { return random() % bound; };
    const auto base = [](u64 va, unsigned level) {
        return align_down(va, u64{1} << level_shift(level));
    };
    const auto find = [&](u64 va, u16 asid) {
        for (const unsigned level : {3u, 2u, 1u})
            for (const bool global : {false, true})
                if (auto it = model.find({base(va, level), level, global, global ? u16{0} : asid});
                    it != model.end())
                    return it;
        return model.end();
    };
    const auto drop = [&](auto&& matches) {
        bool granted = false;
        std::erase_if(model, [&](const auto& item) {
            if (!matches(item.first))
                return false;
            granted |= item.second.granted;
            return true;
        });
        return granted;
    };
    const auto covers = [&](const Key& key, u64 va) {
        return base(va, std::get<1>(key)) == std::get<0>(key);
    };

    for (int step = 0; step < 60000; ++step) {
        const u64 half = pick(4) == 0 ? 0xffff'ff80'0000'0000 : 0;
        const u64 va = half + (pick(3) << 30) + (pick(3) << 21) + (pick(24) << 12);
        const u16 asid = static_cast<u16>(pick(5));
        const u64 action = pick(1000);
        if (action < 900) {
            const auto expected = find(va, asid);
            TlbEntry* entry = tlb.lookup(va, asid);
            REQUIRE((entry != nullptr) == (expected != model.end()));
            if (entry != nullptr) {
                REQUIRE(entry->physical == expected->second.physical);
                REQUIRE(tlb.granted(*entry) == expected->second.granted);
            } else {
                const u64 kind = pick(40);
                Translation made = block(pick(1u << 20) << 30,
                                         kind == 0   ? 1
                                         : kind == 1 ? 2
                                                     : 3,
                                         asid);
                made.global = half != 0 ? pick(10) != 0 : pick(10) == 0;
                entry = &tlb.insert(va, made);
                const u16 space = made.global ? u16{0} : asid;
                model[{base(va, made.level), made.level, made.global, space}] = {made.physical,
                                                                                 false};
            }
            if (pick(2) == 0) {
                tlb.grant(*entry);
                find(va, asid)->second.granted = true;
            }
            continue;
        }
        bool flush = false, exact = false;
        if (action < 950) {
            flush = tlb.invalidate_va(va, asid);
            exact = drop([&](const Key& key) {
                return covers(key, va) && (std::get<2>(key) || std::get<3>(key) == asid);
            });
        } else if (action < 980) {
            flush = tlb.invalidate_va_all_asids(va);
            exact = drop([&](const Key& key) { return covers(key, va); });
        } else if (action < 998) {
            flush = tlb.invalidate_asid(asid);
            exact =
                drop([&](const Key& key) { return !std::get<2>(key) && std::get<3>(key) == asid; });
        } else {
            flush = tlb.invalidate_all();
            exact = drop([](const Key&) { return true; });
        }
        // May ask for one flush too many, never for one too few.
        REQUIRE((flush || !exact));
        if (flush) {
            tlb.soft_flushed();
            for (auto& item : model)
                item.second.granted = false;
        }
    }
    CHECK(tlb.size() == model.size());
}
