#include "cli/watched_run.hpp"

#include "base/text.hpp"
#include "cli/stop_signals.hpp"
#include "model/describe.hpp"
#include "ui/account.hpp"

#include <cstdio>

namespace forkscope {

namespace {

constexpr double kTeachingSpeed = 5; // OS events a second: what students can follow

Stepper::Options stepper_options(const Config& config, LessonNames names, ConsoleSink& console) {
    Stepper::Options options;
    options.cpu_hz = config.machine.cpu_hz;
    options.cycle_timing = config.timing.mode == TimingMode::CycleLevel;
    options.last_cycle = config.last_cycle();
    options.symbols = std::move(names.symbols);
    options.favourite = std::move(names.favourite);
    options.console = &console;
    return options;
}

} // namespace

WatchedRun::WatchedRun(const RunOptions& options, const Config& config, LessonNames names,
                       LessonRun* lesson, PanelHost* panel, ConsoleOutput& console)
    : options_(options), config_(config), lesson_(lesson), panel_(panel), console_(console),
      stepper_(stepper_options(config, std::move(names), console)) {}

// Who types, wants the guest to answer; who watches, wants to see every event.
void WatchedRun::run_in_window() {
    Session::Options options;
    options.publish = [this](std::shared_ptr<const Snapshot> snapshot) {
        console_.flush();
        panel_->show(std::move(snapshot));
    };
    // A lesson says itself where the run goes, and then at once.
    const bool at_once = lesson_ != nullptr || config_.console.input == ConsoleInput::Stdin;
    options.running = lesson_ == nullptr;
    options.events_per_second = at_once ? 0 : kTeachingSpeed;
    Session session(stepper_, &keyboard_, std::move(options));
    const bool closed = panel_->run({[&](const Command& command) { session.send(command); },
                                     [&] { return session.take_error(); },
                                     lesson_ != nullptr ? &lesson_->lesson() : nullptr});
    session.join();
    selection_ = panel_->selection();
    if (!closed) {
        std::fprintf(stderr, "forkscope: the display went away: the run ends here\n");
    }
}

// Runs to --at-cycle, or to the end; shows what is asked for, and runs on.
Result<void> WatchedRun::show_moment() {
    if (lesson_ != nullptr) {
        lesson_->follow(stepper_, options_.at_cycle.value_or(~Cycle{0}));
    }
    if (options_.at_cycle) {
        stepper_.run_to_cycle(*options_.at_cycle);
    } else {
        stepper_.run();
        stepper_.complete();
    }
    if (options_.screenshot) {
        const Tutor* tutor = lesson_ != nullptr ? &lesson_->told() : nullptr;
        if (Result<void> drawn = panel_->write_picture(*options_.screenshot, *stepper_.snapshot(),
                                                       config_.panel, tutor);
            !drawn) {
            return drawn;
        }
    }
    if (options_.describe && !stepper_.ended()) {
        text_ = describe_moment("at cycle " + grouped(stepper_.result().cycles));
    }
    if (!stepper_.ended() && !StopSignals::requested()) {
        stepper_.run();
        stepper_.complete();
    }
    return {};
}

Result<RunResult> WatchedRun::run(Machine& machine, bool window) {
    stepper_.attach(machine);
    in_window_ = window;
    if (window) {
        run_in_window();
    } else if (options_.screenshot || options_.at_cycle) {
        if (const Result<void> shown = show_moment(); !shown) {
            return shown.error();
        }
    } else if (lesson_ != nullptr) {
        const Result<ExitStatus> graded = lesson_->run(stepper_);
        if (!graded) {
            return graded.error();
        }
        graded_ = *graded;
    } else {
        stepper_.run();
        stepper_.complete();
    }
    return stepper_.result();
}

std::string WatchedRun::text() {
    return text_.empty() ? describe_moment("at the end") : text_;
}

std::string WatchedRun::describe_moment(const std::string& title) {
    const std::shared_ptr<Snapshot> snapshot = stepper_.snapshot();
    if (stepper_.ended()) { // as the account has it
        snapshot->control.why = describe_end(snapshot->totals, "") + ".";
    }
    const bool told = lesson_ != nullptr && !in_window_; // there the window's panel knows
    return "The panels " + title + "\n\n" +
           describe(*snapshot, selection_, told ? &lesson_->told() : nullptr);
}

} // namespace forkscope
