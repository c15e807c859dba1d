// What the panel remembers of its user: layout, theme, zoom, window.
#pragma once

#include "base/result.hpp"
#include "panel/theme.hpp"
#include "window/layout.hpp"

#include <filesystem>
#include <optional>

namespace forkscope {

inline constexpr float kLeastZoom = 0.75F;
inline constexpr float kMostZoom = 4;

struct Settings {
    LayoutKind layout = LayoutKind::Lecture;
    ThemeKind theme = ThemeKind::Dark;
    float zoom = 1;
    int width = 1600; // of the window, in the display's units
    int height = 900;
    std::array<std::vector<float>, kLayouts> shares;  // of each layout; empty: as made
    std::array<std::vector<PanelId>, kLayouts> front; // panels in front of others' tabs
};

// $XDG_CONFIG_HOME/forkscope/panel.json, or ~/.config/...; none without a home.
std::optional<std::filesystem::path> settings_file();

// The defaults if there is no such file; an error, one line, if it is not one of ours.
Result<Settings> read_settings(const std::filesystem::path& path);

// Makes the folders that it needs.
Result<void> write_settings(const std::filesystem::path& path, const Settings& settings);

} // namespace forkscope
