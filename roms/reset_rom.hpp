// The reset ROM: what the CPU finds at physical 0. roms/reset.S is its source;
// it sets up x0 to x3 as the arm64 boot protocol says (Linux,
// Documentation/arch/arm64/booting.rst) and jumps to the kernel.
#pragma once

#include "base/types.hpp"

#include <vector>

namespace forkscope {

inline constexpr u64 kResetRomBase = 0;
inline constexpr u64 kResetRomSize = 0x1000;

// Where reset.S finds its parameters, in bytes from the base.
inline constexpr u64 kResetRomEntry = 0x40;      // u64: the kernel's entry point
inline constexpr u64 kResetRomDeviceTree = 0x48; // u64: the device tree; 0 if there is none

// The ROM's contents (its code and parameters; less than kResetRomSize).
[[nodiscard]] std::vector<u8> make_reset_rom(u64 entry, u64 device_tree);

} // namespace forkscope
