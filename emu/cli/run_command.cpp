#include "cli/run_command.hpp"

#include "cli/bundle.hpp"
#include "cli/console_io.hpp"
#include "cli/guest_symbols.hpp"
#include "cli/lesson_command.hpp"
#include "cli/output_files.hpp"
#include "cli/stop_signals.hpp"
#include "cli/terminal.hpp"
#include "cli/timing_setup.hpp"
#include "cli/watched_run.hpp"
#include "event/recorder.hpp"
#include "event/statistics.hpp"
#include "event/trace_file.hpp"
#include "machine/loader.hpp"
#include "machine/machine.hpp"
#include "ui/account.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace forkscope {

namespace {

namespace fs = std::filesystem;

fs::path config_file(const RunOptions& options) {
    return options.config.value_or(default_config());
}

Result<Config> complete_config(const RunOptions& options) {
    Result<Config> config = read_config(config_file(options), options.overrides);
    if (!config) {
        return config;
    }
    if (options.program_args) {
        if (config->machine.program.empty()) {
            return Error{"forkscope run: arguments after -- are a program's: give --program F too"};
        }
        config->machine.args = *options.program_args;
    }
    if (const Result<void> added = add_bundled_files(*config); !added) {
        return added.error();
    }
    return config;
}

// What a run reads is not what it writes.
Result<void> keep_inputs(const std::string& flag, const fs::path& output,
                         const RunOptions& options, const Config& config) {
    std::error_code ignored;
    for (const fs::path& input :
         {config_file(options), config.machine.kernel, config.machine.initrd.value_or(""),
          config.machine.program}) {
        if (fs::equivalent(output, input, ignored)) {
            return Error{output.string() + ": read by the run, it can't be its " + flag + " too"};
        }
    }
    return {};
}

Result<void> reserve_outputs(const RunOptions& options, const Config& config,
                             OutputFiles& outputs) {
    const std::pair<const char*, const std::optional<fs::path>&> files[] = {
        {"--stats", options.stats},           {"--trace", options.trace},
        {"--console", options.console},       {"--describe", options.describe},
        {"--screenshot", options.screenshot}, {"--solve", options.solve}};
    for (const auto& [flag, path] : files) {
        if (path) {
            if (Result<void> kept = keep_inputs(flag, *path, options, config); !kept) {
                return kept;
            }
            if (Result<void> reserved = outputs.reserve(flag, *path); !reserved) {
                return reserved;
            }
        }
    }
    return {};
}

ExitStatus exit_status(const RunResult& result) {
    switch (result.reason) {
    case RunEndReason::PowerOff:
        return result.guest_status == 0 ? ExitStatus::Success : ExitStatus::GuestFailure;
    case RunEndReason::Panic:
        return ExitStatus::GuestFailure;
    case RunEndReason::Limit:
        return ExitStatus::Limit;
    case RunEndReason::Stopped:
        break;
    }
    return StopSignals::requested() ? ExitStatus::Limit : ExitStatus::GuestFailure;
}

// Everything that watches a run, and what it leaves behind.
class Observers {
public:
    Observers(const RunOptions& options, const Config& config)
        : options_(options), account_(account_options(options, config)) {}

    Result<void> open(const Config& config) {
        events_.add(statistics_);
        events_.add(account_);
        if (options_.trace) {
            auto trace = TraceWriter::create(*options_.trace, config.machine.cpu_hz);
            if (!trace) {
                return trace.error();
            }
            trace_ = std::move(*trace);
            events_.add(*trace_);
        }
        return options_.console ? console_.open(*options_.console) : Result<void>();
    }

    EventSink& events() { return events_; }
    void add(EventSink& sink) { events_.add(sink); }
    ConsoleOutput& console() { return console_; }
    [[nodiscard]] u64 attributed_cycles() const { return statistics_.attributed_cycles(); }

    // `panels` is the panels' text.
    Result<void> finish(double wall_seconds, const std::string& panels, bool print_account) {
        Result<void> result = console_.finish();
        const std::string account = account_.text();
        if (print_account) {
            std::printf("\n%s", account.c_str());
            std::fflush(stdout);
        }
        if (result && trace_) {
            result = trace_->finish();
        }
        if (result && options_.stats) {
            result = write_file(*options_.stats, statistics_.to_json(wall_seconds));
        }
        if (result && options_.describe) {
            result = write_file(*options_.describe, account + "\n" + panels);
        }
        return result;
    }

private:
    static AccountOptions account_options(const RunOptions& options, const Config& config) {
        AccountOptions result;
        result.cpu_hz = config.machine.cpu_hz;
        if (options.trace) {
            result.full_record = "in " + options.trace->string();
        }
        return result;
    }

