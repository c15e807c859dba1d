// __clone(2), and the scheduling calls of sched(3). NetBSD: sys/sys/sched.h
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

// What a clone shares with its maker; the low byte is its exit signal.
enum {
    CLONE_CSIGNAL = 0x000000ff,
    CLONE_VM = 0x00000100,
    CLONE_FS = 0x00000200,
    CLONE_FILES = 0x00000400,
    CLONE_SIGHAND = 0x00000800,
    CLONE_PID = 0x00001000,
    CLONE_PTRACE = 0x00002000,
    CLONE_VFORK = 0x00004000,
};

// Policies. SCHED_NONE: leave it as it is.
enum { SCHED_NONE = -1, SCHED_OTHER = 0, SCHED_FIFO = 1, SCHED_RR = 2 };

// Priorities of SCHED_FIFO and SCHED_RR; higher runs first.
enum { SCHED_PRI_MIN = 0, SCHED_PRI_MAX = 63 };

struct sched_param {
    int sched_priority;
};

ABI_END
