/* signal(3), sigaction(2), kill(2) and their kin. */
#ifndef _SIGNAL_H_
#define _SIGNAL_H_

#include <sys/cdefs.h>
#include <sys/signal.h>
#include <time.h>

typedef int sig_atomic_t;

__BEGIN_DECLS
void (*signal(int, void (*)(int)))(int);
int raise(int);
int kill(pid_t, int);
int killpg(pid_t, int);
int sigaction(int, const struct sigaction *, struct sigaction *);
int sigprocmask(int, const sigset_t *, sigset_t *);
int sigpending(sigset_t *);
int sigsuspend(const sigset_t *);
int sigqueue(pid_t, int, union sigval);
int sigqueueinfo(pid_t, const siginfo_t *);
int sigwait(const sigset_t *__restrict, int *__restrict);
int sigwaitinfo(const sigset_t *__restrict, siginfo_t *__restrict);
int sigtimedwait(const sigset_t *__restrict, siginfo_t *__restrict,
                 const struct timespec *__restrict);
int sigaltstack(const stack_t *, stack_t *);
int siginterrupt(int, int);
int sigblock(int);
int sigsetmask(int);
#define sigmask(n) (1 << ((n)-1))
int sigemptyset(sigset_t *);
int sigfillset(sigset_t *);
int sigaddset(sigset_t *, int);
int sigdelset(sigset_t *, int);
int sigismember(const sigset_t *, int);
void psignal(int, const char *);
void psiginfo(const siginfo_t *, const char *);
char *strsignal(int);
extern const char *const sys_signame[NSIG];
extern const int sys_nsig;
__END_DECLS

#endif
