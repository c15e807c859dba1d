// What the files of the library share.
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct auxv {
    uint64_t a_type;
    uint64_t a_v;
};
extern const struct auxv *__auxv; // ends with type 0

void __libc_start(long *sp) __attribute__((__noreturn__));

// System calls whose C function has another shape.
int __sys_getlogin(char *name, unsigned long size);
int __sys_getcwd(char *buffer, unsigned long size);
int __sys_brk(void *end);
int __sys_sigtimedwait(const void *set, void *info, const void *timeout);
int __sys_sigaction(int signal, const void *action, void *old, const void *trampoline, int version);
void __sigtramp_siginfo_2(void);

// Where a function of makecontext(3) returns to: setcontext(x19).
void __context_end(void);

// write(2) until it is all written, through EINTR.
ssize_t __write_all(int fd, const void *data, size_t size);

struct jump; // of setjmp
int __sigjmp_save(struct jump *jump);
void __sigjmp_restore(const struct jump *jump);
