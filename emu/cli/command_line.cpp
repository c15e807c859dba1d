#include "cli/command_line.hpp"

#include "base/nearest.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>

namespace forkscope {

namespace {

constexpr std::array<std::string_view, 4> kCommands = {"run", "check", "bench", "verify"};
constexpr std::array<std::string_view, 2> kLaterCommands = {"batch", "trace"};

constexpr const char* kVersion = "forkscope " FORKSCOPE_VERSION;

constexpr const char* kOverview =
    R"(Forkscope boots a small kernel on an emulated ARM64 machine and shows how its fork works.

Usage: forkscope COMMAND [ARGUMENTS]

  run [CONFIG.json]   run a machine; without a config: the fork demo
  check CONFIG.json   check a config and the files it names
  bench               measure speed, against QEMU where it is installed
  verify              hold the timing model against llvm-mca and QEMU's cache plugin

forkscope COMMAND --help tells a command's flags; forkscope --version the version.

Exit status: 0 the guest powered off with status 0; 1 it ended with another status,
panicked or got stuck; 2 bad usage, config or file; 3 a limit or Ctrl-C ended the run;
70 a fault of forkscope itself.
)";

Error usage(const std::string& message) {
    return {"forkscope: " + message};
}

bool contains(std::span<const std::string_view> words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

Error unknown_command(const std::string& word) {
    if (contains(kLaterCommands, word)) {
        return usage(word + ": not in this version");
    }
    const std::string what = word.starts_with("-") ? "flag" : "command";
    return usage("unknown " + what + " " + word + suggestion(word, kCommands) +
                 "; forkscope --help tells what there is");
}

std::string flag_name(const std::string& argument) {
    return argument.substr(0, argument.find('='));
}

// An error about the first argument that no option took.
Error unexpected(const CLI::App& app) {
    const std::string argument = app.remaining().front();
    const std::string what = app.get_name() + ": ";
    if (!argument.starts_with("-")) {
        return Error{what + "unexpected argument " + argument};
    }
    const std::string flag = flag_name(argument);
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        names.push_back(option->get_name());
    }
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    return Error{what + "unknown flag " + flag + suggestion(flag, candidates)};
}

// Parses with `app`; information if help or the version was asked for.
Result<std::optional<Information>> parse(CLI::App& app, const std::vector<std::string>& arguments) {
    std::vector<std::string> reversed;
    for (const std::string& argument : arguments) {
        // CLI11 takes the argument after `--flag=` for the flag's value.
        const bool empty_value = argument.starts_with("--") && argument.ends_with("=");
        if (empty_value && argument.find('=') == argument.size() - 1) {
            reversed.push_back(argument.substr(0, argument.size() - 1));
            reversed.emplace_back();
        } else {
            reversed.push_back(argument);
        }
    }
    std::reverse(reversed.begin(), reversed.end());
    try {
        app.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
        return std::optional(Information{app.help()});
    } catch (const CLI::CallForVersion&) {
        return std::optional(Information{std::string(kVersion) + "\n"});
    } catch (const CLI::ArgumentMismatch& error) {
        const std::string what =
            error.what(); // "--flag: 1 required F missing", "--flag: At Most 1"
        const bool missing = what.ends_with("missing");
        return Error{app.get_name() + ": " + what.substr(0, what.find(':')) +
                     (missing ? ": a value is missing" : ": given more than once")};
    } catch (const CLI::ParseError& error) {
        return Error{app.get_name() + ": " + error.what()};
    }
    if (app.remaining_size() != 0) {
        return unexpected(app);
    }
    return std::optional<Information>();
}

void prepare(CLI::App& app, const std::string& name) {
    app.name("forkscope " + name);
    app.allow_extras();
    app.set_version_flag("--version", kVersion);
    app.get_formatter()->column_width(34);
}

// `KEY.PATH=VALUE` of each --set.
Result<void> add_settings(const std::vector<std::string>& settings,
                          std::vector<Override>& overrides) {
    for (const std::string& setting : settings) {
        const std::size_t equals = setting.find('=');
        if (equals == std::string::npos || equals == 0) {
            return usage("--set " + setting + ": expected KEY.PATH=VALUE");
        }
        overrides.push_back(
            {"--set " + setting, setting.substr(0, equals), setting.substr(equals + 1)});
    }
    return {};
}

// A flag that stands for a config key.
struct KeyFlag {
    const char* flag;
    const char* key;
    bool literal;
    const char* value_name;
    const char* help;
    std::string value = {};
};

std::vector<KeyFlag> key_flags() {
    return {
        {"--kernel", "machine.kernel", true, "F",
         "Kernel image instead: arm64 Image, ELF64, or flat binary at RAM's base + 0x80000"},
        {"--initrd", "machine.initrd", true, "F", "Initial RAM disk instead; \"\" for none"},
        {"--append", "machine.append", true, "S", "Kernel command line instead"},
        {"--program", "machine.program", true, "F",
         "Static AArch64 program that init runs as its only job; arguments after --"},
        {"--timing", "timing.mode", true, "MODE",
         "functional: one cycle for each instruction; cycle: by the timing model"},
        {"--max-cycles", "limits.cycles", false, "N", "Stop after so many cycles"},
        {"--max-seconds", "limits.seconds", false, "S",
         "Stop after so many seconds of the machine's time"},
    };
}

// A run is shown in a window, shown at one moment, or asks a lesson's questions.
Result<void> check_way_of_running(bool window, bool at_cycle, const RunOptions& options) {
    std::vector<const char*> given;
    if (window) {
        given.push_back("--ui");
    }
    if (options.screenshot || at_cycle) {
        given.push_back(options.screenshot ? "--screenshot" : "--at-cycle");
    }
    if (options.answers || options.solve) {
        given.push_back(options.answers ? "--answers" : "--solve");
    }
    if (given.size() > 1) {
        return Error{"forkscope run: " + std::string(given[0]) + " and " + given[1] +
                     ": only one of them"};
    }
    return {};
}

Result<void> choose_panel(bool window, bool headless, const std::string& at_cycle,
                          RunOptions& options) {
    if (window && headless) {
        return Error{"forkscope run: --ui and --headless: only one of them"};
    }
    if (Result<void> one = check_way_of_running(window, !at_cycle.empty(), options); !one) {
        return one;
    }
    options.panel = window ? PanelWish::Window : headless ? PanelWish::None : PanelWish::IfDisplay;
    if (at_cycle.empty()) {
        return {};
    }
    if (!options.screenshot && !options.describe) {
        return Error{"forkscope run: --at-cycle: of what? give --screenshot F or --describe F too"};
    }
    Cycle cycle = 0;
    const char* last = at_cycle.data() + at_cycle.size();
    const auto [end, error] = std::from_chars(at_cycle.data(), last, cycle);
    if (error != std::errc() || end != last) {
        return Error{"forkscope run: --at-cycle " + at_cycle + ": expected a whole number"};
    }
    options.at_cycle = cycle;
    return {};
}

Result<Request> parse_run(std::vector<std::string> arguments) {
    RunOptions options;
    const auto end = std::find(arguments.begin(), arguments.end(), "--");
    if (end != arguments.end()) {
        options.program_args.emplace(end + 1, arguments.end());
        arguments.erase(end, arguments.end());
    }

    CLI::App app("Run a machine, print its console, then an account of the run.");
    prepare(app, "run");
    std::vector<std::string> settings;
    bool headless = false, window = false;
    std::string at_cycle;
    std::vector<KeyFlag> flags = key_flags();
    app.add_option("CONFIG", options.config, "JSON config; without it: the fork demo")
        ->type_name("");
    app.add_option("--set", settings, "Override a config value, as machine.ram=64M; repeatable")
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    for (KeyFlag& flag : flags) {
        app.add_option(flag.flag, flag.value, flag.help)->type_name(flag.value_name);
    }
    app.add_option("--stats", options.stats, "Write statistics as JSON")->type_name("F");
    app.add_option("--trace", options.trace, "Write the event record, native format")
        ->type_name("F");
    app.add_option("--console", options.console, "Write the UART's bytes")->type_name("F");
    app.add_option("--describe", options.describe, "Write the account and the panels' text")
        ->type_name("F");
    app.add_option("--answers", options.answers, "Grade these answers to the config's lesson")
        ->type_name("F");
    app.add_option("--solve", options.solve, "Write the right answers to the config's lesson")
        ->type_name("F")
        ->excludes("--answers");
    app.add_flag("--ui", window, "With the panel; without either: where there is a display");
    app.add_flag("--headless", headless, "Without the panel");
    app.add_option("--screenshot", options.screenshot, "Draw the panel without a display, as PNG")
        ->type_name("F");
    app.add_option("--at-cycle", at_cycle, "When; without it: at the end; for --describe too")
        ->type_name("N");

    const auto information = parse(app, arguments);
    if (!information) {
        return information.error();
    }
    if (*information) {
        return Request(**information);
    }
    if (const Result<void> added = add_settings(settings, options.overrides); !added) {
        return added.error();
    }
    for (const KeyFlag& flag : flags) {
        if (app.count(flag.flag) != 0) {
            options.overrides.push_back(
                {std::string(flag.flag) + " " + flag.value, flag.key, flag.value, flag.literal});
        }
    }
    if (const Result<void> chosen = choose_panel(window, headless, at_cycle, options); !chosen) {
        return chosen.error();
    }
    if (app.count("--program") != 0 && !options.program_args) {
        options.program_args.emplace();
    }
    return Request(std::move(options));
}

Result<Request> parse_check(const std::vector<std::string>& arguments) {
    CLI::App app("Check a config and the files it names. Runs nothing.");
    prepare(app, "check");
    std::string config;
    std::vector<std::string> settings;
    app.add_option("CONFIG", config, "JSON config")->type_name("");
    app.add_option("--set", settings, "Override a config value first; repeatable")
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    const auto information = parse(app, arguments);
    if (!information) {
        return information.error();
    }
    if (*information) {
        return Request(**information);
    }
    if (config.empty()) {
        return Error{"forkscope check: which config? forkscope check CONFIG.json"};
    }
    CheckOptions options;
    options.config = config;
    if (const Result<void> added = add_settings(settings, options.overrides); !added) {
        return added.error();
    }
    return Request(std::move(options));
}

Result<Request> parse_bench(const std::vector<std::string>& arguments) {
    BenchOptions options;
    CLI::App app("Measure how fast guests run, in turns with QEMU where that is installed.");
    prepare(app, "bench");
    app.add_option("--json", options.json, "Write the numbers as JSON")->type_name("F");
    bool without_cycle = false;
    app.add_flag("--without-cycle", without_cycle, "Leave cycle timing out");
    app.add_option("--runs", options.runs, "Timed runs of each workload")
        ->type_name("N")
        ->check(CLI::Range(1, 1000));
    const auto information = parse(app, arguments);
    if (!information) {
        return information.error();
    }
    if (*information) {
        return Request(**information);
    }
    options.cycle = !without_cycle;
    return Request(options);
}

Result<Request> parse_verify(const std::vector<std::string>& arguments) {
    VerifyOptions options;
    CLI::App app(
        "Compare the pipeline with llvm-mca, and the data cache with QEMU's cache plugin.");
    prepare(app, "verify");
    app.add_option("--generated", options.generated, "Blocks made up for the pipeline")
        ->type_name("N")
        ->check(CLI::Range(0, 100000));
    app.add_option("--compiled", options.compiled, "Blocks cut out of each program")
        ->type_name("N")
        ->check(CLI::Range(0, 100000));
    const auto information = parse(app, arguments);
    if (!information) {
        return information.error();
    }
    if (*information) {
        return Request(**information);
    }
    return Request(options);
}

} // namespace

Result<Request> parse_command_line(const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        return usage("which command? run, check, bench or verify; forkscope --help tells more");
    }
    const std::string& command = arguments.front();
    std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
    if (command == "--help" || command == "-h") {
        return Request(Information{kOverview});
    }
    if (command == "--version") {
        return Request(Information{std::string(kVersion) + "\n"});
    }
    if (command == "run") {
        return parse_run(std::move(rest));
    }
    if (command == "check") {
        return parse_check(rest);
    }
    if (command == "bench") {
        return parse_bench(rest);
    }
    if (command == "verify") {
        return parse_verify(rest);
    }
    return unknown_command(command);
}

} // namespace forkscope
