// _lwp_create(2). NetBSD: sys/sys/lwp.h
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

enum {
    LWP_DETACHED = 0x00000040,  // nobody waits for it
    LWP_SUSPENDED = 0x00000080, // until _lwp_continue
};

// What _lwp_ctl(2) shows of an LWP, in memory that the kernel writes. NetBSD:
// sys/sys/lwpctl.h
struct lwpctl {
    int lc_curcpu; // where it runs, or one of the values below
    int lc_pctr;   // rises whenever it has been put on a CPU
};

enum {
    LWPCTL_CPU_NONE = -1,
    LWPCTL_CPU_EXITED = -2,
    LWPCTL_FEATURE_CURCPU = 0x00000001,
    LWPCTL_FEATURE_PCTR = 0x00000002,
};

enum { TIMER_ABSTIME = 1 }; // _lwp_park, clock_nanosleep: a point in time

ABI_END
