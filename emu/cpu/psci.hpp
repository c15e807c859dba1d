// The Power State Coordination Interface, version 1.0, reached by HVC.
// Arm Power State Coordination Interface, DEN 0022C, chapter 5.
#pragma once

#include "base/types.hpp"

namespace forkscope {

// What a call asks of the machine.
enum class PowerRequest : u8 { None, PowerOff, Reset, CpuOff };

struct PsciReply {
    u64 x0 = 0;
    PowerRequest request = PowerRequest::None;
};

// A call of `function` (W0) with arguments in X1 to X3, made by the CPU whose
// affinity is `self` (MPIDR_EL1[39:32,23:0]). There is one CPU, which is on.
[[nodiscard]] PsciReply psci_call(u32 function, u64 x1, u64 x2, u64 x3, u64 self);

} // namespace forkscope
