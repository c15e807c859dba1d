// Why a run stopped, in one sentence.
#pragma once

#include "event/event.hpp"
#include "session/symbols.hpp"
#include "snapshot/world.hpp"

#include <string>

namespace forkscope {

// "fork-demo (3)", "the kernel"; `pid` may be gone.
[[nodiscard]] std::string who(const World& world, u64 pid);

// What an OS event is, as a noun: "the page fault of fork-demo (4) writing
// 0x405000: level-3 permission fault".
[[nodiscard]] std::string name_event(const World& world, const Event& event);

} // namespace forkscope
