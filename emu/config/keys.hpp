// The table of configuration keys: what each takes, and where it goes.
#pragma once

#include "config/config.hpp"

#include <nlohmann/json_fwd.hpp>
#include <span>

namespace forkscope {

struct ConfigKey {
    std::string_view pointer;  // JSON pointer
    std::string_view expected; // completes "expected ..."
    // Bare text after `--set KEY=` is a string, even if it could be JSON.
    bool text;
    // Stores `value` in `config`; false if it is not what is expected. Paths are
    // relative to `base`.
    bool (*store)(const nlohmann::json& value, const std::filesystem::path& base, Config& config);
};

std::span<const ConfigKey> config_key_table();

// The key at `pointer`, or nullptr.
const ConfigKey* find_config_key(std::string_view pointer);

} // namespace forkscope
