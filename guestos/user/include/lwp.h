/* Light-weight processes, below any thread library. NetBSD: include/lwp.h. */
#ifndef _LWP_H_
#define _LWP_H_

#include <sys/cdefs.h>
#include <sys/lwp.h>
#include <sys/lwpctl.h>
#include <sys/types.h>
#include <sys/ucontext.h>
#include <time.h>

__BEGIN_DECLS
lwpid_t _lwp_self(void);
lwpid_t _lwp_gettid(void);
int _lwp_create(const ucontext_t *, unsigned long, lwpid_t *);
int _lwp_exit(void);
int _lwp_wait(lwpid_t, lwpid_t *);
int _lwp_suspend(lwpid_t);
int _lwp_continue(lwpid_t);
int _lwp_wakeup(lwpid_t);
int _lwp_detach(lwpid_t);
int _lwp_kill(lwpid_t, int);
void *_lwp_getprivate(void);
int _lwp_setprivate(void *);
/* clock, flags, time, LWP to unpark, what it waits for, what that one waits for */
int _lwp_park(clockid_t, int, struct timespec *, lwpid_t, const void *, const void *);
int _lwp_unpark(lwpid_t, const void *);
ssize_t _lwp_unpark_all(const lwpid_t *, size_t, const void *);
/* A context in which an LWP calls start(arg) on its own stack. */
int _lwp_setname(lwpid_t, const char *);
int _lwp_getname(lwpid_t, char *, size_t);
/* features, where the address of the LWP's own lwpctl goes */
int _lwp_ctl(int, struct lwpctl **);
void _lwp_makecontext(ucontext_t *, void (*)(void *), void *, void *, caddr_t, size_t);
__END_DECLS

#endif
