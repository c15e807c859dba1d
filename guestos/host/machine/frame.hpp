// The fake machine has no registers to save.
#pragma once

#include "sys/types.hpp"

struct trapframe {
    u64 tf_x[31];
    u64 tf_sp, tf_pc, tf_spsr, tf_esr, tf_far;
    [[nodiscard]] bool from_user() const { return true; }
};
inline constexpr u64 SPSR_C = u64{1} << 29;
