/* What the kernel saves for a signal handler. NetBSD: sys/sys/ucontext.h and
 * sys/arch/aarch64/include/mcontext.h. */
#ifndef _SYS_UCONTEXT_H_
#define _SYS_UCONTEXT_H_

#include <sys/cdefs.h>
#include <sys/signal.h>

#define _NGREG 35
#define _REG_X0 0
#define _REG_FP 29
#define _REG_LR 30
#define _REG_SP 31
#define _REG_PC 32
#define _REG_SPSR 33
#define _REG_TPIDR 34
#define _NFREG 32

typedef __int64_t __greg_t;
typedef __greg_t __gregset_t[_NGREG];

typedef struct {
    union __freg {
        __uint8_t __b8[16];
        __uint16_t __h16[8];
        __uint32_t __s32[4];
        __uint64_t __d64[2];
        unsigned __int128 __q128[1];
    } __qregs[_NFREG] __attribute__((aligned(16)));
    __uint32_t __fpcr;
    __uint32_t __fpsr;
} __fregset_t;

typedef struct {
    __gregset_t __gregs;
    __fregset_t __fregs;
    __greg_t __spare[8];
} mcontext_t;

typedef struct __ucontext {
    unsigned int uc_flags;
    struct __ucontext *uc_link;
    sigset_t uc_sigmask;
    stack_t uc_stack;
    mcontext_t uc_mcontext;
} ucontext_t;

#define _UC_SIGMASK 0x01
#define _UC_STACK 0x02
#define _UC_CPU 0x04
#define _UC_FPU 0x08
#define _UC_SETSTACK 0x00020000 /* runs on the alternate signal stack */
#define _UC_CLRSTACK 0x00040000 /* does not */
#define _UC_TLSBASE 0x00080000

#define _UC_MACHINE_SP(uc) ((uc)->uc_mcontext.__gregs[_REG_SP])
#define _UC_MACHINE_FP(uc) ((uc)->uc_mcontext.__gregs[_REG_FP])
#define _UC_MACHINE_PC(uc) ((uc)->uc_mcontext.__gregs[_REG_PC])
#define _UC_MACHINE_INTRV(uc) ((uc)->uc_mcontext.__gregs[_REG_X0])
#define _UC_MACHINE_SET_PC(uc, pc) (_UC_MACHINE_PC(uc) = (pc))
#define PRIxREGISTER "lx" /* of one of those */

__BEGIN_DECLS
int getcontext(ucontext_t *);
int setcontext(const ucontext_t *);
__END_DECLS

#endif
