// Fault injection: allocations that fail because somebody asked for it, on the
// command line (`inject.uarea=3`) or by sysctl. kern/subr_inject.cpp
#pragma once

#include "sys/cdefs.hpp"
#include "sys/types.hpp"

// What can be made to fail. Numbers are sysctl's: append.
enum class Inject : unsigned {
    Uarea = 0, // a kernel stack: fork and _lwp_create get ENOMEM
    Pid = 1,   // a process number: fork gets EAGAIN
    Page = 2,  // a frame that is not taken from the kernel's reserve
    Anon = 3,  // an anon: a fault, or an eager copy, finds no memory
    Amap = 4,  // an entry's own amap, when a fault or mlock wants it
    Table = 5, // a translation table of a user space
    Kmem = 6,  // kernel memory: the caller may sleep, so it waits a moment
};
inline constexpr unsigned INJECT_KINDS = 7;

struct inject_point {
    i64 left;     // 0: off; else this allocation from now on fails
    bool forever; // and all that follow it
    u64 failed;   // so many have
};
extern inject_point inject_points[INJECT_KINDS];

bool inject_hit(inject_point& point);

// Is this allocation to fail? Costs one load while nothing is asked for.
inline bool inject(Inject kind) {
    inject_point& point = inject_points[static_cast<unsigned>(kind)];
    return predict_false(point.left != 0) && inject_hit(point);
}

// The word of a kind that fails from now on whenever it is asked for, or nullptr.
const char* inject_lasting();

// Reads inject.KIND=N and inject.KIND=N+ off the command line. Allocations are
// counted from here on.
void inject_init();
// n > 0: the nth from now on fails; n < 0: that one and all after it; 0: none.
void inject_arm(Inject kind, i64 n);
