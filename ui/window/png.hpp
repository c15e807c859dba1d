// Pictures as PNG files.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <filesystem>
#include <vector>

namespace forkscope {

struct Picture {
    unsigned width = 0;
    unsigned height = 0;
    std::vector<u8> pixels; // red, green, blue for each pixel, row by row from the top
};

// Replaces the file's content. The same picture gives the same bytes.
Result<void> write_png(const std::filesystem::path& path, const Picture& picture);

} // namespace forkscope
