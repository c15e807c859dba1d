// Colours and spacing of the panel.
#pragma once

#include "base/types.hpp"

#include <imgui.h>

#include <array>

namespace forkscope {

enum class ThemeKind : u8 { Light, Dark };

// Okabe and Ito's palette, which readers with any kind of colour vision tell
// apart, in the shades that stand out against the theme's background. Colour is
// never alone: letters, hatching and underlines say the same.
struct Theme {
    ThemeKind kind = ThemeKind::Dark;
    ImU32 background = 0; // behind the panels
    ImU32 surface = 0;    // of a panel
    ImU32 raised = 0;     // cards, headers, fields
    ImU32 border = 0;
    ImU32 tab = 0; // of the panel in front
    ImU32 text = 0;
    ImU32 dim = 0;    // text of less weight
    ImU32 accent = 0; // what the user has picked
    ImU32 changed = 0;
    ImU32 alert = 0;   // faults, refusals
    ImU32 good = 0;    // resolved, made writable
    ImU32 fork = 0;    // birth of a process
    ImU32 neutral = 0; // frames of nobody in particular
    std::array<ImU32, 7> series{};

    [[nodiscard]] ImU32 process(u32 pid) const { return series[pid % series.size()]; }
};

const Theme& theme_of(ThemeKind kind);

// `color` with its opacity multiplied by `factor`.
ImU32 faded(ImU32 color, float factor);

// Black or white, whichever is read better on `color`.
ImU32 ink_on(ImU32 color);

// WCAG 2.1 contrast ratio of two opaque colours, 1 to 21.
double contrast(ImU32 a, ImU32 b);

// Sets ImGui's style; `em` is the size of the text in pixels.
void apply_theme(const Theme& theme, float em);

} // namespace forkscope
