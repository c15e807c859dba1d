// A page fault in one line.
#pragma once

#include "snapshot/snapshot.hpp"
#include "ui/chronicle.hpp"

namespace forkscope {

// The card as the account tells page faults.
[[nodiscard]] PageStory story_of(const FaultCard& fault);

// True while the kernel has not said what it does about the page.
[[nodiscard]] bool is_undecided(const FaultCard& fault);

// "page 0x7ffe000 copied: frame 0x41300000 -> 0x41302000", "write to 0x7ffe010
// faults: page 0x7ffe000, frame 0x41300000, is read-only".
[[nodiscard]] std::string fault_note(const FaultCard& fault);

} // namespace forkscope
