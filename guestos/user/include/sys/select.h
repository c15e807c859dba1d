/* select(2). NetBSD: sys/sys/select.h, sys/sys/fd_set.h. */
#ifndef _SYS_SELECT_H_
#define _SYS_SELECT_H_

#include <sys/_sigset.h>
#include <sys/_timespec.h>
#include <sys/_timeval.h>
#include <sys/cdefs.h>

#ifndef _SIGSET_T_DECLARED
#define _SIGSET_T_DECLARED
typedef __sigset_t sigset_t;
#endif

#ifndef FD_SETSIZE
#define FD_SETSIZE 256 /* the kernel takes no more */
#endif

typedef unsigned int __fd_mask;
typedef __fd_mask fd_mask;
#define NFDBITS 32

typedef struct fd_set {
    __fd_mask fds_bits[(FD_SETSIZE + NFDBITS - 1) / NFDBITS];
} fd_set;

#define __FD_WORD(n, p) ((p)->fds_bits[(unsigned)(n) / NFDBITS])
#define __FD_BIT(n) (1U << (unsigned)(n) % NFDBITS)
#define FD_SET(n, p) ((void)(__FD_WORD(n, p) |= __FD_BIT(n)))
#define FD_CLR(n, p) ((void)(__FD_WORD(n, p) &= ~__FD_BIT(n)))
#define FD_ISSET(n, p) ((__FD_WORD(n, p) & __FD_BIT(n)) != 0)
#define FD_ZERO(p) ((void)__builtin_memset((p), 0, sizeof(*(p))))
#define FD_COPY(from, to) ((void)(*(to) = *(from)))

__BEGIN_DECLS
int select(int, fd_set *__restrict, fd_set *__restrict, fd_set *__restrict,
           struct timeval *__restrict);
int pselect(int, fd_set *__restrict, fd_set *__restrict, fd_set *__restrict,
            const struct timespec *__restrict, const sigset_t *__restrict);
__END_DECLS

#endif
