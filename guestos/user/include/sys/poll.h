/* poll(2). NetBSD: sys/sys/poll.h. */
#ifndef _SYS_POLL_H_
#define _SYS_POLL_H_

#include <sys/_sigset.h>
#include <sys/_timespec.h>
#include <sys/cdefs.h>

#ifndef _SIGSET_T_DECLARED
#define _SIGSET_T_DECLARED
typedef __sigset_t sigset_t;
#endif

typedef unsigned int nfds_t;

struct pollfd {
    int fd;
    short events;
    short revents;
};

#define POLLIN 0x0001
#define POLLPRI 0x0002
#define POLLOUT 0x0004
#define POLLERR 0x0008
#define POLLHUP 0x0010
#define POLLNVAL 0x0020
#define POLLRDNORM 0x0040
#define POLLNORM POLLRDNORM
#define POLLWRNORM POLLOUT
#define POLLRDBAND 0x0080
#define POLLWRBAND 0x0100

#define INFTIM (-1)

__BEGIN_DECLS
int poll(struct pollfd *, nfds_t, int);
int pollts(struct pollfd *__restrict, nfds_t, const struct timespec *__restrict,
           const sigset_t *__restrict);
int ppoll(struct pollfd *__restrict, nfds_t, const struct timespec *__restrict,
          const sigset_t *__restrict);
__END_DECLS

#endif
