// All panels as text: what `forkscope run --describe` appends to the account.
#pragma once

#include "lesson/tutor.hpp"
#include "model/selection.hpp"

namespace forkscope {

// Lines of at most 100 columns; ASCII, but for the lines of a tree. Numbers of
// panels are those of docs/panel.md.
// `tutor`: where the run's lesson is; null without one.
std::string describe(const Snapshot& snapshot, const Selection& selection,
                     const Tutor* tutor = nullptr);

} // namespace forkscope
