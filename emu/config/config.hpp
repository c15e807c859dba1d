// The configuration of a run: what a JSON file, `--set` and the flags may say.
// configs/schema.json describes the same keys to editors.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace forkscope {

struct MachineConfig {
    u64 ram = u64{256} << 20;      // bytes
    u64 cpu_hz = 1'000'000'000;    // cycles in a second of the machine's time
    std::filesystem::path kernel;  // empty: the bundled kernel
    std::filesystem::path initrd;  // empty: the bundled one if the kernel is bundled
    std::string append;            // kernel command line
    std::filesystem::path program; // empty: init runs what the command line says
    std::vector<std::string> args; // the program's arguments after argv[0]
    u64 rtc_epoch = 1'735'689'600; // PL031 at reset, seconds since 1970: 2025-01-01T00:00:00Z
};

// Cycle timing is a later version's.
enum class TimingMode { Functional };

struct TimingConfig {
    TimingMode mode = TimingMode::Functional;
};

struct LimitsConfig {
    std::optional<u64> cycles;
    std::optional<double> seconds; // of the machine's time, not the host's
};

enum class ConsoleInput { None, Stdin };

struct ConsoleConfig {
    ConsoleInput input = ConsoleInput::None;
};

struct Config {
    MachineConfig machine;
    TimingConfig timing;
    LimitsConfig limits;
    ConsoleConfig console;
    u64 seed = 1; // everything random in a run derives from it

    // The cycle at which the run stops, from both limits; Clock::kNever if none.
    [[nodiscard]] u64 last_cycle() const;
};

// One `--set` flag, or a flag that stands for one: `key` is a dotted path, `value` JSON or bare
// text. `source` names it in messages.
struct Override {
    std::string source;
    std::string key;
    std::string value;
};

// Reads `file` and applies `overrides` in order. Paths in the file are relative to the
// file, paths in overrides to the working directory. Errors:
// `FILE: /json/pointer: expected ..., found ...`.
Result<Config> read_config(const std::filesystem::path& file,
                           const std::vector<Override>& overrides);

} // namespace forkscope
