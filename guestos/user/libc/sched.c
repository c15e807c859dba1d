// sched(3): for all LWPs of a process what the system calls do for one.
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

enum { kAllLwps = 0 };

int sched_setparam(pid_t pid, const struct sched_param *param) {
    return _sched_setparam(pid, kAllLwps, SCHED_NONE, param);
}

int sched_getparam(pid_t pid, struct sched_param *param) {
    return _sched_getparam(pid, kAllLwps, NULL, param);
}

int sched_getscheduler(pid_t pid) {
    int policy;
    struct sched_param param;
    return _sched_getparam(pid, kAllLwps, &policy, &param) == -1 ? -1 : policy;
}

// Returns the policy of before.
int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param) {
    int before = sched_getscheduler(pid);
    if (before == -1 || _sched_setparam(pid, kAllLwps, policy, param) == -1)
        return -1;
    return before;
}

static int priority(int policy, int name) {
    if (policy < SCHED_OTHER || policy > SCHED_RR) {
        errno = EINVAL;
        return -1;
    }
    return (int)sysconf(name);
}

int sched_get_priority_max(int policy) {
    return priority(policy, _SC_SCHED_PRI_MAX);
}

int sched_get_priority_min(int policy) {
    return priority(policy, _SC_SCHED_PRI_MIN);
}

// One slice for all. NetBSD takes the milliseconds for microseconds.
int sched_rr_get_interval(pid_t pid, struct timespec *interval) {
    if (pid != 0 && kill(pid, 0) == -1)
        return -1;
    long slice = sysconf(_SC_SCHED_RT_TS);
    interval->tv_sec = slice / 1000;
    interval->tv_nsec = slice % 1000 * 1000000;
    return 0;
}
