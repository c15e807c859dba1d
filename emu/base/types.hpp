// Exact-width integer names used throughout the emulator.
#pragma once

#include <cstddef>
#include <cstdint>

namespace forkscope {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

// Time in the machine: CPU cycles since reset. In functional timing one
// instruction is one cycle.
using Cycle = u64;

} // namespace forkscope
