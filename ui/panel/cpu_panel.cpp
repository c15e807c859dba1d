#include "panel/cpu_panel.hpp"

#include "base/text.hpp"
#include "panel/drawing.hpp"
#include "panel/field_view.hpp"

#include <algorithm>

namespace forkscope {

void CpuPanel::draw_code(PanelView& view, const CpuModel& model, ImVec2 size) {
    constexpr ImGuiTableFlags kFlags =
        ImGuiTableFlags_ScrollY | ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_NoSavedSettings;
    std::optional<Shown> current; // what is to be in view
    const ImGuiID table = ImGui::GetID("code");
    ImGui::PushFont(view.fonts.mono);
    if (ImGui::BeginTable("code", 3, kFlags, size)) {
        ImGui::TableSetupColumn("address");
        ImGui::TableSetupColumn("word");
        ImGui::TableSetupColumn("text", ImGuiTableColumnFlags_WidthStretch);
        for (const CodeRow& row : model.code) {
            if (!row.symbol.empty()) {
                ImGui::TableNextRow();
                ImGui::TableNextColumn();
                ImGui::PushFont(view.fonts.bold);
                put_colored(view.theme.accent, row.symbol);
                ImGui::PopFont();
            }
            ImGui::TableNextRow();
            if (row.current) {
                ImGui::TableSetBgColor(ImGuiTableBgTarget_RowBg0, faded(view.theme.accent, 0.35F));
            }
            ImGui::TableNextColumn();
            put_dim(view, (row.current ? "▶ " : "  ") + hex(row.address));
            ImGui::TableNextColumn();
            put_dim(view, row.word);
            ImGui::TableNextColumn();
            put(row.text);
            if (row.current) {
                current = Shown{row.address, table, size.y, view.em};
                if (shown_ != current) {
                    ImGui::SetScrollHereY(0.4F);
                }
            }
        }
        ImGui::EndTable();
    }
    ImGui::PopFont();
    shown_ = current;
}

void CpuPanel::draw_register(PanelView& view, const RegisterRow& row) {
    ImGui::TableNextColumn();
    put_in(row.changed ? view.fonts.bold : view.fonts.plain, row.name);
    ImGui::TableNextColumn();
    draw_word(view, row.value, row.changed);
    if (row.changed && ImGui::IsItemHovered()) {
        card(view, "was " + hex(row.before));
    }
}

void CpuPanel::draw_general(PanelView& view, const CpuModel& model) {
    const float pair = view.em * 14.5F;
    const int pairs = std::clamp(static_cast<int>(ImGui::GetContentRegionAvail().x / pair), 1, 4);
    if (!ImGui::BeginTable("general", pairs * 2,
                           ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_NoSavedSettings)) {
        return;
    }
    // Down the columns, as registers are counted.
    const std::size_t rows = (model.general.size() + pairs - 1) / pairs;
    for (std::size_t row = 0; row < rows; ++row) {
        ImGui::TableNextRow();
        for (std::size_t column = 0; column < static_cast<std::size_t>(pairs); ++column) {
            const std::size_t index = column * rows + row;
            if (index < model.general.size()) {
                draw_register(view, model.general[index]);
            }
        }
    }
    ImGui::EndTable();
}

void CpuPanel::draw_system(PanelView& view, const CpuModel& model) {
    if (!ImGui::BeginTable("system", 3,
                           ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_NoSavedSettings)) {
        return;
    }
    ImGui::TableSetupColumn("name");
    ImGui::TableSetupColumn("value");
    ImGui::TableSetupColumn("words", ImGuiTableColumnFlags_WidthStretch);
    for (const RegisterRow& row : model.system) {
        ImGui::TableNextRow();
        draw_register(view, row);
        ImGui::TableNextColumn();
        put_dim(view, row.words);
        hover_card(view, row.words);
    }
    ImGui::EndTable();
}

void CpuPanel::draw_registers(PanelView& view, const CpuModel& model) {
    ImGui::BeginChild("registers");
    draw_general(view, model);
    ImGui::Separator();
    put_in(view.fonts.bold, "PSTATE");
    ImGui::SameLine();
    ImGui::PushFont(view.fonts.mono);
    put_colored(model.pstate_changed ? view.theme.changed : view.theme.text, model.flags);
    ImGui::PopFont();
    if (model.pstate_changed) {
        underline(view.theme.changed, view.em * 0.12F);
    }
    if (ImGui::IsItemHovered()) {
        card(view, fields_text(model.pstate_fields));
    }
    draw_system(view, model);
    ImGui::EndChild();
}

void CpuPanel::draw(PanelView& view) {
    const CpuModel& model =
        model_.at(view.revision, [&] { return model_cpu(view.snapshot, view.selection); });
    put_in(view.fonts.bold, model.where);
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const bool beside = room.x > view.em * 44;
    const ImVec2 size = beside ? ImVec2(room.x * 0.48F, room.y) : ImVec2(room.x, room.y * 0.42F);
    draw_code(view, model, size);
    if (beside) {
        ImGui::SameLine();
    }
    draw_registers(view, model);
}

std::string CpuPanel::text(const Snapshot& snapshot, const Selection& selection) {
    return forkscope::text(model_cpu(snapshot, selection));
}

} // namespace forkscope
