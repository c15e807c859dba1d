// The functions of unistd.h that are no system calls.
#include "libc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <sys/utsname.h>
#include <unistd.h>

int creat(const char *path, mode_t mode) {
    return open(path, O_CREAT | O_TRUNC | O_WRONLY, mode);
}

char *getcwd(char *buffer, size_t size) {
    char *made = NULL;
    if (buffer && size == 0) {
        errno = EINVAL;
        return NULL;
    }
    if (!buffer) {
        size = size ? size : PATH_MAX;
        buffer = made = malloc(size);
        if (!made)
            return NULL;
    }
    if (__sys_getcwd(buffer, size) != -1)
        return buffer;
    free(made);
    return NULL;
}

int getpagesize(void) {
    return PAGE_SIZE;
}

static int kernel_string(int level, int name, char *buffer, size_t size) {
    int path[] = {level, name};
    if (sysctl(path, 2, buffer, &size, NULL, 0) == -1)
        return -1;
    return 0;
}

int gethostname(char *name, size_t size) {
    return kernel_string(CTL_KERN, KERN_HOSTNAME, name, size);
}

int uname(struct utsname *u) {
    memset(u, 0, sizeof(*u));
    if (kernel_string(CTL_KERN, KERN_OSTYPE, u->sysname, sizeof(u->sysname)) == -1 ||
        kernel_string(CTL_KERN, KERN_HOSTNAME, u->nodename, sizeof(u->nodename)) == -1 ||
        kernel_string(CTL_KERN, KERN_OSRELEASE, u->release, sizeof(u->release)) == -1 ||
        kernel_string(CTL_KERN, KERN_VERSION, u->version, sizeof(u->version)) == -1 ||
        kernel_string(CTL_HW, HW_MACHINE, u->machine, sizeof(u->machine)) == -1)
        return -1;
    return 0;
}

static long kernel_number(int level, int name) {
    int path[] = {level, name}, value;
    size_t size = sizeof(value);
    return sysctl(path, 2, &value, &size, NULL, 0) == -1 ? -1 : value;
}

static long scheduler_number(const char *name) {
    int value;
    size_t size = sizeof(value);
    return sysctlbyname(name, &value, &size, NULL, 0) == -1 ? -1 : value;
}

static long limit(int resource) {
    struct rlimit limit;
    return getrlimit(resource, &limit) == -1 || limit.rlim_cur > LONG_MAX ? -1
                                                                          : (long)limit.rlim_cur;
}

int getdtablesize(void) {
    return (int)limit(RLIMIT_NOFILE);
}

int closefrom(int fd) {
    return fcntl(fd, F_CLOSEM);
}

// Returns the new value, which may be -1.
int nice(int more) {
    int old = errno;
    errno = 0;
    int value = getpriority(PRIO_PROCESS, 0);
    if (value == -1 && errno != 0)
        return -1;
    errno = old;
    if (setpriority(PRIO_PROCESS, 0, value + more) == -1) {
        errno = errno == EACCES ? EPERM : errno;
        return -1;
    }
    return getpriority(PRIO_PROCESS, 0);
}

int setpgrp(pid_t pid, pid_t group) {
    return setpgid(pid, group);
}

long sysconf(int name) {
    switch (name) {
    case _SC_PAGESIZE:
        return PAGE_SIZE;
    case _SC_CHILD_MAX:
        return limit(RLIMIT_NPROC);
    case _SC_OPEN_MAX:
        return limit(RLIMIT_NOFILE);
    case _SC_NGROUPS_MAX:
        return NGROUPS_MAX;
    case _SC_ARG_MAX:
        return kernel_number(CTL_KERN, KERN_ARGMAX);
    case _SC_CLK_TCK:
        return 100;
    case _SC_LINE_MAX:
        return LINE_MAX;
    case _SC_IOV_MAX:
        return IOV_MAX;
    case _SC_MONOTONIC_CLOCK:
        return 200112;
    case _SC_LOGIN_NAME_MAX:
        return MAXLOGNAME + 1;
    case _SC_TTY_NAME_MAX:
        return TTY_NAME_MAX;
    case _SC_HOST_NAME_MAX:
        return MAXHOSTNAMELEN - 1;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        return kernel_number(CTL_HW, HW_NCPU);
    case _SC_SCHED_RT_TS:
        return scheduler_number("kern.sched.rtts");
    case _SC_SCHED_PRI_MIN:
        return scheduler_number("kern.sched.pri_min");
    case _SC_SCHED_PRI_MAX:
        return scheduler_number("kern.sched.pri_max");
    default:
        errno = EINVAL;
        return -1;
    }
}
