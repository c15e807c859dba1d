// What lies in RAM when the machine starts, and where it starts: kernel image,
// initial RAM disk and device tree, placed as the arm64 boot protocol asks
// (Linux, Documentation/arch/arm64/booting.rst).
#pragma once

#include "base/types.hpp"

#include <string>
#include <vector>

namespace forkscope {

inline constexpr u64 kRamBase = 0x4000'0000;

// Bytes to be put into RAM. Memory from the end of `bytes` up to `size` is zero.
struct Segment {
    u64 address = 0; // physical
    std::vector<u8> bytes;
    u64 size = 0; // bytes of memory, at least bytes.size()
};

// Everything fits into RAM and no two segments overlap.
struct BootPlan {
    u64 ram_bytes = 0;
    std::vector<Segment> segments;
    u64 entry = 0;       // physical address of the kernel's first instruction
    u64 device_tree = 0; // physical address for x0
};

} // namespace forkscope
