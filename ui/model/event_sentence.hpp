// One event, one sentence.
#pragma once

#include "event/event.hpp"
#include "model/names.hpp"

namespace forkscope {

// "fork-demo (3) calls fork", without a full stop. `attached` is the text of the
// Text events that follow it: what a console line says.
std::string event_sentence(const Event& event, const Names& names, std::string_view attached = "");

// The text attached to event `number` of the log: of the Text events after it.
std::string attached_text(const SharedLog<Event>::View& events, u64 number);

// The process that the event is about: as its probe says, else that on the CPU.
u32 event_pid(const Event& event);

// True if the event is about `pid` in any role: parent, target, ...
bool concerns(const Event& event, u32 pid);

} // namespace forkscope
