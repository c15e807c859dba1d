#include "config/config.hpp"

#include "base/json_object.hpp"
#include "base/nearest.hpp"
#include "base/text.hpp"
#include "config/keys.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace forkscope {

using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

// Where a value comes from.
struct Source {
    std::string name; // of the file or flag, for messages
    fs::path base;    // what its paths are relative to
};

Error bad(const Source& source, const std::string& pointer, const std::string& expected,
          const std::string& what) {
    return {source.name + ": " + (pointer.empty() ? "/" : pointer) + ": expected " + expected +
            ", found " + what};
}

// One step of a JSON pointer (RFC 6901).
std::string step(const std::string& key) {
    std::string text = "/";
    for (const char c : key) {
        text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return text;
}

// The names that may follow `pointer`.
std::vector<std::string_view> names_below(const std::string& pointer) {
    std::vector<std::string_view> names;
    const std::string prefix = pointer + "/";
    for (const ConfigKey& key : config_key_table()) {
        if (!key.pointer.starts_with(prefix)) {
            continue;
        }
        const std::string_view rest = key.pointer.substr(prefix.size());
        const std::string_view name = rest.substr(0, rest.find('/'));
        if (name != "$schema" && (names.empty() || names.back() != name)) {
            names.push_back(name);
        }
    }
    return names;
}

Error unknown_key(const Source& source, const std::string& parent, const std::string& name) {
    const std::vector<std::string_view> names = names_below(parent);
    return bad(source, parent + step(name), "one of " + joined(names, ", "),
               shown_json(name) + suggestion(name, names));
}

// Stores what `value` says of the key or group of keys at `pointer`.
Result<void> store(const Source& source, const std::string& pointer, const Json& value,
                   Config& config) {
    if (const ConfigKey* key = find_config_key(pointer)) {
        if (!key->store(value, source.base, config)) {
            return bad(source, pointer, std::string(key->expected), shown_json(value));
        }
        return {};
    }
    if (!value.is_object()) {
        return bad(source, pointer, "an object", shown_json(value));
    }
    for (const auto& [name, member] : value.items()) {
        const std::string inner = pointer + step(name);
        if (find_config_key(inner) == nullptr && names_below(inner).empty()) {
            return unknown_key(source, pointer, name);
        }
        if (Result<void> stored = store(source, inner, member, config); !stored) {
            return stored;
        }
    }
    return {};
}

// "line 3, column 7" of the byte at `offset`.
std::string place(const std::string& text, std::size_t offset) {
    const std::string before = text.substr(0, offset);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') + 1; // 0 if there is none
    return "line " + std::to_string(lines + 1) + ", column " +
           std::to_string(before.size() - line_start + 1);
}

// Parses JSON in which no object has the same key twice.
Result<Json> parse(const Source& source, const std::string& text) {
    std::vector<std::set<std::string>> open; // keys of the objects being read
    std::string twice;
    const auto watch = [&](int, Json::parse_event_t event, Json& value) {
        if (event == Json::parse_event_t::object_start) {
            open.emplace_back();
        } else if (event == Json::parse_event_t::object_end) {
            open.pop_back();
        } else if (event == Json::parse_event_t::key &&
                   !open.back().insert(value.get<std::string>()).second && twice.empty()) {
            twice = value.get<std::string>();
        }
        return true;
    };
    try {
        Json json = Json::parse(text, watch);
        if (!twice.empty()) {
            return bad(source, "", "each key once", "\"" + twice + "\" twice in one object");
        }
        return json;
    } catch (const Json::parse_error& error) {
        const std::size_t offset = error.byte == 0 ? 0 : error.byte - 1;
        return bad(source, "", "JSON",
                   offset >= text.size() ? "the end of the file too early"
                                         : "a syntax error at " + place(text, offset));
    } catch (const Json::out_of_range&) {
        return bad(source, "", "numbers that fit into a double", "one that does not");
    }
}

// Files that the config itself names and that nothing overrides must be there.
Result<void> check_files(const Source& source, const Json& json, const Config& config) {
    const std::pair<const char*, fs::path> files[] = {
        {"/machine/kernel", config.machine.kernel},
        {"/machine/initrd", config.machine.initrd.value_or("")},
        {"/machine/program", config.machine.program}};
    for (const auto& [name, file] : files) {
        const Json::json_pointer pointer(name);
        std::error_code ignored;
        if (!file.empty() && json.contains(pointer) &&
            source.base / json[pointer].get<std::string>() == file && !fs::exists(file, ignored)) {
            return bad(source, name, std::string(find_config_key(name)->expected),
                       shown_json(json[pointer]) + ": no such file");
        }
    }
    return {};
}

Result<std::string> read_text(const fs::path& file) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        return Error{file.string() + ": no such file"};
    }
    if (!fs::is_regular_file(file, ignored)) {
        return Error{file.string() + ": not a regular file"};
    }
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream) {
        return Error{file.string() + ": cannot be read"};
    }
    return text.str();
}

// The value of an override: JSON where that is possible, else a string.
Json override_value(const Override& change, const ConfigKey* key) {
    if (change.literal) {
        return change.value;
    }
    Json value = Json::parse(change.value, nullptr, false);
    if (value.is_discarded() || (key != nullptr && key->text && !value.is_string())) {
        return change.value;
    }
    return value;
}

Result<void> apply(const Override& change, Config& config) {
    const Source source{change.source, ""};
    std::string pointer;
    std::istringstream path(change.key);
    for (std::string name; std::getline(path, name, '.');) {
        const std::string inner = pointer + step(name);
        if (find_config_key(inner) == nullptr && names_below(inner).empty()) {
            return unknown_key(source, pointer, name);
        }
        pointer = inner;
    }
    const ConfigKey* key = find_config_key(pointer);
    return store(source, pointer, override_value(change, key), config);
}

} // namespace

u64 Config::last_cycle() const {
    u64 last = limits.cycles.value_or(~u64{0});
    if (limits.seconds) {
        const double cycles = std::ceil(*limits.seconds * static_cast<double>(machine.cpu_hz));
        if (cycles < static_cast<double>(last)) {
            last = static_cast<u64>(cycles);
        }
    }
    return last;
}

std::string Config::command_line() const {
    std::string words;
    for (const auto& [kind, which] : inject) {
        words += "inject." + kind + "=" + which + " ";
    }
    words += machine.append;
    if (machine.append.empty() && !words.empty()) {
        words.pop_back(); // the space after the last word
    }
    return words;
}

Result<Config> read_config(const fs::path& file, const std::vector<Override>& overrides) {
    const Result<std::string> text = read_text(file);
    if (!text) {
        return text.error();
    }
    const Source source{file.string(), file.parent_path()};
    const Result<Json> json = parse(source, *text);
    if (!json) {
        return json.error();
    }
    Config config;
    if (const Result<void> stored = store(source, "", *json, config); !stored) {
        return stored.error();
    }
    for (const Override& change : overrides) {
        if (const Result<void> applied = apply(change, config); !applied) {
            return applied.error();
        }
    }
    if (const Result<void> there = check_files(source, *json, config); !there) {
        return there.error();
    }
    return config;
}

std::vector<std::string_view> config_keys() {
    std::vector<std::string_view> pointers;
    for (const ConfigKey& key : config_key_table()) {
        pointers.push_back(key.pointer);
    }
    return pointers;
}

} // namespace forkscope
