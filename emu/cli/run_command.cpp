#include "cli/run_command.hpp"

#include "cli/bundle.hpp"
#include "cli/console_io.hpp"
#include "cli/output_files.hpp"
#include "cli/panel_text.hpp"
#include "cli/stop_signals.hpp"
#include "cli/terminal.hpp"
#include "cli/timing_setup.hpp"
#include "event/recorder.hpp"
#include "event/statistics.hpp"
#include "event/trace_file.hpp"
#include "machine/loader.hpp"
#include "machine/machine.hpp"
#include "ui/account.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>

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

Result<void> reserve_outputs(const RunOptions& options, OutputFiles& outputs) {
    const std::pair<const char*, const std::optional<fs::path>&> files[] = {
        {"--stats", options.stats},
        {"--trace", options.trace},
        {"--console", options.console},
        {"--describe", options.describe}};
    for (const auto& [flag, path] : files) {
        if (path) {
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
        if (options_.describe) {
            panels_.emplace(console_);
            events_.add(panels_->events());
        }
        return options_.console ? console_.open(*options_.console) : Result<void>();
    }

    EventSink& events() { return events_; }
    ConsoleSink& console() { return panels_ ? panels_->console() : console_; }
    void flush_console() { console_.flush(); }
    [[nodiscard]] u64 attributed_cycles() const { return statistics_.attributed_cycles(); }

    Result<void> finish(const Machine& machine, const MachineSettings& settings,
                        double wall_seconds) {
        Result<void> result = console_.finish();
        const std::string account = account_.text();
        std::printf("\n%s", account.c_str());
        std::fflush(stdout);
        if (result && trace_) {
            result = trace_->finish();
        }
        if (result && options_.stats) {
            result = write_file(*options_.stats, statistics_.to_json(wall_seconds));
        }
        if (result && options_.describe) {
            const std::string panels = panels_->text(machine, settings);
            result = write_file(*options_.describe, account + "\nThe panels at the end\n\n" + panels);
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
    std::optional<PanelText> panels_;
    Fanout events_;
};

// Runs `machine` to its end; the time is the host's.
RunResult run_machine(Machine& machine, const Config& config, double& wall_seconds) {
    const StopSignals signals(machine);
    std::optional<RawTerminal> terminal;
    if (config.console.input == ConsoleInput::Stdin) {
        terminal.emplace();
    }
    const auto begin = std::chrono::steady_clock::now();
    const RunResult result = machine.run({config.last_cycle()});
    machine.finish();
    wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return result;
}

} // namespace

Result<ExitStatus> run_command(const RunOptions& options) {
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
    Result<std::optional<timing::TimingModel>> timing = set_up_timing(*config, config_file(options));
    if (!timing) {
        return timing.error();
    }
    OutputFiles outputs;
    if (const Result<void> reserved = reserve_outputs(options, outputs); !reserved) {
        return reserved.error();
    }
    Observers observers(options, *config);
    if (const Result<void> opened = observers.open(*config); !opened) {
        return opened.error();
    }
    StdinSource input([&] { observers.flush_console(); }, StopSignals::stop);
    MachineSettings settings;
    settings.cpu_hz = config->machine.cpu_hz;
    settings.rtc_epoch = config->machine.rtc_epoch;
    settings.seed = config->seed;
    settings.timing = std::move(*timing);
    settings.events = &observers.events();
    settings.console_output = &observers.console();
    settings.console_input = config->console.input == ConsoleInput::Stdin ? &input : nullptr;
    const Result<std::unique_ptr<Machine>> machine = Machine::create(*plan, settings);
    if (!machine) {
        return machine.error();
    }
    outputs.keep();

    double wall_seconds = 0;
    const RunResult result = run_machine(**machine, *config, wall_seconds);
    if (const Result<void> finished = observers.finish(**machine, settings, wall_seconds); !finished) {
        return finished.error();
    }
    if (observers.attributed_cycles() != result.cycles) {
        return Error{"forkscope: internal error: " + std::to_string(result.cycles) +
                         " cycles, of which " + std::to_string(observers.attributed_cycles()) +
                         " are attributed",
                     ExitStatus::Internal};
    }
    if (result.reason == RunEndReason::Stopped && !StopSignals::requested()) {
        std::fprintf(stderr, "forkscope: the run was stopped: %s\n", result.detail.c_str());
    }
    return exit_status(result);
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
    std::printf("%s: good\n", options.config.c_str());
    return ExitStatus::Success;
}

} // namespace forkscope
