// Runs that are looked at: in the panel's window, for a picture, for the panel's
// text.
#pragma once

#include "cli/command_line.hpp"
#include "cli/console_io.hpp"
#include "cli/lesson_command.hpp"
#include "cli/panel_host.hpp"
#include "session/session.hpp"

namespace forkscope {

class WatchedRun {
public:
    // `console` gets what the guest prints. `lesson` may be null.
    WatchedRun(const RunOptions& options, const Config& config, LessonNames names,
               LessonRun* lesson, PanelHost* panel, ConsoleOutput& console);

    [[nodiscard]] EventSink& events() { return stepper_; }
    [[nodiscard]] ConsoleSink& console() { return stepper_.console(); }
    [[nodiscard]] Keyboard& keyboard() { return keyboard_; }

    // Runs `machine` to its end, with the window if `window`.
    Result<RunResult> run(Machine& machine, bool window);
    // What a lesson that was not taken in the window ended with.
    [[nodiscard]] std::optional<ExitStatus> graded() const { return graded_; }
    // The panels' text, with a title, at --at-cycle or at the end of the run.
    [[nodiscard]] std::string text();

private:
    void run_in_window();
    Result<void> show_moment();
    [[nodiscard]] std::string describe_moment(const std::string& title);

    const RunOptions& options_;
    const Config& config_;
    LessonRun* lesson_;
    PanelHost* panel_;
    ConsoleOutput& console_;
    Stepper stepper_;
    Keyboard keyboard_;
    Selection selection_;
    std::string text_; // of --at-cycle
    bool in_window_ = false;
    std::optional<ExitStatus> graded_;
};

} // namespace forkscope
