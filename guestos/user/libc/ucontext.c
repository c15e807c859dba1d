// makecontext(3), swapcontext(3) over getcontext(2) and setcontext(2).
#include "libc.h"

#include <stdarg.h>
#include <ucontext.h>

// context->uc_stack is the function's stack. When it returns the context goes on
// that uc_link names; without one the LWP's process ends, as setcontext(NULL) does.
void makecontext(ucontext_t *context, void (*function)(void), int count, ...) {
    __greg_t *registers = context->uc_mcontext.__gregs;
    unsigned long top = (unsigned long)context->uc_stack.ss_sp + context->uc_stack.ss_size;
    long more = count > 8 ? count - 8 : 0; // arguments on the stack
    long *stack = (long *)(top & ~15UL) - ((more + 1) & ~1L);
    va_list arguments;
    va_start(arguments, count);
    for (int i = 0; i < count; i++)
        *(i < 8 ? (long *)&registers[_REG_X0 + i] : &stack[i - 8]) = va_arg(arguments, long);
    va_end(arguments);
    registers[19] = (__greg_t)context->uc_link; // which __context_end finds there
    registers[_REG_FP] = 0;
    registers[_REG_LR] = (__greg_t)__context_end;
    registers[_REG_SP] = (__greg_t)stack;
    registers[_REG_PC] = (__greg_t)function;
}