    const RunOptions& options_;
    Statistics statistics_;
    Account account_;
    std::unique_ptr<TraceWriter> trace_;
    ConsoleOutput console_;
    Fanout events_;
};

// What the program ends with.
Result<ExitStatus> conclude(const RunResult& result, Cycle attributed, bool window) {
    if (attributed != result.cycles) {
        return Error{"forkscope: internal error: " + std::to_string(result.cycles) +
                         " cycles, of which " + std::to_string(attributed) + " are attributed",
                     ExitStatus::Internal};
    }
    if (window && result.pause != Pause::None) { // closed before the guest was done
        return ExitStatus::Limit;
    }
    if (result.reason == RunEndReason::Stopped && !StopSignals::requested()) {
        std::fprintf(stderr, "forkscope: the run was stopped: %s\n", result.detail.c_str());
    }
    return exit_status(result);
}

// Runs `machine` to its end, watched by `watched` unless that is null.
Result<RunResult> run_machine(Machine& machine, const Config& config, WatchedRun* watched,
                              bool window) {
    if (window) { // SDL turns signals into a wish to close the window
        return watched->run(machine, true);
    }
    const StopSignals signals(machine);
    std::optional<RawTerminal> terminal;
    if (config.console.input == ConsoleInput::Stdin) {
        terminal.emplace();
    }
    return watched != nullptr ? watched->run(machine, false)
                              : machine.run({.last_cycle = config.last_cycle()});
}

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != 0;
}

// Opens the panel's window if one is wanted. False: the run goes on without one.
Result<bool> open_window(const RunOptions& options, const Config& config, const Program& program) {
    const bool display = is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    const bool asked = options.panel == PanelWish::Window;
    const bool wanted =
        asked || (options.panel == PanelWish::IfDisplay && display && !options.screenshot &&
                  !options.at_cycle && !options.answers && !options.solve);
    if (!wanted && !options.screenshot) {
        return false;
    }
    const Result<void> opened = program.panel == nullptr ? become_panel_program(program)
                                : wanted                 ? program.panel->open(config.panel)
                                                         : Result<void>();
    if (opened) {
        return wanted;
    }
    if (asked || options.screenshot) {
        return opened.error();
    }
    std::fprintf(stderr, "%s; running without it\n", opened.error().message.c_str());
    return false;
}

} // namespace

Result<ExitStatus> run_command(const RunOptions& options, const Program& program) {
    // A reader of stdout that goes away does not cost the run its files.
    std::signal(SIGPIPE, SIG_IGN);
    const Result<Config> config = complete_config(options);
    if (!config) {
        return config.error();
    }
    const Result<BootPlan> plan = plan_boot(*config);
    if (!plan) {
        return plan.error();
    }
    Result<std::optional<timing::TimingModel>> timing =
        set_up_timing(*config, config_file(options));
    if (!timing) {
        return timing.error();
    }
    OutputFiles outputs;
    if (const Result<void> reserved = reserve_outputs(options, *config, outputs); !reserved) {
        return reserved.error();
    }
    const Result<std::unique_ptr<LessonRun>> lesson =
        LessonRun::set_up(options, *config, config_file(options));
    if (!lesson) {
        return lesson.error();
    }
    const Result<bool> window = open_window(options, *config, program);
    if (!window) {
        return window.error();
    }
    Observers observers(options, *config);
    if (const Result<void> opened = observers.open(*config); !opened) {
        return opened.error();
    }
    std::optional<WatchedRun> watched;
    if (*window || options.screenshot || options.describe || *lesson) {
        watched.emplace(options, *config, guest_symbols(*config), lesson->get(), program.panel,
                        observers.console());
        observers.add(watched->events());
    }
    StdinSource input([&] { observers.console().flush(); }, StopSignals::stop);
    MachineSettings settings;
    settings.cpu_hz = config->machine.cpu_hz;
    settings.rtc_epoch = config->machine.rtc_epoch;
    settings.seed = config->seed;
    settings.timing = std::move(*timing);
    settings.events = &observers.events();
    settings.console_output = watched ? &watched->console() : &observers.console();
    if (*window) {
        settings.console_input = &watched->keyboard();
    } else if (config->console.input == ConsoleInput::Stdin) {
        settings.console_input = &input;
    }
    const Result<std::unique_ptr<Machine>> machine = Machine::create(*plan, settings);
    if (!machine) {
        return machine.error();
    }
    outputs.keep();

    const auto begin = std::chrono::steady_clock::now();
    const Result<RunResult> run =
        run_machine(**machine, *config, watched ? &*watched : nullptr, *window);
    if (!run) {
        return run.error();
    }
    const std::optional<ExitStatus> graded = watched ? watched->graded() : std::nullopt;
    (*machine)->finish();
    const std::string panels = options.describe ? watched->text() : std::string();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    if (const Result<void> finished = observers.finish(wall.count(), panels, !graded); !finished) {
        return finished.error();
    }
    return graded && observers.attributed_cycles() == run->cycles
               ? Result<ExitStatus>(*graded)
               : conclude(*run, observers.attributed_cycles(), *window);
}

Result<ExitStatus> check_command(const CheckOptions& options) {
    RunOptions run;
    run.config = options.config;
    run.overrides = options.overrides;
    const Result<Config> config = complete_config(run);
    if (!config) {
        return config.error();
    }
    if (const Result<BootPlan> plan = plan_boot(*config); !plan) {
        return plan.error();
    }
    if (const auto timing = set_up_timing(*config, options.config); !timing) {
        return timing.error();
    }
    if (const Result<void> lesson = check_lesson(*config, options.config); !lesson) {
        return lesson.error();
    }
    std::printf("%s: good\n", options.config.c_str());
    return ExitStatus::Success;
}

} // namespace forkscope
