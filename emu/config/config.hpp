// The configuration of a run: what a JSON file, `--set` and the flags may say.
// configs/schema.json describes the same keys to editors.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forkscope {

struct MachineConfig {
    u64 ram = u64{256} << 20;                    // bytes
    u64 cpu_hz = 1'000'000'000;                  // cycles in a second of the machine's time
    std::filesystem::path kernel;                // empty: the bundled kernel
    std::optional<std::filesystem::path> initrd; // absent: the bundled one; empty: none
    std::string append;                          // kernel command line
    std::filesystem::path program;               // empty: init runs what the command line says
    std::vector<std::string> args;               // the program's arguments after argv[0]
    u32 rtc_epoch = 1'735'689'600; // PL031 at reset, seconds since 1970: 2025-01-01T00:00:00Z
};

enum class TimingMode { Functional, CycleLevel };

// What a run changes of one cache of the timing model.
struct CacheConfig {
    std::optional<u64> size, ways, line, latency;
    std::optional<std::string> replacement; // "lru", "plru" or "random"
};

struct TimingConfig {
    TimingMode mode = TimingMode::Functional;
    std::filesystem::path model; // empty: the bundled Cortex-A55
    CacheConfig l1i, l1d, l2;
};

struct LimitsConfig {
    std::optional<u64> cycles;
    std::optional<double> seconds; // of the machine's time, not the host's
};

enum class ConsoleInput { None, Stdin };

struct ConsoleConfig {
    ConsoleInput input = ConsoleInput::None;
};

// How the panel is to look; what is absent, the user's own settings say.
struct PanelConfig {
    std::optional<std::string> layout; // "lecture", "lab", "debug"
    std::optional<std::string> theme;  // "dark", "light"
    std::optional<double> zoom;        // 0.75 to 4
    std::optional<std::pair<unsigned, unsigned>> size; // of the window or picture, pixels
};

struct Config {
    MachineConfig machine;
    TimingConfig timing;
    LimitsConfig limits;
    ConsoleConfig console;
    PanelConfig panel;
    // Allocations of the guest that fail: kind -> "3" or "3+". guestos/sys/inject.hpp
    std::map<std::string, std::string> inject;
    std::string lesson; // JSON, see ui/lesson; empty: none
    u64 seed = 1; // everything random in a run derives from it

    // The cycle at which the run stops, from both limits; all ones if none.
    [[nodiscard]] u64 last_cycle() const;

    // The kernel's command line: `append`, with a word inject.KIND=N for each
    // injection before it.
    [[nodiscard]] std::string command_line() const;
};

// One `--set` flag, or a flag that stands for one.
struct Override {
    std::string source;   // names it in messages
    std::string key;      // dotted path: "machine.ram"
    std::string value;    // JSON, or bare text where that can be meant
    bool literal = false; // the value is a string, whatever it looks like
};

// Reads `file` and applies `overrides` in order. Paths in the file are relative
// to the file, paths in overrides to the working directory. Errors are one
// line: `FILE: /json/pointer: expected ..., found ...`.
Result<Config> read_config(const std::filesystem::path& file,
                           const std::vector<Override>& overrides);

// JSON pointers of all keys, as "/machine/ram"; for tests and documentation.
std::vector<std::string_view> config_keys();

} // namespace forkscope
