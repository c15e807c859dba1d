// Bit fields of registers, descriptors and instruction words.
#pragma once

#include "base/types.hpp"

#include <concepts>

namespace forkscope {

// Bits Hi down to Lo of a word of type T, named as the manuals name them:
// `using AttrIndx = Field<u64, 4, 2>`.
template <std::unsigned_integral T, unsigned Hi, unsigned Lo = Hi> struct Field {
    static_assert(Lo <= Hi && Hi < sizeof(T) * 8);

    static constexpr unsigned width = Hi - Lo + 1;
    static constexpr T max = static_cast<T>(static_cast<T>(~T{0}) >> (sizeof(T) * 8 - width));
    static constexpr T mask = static_cast<T>(max << Lo);

    // The field's value.
    [[nodiscard]] static constexpr T get(T word) { return static_cast<T>((word >> Lo) & max); }

    // True if any bit of the field is set.
    [[nodiscard]] static constexpr bool test(T word) { return (word & mask) != 0; }

    // A word with `value` in the field and zero elsewhere; excess bits are cut.
    [[nodiscard]] static constexpr T make(T value) { return static_cast<T>((value & max) << Lo); }

    // `word` with the field replaced by `value`; excess bits are cut.
    [[nodiscard]] static constexpr T set(T word, T value) {
        return static_cast<T>((word & static_cast<T>(~mask)) | make(value));
    }
};

// `count` ones, from bit 0; count is 0 to 64.
[[nodiscard]] constexpr u64 low_mask(unsigned count) {
    return count >= 64 ? ~u64{0} : (u64{1} << count) - 1;
}

// The low `width` bits of `value` (1 to 64) as a two's complement number.
[[nodiscard]] constexpr i64 sign_extend(u64 value, unsigned width) {
    const unsigned shift = 64 - width;
    return static_cast<i64>(value << shift) >> shift;
}

// `alignment` is a power of two.
[[nodiscard]] constexpr u64 align_down(u64 value, u64 alignment) {
    return value & ~(alignment - 1);
}

[[nodiscard]] constexpr bool is_aligned(u64 value, u64 alignment) {
    return (value & (alignment - 1)) == 0;
}

} // namespace forkscope
