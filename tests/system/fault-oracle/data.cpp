// Data accesses: levels, permissions, page crossings, alignment, odd addresses.
#include "oracle.hpp"

namespace {

constexpr Level kBothLevels[] = {Level::El0, Level::El1};
constexpr unsigned kStandIns = 6; // the first memory stubs stand for all

constexpr Regime kNarrow{39, false, 0, 0}, kNarrowUpper{39, true, 0, 0};
constexpr Regime kWide{48, false, 0, 0}, kWideUpper{48, true, 0, 0};

void stand_ins_at(const char* group, u64 half, const Place* list) {
    for (const Level level : kBothLevels)
        for (unsigned i = 0; i < kStandIns; ++i)
            for (const Place* place = list; place->name; ++place)
                try_stub(group, memory_stubs[i], level, half + place->offset, place->name);
}

void all_at(const char* group, Level level, u64 address, const char* place, u64 offset = 0) {
    for (const Stub* stub = memory_stubs; stub->text; ++stub)
        try_stub(group, *stub, level, address, place, offset);
}

} // namespace

void data_levels() {
    u64 half = enter(kNarrow);
    stand_ins_at("39", half, places);
    half = enter(kWide);
    stand_ins_at("48", half, places);
    stand_ins_at("48", half, level0_places);
    half = enter(kNarrowUpper);
    stand_ins_at("39u", half, places);
    half = enter(kWideUpper);
    stand_ins_at("48u", half, places);
    stand_ins_at("48u", half, level0_places);
}

void data_pages() {
    const u64 half = enter(kNarrow);
    static constexpr DataPage kPages[] = {Rw0,      Ro,           Invalid, KernelRw,
                                          KernelRo, NoAccessFlag, BigPa,   Hole};
    for (const Level level : kBothLevels)
        for (const DataPage page : kPages)
            // Not at its start: some stubs reach below their base.
            all_at("page", level, half + data_page(page) + 0x100, data_page_names[page]);
    for (const Level level : kBothLevels)
        for (const Stub* stub = cache_stubs; stub->text; ++stub)
            for (const DataPage page : kPages)
                try_stub("cache", *stub, level, half + data_page(page) + 0x104,
                         data_page_names[page]);
}

void data_crossings() {
    const u64 half = enter(kNarrowUpper);
    struct Crossing {
        const char* name;
        DataPage second;
    };
    static constexpr Crossing kCrossings[] = {
        {"rw|ro", Ro}, {"ro|rw", Rw1}, {"rw|invalid", Invalid}, {"invalid|rw", Rw2}};
    static constexpr u64 kBelow[] = {1, 4, 8, 12, 20, 33};
    for (const Level level : kBothLevels)
        for (const Crossing& crossing : kCrossings)
            for (const u64 below : kBelow)
                all_at("cross", level, half + data_page(crossing.second), crossing.name, -below);
    for (const u64 below : kBelow)
        all_at("cross", Level::El0, half + data_page(KernelRw), "rw|el1-rw", -below);
}

void data_alignment() {
    static constexpr u64 kOffsets[] = {1, 2, 4, 8};
    u64 half = enter(kNarrow);
    for (const u64 offset : kOffsets)
        all_at("unaligned", Level::El1, half + data_page(Rw0) + 0x100, "rw", offset);
    all_at("unaligned", Level::El1, half + data_page(Invalid) + 0x100, "invalid", 1);
    all_at("unaligned", Level::El1, half + data_page(Device) + 0x100, "device", 0);
    all_at("unaligned", Level::El1, half + data_page(Device) + 0x100, "device", 4);

    half = enter({39, false, 0, kSctlrA});
    for (const Level level : kBothLevels)
        for (const u64 offset : kOffsets)
            all_at("sctlr.a", level, half + data_page(Rw0) + 0x100, "rw", offset);
    all_at("sctlr.a", Level::El1, half + data_page(Invalid) + 0x100, "invalid", 1);
    all_at("sctlr.a", Level::El1, half + data_page(Invalid), "rw|invalid", -u64{4});

    for (const u64 sctlr : {u64{0}, kSctlrSa, kSctlrSa0, kSctlrSa | kSctlrSa0}) {
        half = enter({39, false, 0, sctlr});
        const char* group = sctlr == 0           ? "sp"
                            : sctlr == kSctlrSa  ? "sp.sa"
                            : sctlr == kSctlrSa0 ? "sp.sa0"
                                                 : "sp.both";
        for (const Level level : kBothLevels)
            for (const Stub* stub = stack_stubs; stub->text; ++stub)
                for (const u64 offset : {u64{0}, u64{8}}) {
                    try_stub(group, *stub, level, half + data_page(Rw0) + 0x100, "rw", offset);
                    try_stub(group, *stub, level, half + data_page(Invalid) + 0x100, "invalid",
                             offset);
                }
    }
}

void data_addresses() {
    static const Place odd[] = {
        {"end-of-low-39", 0x7f'ffff'fff8},
        {"past-low-39", 0x80'0000'0000},
        {"end-of-low-48", 0xffff'ffff'fff8},
        {"past-low-48", 0x1'0000'0000'0000},
        {"bit-55", 0x80'0000'0000'0000},
        {"below-high-48", 0xfffe'ffff'ffff'fff8},
        {"high-48", 0xffff'0000'0000'0000},
        {"below-high-39", 0xffff'ff7f'ffff'fff8},
        {"high-39", 0xffff'ff80'0000'0000},
        {"tagged-low", u64{0x5a} << 56 | data_page(Rw0)},
        {"tagged-low-invalid", u64{0x5a} << 56 | data_page(Invalid)},
        {"tagged-low-ro", u64{0xff} << 56 | data_page(Ro)},
        {"tagged-high", 0x5aff'ff80'0000'0000 | data_page(Rw0)},
        {"tagged-high-invalid", 0x5aff'ff80'0000'0000 | data_page(Invalid)},
        {"high-bits-clear", 0x00ff'ff80'0000'0000 | data_page(Rw0)},
        {"last", ~u64{7}},
        {"wrapping", ~u64{3}},
        {nullptr, 0},
    };
    struct Kind {
        const char* group;
        Regime regime;
    };
    static const Kind kinds[] = {
        {"odd", kNarrow},
        {"odd48", kWide},
        {"tbi0", {39, false, kTcrTbi0, 0}},
        {"tbi1", {39, false, kTcrTbi1, 0}},
        {"tbi", {48, false, kTcrTbi0 | kTcrTbi1, 0}},
        {"epd1", {39, false, kTcrEpd1, 0}},
    };
    for (const Kind& kind : kinds) {
        enter(kind.regime);
        stand_ins_at(kind.group, 0, odd);
    }
}
