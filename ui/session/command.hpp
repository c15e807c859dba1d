// What the panel may ask of the machine. The panel acts through these only.
#pragma once

#include "base/types.hpp"

#include <string>
#include <variant>

namespace forkscope {

namespace command {

struct Run {};
struct Pause {};
struct StepInstruction {}; // into calls and exceptions
struct StepOver {};        // to the instruction after this one in memory, for calls
struct StepOut {};         // to the address in x30
struct StepEvent {};       // to the next OS event
struct SetSpeed {
    double events_per_second = 0; // 0: unlimited
};
struct AddBreakpoint {
    std::string text; // see parse_breakpoint
};
struct RemoveBreakpoint {
    u32 id = 0;
};
// As Run, up to a breakpoint that is there for this once; "end": to the end of the
// run. ControlView::arrivals tells when the run is there.
struct RunTo {
    std::string text; // see parse_breakpoint
};
// The run stops at this place, too, and goes no further, until a RunTo to there, or to
// elsewhere, or another HoldAt; empty: none. `why` is said to who tries.
struct HoldAt {
    std::string text; // see parse_breakpoint
    std::string why;
};
struct TypeText {
    std::string bytes; // to the guest's console
};
struct Quit {};

} // namespace command

using Command = std::variant<command::Run, command::Pause, command::StepInstruction,
                             command::StepOver, command::StepOut, command::StepEvent,
                             command::SetSpeed, command::AddBreakpoint, command::RemoveBreakpoint,
                             command::RunTo, command::HoldAt, command::TypeText, command::Quit>;

} // namespace forkscope
