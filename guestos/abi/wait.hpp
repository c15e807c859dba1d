// wait(2): options, status word. getrusage(2), getrlimit(2).
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

enum {
    WNOHANG = 0x00000001,
    WUNTRACED = 0x00000002,
    WSTOPPED = 0x00000002,
    WALTSIG = 0x00000004, // children whose exit signal is not SIGCHLD
    WALLSIG = 0x00000008, // children whatever their exit signal
    WCONTINUED = 0x00000010,
    WEXITED = 0x00000020,
    WTRAPPED = 0x00000040,
    WNOWAIT = 0x00010000,
    WNOZOMBIE = 0x00020000,
};

enum { WAIT_ANY = -1, WAIT_MYPGRP = 0 };

// wait6(2): what its id names. NetBSD: sys/sys/idtype.h
enum { P_ALL = 0, P_PID = 1, P_LWPID = 2, P_PGID = 4, P_SID = 5, P_UID = 7, P_GID = 8 };

// Status word: low 7 bits the signal, 0177 stopped, 0 exited with the code in
// bits 8..15; bit 7 a core was dumped; 0xffff continued.
enum { WSTATUS_STOPPED = 0177, WSTATUS_CORE = 0200, WSTATUS_CONTINUED = 0xffff };

struct rusage {
    struct timeval ru_utime;
    struct timeval ru_stime;
    int64_t ru_maxrss; // KiB
    int64_t ru_ixrss;
    int64_t ru_idrss;
    int64_t ru_isrss;
    int64_t ru_minflt;
    int64_t ru_majflt;
    int64_t ru_nswap;
    int64_t ru_inblock;
    int64_t ru_oublock;
    int64_t ru_msgsnd;
    int64_t ru_msgrcv;
    int64_t ru_nsignals;
    int64_t ru_nvcsw;
    int64_t ru_nivcsw;
};
ABI_SIZE(struct rusage, 144);

enum { RUSAGE_SELF = 0, RUSAGE_CHILDREN = -1 };

struct wrusage {
    struct rusage wru_self;
    struct rusage wru_children;
};

struct rlimit {
    uint64_t rlim_cur;
    uint64_t rlim_max;
};

#define RLIM_INFINITY ((uint64_t)0x7fffffffffffffff)

enum {
    RLIMIT_CPU = 0,
    RLIMIT_FSIZE = 1,
    RLIMIT_DATA = 2,
    RLIMIT_STACK = 3,
    RLIMIT_CORE = 4,
    RLIMIT_RSS = 5,
    RLIMIT_MEMLOCK = 6,
    RLIMIT_NPROC = 7,
    RLIMIT_NOFILE = 8,
    RLIMIT_SBSIZE = 9,
    RLIMIT_AS = 10,
    RLIMIT_NTHR = 11,
    RLIM_NLIMITS = 12,
};

enum { PRIO_PROCESS = 0, PRIO_PGRP = 1, PRIO_USER = 2, PRIO_MIN = -20, PRIO_MAX = 20 };

ABI_END
