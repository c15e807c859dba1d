// _lwp_makecontext(3): the first registers of an LWP.
#include <lwp.h>
#include <signal.h>
#include <string.h>

// start may return: the LWP ends then.
//
// Deviation: without a thread pointer of its own the LWP has the caller's, and
// so shares its errno.
void _lwp_makecontext(ucontext_t *context, void (*start)(void *), void *argument, void *private,
                      caddr_t stack, size_t size) {
    memset(context, 0, sizeof(*context));
    sigprocmask(SIG_BLOCK, NULL, &context->uc_sigmask);
    context->uc_flags = _UC_CPU | _UC_SIGMASK | _UC_TLSBASE;
    context->uc_stack.ss_sp = stack;
    context->uc_stack.ss_size = size;
    __greg_t *registers = context->uc_mcontext.__gregs;
    registers[_REG_X0] = (__greg_t)argument;
    registers[_REG_LR] = (__greg_t)_lwp_exit;
    registers[_REG_SP] = ((__greg_t)stack + (__greg_t)size) & ~15L;
    registers[_REG_PC] = (__greg_t)start;
    registers[_REG_TPIDR] = (__greg_t)(private ? private : _lwp_getprivate());
}
