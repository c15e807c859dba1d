#include "panel/console_panel.hpp"

#include "panel/drawing.hpp"

#include <algorithm>

namespace forkscope {

namespace {

struct KeyBytes {
    ImGuiKey key;
    std::string_view bytes;
};

constexpr KeyBytes kKeys[] = {
    {ImGuiKey_Enter, "\r"},         {ImGuiKey_KeypadEnter, "\r"},    {ImGuiKey_Backspace, "\x7f"},
    {ImGuiKey_Tab, "\t"},           {ImGuiKey_Escape, "\x1b"},       {ImGuiKey_UpArrow, "\x1b[A"},
    {ImGuiKey_DownArrow, "\x1b[B"}, {ImGuiKey_RightArrow, "\x1b[C"}, {ImGuiKey_LeftArrow, "\x1b[D"},
    {ImGuiKey_Home, "\x1b[H"},      {ImGuiKey_End, "\x1b[F"},        {ImGuiKey_Delete, "\x1b[3~"}};

} // namespace

std::string typed_bytes(const ImGuiIO& io) {
    std::string bytes;
    for (const ImWchar character : io.InputQueueCharacters) {
        if (character >= ' ' && character < 0x7f) {
            bytes += static_cast<char>(character);
        }
    }
    const bool control = io.KeyCtrl && !io.KeyShift && !io.KeyAlt;
    if (control) { // Ctrl-C, Ctrl-D and their like
        for (int i = 0; i < 26; ++i) {
            if (ImGui::IsKeyPressed(static_cast<ImGuiKey>(ImGuiKey_A + i))) {
                bytes += static_cast<char>(i + 1);
            }
        }
    } else if (!io.KeyAlt && !io.KeyCtrl) {
        for (const KeyBytes& key : kKeys) {
            if (ImGui::IsKeyPressed(key.key)) {
                bytes += key.bytes;
            }
        }
    }
    return bytes;
}

void ConsolePanel::type(const PanelView& view) {
    std::string bytes = typed_bytes(ImGui::GetIO());
    if (!bytes.empty()) {
        view.send(command::TypeText{std::move(bytes)});
    }
}

void ConsolePanel::draw_screen(PanelView& view, const ConsoleModel& model) {
    ImGuiListClipper clipper;
    clipper.Begin(static_cast<int>(model.lines.size()));
    const ImVec2 cell = ImGui::CalcTextSize("m");
    while (clipper.Step()) {
        for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
            const auto row = static_cast<std::size_t>(i);
            const ImVec2 at = ImGui::GetCursorScreenPos();
            put(model.lines[row]);
            if (row == model.row) {
                const float x = at.x + cell.x * static_cast<float>(model.column);
                const ImVec2 end(x + cell.x, at.y + cell.y);
                ImDrawList& list = *ImGui::GetWindowDrawList();
                if (has_focus_) {
                    list.AddRectFilled({x, at.y}, end, faded(view.theme.accent, 0.7F));
                } else {
                    draw_outline(list, {x, at.y}, end, view.theme.dim, 1);
                }
            }
        }
    }
    if (lines_ != model.lines.size()) {
        ImGui::SetScrollHereY(1);
        lines_ = model.lines.size();
    }
}

void ConsolePanel::draw(PanelView& view) {
    const ConsoleModel& model =
        model_.at(view.revision, [&] { return model_console(view.snapshot, view.selection); });
    if (take_focus_) {
        ImGui::SetNextWindowFocus();
        take_focus_ = false;
    }
    // Arrows, tab and letters are the guest's while this window has the focus.
    ImGui::BeginChild("terminal", {}, 0, ImGuiWindowFlags_NoNavInputs);
    has_focus_ = ImGui::IsWindowFocused();
    ImGui::PushFont(view.fonts.mono);
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
    draw_screen(view, model);
    ImGui::PopStyleVar();
    ImGui::PopFont();
    if (has_focus_) {
        type(view);
    } else if (model.lines.size() < 2) {
        put_dim(view, "Click here to type to the guest.");
    }
    ImGui::EndChild();
}

std::string ConsolePanel::text(const Snapshot& snapshot, const Selection& selection) {
    return forkscope::text(model_console(snapshot, selection));
}

} // namespace forkscope
