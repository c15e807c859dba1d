#include "oracle.hpp"

namespace {

constexpr u64 kDone = 0xfff; // the immediate of the SVC after each stub

u64 pstate_of(Level level) {
    switch (level) {
    case Level::El0:
        return 0x3c0; // EL0t, all masked
    case Level::El1:
        return 0x3c4; // EL1t
    case Level::El1OwnStack:
        break;
    }
    return 0x3c5; // EL1h
}

bool completed(const Frame& frame) {
    return frame.esr >> 26 == 0x15 && (frame.esr & 0xffff) == kDone;
}

// Exceptions that write FAR_EL1: aborts, PC alignment, watchpoints.
bool has_far(const Frame& frame) {
    const u64 ec = frame.esr >> 26;
    return ec == 0x20 || ec == 0x21 || ec == 0x22 || ec == 0x24 || ec == 0x25;
}

void put_change(const char* name, u64 before, u64 after) {
    if (before == after)
        return;
    print(" ");
    print(name);
    print(after > before ? "+" : "-");
    print_hex(after > before ? after - before : before - after);
}

} // namespace

void put_head(const char* group, Level level, const char* text, const char* place, u64 offset) {
    print(group);
    print(level == Level::El0 ? " el0 " : level == Level::El1 ? " el1 " : " el1h ");
    print(text);
    print(" @ ");
    print(place);
    if (offset) {
        const bool below = offset >> 63;
        print(below ? "-" : "+");
        print_hex(below ? -offset : offset);
    }
    print(": ");
}

Frame make_frame(Level level, u64 pc, u64 address) {
    Frame frame{};
    frame.x[0] = 0x1111'1111'1111'1111;
    frame.x[1] = frame.sp = address;
    frame.x[2] = 0x2222'2222'2222'2222;
    frame.pc = pc;
    frame.spsr = pstate_of(level);
    return frame;
}

void put_outcome(const Frame& before, const Frame& after) {
    if (completed(after)) {
        print("ok");
    } else {
        print_hex(after.esr);
        if (has_far(after)) {
            print(" far ");
            print_hex(after.far);
        }
        put_change("elr", before.pc, after.pc);
        put_change("spsr", before.spsr, after.spsr);
        put_change("x0", before.x[0], after.x[0]);
        put_change("x2", before.x[2], after.x[2]);
    }
    put_change("x1", before.x[1], after.x[1]);
    put_change("sp", before.sp, after.sp);
    const bool el0 = (before.spsr & 15) == 0, own = (before.spsr & 1) != 0;
    put_change("vector", el0 ? 0x400 : own ? 0x200 : 0, after.vector);
    print("\n");
}

void try_stub(const char* group, const Stub& stub, Level level, u64 address, const char* place,
              u64 offset) {
    const Frame before = make_frame(level, stub.address, address + offset);
    Frame after = before;
    run(&after);
    put_head(group, level, stub.text, place, offset);
    put_outcome(before, after);
}

void try_jump(const char* group, Level level, u64 pc, const char* place, u64 offset) {
    const Frame before = make_frame(level, pc + offset, 0);
    Frame after = before;
    run(&after);
    put_head(group, level, "jump", place, offset);
    put_outcome(before, after);
}

// What the compiler calls to copy structures.
extern "C" void* memcpy(void* to, const void* from, unsigned long size) {
    for (unsigned long i = 0; i < size; ++i)
        static_cast<u8*>(to)[i] = static_cast<const u8*>(from)[i];
    return to;
}
