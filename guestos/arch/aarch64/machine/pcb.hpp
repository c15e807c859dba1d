// The machine-dependent part of a thread that is not running.
#pragma once

#include "sys/types.hpp"

// FP and SIMD state of one thread.
struct fpreg {
    alignas(16) u64 fp_v[64]; // V0..V31, low half first
    u64 fp_fpcr;
    u64 fp_fpsr;
};

// Stands at the upper end of the U-area; the trap frame of an exception from
// user mode ends where it begins, and the kernel stack grows down from there.
struct pcb {
    u64 pcb_x19_x30[12]; // callee-saved registers; pcb_x19_x30[11] is LR
    u64 pcb_sp;
    u64 pcb_onfault; // where to go on a fault of copyin and its kin, or 0
    fpreg pcb_fpregs;
    bool pcb_fpused; // pcb_fpregs hold something: the thread has used FP
};
