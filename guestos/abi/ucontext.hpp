// The context of a program that a signal interrupted, and the frame that a
// handler finds on its stack. NetBSD/aarch64: mcontext.h, sig_machdep.c
#pragma once

#include "abi/signal.hpp"

ABI_BEGIN

enum {
    UC_SIGMASK = 0x01,
    UC_STACK = 0x02,
    UC_CPU = 0x04,
    UC_FPU = 0x08,
    UC_SETSTACK = 0x00020000, // the handler runs on the alternate stack
    UC_CLRSTACK = 0x00040000,
    UC_TLSBASE = 0x00080000, // the thread pointer too
};

enum { REG_SP = 31, REG_PC = 32, REG_SPSR = 33, REG_TPIDR = 34, NGREG = 35 };

struct fregset {
    uint64_t qregs[64] __attribute__((aligned(16))); // V0..V31, low half first
    uint32_t fpcr;
    uint32_t fpsr;
};

struct mcontext {
    uint64_t gregs[NGREG];
    struct fregset fregs;
    uint64_t spare[8];
};

struct ucontext {
    uint32_t uc_flags;
    uint64_t uc_link;
    sigset_t uc_sigmask;
    stack_t uc_stack;
    struct mcontext uc_mcontext;
};
ABI_SIZE(struct ucontext, 944);

// At SP when the handler begins: x0 the signal, x1 &sf_si, x2 and x28 &sf_uc.
struct sigframe_siginfo {
    siginfo_t sf_si;
    struct ucontext sf_uc;
};

ABI_END
