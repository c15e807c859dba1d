// What the machine has been asked for and no snapshot shows yet. A key that means
// "the next speed" or "the other of run and pause" goes by this: several may be
// struck before the next snapshot comes.
#pragma once

#include "session/command.hpp"
#include "snapshot/snapshot.hpp"

#include <optional>

namespace forkscope {

class Asked {
public:
    // `command` is on its way to the machine.
    void note(const Command& command) {
        ++commands_;
        if (const auto* speed = std::get_if<command::SetSpeed>(&command)) {
            speed_ = speed->events_per_second;
        } else if (std::holds_alternative<command::Run>(command) ||
                   std::holds_alternative<command::RunTo>(command)) {
            running_ = true;
        } else if (!std::holds_alternative<command::TypeText>(command) &&
                   !std::holds_alternative<command::HoldAt>(command) &&
                   !std::holds_alternative<command::AddBreakpoint>(command) &&
                   !std::holds_alternative<command::RemoveBreakpoint>(command)) {
            running_ = false; // a pause or a step
        }
    }
    // Forgets what `control` shows.
    void see(const ControlView& control) {
        if (!unanswered(control)) {
            running_.reset();
            speed_.reset();
        }
    }

    // `control` does not show all that was asked for.
    [[nodiscard]] bool unanswered(const ControlView& control) const {
        return control.commands < commands_;
    }
    [[nodiscard]] bool running(const ControlView& control) const {
        return running_.value_or(control.phase == RunPhase::Running);
    }
    [[nodiscard]] double speed(const ControlView& control) const {
        return speed_.value_or(control.speed);
    }

private:
    u64 commands_ = 0;
    std::optional<bool> running_;
    std::optional<double> speed_;
};

} // namespace forkscope
