/* setjmp(3). As on NetBSD setjmp and longjmp keep the signal mask, and the ones
 * that begin with _ do not. NetBSD: include/setjmp.h. */
#ifndef _SETJMP_H_
#define _SETJMP_H_

#include <sys/cdefs.h>

/* x19 to x30, SP, whether a mask was saved, d8 to d15; the mask; whether the
 * alternate signal stack was in use. libc/setjmp.S, libc/sigjmp.c */
#define _JBLEN 25
typedef long long jmp_buf[_JBLEN];
typedef long long sigjmp_buf[_JBLEN];

__BEGIN_DECLS
int setjmp(jmp_buf) __attribute__((__returns_twice__));
void longjmp(jmp_buf, int) __dead;
int _setjmp(jmp_buf) __attribute__((__returns_twice__));
void _longjmp(jmp_buf, int) __dead;
int sigsetjmp(sigjmp_buf, int) __attribute__((__returns_twice__));
void siglongjmp(sigjmp_buf, int) __dead;
__END_DECLS

#endif
