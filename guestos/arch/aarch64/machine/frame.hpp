// What an exception saves on the kernel stack.
#pragma once

#include "sys/types.hpp"

// The registers of the interrupted program. vectors.S fills and restores it;
// the offsets there are checked in genassym.cpp.
struct trapframe {
    u64 tf_x[31]; // X0..X30
    u64 tf_sp;    // SP_EL0, or the SP_EL1 of interrupted kernel code
    u64 tf_pc;    // ELR_EL1
    u64 tf_spsr;  // SPSR_EL1; NZCV and DAIF in their PSTATE places
    u64 tf_esr;   // ESR_EL1: what happened
    u64 tf_far;   // FAR_EL1: where, for aborts

    [[nodiscard]] bool from_user() const { return (tf_spsr & 0xf) == 0; }
};
static_assert(sizeof(trapframe) == 288 && sizeof(trapframe) % 16 == 0);

// PSTATE.C: set when a system call failed.
inline constexpr u64 SPSR_C = u64{1} << 29;
inline constexpr u64 SPSR_NZCV = u64{0xf} << 28;
