#include "window/help.hpp"

#include "panel/drawing.hpp"

#include <algorithm>

namespace forkscope {

namespace {

constexpr const char* kReading[] = {
    "Striped: several processes map it, and a write to it faults and copies it.",
    "Solid: one process has it to itself.",
    "A number on a frame: how many map it. T: a translation table. F: a file's page. K: the "
    "kernel.",
    "Underlined: it has changed, or differs from what stands beside it.",
    "An orange frame or bar: what the picked fault is about.",
    "Click a process to pin it in every panel; click it again, or press Esc, to follow the CPU.",
    "Ctrl and a click: the second process of the page-table walk.",
    "In the console all keys but those with Ctrl+Shift, Alt and F1 to F12 go to the guest.",
};

void draw_section(PanelView& view, std::string_view section) {
    put_in(view.fonts.bold, section);
    const std::string id(section);
    if (!ImGui::BeginTable(id.c_str(), 2,
                           ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_NoSavedSettings)) {
        return;
    }
    ImGui::TableSetupColumn("key");
    ImGui::TableSetupColumn("what it does", ImGuiTableColumnFlags_WidthStretch);
    for (const ActionInfo& info : actions()) {
        if (info.section == section && !info.key.empty()) {
            ImGui::TableNextRow();
            ImGui::TableNextColumn();
            put_colored(view.theme.accent, info.key);
            ImGui::TableNextColumn();
            put_wrapped(info.name);
        }
    }
    ImGui::EndTable();
}

} // namespace

void draw_help(PanelView& view, bool open) {
    if (open) {
        ImGui::OpenPopup("Help");
    }
    const ImVec2 screen = ImGui::GetIO().DisplaySize;
    const ImVec2 size(std::min(screen.x * 0.94F, view.em * 62),
                      std::min(screen.y * 0.94F, view.em * 40));
    ImGui::SetNextWindowPos({(screen.x - size.x) / 2, (screen.y - size.y) / 2});
    ImGui::SetNextWindowSize(size);
    constexpr ImGuiWindowFlags kFlags =
        ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoSavedSettings;
    bool stay = true;
    if (!ImGui::BeginPopupModal("Help", &stay, kFlags)) {
        return;
    }
    const int columns = size.x > view.em * 40 ? 3 : 1;
    if (ImGui::BeginTable("sections", columns, ImGuiTableFlags_NoSavedSettings)) {
        ImGui::TableNextColumn();
        draw_section(view, "Machine");
        draw_section(view, "Panels");
        ImGui::TableNextColumn();
        draw_section(view, "Look");
        draw_section(view, "Timeline");
        ImGui::TableNextColumn();
        draw_section(view, "Window");
        ImGui::EndTable();
    }
    put_in(view.fonts.bold, "How to read it");
    for (const char* line : kReading) {
        put_wrapped(line);
    }
    if (!stay || ImGui::IsKeyPressed(ImGuiKey_Escape)) {
        ImGui::CloseCurrentPopup();
    }
    ImGui::EndPopup();
}

} // namespace forkscope
