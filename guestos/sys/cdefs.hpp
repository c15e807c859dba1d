// What the compiler can be told and asked.
#pragma once

#include "sys/types.hpp"

inline constexpr size_t CACHE_LINE_SIZE = 64;

// The structure of which `member` is a part, given the address of the part.
// Intrusive lists find their elements by it.
template <typename Outer, typename Inner>
inline Outer* container_of(Inner* part, Inner Outer::*member) {
    constexpr uintptr_t somewhere = 4096; // any address, to measure from
    const auto* outer = reinterpret_cast<const Outer*>(somewhere);
    const auto offset = reinterpret_cast<uintptr_t>(&(outer->*member)) - somewhere;
    return reinterpret_cast<Outer*>(reinterpret_cast<uintptr_t>(part) - offset);
}

inline bool predict_true(bool condition) {
    return __builtin_expect(condition, true);
}
inline bool predict_false(bool condition) {
    return __builtin_expect(condition, false);
}
