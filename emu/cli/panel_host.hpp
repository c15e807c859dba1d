// The panel, of the program that has one: `forkscope-panel`, which `forkscope` turns
// into where a panel is wanted. Runs without a panel so don't load the some fifty
// libraries that a display needs.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"
#include "lesson/tutor.hpp"
#include "model/selection.hpp"
#include "session/command.hpp"

#include <functional>

namespace forkscope {

class PanelHost {
public:
    struct Link {
        std::function<void(Command)> send;
        std::function<std::optional<std::string>()> take_error;
        const Lesson* lesson = nullptr; // of the run, if it has one
    };
    virtual ~PanelHost() = default;

    // Opens the window. An error, one line, where there is no display.
    virtual Result<void> open(const PanelConfig& config) = 0;
    // From any thread: what the window shows from now on.
    virtual void show(std::shared_ptr<const Snapshot> snapshot) = 0;
    // Until the window is closed; false: its display went away.
    virtual bool run(const Link& link) = 0;
    // What the user had picked when the window was closed.
    [[nodiscard]] virtual Selection selection() const = 0;

    // Draws without any display. `tutor`: where the run's lesson is; null without one.
    virtual Result<void> write_picture(const std::filesystem::path& file, const Snapshot& snapshot,
                                       const PanelConfig& config, const Tutor* tutor) = 0;
};

// The program as it was called.
struct Program {
    const char* const* arguments = nullptr; // argv
    PanelHost* panel = nullptr;
};

// Turns into forkscope-panel, with the same arguments; returns only if that fails.
Error become_panel_program(const Program& program);

} // namespace forkscope
