// The event log as a text file.
#pragma once

#include "base/result.hpp"
#include "model/selection.hpp"

#include <filesystem>

namespace forkscope {

// Writes what the filter shows, a line an event, to a new file in `folder`:
// forkscope-events.txt, or forkscope-events-2.txt and so on where that is taken.
// Gives its path; errors are one line.
Result<std::filesystem::path> export_events(const Snapshot& snapshot, const Selection& selection,
                                            const std::filesystem::path& folder);

} // namespace forkscope
