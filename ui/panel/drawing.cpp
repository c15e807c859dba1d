#include "panel/drawing.hpp"

#include <algorithm>
#include <cmath>

namespace forkscope {

void draw_hatch(ImDrawList& list, const Fonts& fonts, ImVec2 begin, ImVec2 end, ImU32 color) {
    const ImTextureID texture = ImGui::GetIO().Fonts->TexID;
    const float size = fonts.hatch_size;
    const ImVec2 per_pixel((fonts.hatch_end.x - fonts.hatch_begin.x) / size,
                           (fonts.hatch_end.y - fonts.hatch_begin.y) / size);
    for (float y = begin.y; y < end.y; y += size) {
        for (float x = begin.x; x < end.x; x += size) {
            const ImVec2 far(std::min(x + size, end.x), std::min(y + size, end.y));
            const ImVec2 uv(fonts.hatch_begin.x + (far.x - x) * per_pixel.x,
                            fonts.hatch_begin.y + (far.y - y) * per_pixel.y);
            list.AddImage(texture, {x, y}, far, fonts.hatch_begin, uv, color);
        }
    }
}

void draw_outline(ImDrawList& list, ImVec2 begin, ImVec2 end, ImU32 color, float thickness) {
    const float t = std::max(1.0F, std::round(thickness));
    list.AddRectFilled(begin, {end.x, begin.y + t}, color);
    list.AddRectFilled({begin.x, end.y - t}, end, color);
    list.AddRectFilled({begin.x, begin.y + t}, {begin.x + t, end.y - t}, color);
    list.AddRectFilled({end.x - t, begin.y + t}, {end.x, end.y - t}, color);
}

void draw_centered(ImDrawList& list, ImFont* font, float size, ImVec2 begin, ImVec2 end,
                   ImU32 color, std::string_view text) {
    const char* last = text.data() + text.size();
    const ImVec2 needs = font->CalcTextSizeA(size, 1e6F, 0, text.data(), last);
    const ImVec2 at(std::round(std::max(begin.x, (begin.x + end.x - needs.x) / 2)),
                    std::round((begin.y + end.y - needs.y) / 2));
    const ImVec4 clip(begin.x, begin.y, end.x, end.y);
    list.AddText(font, size, at, color, text.data(), last, 0, &clip);
}

void draw_on_plate(ImDrawList& list, ImFont* font, float size, ImVec2 begin, ImVec2 end, ImU32 fill,
                   std::string_view text) {
    const ImVec2 needs = font->CalcTextSizeA(size, 1e6F, 0, text.data(), text.data() + text.size());
    const float half = std::min(needs.x / 2 + size * 0.3F, (end.x - begin.x) / 2);
    const float middle = std::round((begin.x + end.x) / 2);
    const float line = std::round((begin.y + end.y) / 2);
    list.AddRectFilled({middle - half, line - needs.y / 2}, {middle + half, line + needs.y / 2},
                       fill);
    draw_centered(list, font, size, begin, end, ink_on(fill), text);
}

FrameLook frame_look(const Theme& theme, char kind, bool has_owner, unsigned colour, bool hatched) {
    FrameLook look;
    look.fill = has_owner ? theme.series[colour % theme.series.size()] : theme.neutral;
    if (kind == 'K' || kind == 'F') {
        look.fill = theme.neutral;
    }
    look.hatched = hatched;
    look.stripes = faded(IM_COL32_BLACK, 0.62F);
    return look;
}

void draw_frame_cell(ImDrawList& list, const PanelView& view, const FrameLook& look, ImVec2 begin,
                     ImVec2 end) {
    list.AddRectFilled(begin, end, look.fill);
    if (look.hatched) {
        draw_hatch(list, view.fonts, begin, end, look.stripes);
    }
}

void put(std::string_view text) {
    ImGui::TextUnformatted(text.data(), text.data() + text.size());
}

void put_dim(const PanelView& view, std::string_view text) {
    put_colored(view.theme.dim, text);
}

void put_in(ImFont* font, std::string_view text) {
    ImGui::PushFont(font);
    put(text);
    ImGui::PopFont();
}

void put_colored(ImU32 color, std::string_view text) {
    ImGui::PushStyleColor(ImGuiCol_Text, color);
    put(text);
    ImGui::PopStyleColor();
}

// ImGui breaks lines behind commas too, in the middle of numbers; blanks are enough.
void put_wrapped(std::string_view text) {
    const float room = ImGui::GetContentRegionAvail().x;
    std::string broken(text);
    std::size_t line = 0, last = std::string::npos; // begin of the line, a blank in it
    for (std::size_t i = 0; i <= broken.size(); ++i) {
        const char c = i == broken.size() ? '\n' : broken[i];
        if (c != ' ' && c != '\n') {
            continue;
        }
        if (last != std::string::npos &&
            text_width(std::string_view(broken).substr(line, i - line)) > room) {
            broken[last] = '\n';
            line = last + 1;
        }
        last = c == '\n' ? std::string::npos : i;
        line = c == '\n' ? i + 1 : line;
    }
    ImGui::PushTextWrapPos(0); // for words that are too long
    put(broken);
    ImGui::PopTextWrapPos();
}

void put_wrapped_dim(const PanelView& view, std::string_view text) {
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.dim);
    put_wrapped(text);
    ImGui::PopStyleColor();
}

void underline(ImU32 color, float thickness) {
    const ImVec2 begin = ImGui::GetItemRectMin();
    const ImVec2 end = ImGui::GetItemRectMax();
    const float t = std::max(1.0F, std::round(thickness));
    ImGui::GetWindowDrawList()->AddRectFilled({begin.x, end.y - t}, end, color);
}

void card(const PanelView& view, std::string_view text) {
    ImGui::BeginTooltip();
    ImGui::PushTextWrapPos(view.em * 34);
    put(text);
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
}

void hover_card(const PanelView& view, std::string_view text) {
    if (!text.empty() && ImGui::IsItemHovered()) {
        card(view, text);
    }
}

void flow(float width, float gap) {
    const float right = ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x;
    const float space = gap < 0 ? ImGui::GetStyle().ItemSpacing.x : gap;
    if (ImGui::GetItemRectMax().x + space + width <= right) {
        ImGui::SameLine(0, space);
    }
}

float button_width(std::string_view label) {
    return text_width(label) + 2 * ImGui::GetStyle().FramePadding.x;
}

void put_swatch(const PanelView& view, ImU32 color) {
    const float size = std::round(view.em * 0.6F);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float top = at.y + std::round((ImGui::GetTextLineHeight() - size) / 2);
    ImGui::GetWindowDrawList()->AddRectFilled({at.x, top}, {at.x + size, top + size}, color);
    ImGui::Dummy({size, ImGui::GetTextLineHeight()});
}

bool action_button(const PanelView& view, Action action, const char* label, bool enabled) {
    ImGui::BeginDisabled(!enabled);
    const bool pressed = ImGui::Button(label);
    ImGui::EndDisabled();
    const ActionInfo& info = action_info(action);
    hover_card(view, std::string(info.name) + " (" + std::string(info.key) + ")");
    if (pressed) {
        view.perform(action);
    }
    return pressed;
}

float text_width(std::string_view text) {
    return ImGui::CalcTextSize(text.data(), text.data() + text.size()).x;
}

} // namespace forkscope
