// What the panels are about, where the user has picked nothing.
#pragma once

#include "model/selection.hpp"

namespace forkscope {

// The process that the panels are about: the pinned one; else the one on the CPU,
// that of the last fault, or the first that has memory. 0 if there is none.
[[nodiscard]] u32 pinned_pid(const Snapshot& snapshot, const Selection& selection);

// The card that the panels are about: the one picked; else the open one, or the
// last. Null if there is none (any more). Its number goes to `number`.
[[nodiscard]] const FaultCard* picked_fault(const Snapshot& snapshot, const Selection& selection,
                                            u64* number = nullptr);

// The address that the walk is of: the one picked, that of the fault, or the PC.
[[nodiscard]] u64 picked_address(const Snapshot& snapshot, const Selection& selection);

// The second process of the walk: the one picked; else another that maps the
// frame behind `va` of `pid`, or that did before the fault at `va`; else none.
[[nodiscard]] std::optional<u32> compared_pid(const Snapshot& snapshot, const Selection& selection,
                                              u32 pid, u64 va);

} // namespace forkscope
