#include "panel/theme.hpp"

#include <algorithm>
#include <cmath>

namespace forkscope {

namespace {

constexpr ImU32 rgb(u32 value) {
    return IM_COL32(value >> 16 & 0xff, value >> 8 & 0xff, value & 0xff, 0xff);
}

constexpr Theme kDark = {.kind = ThemeKind::Dark,
                         .background = rgb(0x0f1216),
                         .surface = rgb(0x181c22),
                         .raised = rgb(0x252b34),
                         .border = rgb(0x3a434f),
                         .tab = rgb(0x2b5876),
                         .text = rgb(0xeceff3),
                         .dim = rgb(0xa3adba),
                         .accent = rgb(0x56b4e9),
                         .changed = rgb(0xf0e442),
                         .alert = rgb(0xff8a3c),
                         .good = rgb(0x2fc79a),
                         .fork = rgb(0xe6a5c8),
                         .neutral = rgb(0x5b6673),
                         .series = {rgb(0xe69f00), rgb(0x56b4e9), rgb(0x1fb88a), rgb(0xf0e442),
                                    rgb(0x4a9bd8), rgb(0xf0702a), rgb(0xdd92bc)}};

constexpr Theme kLight = {.kind = ThemeKind::Light,
                          .background = rgb(0xdfe3e8),
                          .surface = rgb(0xffffff),
                          .raised = rgb(0xeef1f4),
                          .border = rgb(0xb9c1cb),
                          .tab = rgb(0xa8d2ee),
                          .text = rgb(0x14181d),
                          .dim = rgb(0x525c68),
                          .accent = rgb(0x0072b2),
                          .changed = rgb(0x8a4b00),
                          .alert = rgb(0xb84300),
                          .good = rgb(0x00704f),
                          .fork = rgb(0x9c3f73),
                          .neutral = rgb(0xaab3be),
                          .series = {rgb(0xe69f00), rgb(0x56b4e9), rgb(0x009e73), rgb(0xf0e442),
                                     rgb(0x0072b2), rgb(0xd55e00), rgb(0xcc79a7)}};

double luminance(ImU32 color) {
    const auto channel = [color](int shift) {
        const double value = (color >> shift & 0xff) / 255.0;
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(IM_COL32_R_SHIFT) + 0.7152 * channel(IM_COL32_G_SHIFT) +
           0.0722 * channel(IM_COL32_B_SHIFT);
}

void set_colors(const Theme& theme, ImVec4* colors) {
    const auto set = [&](ImGuiCol item, ImU32 color) {
        colors[item] = ImGui::ColorConvertU32ToFloat4(color);
    };
    set(ImGuiCol_Text, theme.text);
    set(ImGuiCol_TextDisabled, theme.dim);
    // Nothing: the renderer is cleared to the panels' surface, which in software is
    // much faster than filling.
    set(ImGuiCol_WindowBg, 0);
    set(ImGuiCol_ChildBg, 0);
    set(ImGuiCol_PopupBg, theme.surface);
    set(ImGuiCol_Border, theme.border);
    set(ImGuiCol_TitleBg, theme.raised);
    set(ImGuiCol_TitleBgActive, theme.tab);
    set(ImGuiCol_FrameBg, theme.raised);
    set(ImGuiCol_FrameBgHovered, theme.border);
    set(ImGuiCol_FrameBgActive, theme.border);
    set(ImGuiCol_Button, theme.raised);
    set(ImGuiCol_ButtonHovered, theme.border);
    set(ImGuiCol_ButtonActive, faded(theme.accent, 0.6F));
    set(ImGuiCol_CheckMark, theme.accent);
    set(ImGuiCol_SliderGrab, theme.accent);
    set(ImGuiCol_SliderGrabActive, theme.accent);
    set(ImGuiCol_Header, faded(theme.accent, 0.30F));
    set(ImGuiCol_HeaderHovered, faded(theme.accent, 0.20F));
    set(ImGuiCol_HeaderActive, faded(theme.accent, 0.40F));
    set(ImGuiCol_Separator, theme.border);
    set(ImGuiCol_SeparatorHovered, theme.accent);
    set(ImGuiCol_SeparatorActive, theme.accent);
    set(ImGuiCol_Tab, theme.raised);
    set(ImGuiCol_TabHovered, theme.border);
    set(ImGuiCol_TabActive, theme.tab);
    set(ImGuiCol_TabUnfocused, theme.raised);
    set(ImGuiCol_TabUnfocusedActive, theme.tab);
    set(ImGuiCol_TableHeaderBg, theme.raised);
    set(ImGuiCol_TableBorderStrong, theme.border);
    set(ImGuiCol_TableBorderLight, faded(theme.border, 0.5F));
    set(ImGuiCol_TableRowBg, 0);
    set(ImGuiCol_TableRowBgAlt, 0);
    set(ImGuiCol_TextSelectedBg, faded(theme.accent, 0.4F));
    set(ImGuiCol_NavHighlight, theme.accent);
    set(ImGuiCol_ScrollbarBg, 0);
    set(ImGuiCol_ScrollbarGrab, theme.border);
    set(ImGuiCol_ScrollbarGrabHovered, theme.dim);
    set(ImGuiCol_ScrollbarGrabActive, theme.dim);
    set(ImGuiCol_ModalWindowDimBg, faded(theme.background, 0.6F));
}

} // namespace

const Theme& theme_of(ThemeKind kind) {
    return kind == ThemeKind::Light ? kLight : kDark;
}

ImU32 faded(ImU32 color, float factor) {
    const u32 alpha = color >> IM_COL32_A_SHIFT & 0xff;
    const auto scaled = static_cast<u32>(std::lround(static_cast<float>(alpha) * factor));
    return (color & ~IM_COL32_A_MASK) | std::min(scaled, 255U) << IM_COL32_A_SHIFT;
}

ImU32 ink_on(ImU32 color) {
    const double black = contrast(color, IM_COL32_BLACK);
    return black >= contrast(color, IM_COL32_WHITE) ? IM_COL32_BLACK : IM_COL32_WHITE;
}

double contrast(ImU32 a, ImU32 b) {
    const double first = luminance(a) + 0.05;
    const double second = luminance(b) + 0.05;
    return std::max(first, second) / std::min(first, second);
}

void apply_theme(const Theme& theme, float em) {
    ImGuiStyle style;
    set_colors(theme, style.Colors);
    const auto pixels = [em](float share) { return std::max(1.0F, std::round(em * share)); };
    style.WindowPadding = {pixels(0.45F), pixels(0.4F)};
    style.FramePadding = {pixels(0.4F), pixels(0.2F)};
    style.ItemSpacing = {pixels(0.5F), pixels(0.25F)};
    style.ItemInnerSpacing = {pixels(0.3F), pixels(0.25F)};
    style.CellPadding = {pixels(0.35F), pixels(0.08F)};
    style.IndentSpacing = pixels(1.1F);
    style.ScrollbarSize = pixels(0.7F);
    style.GrabMinSize = pixels(0.7F);
    style.WindowBorderSize = 0;
    style.ChildBorderSize = 0;
    style.FrameBorderSize = 0;
    style.PopupBorderSize = 1;
    // Corners are square: round ones cost triangles, of which software draws few.
    style.FrameRounding = style.PopupRounding = style.ChildRounding = style.WindowRounding = 0;
    style.TabRounding = style.ScrollbarRounding = style.GrabRounding = 0;
    style.DisabledAlpha = 0.5F;
    style.WindowMinSize = {8, 8};
    style.HoverStationaryDelay = style.HoverDelayShort = style.HoverDelayNormal = 0;
    ImGui::GetStyle() = style;
}

} // namespace forkscope
