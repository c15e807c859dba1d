// What setjmp(3) saves besides registers: the signal mask, and whether the code
// runs on the alternate signal stack, which a jump out of a handler leaves.
#include "libc.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>

struct jump {
    long long registers[22]; // setjmp.S
    sigset_t mask;
    long long on_alternate_stack;
};
_Static_assert(sizeof(struct jump) == sizeof(jmp_buf), "jmp_buf has another size");

int __sigjmp_save(struct jump *jump) {
    stack_t stack;
    sigprocmask(SIG_BLOCK, NULL, &jump->mask);
    sigaltstack(NULL, &stack);
    jump->on_alternate_stack = stack.ss_flags & SS_ONSTACK;
    return 0;
}

// A context without registers changes these two at once, and returns here.
void __sigjmp_restore(const struct jump *jump) {
    ucontext_t context;
    context.uc_flags = _UC_SIGMASK | (jump->on_alternate_stack ? _UC_SETSTACK : _UC_CLRSTACK);
    context.uc_sigmask = jump->mask;
    register const ucontext_t *x0 __asm__("x0") = &context;
    __asm__ volatile("svc %1" ::"r"(x0), "i"(SYS_setcontext) : "memory", "cc");
}
