// Where a program is after its next instruction, by the registers that it has.
#include "machine/step.hpp"

namespace {

constexpr u32 kMaxSequence = 16; // instructions looked at for the end of an exclusive sequence

// A signed offset in words, `width` bits from bit `low`.
i64 word_offset(u32 insn, unsigned low, unsigned width) {
    const u64 field = u64{insn} >> low & ((u64{1} << width) - 1);
    return static_cast<i64>(field << (64 - width)) >> (64 - width) << 2;
}

// X31 is the zero register.
u64 reg(const step_registers& r, u32 number, bool wide) {
    const u64 value = number == 31 ? 0 : r.x[number];
    return wide ? value : static_cast<u32>(value);
}

// Arm ARM DDI 0487, C1.2.4: conditions
bool condition_holds(u64 spsr, u32 cond) {
    const bool n = (spsr >> 31 & 1) != 0;
    const bool z = (spsr >> 30 & 1) != 0;
    const bool c = (spsr >> 29 & 1) != 0;
    const bool v = (spsr >> 28 & 1) != 0;
    const bool results[] = {z, c, n, v, c && !z, n == v, n == v && !z, true};
    const bool holds = results[cond >> 1];
    return (cond & 1) != 0 && cond != 15 ? !holds : holds;
}

// Arm ARM DDI 0487, C4.1: the encodings of branches, C6.2: what they do
struct branch {
    bool conditional;
    bool taken; // with the registers as they are
    vaddr_t target;
};

bool is_b_cond(u32 insn) {
    return (insn & 0xff000010) == 0x54000000;
}
bool is_cbz(u32 insn) {
    return (insn & 0x7e000000) == 0x34000000;
}
bool is_tbz(u32 insn) {
    return (insn & 0x7e000000) == 0x36000000;
}

bool decode_conditional(const step_registers& r, vaddr_t pc, u32 insn, branch* b) {
    const bool wide = insn >> 31 != 0;
    const bool nonzero = (insn >> 24 & 1) != 0;
    const u32 rt = insn & 31;
    b->conditional = true;
    if (is_b_cond(insn)) {
        b->taken = condition_holds(r.spsr, insn & 15);
    } else if (is_cbz(insn)) {
        b->taken = (reg(r, rt, wide) != 0) == nonzero;
    } else if (is_tbz(insn)) {
        const u32 bit = (insn >> 31) << 5 | (insn >> 19 & 31);
        b->taken = (reg(r, rt, true) >> bit & 1) == u64{nonzero};
    } else {
        return false;
    }
    b->target =
        pc + static_cast<u64>(is_tbz(insn) ? word_offset(insn, 5, 14) : word_offset(insn, 5, 19));
    return true;
}

bool decode_branch(const step_registers& r, vaddr_t pc, u32 insn, branch* b) {
    if (decode_conditional(r, pc, insn, b)) {
        return true;
    }
    *b = {false, true, 0};
    if ((insn & 0x7c000000) == 0x14000000) { // B, BL
        b->target = pc + static_cast<u64>(word_offset(insn, 0, 26));
        return true;
    }
    b->target = reg(r, insn >> 5 & 31, true);
    return (insn & 0xff9ffc1f) == 0xd61f0000; // BR, BLR, RET
}

// LDXR, STXR and their kin; CASP looks like a pair of 32 bits.
bool is_exclusive(u32 insn, bool load) {
    const bool casp = (insn & 0x80200000) == 0x00200000;
    return (insn & 0x3fc00000) == (load ? 0x08400000U : 0x08000000U) && !casp;
}

// A breakpoint between an exclusive load and its store would make the store fail
// for ever: the step ends after the store, or where a branch leaves before it.
// => false: no such sequence begins here
bool exclusive_sequence(const step_registers& r, step_fetch fetch, step_targets* targets) {
    vaddr_t way_out = 0;
    for (u32 i = 1; i < kMaxSequence; i++) {
        const vaddr_t va = r.pc + u64{i} * 4;
        u32 insn = 0;
        branch b{};
        if (!fetch(va, &insn)) {
            return false;
        }
        if (is_exclusive(insn, false)) {
            const bool out = way_out != 0 && (way_out < r.pc || way_out > va);
            *targets = {{va + 4, way_out}, out ? 2U : 1U};
            return true;
        }
        if (decode_branch(r, va, insn, &b)) {
            if (!b.conditional || way_out != 0) {
                return false;
            }
            way_out = b.target;
        }
    }
    return false;
}

} // namespace

step_targets step_decode(const step_registers& r, u32 insn, step_fetch fetch) {
    step_targets targets{{r.pc + 4, 0}, 1};
    branch b{};
    if ((insn & 0xffe0001f) == 0xd4000001) { // SVC
        targets.count = 0;
    } else if (decode_branch(r, r.pc, insn, &b)) {
        targets.at[0] = b.taken ? b.target : r.pc + 4;
    } else if (is_exclusive(insn, true)) {
        (void)exclusive_sequence(r, fetch, &targets);
    }
    return targets;
}
