// The panel's fonts.
#pragma once

#include "base/types.hpp"

#include <imgui.h>

#include <filesystem>
#include <string>
#include <vector>

namespace forkscope {

// All three have the same height; never null.
struct Fonts {
    ImFont* plain = nullptr;
    ImFont* bold = nullptr;
    ImFont* mono = nullptr;
    bool scalable = false; // false: ImGui's own, which is ASCII of one size

    // Slanting stripes in the fonts' texture: any part of the tile can be drawn,
    // and one beside another continues it.
    ImVec2 hatch_begin, hatch_end; // texture coordinates of the tile
    float hatch_size = 0;          // pixels, in both directions
};

// Where DejaVu's files are looked for, in this order.
std::vector<std::filesystem::path> font_folders();

// Replaces the fonts of the current ImGui context by those found in `folders`, at
// `em` pixels. Without them it is ImGui's own small font, magnified.
Fonts load_fonts(const std::vector<std::filesystem::path>& folders, float em);

} // namespace forkscope
