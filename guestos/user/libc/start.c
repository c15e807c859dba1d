// From crt0 to main: thread-local storage, environment, constructors.
#include "libc.h"

#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

typedef void (*function)(int, char **, char **);
extern const function __preinit_array_start[], __preinit_array_end[];
extern const function __init_array_start[], __init_array_end[];

// The linker script lays the thread-local block of the first thread out in the
// data segment, initialised; TPIDR_EL0 points below it, past the thread control
// block of two words (ELF for the Arm 64-bit Architecture, TLS variant 1).
extern char __tls_base[], __arm64_tls_tcb_offset[];

int main(int, char **, char **);

const struct auxv *__auxv;

static void call_each(const function *first, const function *last, int argc, char **argv) {
    for (; first < last; first++)
        (*first)(argc, argv, environ);
}

void __libc_start(long *sp) {
    asm volatile("msr tpidr_el0, %0" ::"r"(__tls_base - (unsigned long)__arm64_tls_tcb_offset));
    int argc = (int)sp[0];
    char **argv = (char **)(sp + 1);
    environ = argv + argc + 1;
    char **end = environ;
    while (*end)
        end++;
    __auxv = (const struct auxv *)(end + 1);
    if (argc > 0)
        setprogname(argv[0]);
    call_each(__preinit_array_start, __preinit_array_end, argc, argv);
    call_each(__init_array_start, __init_array_end, argc, argv);
    exit(main(argc, argv, environ));
}

// getauxval(3). libgcc asks for AT_HWCAP with Linux's number before it chooses
// atomic instructions; NetBSD's vector has none, and ARMv8.0 has no LSE.
unsigned long getauxval(unsigned long type) {
    for (const struct auxv *entry = __auxv; entry && entry->a_type; entry++)
        if (entry->a_type == type)
            return entry->a_v;
    return 0;
}

unsigned long __getauxval(unsigned long type) {
    return getauxval(type);
}
