// Things that several panels draw.
#pragma once

#include "panel/panel.hpp"

#include <string_view>

namespace forkscope {

// Fills the rectangle with slanting stripes: what several share.
void draw_hatch(ImDrawList& list, const Fonts& fonts, ImVec2 begin, ImVec2 end, ImU32 color);

// A frame of `thickness` pixels inside the rectangle.
void draw_outline(ImDrawList& list, ImVec2 begin, ImVec2 end, ImU32 color, float thickness);

// Text in the middle of the rectangle, cut where it does not fit.
void draw_centered(ImDrawList& list, ImFont* font, float size, ImVec2 begin, ImVec2 end,
                   ImU32 color, std::string_view text);

// How a frame's cell looks, here and in the fault card: colour of its owner,
// stripes and a count if it has several sharers.
struct FrameLook {
    ImU32 fill = 0;
    bool hatched = false;
    ImU32 stripes = 0;
};
FrameLook frame_look(const Theme& theme, char kind, bool has_owner, unsigned colour, bool hatched);
void draw_frame_cell(ImDrawList& list, const PanelView& view, const FrameLook& look, ImVec2 begin,
                     ImVec2 end);

// Text on stripes: `fill` behind it, as wide as it needs.
void draw_on_plate(ImDrawList& list, ImFont* font, float size, ImVec2 begin, ImVec2 end, ImU32 fill,
                   std::string_view text);

// ImGui's text functions, for views. `Wrapped` breaks lines at the panel's edge.
void put(std::string_view text);
void put_dim(const PanelView& view, std::string_view text);
void put_in(ImFont* font, std::string_view text);
void put_colored(ImU32 color, std::string_view text);
void put_wrapped(std::string_view text);
void put_wrapped_dim(const PanelView& view, std::string_view text);

// A line under the last item: it has changed.
void underline(ImU32 color, float thickness);

// A card at the mouse, if the last item is under it.
void hover_card(const PanelView& view, std::string_view text);
// The same whatever is under the mouse.
void card(const PanelView& view, std::string_view text);

// A square in a process's colour.
void put_swatch(const PanelView& view, ImU32 color);

// "Name (key)" on a button; true if pressed.
bool action_button(const PanelView& view, Action action, const char* label, bool enabled = true);

// How wide `text` is in the current font.
float text_width(std::string_view text);
float button_width(std::string_view label);
// Goes on in the same line if `width` pixels are left in it behind `gap`; that is
// ImGui's own if negative.
void flow(float width, float gap = -1);

} // namespace forkscope
