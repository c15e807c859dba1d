// Types that system calls of NetBSD/aarch64 pass, with their exact widths.
#pragma once

#include "abi/abi.hpp"

ABI_BEGIN

typedef int32_t pid_t;
typedef int32_t lwpid_t;
typedef uint32_t uid_t;
typedef uint32_t gid_t;
typedef uint32_t id_t;
typedef uint32_t mode_t;
typedef uint32_t nlink_t;
typedef uint64_t dev_t;
typedef uint64_t ino_t;
typedef int64_t off_t;
typedef int64_t blkcnt_t;
typedef int32_t blksize_t;
typedef int64_t time_t;
typedef int32_t suseconds_t;
typedef int32_t clockid_t;

struct timespec {
    time_t tv_sec;
    int64_t tv_nsec;
};
ABI_SIZE(struct timespec, 16);

struct timeval {
    time_t tv_sec;
    suseconds_t tv_usec;
};
ABI_SIZE(struct timeval, 16);

struct itimerval {
    struct timeval it_interval;
    struct timeval it_value;
};

// setitimer(2)
enum {
    ITIMER_REAL = 0,
    ITIMER_VIRTUAL = 1,
    ITIMER_PROF = 2,
    ITIMER_MONOTONIC = 3,
};

// clock_gettime(2)
enum {
    CLOCK_REALTIME = 0,
    CLOCK_VIRTUAL = 1,
    CLOCK_PROF = 2,
    CLOCK_MONOTONIC = 3,
    // time that an LWP or a process has used; the other bits are its number, or 0
    CLOCK_THREAD_CPUTIME_ID = 0x20000000,
    CLOCK_PROCESS_CPUTIME_ID = 0x40000000,
};

struct iovec {
    void* iov_base;
    size_t iov_len;
};

ABI_END
