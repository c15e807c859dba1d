// What the command line says.
#pragma once

#include "base/result.hpp"
#include "bench/bench_command.hpp"
#include "cli/verify_command.hpp"
#include "config/config.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace forkscope {

enum class PanelWish { IfDisplay, Window, None };

struct RunOptions {
    std::optional<std::filesystem::path> config; // absent: the bundled fork demo
    std::vector<Override> overrides;
    std::optional<std::vector<std::string>> program_args; // of machine.program
    std::optional<std::filesystem::path> stats;
    std::optional<std::filesystem::path> trace;
    std::optional<std::filesystem::path> console;
    std::optional<std::filesystem::path> describe;
    std::optional<std::filesystem::path> answers; // of a lesson, to be graded
    std::optional<std::filesystem::path> solve;   // gets its right answers
    PanelWish panel = PanelWish::IfDisplay;
    std::optional<std::filesystem::path> screenshot;
    std::optional<Cycle> at_cycle; // of the screenshot and the panels' text; absent: at the end
};

struct CheckOptions {
    std::filesystem::path config;
    std::vector<Override> overrides;
};

// Text for stdout, and nothing else to do.
struct Information {
    std::string text;
};

using Request = std::variant<Information, RunOptions, CheckOptions, BenchOptions, VerifyOptions>;

// `arguments` without the program's name.
Result<Request> parse_command_line(const std::vector<std::string>& arguments);

} // namespace forkscope
