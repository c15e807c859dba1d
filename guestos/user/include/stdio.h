/* picolibc's header, and what NetBSD's has besides. NetBSD: include/stdio.h. */
#ifndef _GUEST_STDIO_H
#define _GUEST_STDIO_H

#include_next <stdio.h>

#include <stdarg.h>
#include <sys/cdefs.h>
#include <sys/types.h>

/* No stream has a lock that outlives a call. */
#define getc_unlocked(stream) getc(stream)
#define putc_unlocked(c, stream) putc(c, stream)
#define getchar_unlocked() getchar()
#define putchar_unlocked(c) putchar(c)

__BEGIN_DECLS
ssize_t getdelim(char **__restrict, size_t *__restrict, int, FILE *__restrict);
ssize_t getline(char **__restrict, size_t *__restrict, FILE *__restrict);
int dprintf(int, const char *__restrict, ...) __printflike(2, 3);
int vdprintf(int, const char *__restrict, __gnuc_va_list) __printflike(2, 0);
FILE *popen(const char *, const char *);
int pclose(FILE *);
__END_DECLS

#endif
