#include "config/keys.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace forkscope {

using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr u64 kMiB = u64{1} << 20;
constexpr u64 kLeastRam = 4 * kMiB;
constexpr u64 kMostRam = u64{16} << 30;
constexpr u64 kLeastHz = 62'500'000; // the generic timer's own frequency
constexpr u64 kMostHz = 10'000'000'000;
constexpr std::size_t kMostAppend = 2047;
constexpr u64 kMostCache = u64{1} << 30;
constexpr std::array kInjectKinds = {"uarea", "pid", "page", "anon", "amap", "table", "kmem"};

// A JSON number with an integral value that fits, 2e9 included.
std::optional<u64> whole_number(const Json& value) {
    if (value.is_number_unsigned()) {
        return value.get<u64>();
    }
    if (value.is_number_float()) {
        const double number = value.get<double>();
        if (number >= 0 && number <= 0x1p53 && std::floor(number) == number) {
            return static_cast<u64>(number);
        }
    }
    return std::nullopt;
}

bool store_number(const Json& value, u64 least, u64 most, u64& target) {
    const std::optional<u64> number = whole_number(value);
    if (!number || *number < least || *number > most) {
        return false;
    }
    target = *number;
    return true;
}

// Bytes: a number, or "64K", "256M", "1G".
std::optional<u64> size_in_bytes(const Json& value) {
    if (!value.is_string()) {
        return whole_number(value);
    }
    const std::string& text = value.get_ref<const std::string&>();
    const std::size_t digits = text.find_first_not_of("0123456789");
    if (digits == 0 || digits > 12 || digits == std::string::npos || digits + 1 != text.size()) {
        return std::nullopt;
    }
    const std::size_t unit = std::string_view("KMG").find(text.back());
    if (unit == std::string_view::npos) {
        return std::nullopt;
    }
    return std::stoull(text) << (10 * (unit + 1));
}

