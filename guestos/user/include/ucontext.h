/* getcontext(2), makecontext(3). NetBSD: include/ucontext.h. */
#ifndef _UCONTEXT_H_
#define _UCONTEXT_H_

#include <sys/ucontext.h>

__BEGIN_DECLS
void makecontext(ucontext_t *, void (*)(void), int, ...);
int swapcontext(ucontext_t *__restrict, const ucontext_t *__restrict);
__END_DECLS

#endif
