// What time it is, and arithmetic on it. kern/kern_tc.cpp, kern/kern_time.cpp
#pragma once

#include "abi/types.hpp"
#include "sys/types.hpp"

// Time since boot, and since 1970. => any context
u64 nsecuptime();
void nanouptime(abi::timespec* ts);
void nanotime(abi::timespec* ts);
void microtime(abi::timeval* tv);
inline void getmicrotime(abi::timeval* tv) { microtime(tv); }
inline void getnanotime(abi::timespec* ts) { nanotime(ts); }
void tc_setclock(const abi::timespec* ts);

constexpr u64 timespec2ns(const abi::timespec& ts) {
    return static_cast<u64>(ts.tv_sec) * 1'000'000'000 + static_cast<u64>(ts.tv_nsec);
}
constexpr u64 timeval2ns(const abi::timeval& tv) {
    return static_cast<u64>(tv.tv_sec) * 1'000'000'000 + static_cast<u64>(tv.tv_usec) * 1000;
}
constexpr abi::timespec ns2timespec(u64 ns) {
    return {static_cast<time_t>(ns / 1'000'000'000), static_cast<i64>(ns % 1'000'000'000)};
}
constexpr abi::timeval ns2timeval(u64 ns) {
    return {static_cast<time_t>(ns / 1'000'000'000),
            static_cast<abi::suseconds_t>(ns / 1000 % 1'000'000)};
}
constexpr void timeradd(abi::timeval* to, const abi::timeval* add) {
    to->tv_sec += add->tv_sec;
    to->tv_usec += add->tv_usec;
    if (to->tv_usec >= 1'000'000) {
        to->tv_sec++;
        to->tv_usec -= 1'000'000;
    }
}
// EINVAL unless seconds are not negative and nanoseconds are below a second.
[[nodiscard]] Errno itimespecfix(const abi::timespec* ts);
int tstohz(const abi::timespec* ts); // rounded up to ticks
