// Little-endian numbers in files.
#pragma once

#include "base/types.hpp"

#include <cstring>
#include <span>
#include <type_traits>

namespace forkscope {

// The T at `offset`, which the caller has checked to be inside.
template <class T> T load_at(std::span<const u8> bytes, u64 offset) {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

// True if `size` bytes at `offset` are inside `bytes`.
inline bool holds(std::span<const u8> bytes, u64 offset, u64 size) {
    return offset <= bytes.size() && size <= bytes.size() - offset;
}

constexpr u64 align_up(u64 value, u64 alignment) {
    return (value + alignment - 1) / alignment * alignment;
}

} // namespace forkscope
