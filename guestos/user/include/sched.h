/* sched_yield(2), and clone(2) as NetBSD spells it. NetBSD: sys/sys/sched.h. */
#ifndef _SCHED_H_
#define _SCHED_H_

#include <sys/cdefs.h>

#define CLONE_CSIGNAL 0x000000ff /* the exit signal */
#define CLONE_VM 0x00000100
#define CLONE_FS 0x00000200
#define CLONE_FILES 0x00000400
#define CLONE_SIGHAND 0x00000800
#define CLONE_PID 0x00001000
#define CLONE_PTRACE 0x00002000
#define CLONE_VFORK 0x00004000

__BEGIN_DECLS
int sched_yield(void);
/* fn, stack (its far end), flags, argument of fn */
int __clone(int (*)(void *), void *, int, void *);
int clone(int (*)(void *), void *, int, void *);
__END_DECLS

#endif
