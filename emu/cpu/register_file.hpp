// The registers of a CPU that is not running, to look at.
#pragma once

#include "base/types.hpp"

#include <array>

namespace forkscope {

// Registers by their architectural names. Arm ARM DDI 0487, B1.2, D17.2.
struct RegisterFile {
    std::array<u64, 31> x{};
    u64 sp = 0; // the one in use
    u64 pc = 0;
    u64 pstate = 0; // as SPSR has it
    u8 el = 0;
    u64 vbar = 0, esr = 0, far = 0, elr = 0, spsr = 0, sp_el0 = 0;
};

} // namespace forkscope
