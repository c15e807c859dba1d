// Files that come with the program, found relative to the executable.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

#include <filesystem>

namespace forkscope {

// build/guest: the bundled images and programs.
std::filesystem::path bundle_folder();

// configs/fork-demo.json
std::filesystem::path default_config();

// Fills in the bundled kernel and initrd where `config` names none. Fails if
// they have not been built.
Result<void> add_bundled_files(Config& config);

} // namespace forkscope
