// Instruction aborts, address translation, instructions that trap, exception
// returns, TLB maintenance.
#include "oracle.hpp"

namespace {

constexpr Level kBothLevels[] = {Level::El0, Level::El1};
constexpr u64 kInPage = 0x800; // where jumps land

void jumps_at(const char* group, u64 half, const Place* list) {
    for (const Level level : kBothLevels)
        for (const Place* place = list; place->name; ++place)
            try_jump(group, level, half + place->offset, place->name, kInPage);
}

void jumps_to_code(const char* group, u64 half) {
    for (const Level level : kBothLevels)
        for (u64 page = CodeRo; page <= CodeHole; ++page)
            try_jump(group, level, half + kCodeArea + page * 4096, code_page_names[page], kInPage);
}

void set_system(u64 cpacr, u64 cntkctl) {
    asm volatile("msr cpacr_el1, %0; msr cntkctl_el1, %1; isb" ::"r"(cpacr), "r"(cntkctl));
}

constexpr u64 kFpAll = 3u << 20, kFpEl1 = 1u << 20, kFpNone = 0;

} // namespace

void code_aborts() {
    u64 half = enter({39, false, 0, 0});
    jumps_to_code("fetch", half);
    jumps_at("fetch", half, places);
    for (const Level level : kBothLevels) {
        for (const CodePage page : {Fall0, Fall1, Fall2})
            try_jump("fetch", level, half + code_page(page), code_page_names[page], 0xff8);
        for (const u64 offset : {1, 2, 3, 6})
            try_jump("fetch", level, half + code_page(CodeRo), "ro", offset);
        try_jump("fetch", level, half + code_page(CodeInvalid), "invalid", 2);
        for (const u64 pc : {u64{0x80'0000'0000}, u64{0xffff'0000'0000'0000}, ~u64{3}, ~u64{0}})
            try_jump("fetch", level, 0, "address", pc);
        for (const Stub* stub = branch_stubs; stub->text; ++stub)
            for (const CodePage page : {CodeRo, CodeInvalid, CodeXn})
                for (const u64 offset : {0, 2})
                    try_stub("fetch", *stub, level, half + code_page(page), code_page_names[page],
                             offset);
        for (const Stub* stub = literal_stubs; stub->text; ++stub) {
            const u64 at = stub->address - reinterpret_cast<u64>(literal_page);
            try_stub("literal", {stub->text, half + code_page(Literal) + at}, level, 0, "literal");
        }
    }
    half = enter({48, true, 0, 0});
    jumps_to_code("fetch48u", half);
    jumps_at("fetch48u", half, places);
    jumps_at("fetch48u", half, level0_places);
    half = enter({39, false, 0, kSctlrWxn});
    jumps_to_code("wxn", half);
    jumps_at("wxn", half, places);
}

void translations() {
    const auto at = [](const char* group, u64 half, const Place* list) {
        for (const Place* place = list; place->name; ++place)
            for (const Stub* stub = at_stubs; stub->text; ++stub) {
                const Frame before =
                    make_frame(Level::El1, stub->address, half + place->offset + 8);
                Frame after = before;
                run(&after);
                put_head(group, Level::El1, stub->text, place->name, 8);
                print("par ");
                print_hex(after.x[0]);
                print(" ");
                put_outcome(before, after);
            }
    };
    static const Place extra[] = {
        {"device", data_page(Device)},
        {"hole", data_page(Hole)},
        {"between", 0x80'0000'0000'0000},
        {nullptr, 0},
    };
    u64 half = enter({39, false, 0, 0});
    at("at", half, places);
    at("at", half, extra);
    half = enter({48, true, 0, 0});
    at("at48u", half, places);
    at("at48u", half, level0_places);
}

void instructions() {
    struct Kind {
        const char* group;
        u64 cpacr;
    };
    static constexpr Kind kKinds[] = {{"insn", kFpAll}, {"fp-el1", kFpEl1}, {"fp-none", kFpNone}};
    const u64 half = enter({39, false, 0, 0});
    for (const Kind& kind : kKinds) {
        set_system(kind.cpacr, 0);
        for (const Level level : {Level::El0, Level::El1, Level::El1OwnStack})
            for (const Stub* stub = plain_stubs; stub->text; ++stub)
                try_stub(kind.group, *stub, level, half + data_page(Rw0), "rw");
    }
    enter({39, false, 0, 0, true});
    set_system(kFpAll, 0);
    for (const Stub* stub = trapped_stubs; stub->text; ++stub)
        try_stub("trap", *stub, Level::El0, half + data_page(Rw0), "rw");

    enter({39, false, 0, kSctlrUma});
    set_system(kFpAll, 0x303); // EL0PTEN, EL0VTEN, EL0VCTEN, EL0PCTEN
    for (const Stub* stub = trapped_stubs; stub->text; ++stub)
        try_stub("no-trap", *stub, Level::El0, half + data_page(Rw0), "rw");
    set_system(kFpAll, 0);
}

void illegal_returns() {
    const u64 half = enter({39, false, 0, 0});
    const u64 target = half + code_page(CodeRo);
    // EL0t, EL1t, EL1h; EL0h, reserved, EL2t, EL2h, EL3t, EL3h; and with PSTATE.IL set.
    static constexpr u64 kStates[] = {0x3c0, 0x3c4, 0x3c5, 0x3c1, 0x3c2,    0x3c6,
                                      0x3c8, 0x3c9, 0x3cc, 0x3cd, 0x1003c0, 0x1003c5};
    for (const u64 state : kStates)
        for (const u64 offset : {0, 2}) {
            Frame before = make_frame(Level::El1, eret_stubs[0].address, target + offset);
            before.x[0] = state;
            Frame after = before;
            run(&after);
            put_head("eret", Level::El1, eret_stubs[0].text, "spsr", state);
            print_hex(offset);
            print(" at ");
            print_hex(after.pc);
            print(" spsr ");
            print_hex(after.spsr);
            print(" ");
            put_outcome(before, after);
        }
}

namespace {

// One TLBI after a changed descriptor: the new page must be seen.
template <typename Invalidate>
void tlb_case(const char* name, bool global, u64 va, Invalidate&& invalidate) {
    const auto read = [va] { return *reinterpret_cast<volatile u64*>(va); };
    remap(Rw0, 0, global);
    asm volatile("tlbi vmalle1; dsb sy; isb" ::: "memory");
    const u64 before = read();
    remap(Rw0, 1, global);
    invalidate(va >> 12 & 0xfff'ffff'ffff);
    asm volatile("dsb sy; isb" ::: "memory");
    const u64 after = read();
    print("tlb ");
    print(name);
    print(global ? " global: " : " asid: ");
    print(before == frame_word(0) ? "old" : "wrong");
    print(after == frame_word(1) ? " new\n" : " stale\n");
}

#define TLB_CASE(op)                                                                               \
    tlb_case(#op, global, va, [](u64 operand) { asm volatile("tlbi " #op ", %0" ::"r"(operand)); })
#define TLB_ALL(op) tlb_case(#op, global, va, [](u64) { asm volatile("tlbi " #op); })

} // namespace

void tlb_maintenance() {
    for (const bool upper : {false, true}) {
        const u64 va = enter({39, upper, 0, 0}) + data_page(Rw0);
        for (const bool global : {false, true}) {
            TLB_CASE(vae1);
            TLB_CASE(vale1);
            TLB_CASE(vaae1);
            TLB_CASE(vaale1);
            TLB_CASE(vae1is);
            TLB_CASE(vale1is);
            TLB_CASE(vaae1is);
            TLB_CASE(vaale1is);
            if (!global) {
                TLB_CASE(aside1);
                TLB_CASE(aside1is);
            }
            TLB_ALL(vmalle1);
            TLB_ALL(vmalle1is);
        }
    }
}

extern "C" void oracle_main() {
    build_world();
    data_levels();
    data_pages();
    data_crossings();
    data_alignment();
    data_addresses();
    code_aborts();
    translations();
    instructions();
    illegal_returns();
    tlb_maintenance();
    print("done\n");
}
