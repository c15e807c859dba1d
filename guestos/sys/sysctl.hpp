// A call of sysctl(2) on its way, and those who answer it. kern/kern_sysctl.cpp
#pragma once

#include "abi/sysctl.hpp"
#include "sys/types.hpp"

struct lwp;

// One request: where the old value goes, where a new one comes from.
struct sysctl_request {
    lwp* l;
    const int* name;
    unsigned namelen;
    char* oldp;       // may be null: only the size is asked for
    size_t room;      // bytes at oldp
    size_t needed;    // bytes that the value has
    const void* newp; // may be null
    size_t newlen;
};

// Hands out a value; what does not fit is told by ENOMEM.
[[nodiscard]] Errno sysctl_give(sysctl_request& r, const void* value, size_t len);

template <typename T> Errno sysctl_give_number(sysctl_request& r, T value) {
    return r.newp != nullptr ? EPERM : sysctl_give(r, &value, sizeof(value));
}

// A number that root may change, within bounds.
[[nodiscard]] Errno sysctl_exchange_int(sysctl_request& r, int* value, int low, int high);

// kern.proc2 and proc.PID: kern/sysctl_proc.cpp
[[nodiscard]] Errno proc2_sysctl(sysctl_request& r);
[[nodiscard]] Errno proc_sysctl(sysctl_request& r);
// debug: kern/sysctl_debug.cpp
[[nodiscard]] Errno debug_sysctl(sysctl_request& r);
