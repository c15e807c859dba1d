/* Registers as a debugger sees them. NetBSD: sys/arch/aarch64/include/reg.h. */
#ifndef _MACHINE_REG_H_
#define _MACHINE_REG_H_

#include <sys/types.h>

struct reg {
    __uint64_t r_reg[31];
    __uint64_t r_sp;
    __uint64_t r_pc;
    __uint64_t r_spsr;
    __uint64_t r_tpidr;
};

union fpelem {
    __uint64_t u64[2];
} __attribute__((aligned(16)));

struct fpreg {
    union fpelem fp_reg[32];
    __uint32_t fpcr;
    __uint32_t fpsr;
};

#endif
