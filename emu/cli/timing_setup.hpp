// The timing model that a config asks for.
#pragma once

#include "config/config.hpp"
#include "timing/timing_model.hpp"

namespace forkscope {

// Where the bundled timing models lie.
std::filesystem::path timing_models();
// What builds QEMU's cache plugin.
std::filesystem::path plugin_script();

// Reads the model and applies the config's changes; nothing with functional
// timing. `file` is the config's, for messages.
Result<std::optional<timing::TimingModel>> set_up_timing(const Config& config,
                                                         const std::filesystem::path& file);

} // namespace forkscope