bool has_control_characters(const std::string& text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

bool store_path(const Json& value, const fs::path& base, fs::path& target) {
    if (!value.is_string() || value.get_ref<const std::string&>().find('\0') != std::string::npos) {
        return false;
    }
    const fs::path path = value.get<std::string>();
    target = path.empty() || path.is_absolute() ? path : base / path;
    return true;
}

bool store_file(const Json& value, const fs::path& base, fs::path& target) {
    return store_path(value, base, target) && !target.empty();
}

bool store_ram(const Json& value, const fs::path&, Config& config) {
    const std::optional<u64> bytes = size_in_bytes(value);
    if (!bytes || *bytes < kLeastRam || *bytes > kMostRam || *bytes % kMiB != 0) {
        return false;
    }
    config.machine.ram = *bytes;
    return true;
}

bool store_cpu_hz(const Json& value, const fs::path&, Config& config) {
    return store_number(value, kLeastHz, kMostHz, config.machine.cpu_hz);
}

bool store_kernel(const Json& value, const fs::path& base, Config& config) {
    return store_file(value, base, config.machine.kernel);
}

bool store_initrd(const Json& value, const fs::path& base, Config& config) {
    return store_path(value, base, config.machine.initrd.emplace());
}

bool store_append(const Json& value, const fs::path&, Config& config) {
    if (!value.is_string()) {
        return false;
    }
    config.machine.append = value.get<std::string>();
    return config.machine.append.size() <= kMostAppend &&
           !has_control_characters(config.machine.append);
}

bool store_program(const Json& value, const fs::path& base, Config& config) {
    return store_file(value, base, config.machine.program);
}

bool store_args(const Json& value, const fs::path&, Config& config) {
    if (!value.is_array()) {
        return false;
    }
    config.machine.args.clear();
    for (const Json& argument : value) {
        if (!argument.is_string() ||
            argument.get_ref<const std::string&>().find('\0') != std::string::npos) {
            return false;
        }
        config.machine.args.push_back(argument.get<std::string>());
    }
    return true;
}

bool store_rtc_epoch(const Json& value, const fs::path&, Config& config) {
    u64 seconds = 0;
    if (!store_number(value, 0, 0xffff'ffff, seconds)) {
        return false;
    }
    config.machine.rtc_epoch = static_cast<u32>(seconds);
    return true;
}

bool store_timing_mode(const Json& value, const fs::path&, Config& config) {
    config.timing.mode = value == "cycle" ? TimingMode::CycleLevel : TimingMode::Functional;
    return value == "functional" || value == "cycle";
}

bool store_timing_model(const Json& value, const fs::path& base, Config& config) {
    return store_file(value, base, config.timing.model);
}

template <CacheConfig TimingConfig::*cache>
bool store_cache_size(const Json& value, const fs::path&, Config& config) {
    const std::optional<u64> bytes = size_in_bytes(value);
    (config.timing.*cache).size = bytes;
    return bytes && *bytes >= 1 && *bytes <= kMostCache;
}

template <CacheConfig TimingConfig::*cache, std::optional<u64> CacheConfig::*member, u64 least,
          u64 most>
bool store_cache_number(const Json& value, const fs::path&, Config& config) {
    return store_number(value, least, most, (config.timing.*cache.*member).emplace());
}

template <CacheConfig TimingConfig::*cache>
bool store_replacement(const Json& value, const fs::path&, Config& config) {
    if (value != "lru" && value != "plru" && value != "random") {
        return false;
    }
    (config.timing.*cache).replacement = value.get<std::string>();
    return true;
}

bool store_cycle_limit(const Json& value, const fs::path&, Config& config) {
    return store_number(value, 1, ~u64{0}, config.limits.cycles.emplace());
}

bool store_second_limit(const Json& value, const fs::path&, Config& config) {
    if (!value.is_number()) {
        return false;
    }
    config.limits.seconds = value.get<double>();
    return *config.limits.seconds > 0 && std::isfinite(*config.limits.seconds);
}

bool store_console_input(const Json& value, const fs::path&, Config& config) {
    config.console.input = value == "stdin" ? ConsoleInput::Stdin : ConsoleInput::None;
    return value == "stdin" || value == "none";
}

bool store_panel_layout(const Json& value, const fs::path&, Config& config) {
    const bool good = value == "lecture" || value == "lab" || value == "debug";
    if (good) {
        config.panel.layout = value.get<std::string>();
    }
    return good;
}

bool store_panel_theme(const Json& value, const fs::path&, Config& config) {
    const bool good = value == "dark" || value == "light";
    if (good) {
        config.panel.theme = value.get<std::string>();
    }
    return good;
}

bool store_panel_zoom(const Json& value, const fs::path&, Config& config) {
    if (!value.is_number()) {
        return false;
    }
    config.panel.zoom = value.get<double>();
    return *config.panel.zoom >= 0.75 && *config.panel.zoom <= 4;
}

// "1280x720"
bool store_panel_size(const Json& value, const fs::path&, Config& config) {
    if (!value.is_string()) {
        return false;
    }
    auto& [width, height] = config.panel.size.emplace();
    int end = 0;
    const std::string& text = value.get_ref<const std::string&>();
    return std::sscanf(text.c_str(), "%5ux%5u%n", &width, &height, &end) == 2 &&
           static_cast<std::size_t>(end) == text.size() && width >= 320 && width <= 16384 &&
           height >= 200 && height <= 16384;
}

bool store_seed(const Json& value, const fs::path&, Config& config) {
    return store_number(value, 0, ~u64{0}, config.seed);
}

// 3: the third allocation fails; "3+": that one and all after it.
bool store_injection(const Json& value, const char* kind, Config& config) {
    std::string text;
    if (const std::optional<u64> number = whole_number(value)) {
        text = std::to_string(*number);
    } else if (value.is_string()) {
        text = value.get<std::string>();
    }
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > 9 || text[0] == '0' ||
        (digits != text.size() && text.substr(digits) != "+")) {
        return false;
    }
    config.inject[kind] = text;
    return true;
}

template <std::size_t Kind> bool store_inject(const Json& value, const fs::path&, Config& config) {
    return store_injection(value, kInjectKinds[Kind], config);
}

constexpr std::string_view kInjection =
    "a whole number above 0, or a string such as \"3+\" for the third and all after it";

// What stands in it is checked against the guest's symbols: ui/lesson.
bool store_lesson(const Json& value, const fs::path&, Config& config) {
    config.lesson = value.dump();
    return value.is_object();
}

// For editors; says nothing about the run.
bool store_nothing(const Json& value, const fs::path&, Config&) {
    return value.is_string();
}

constexpr std::array kKeys = {
    ConfigKey{"/$schema", "a string", true, store_nothing},
    ConfigKey{"/machine/ram",
              "a size from 4M to 16G in whole MiB, in bytes or as a string such as \"256M\"", false,
              store_ram},
    ConfigKey{"/machine/cpu_hz", "a whole number from 62500000 to 10000000000", false,
              store_cpu_hz},
    ConfigKey{"/machine/kernel", "the path of a kernel image", true, store_kernel},
    ConfigKey{"/machine/initrd", "the path of an initrd, or \"\" for none", true, store_initrd},
    ConfigKey{"/machine/append", "at most 2047 bytes of text without control characters", true,
              store_append},
    ConfigKey{"/machine/program", "the path of a static AArch64 program", true, store_program},
    ConfigKey{"/machine/args", "an array of strings", false, store_args},
    ConfigKey{"/machine/rtc_epoch", "seconds since 1970, from 0 to 4294967295", false,
              store_rtc_epoch},
    ConfigKey{"/timing/mode", "\"functional\" or \"cycle\"", true, store_timing_mode},
    ConfigKey{"/timing/model", "the path of a timing model or a bundled one's name", true,
              store_timing_model},
    ConfigKey{"/timing/l1i/size", "a size of at most 1G, in bytes or as a string such as \"32K\"",
              false, store_cache_size<&TimingConfig::l1i>},
    ConfigKey{"/timing/l1i/ways", "a whole number from 1 to 64", false,
              store_cache_number<&TimingConfig::l1i, &CacheConfig::ways, 1, 64>},
    ConfigKey{"/timing/l1i/line", "a power of two up to 4096", false,
              store_cache_number<&TimingConfig::l1i, &CacheConfig::line, 1, 4096>},
    ConfigKey{"/timing/l1i/replacement", "\"lru\", \"plru\" or \"random\"", true,
              store_replacement<&TimingConfig::l1i>},
    ConfigKey{"/timing/l1i/latency", "a whole number from 0 to 10000", false,
              store_cache_number<&TimingConfig::l1i, &CacheConfig::latency, 0, 10000>},
    ConfigKey{"/timing/l1d/size", "a size of at most 1G, in bytes or as a string such as \"32K\"",
              false, store_cache_size<&TimingConfig::l1d>},
    ConfigKey{"/timing/l1d/ways", "a whole number from 1 to 64", false,
              store_cache_number<&TimingConfig::l1d, &CacheConfig::ways, 1, 64>},
    ConfigKey{"/timing/l1d/line", "a power of two up to 4096", false,
              store_cache_number<&TimingConfig::l1d, &CacheConfig::line, 1, 4096>},
    ConfigKey{"/timing/l1d/replacement", "\"lru\", \"plru\" or \"random\"", true,
              store_replacement<&TimingConfig::l1d>},
    ConfigKey{"/timing/l1d/latency", "a whole number from 0 to 10000", false,
              store_cache_number<&TimingConfig::l1d, &CacheConfig::latency, 0, 10000>},
    ConfigKey{"/timing/l2/size", "a size of at most 1G, in bytes or as a string such as \"32K\"",
              false, store_cache_size<&TimingConfig::l2>},
    ConfigKey{"/timing/l2/ways", "a whole number from 1 to 64", false,
              store_cache_number<&TimingConfig::l2, &CacheConfig::ways, 1, 64>},
    ConfigKey{"/timing/l2/line", "a power of two up to 4096", false,
              store_cache_number<&TimingConfig::l2, &CacheConfig::line, 1, 4096>},
    ConfigKey{"/timing/l2/replacement", "\"lru\", \"plru\" or \"random\"", true,
              store_replacement<&TimingConfig::l2>},
    ConfigKey{"/timing/l2/latency", "a whole number from 0 to 10000", false,
              store_cache_number<&TimingConfig::l2, &CacheConfig::latency, 0, 10000>},
    ConfigKey{"/limits/cycles", "a whole number above 0", false, store_cycle_limit},
    ConfigKey{"/limits/seconds", "a number above 0", false, store_second_limit},
    ConfigKey{"/console/input", "\"none\" or \"stdin\"", false, store_console_input},
    ConfigKey{"/panel/layout", "\"lecture\", \"lab\" or \"debug\"", true, store_panel_layout},
    ConfigKey{"/panel/theme", "\"dark\" or \"light\"", true, store_panel_theme},
    ConfigKey{"/panel/zoom", "a number from 0.75 to 4", false, store_panel_zoom},
    ConfigKey{"/panel/size", "WIDTHxHEIGHT, from 320x200 to 16384x16384", true, store_panel_size},
    ConfigKey{"/inject/uarea", kInjection, false, store_inject<0>},
    ConfigKey{"/inject/pid", kInjection, false, store_inject<1>},
    ConfigKey{"/inject/page", kInjection, false, store_inject<2>},
    ConfigKey{"/inject/anon", kInjection, false, store_inject<3>},
    ConfigKey{"/inject/amap", kInjection, false, store_inject<4>},
    ConfigKey{"/inject/table", kInjection, false, store_inject<5>},
    ConfigKey{"/inject/kmem", kInjection, false, store_inject<6>},
    ConfigKey{"/lesson", "a lesson: an object with title and steps", false, store_lesson},
    ConfigKey{"/seed", "a whole number from 0 to 18446744073709551615", false, store_seed},
};

} // namespace

std::span<const ConfigKey> config_key_table() {
    return kKeys;
}

const ConfigKey* find_config_key(std::string_view pointer) {
    const auto found = std::find_if(kKeys.begin(), kKeys.end(), [pointer](const ConfigKey& key) {
        return key.pointer == pointer;
    });
    return found == kKeys.end() ? nullptr : &*found;
}

} // namespace forkscope
