// _lwp_create(2). NetBSD: sys/sys/lwp.h
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

enum {
    LWP_DETACHED = 0x00000040,  // nobody waits for it
    LWP_SUSPENDED = 0x00000080, // until _lwp_continue
};

enum { TIMER_ABSTIME = 1 }; // _lwp_park, clock_nanosleep: a point in time

ABI_END
