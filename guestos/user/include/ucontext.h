/* getcontext(2), makecontext(3). NetBSD: include/ucontext.h. */
#ifndef _UCONTEXT_H_
#define _UCONTEXT_H_

#include <sys/ucontext.h>

#endif
