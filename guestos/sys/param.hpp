// Sizes and limits of the system.
#pragma once

#include "machine/param.hpp"
#include "sys/types.hpp"

inline constexpr unsigned MAXCPUS = 8;    // CPUs that the kernel can manage
inline constexpr unsigned MAXCOMLEN = 16; // name of a process, without the NUL
inline constexpr int hz = 100;            // calls of hardclock() in a second

inline constexpr vsize_t PAGE_SIZE = vsize_t{1} << PAGE_SHIFT;
inline constexpr vsize_t PAGE_MASK = PAGE_SIZE - 1;

constexpr u64 trunc_page(u64 x) {
    return x & ~PAGE_MASK;
}
constexpr u64 round_page(u64 x) {
    return (x + PAGE_MASK) & ~PAGE_MASK;
}
constexpr u64 atop(u64 x) {
    return x >> PAGE_SHIFT;
}
constexpr u64 ptoa(u64 x) {
    return x << PAGE_SHIFT;
}

constexpr u64 roundup2(u64 x, u64 power) {
    return (x + power - 1) & ~(power - 1);
}
constexpr u64 rounddown2(u64 x, u64 power) {
    return x & ~(power - 1);
}
template <typename T> constexpr T howmany(T x, T y) {
    return (x + y - 1) / y;
}

template <typename T> constexpr T min(T a, T b) {
    return a < b ? a : b;
}
template <typename T> constexpr T max(T a, T b) {
    return a > b ? a : b;
}

template <typename T, size_t N> constexpr size_t __arraycount(const T (&)[N]) {
    return N;
}
