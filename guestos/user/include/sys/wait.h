/* wait(2). NetBSD: sys/sys/wait.h. */
#ifndef _SYS_WAIT_H_
#define _SYS_WAIT_H_

#include <sys/cdefs.h>
#include <sys/siginfo.h>
#include <sys/types.h>

#define _WSTATUS(x) ((x)&0177)
#define _WSTOPPED 0177
#define _WCONTINUED 0xffff
#define WIFSTOPPED(x) (((x)&0xff) == _WSTOPPED)
#define WIFCONTINUED(x) ((x) == _WCONTINUED)
#define WIFSIGNALED(x) (_WSTATUS(x) != _WSTOPPED && _WSTATUS(x) != 0)
#define WIFEXITED(x) (_WSTATUS(x) == 0)
#define WSTOPSIG(x) (((x) >> 8) & 0xff)
#define WTERMSIG(x) _WSTATUS(x)
#define WEXITSTATUS(x) (((x) >> 8) & 0xff)
#define WCOREFLAG 0200
#define WCOREDUMP(x) ((x)&WCOREFLAG)
#define W_EXITCODE(ret, sig) ((ret) << 8 | (sig))
#define W_STOPCODE(sig) ((sig) << 8 | _WSTOPPED)

#define WNOHANG 0x00000001
#define WUNTRACED 0x00000002
#define WSTOPPED WUNTRACED
#define WALTSIG 0x00000004 /* children whose exit signal is not SIGCHLD */
#define WALLSIG 0x00000008 /* children whatever their exit signal */
#define WCONTINUED 0x00000010
#define WEXITED 0x00000020
#define WTRAPPED 0x00000040
#define WNOWAIT 0x00010000
#define WNOZOMBIE 0x00020000 /* not of those that have ended */
#define __WCLONE WALTSIG
#define __WALL WALLSIG

#define WAIT_ANY (-1)
#define WAIT_MYPGRP 0

struct rusage;
struct wrusage;

__BEGIN_DECLS
pid_t wait(int *);
pid_t waitpid(pid_t, int *, int);
pid_t wait3(int *, int, struct rusage *);
pid_t wait4(pid_t, int *, int, struct rusage *);
pid_t wait6(idtype_t, id_t, int *, int, struct wrusage *, siginfo_t *);
int waitid(idtype_t, id_t, siginfo_t *, int);
__END_DECLS

#endif
