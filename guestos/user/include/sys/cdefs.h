/* picolibc's macros, and those that sources written for NetBSD expect. */
#ifndef _GUEST_SYS_CDEFS_H
#define _GUEST_SYS_CDEFS_H

#include_next <sys/cdefs.h>

/* picolibc 1.8.10 leaves these to others. */
#ifndef __BEGIN_DECLS
#ifdef __cplusplus
#define __BEGIN_DECLS extern "C" {
#define __END_DECLS }
#else
#define __BEGIN_DECLS
#define __END_DECLS
#endif
#endif

#ifndef __RCSID
#define __RCSID(s)
#endif
#ifndef __COPYRIGHT
#define __COPYRIGHT(s)
#endif
#ifndef __dead
#define __dead __attribute__((__noreturn__))
#endif
#ifndef __unused
#define __unused __attribute__((__unused__))
#endif
#ifndef __used
#define __used __attribute__((__used__))
#endif
#ifndef __printflike
#define __printflike(fmt, first) __attribute__((__format__(__printf__, fmt, first)))
#endif
#ifndef __arraycount
#define __arraycount(a) (sizeof(a) / sizeof((a)[0]))
#endif
#ifndef __UNCONST
#define __UNCONST(p) ((void *)(unsigned long)(const void *)(p))
#endif
#ifndef __UNVOLATILE
#define __UNVOLATILE(p) ((void *)(unsigned long)(volatile void *)(p))
#endif
#ifndef __unreachable
#define __unreachable() __builtin_unreachable()
#endif
#ifndef __CTASSERT
#define __CTASSERT(x) _Static_assert(x, #x)
#endif

#endif
