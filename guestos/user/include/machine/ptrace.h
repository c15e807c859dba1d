/* The machine's own requests, and what a debugger needs to know of it.
   NetBSD: sys/arch/aarch64/include/ptrace.h. */
#ifndef _MACHINE_PTRACE_H_
#define _MACHINE_PTRACE_H_

#include <machine/reg.h>

#define PT_GETREGS (PT_FIRSTMACH + 0)
#define PT_SETREGS (PT_FIRSTMACH + 1)
#define PT_GETFPREGS (PT_FIRSTMACH + 2)
#define PT_SETFPREGS (PT_FIRSTMACH + 3)
#define PT_STEP (PT_FIRSTMACH + 4)
#define PT_SETSTEP (PT_FIRSTMACH + 5)
#define PT_CLEARSTEP (PT_FIRSTMACH + 6)

#define PTRACE_REG_PC(r) (r)->r_pc
#define PTRACE_REG_SET_PC(r, v) (r)->r_pc = (v)
#define PTRACE_REG_FP(r) (r)->r_reg[29]
#define PTRACE_REG_SP(r) (r)->r_sp
#define PTRACE_REG_INTRV(r) (r)->r_reg[0]

/* BRK #13. The program counter stays at it. */
#define PTRACE_BREAKPOINT ((const __uint8_t[]){0xa0, 0x01, 0x20, 0xd4})
#define PTRACE_BREAKPOINT_SIZE 4
#define PTRACE_BREAKPOINT_ASM __asm__ volatile("brk #13" ::: "memory")

#endif
