/* sched(3), and clone(2) as NetBSD spells it. NetBSD: sys/sys/sched.h. */
#ifndef _SCHED_H_
#define _SCHED_H_

#include <sys/cdefs.h>
#include <sys/types.h>
#include <time.h>

#define CLONE_CSIGNAL 0x000000ff /* the exit signal */
#define CLONE_VM 0x00000100
#define CLONE_FS 0x00000200
#define CLONE_FILES 0x00000400
#define CLONE_SIGHAND 0x00000800
#define CLONE_PID 0x00001000
#define CLONE_PTRACE 0x00002000
#define CLONE_VFORK 0x00004000

#define SCHED_NONE -1 /* _sched_setparam: as it is */
#define SCHED_OTHER 0
#define SCHED_FIFO 1
#define SCHED_RR 2

struct sched_param {
    int sched_priority;
};

/* A set of CPUs, as large as the machine needs it. */
typedef struct _cpuset cpuset_t;
#define cpuset_create() _cpuset_create()
#define cpuset_destroy(set) _cpuset_destroy(set)
#define cpuset_size(set) _cpuset_size(set)
#define cpuset_zero(set) _cpuset_zero(set)
#define cpuset_isset(cpu, set) _cpuset_isset(cpu, set)
#define cpuset_set(cpu, set) _cpuset_set(cpu, set)
#define cpuset_clr(cpu, set) _cpuset_clr(cpu, set)

__BEGIN_DECLS
int sched_setparam(pid_t, const struct sched_param *);
int sched_getparam(pid_t, struct sched_param *);
int sched_setscheduler(pid_t, int, const struct sched_param *);
int sched_getscheduler(pid_t);
int sched_get_priority_max(int);
int sched_get_priority_min(int);
int sched_rr_get_interval(pid_t, struct timespec *);
int sched_yield(void);

cpuset_t *_cpuset_create(void);
void _cpuset_destroy(cpuset_t *);
void _cpuset_zero(cpuset_t *);
int _cpuset_set(cpuid_t, cpuset_t *);
int _cpuset_clr(cpuid_t, cpuset_t *);
int _cpuset_isset(cpuid_t, const cpuset_t *);
size_t _cpuset_size(const cpuset_t *);

/* Of one LWP, or of all (0). */
int _sched_setparam(pid_t, lwpid_t, int, const struct sched_param *);
int _sched_getparam(pid_t, lwpid_t, int *, struct sched_param *);
int _sched_setaffinity(pid_t, lwpid_t, size_t, const cpuset_t *);
int _sched_getaffinity(pid_t, lwpid_t, size_t, cpuset_t *);

/* fn, stack (its far end), flags, argument of fn */
int __clone(int (*)(void *), void *, int, void *);
int clone(int (*)(void *), void *, int, void *);
__END_DECLS

#endif
