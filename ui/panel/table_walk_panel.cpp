#include "panel/table_walk_panel.hpp"

#include "base/text.hpp"
#include "panel/drawing.hpp"
#include "panel/field_view.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace forkscope {

namespace {

std::string process_label(const Snapshot& snapshot, u32 pid) {
    const ProcessView* process = snapshot.process(pid);
    return (process == nullptr ? "process" : process->name) + " " + std::to_string(pid);
}

} // namespace

void TableWalkPanel::draw_choice(PanelView& view, const TableWalkModel& model) {
    ImGui::AlignTextToFramePadding();
    put_dim(view, "address");
    ImGui::SameLine();
    ImGui::SetNextItemWidth(view.em * 9);
    const std::string hint = hex(model.va);
    if (ImGui::InputTextWithHint("##address", hint.c_str(), address_.data(), address_.size(),
                                 ImGuiInputTextFlags_EnterReturnsTrue)) {
        char* end = nullptr;
        const u64 typed = std::strtoull(address_.data(), &end, 16);
        if (end != address_.data()) {
            view.selection.address = typed;
        } else {
            view.selection.address.reset();
        }
        address_[0] = 0;
    }
    hover_card(view, "An address to walk, in hexadecimal; empty: that of the fault");
    if (model.sides.empty()) {
        return;
    }
    flow(text_width("beside") + view.em * 6);
    put_dim(view, "beside");
    ImGui::SameLine();
    ImGui::SetNextItemWidth(std::max(view.em * 5, ImGui::GetContentRegionAvail().x));
    const bool two = model.sides.size() > 1;
    const std::string chosen = two ? model.sides[1].who : "nobody";
    if (ImGui::BeginCombo("##beside", chosen.c_str(), ImGuiComboFlags_HeightLarge)) {
        if (ImGui::Selectable("as the fault has it", !view.selection.compared)) {
            view.selection.compared.reset();
        }
        for (const ProcessView& process : view.snapshot.processes) {
            if (process.space && process.pid != model.sides[0].pid &&
                ImGui::Selectable(process_label(view.snapshot, process.pid).c_str())) {
                view.selection.compared = process.pid;
            }
        }
        ImGui::EndCombo();
    }
}

// The bits of the address in a row of boxes, as wide as they have bits.
void TableWalkPanel::draw_address(PanelView& view, const TableWalkModel& model) {
    const float width = ImGui::GetContentRegionAvail().x;
    const float height = std::round(view.em * 2.6F);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    float bits = 0;
    for (const AddressField& field : model.fields) {
        bits += static_cast<float>(field.high - field.low + 1);
    }
    float x = at.x;
    for (std::size_t i = 0; i < model.fields.size(); ++i) {
        const AddressField& field = model.fields[i];
        const auto size = static_cast<float>(field.high - field.low + 1);
        const float end =
            i + 1 == model.fields.size() ? at.x + width : std::round(x + width * size / bits);
        const float middle = std::round(at.y + height / 2);
        list.AddRectFilled({x, at.y}, {end - 2, at.y + height}, view.theme.raised);
        const std::string range =
            "[" + std::to_string(field.high) + ":" + std::to_string(field.low) + "]";
        const float small = ImGui::GetFontSize() * 0.8F;
        const bool room = text_width(field.name + " " + range) * 0.8F + view.em < end - x;
        const std::string head = room ? field.name + " " + range : range;
        draw_centered(list, view.fonts.plain, small, {x, at.y}, {end - 2, middle}, view.theme.dim,
                      head);
        draw_centered(list, view.fonts.bold, ImGui::GetFontSize(), {x, middle - view.em * 0.1F},
                      {end - 2, at.y + height}, view.theme.text,
                      i + 1 == model.fields.size() ? hex(field.value)
                                                   : std::to_string(field.value));
        x = end;
    }
    ImGui::Dummy({width, height});
}

void TableWalkPanel::draw_level(PanelView& view, const WalkLevel& level, bool leaf, bool compared) {
    put_in(view.fonts.bold, "Level " + std::to_string(level.level));
    ImGui::SameLine(0, view.em * 0.4F);
    put_dim(view, "table " + hex(level.table) + ", entry " + std::to_string(level.index));
    draw_word(view, level.descriptor, level.differs);
    hover_card(view, fields_text(level.fields));
    put_wrapped(level.type + ": " + level.summary);
    if (leaf) {
        const std::string id = "fields" + std::to_string(level.level);
        draw_fields(view, id.c_str(), level.fields, compared);
    }
}

// The frame that the walk comes to, as the frame map draws it.
void TableWalkPanel::draw_end(PanelView& view, const WalkSide& side) {
    if (side.physical) {
        const float height = std::round(view.em * 1.9F);
        const ImVec2 at = ImGui::GetCursorScreenPos();
        const std::string label = "frame " + hex(side.frame) +
                                  (side.mappings > 1 ? "  ×" + std::to_string(side.mappings) : "");
        const float width =
            std::min(ImGui::GetContentRegionAvail().x, text_width(label) + view.em * 3);
        const ImVec2 end(at.x + width, at.y + height);
        ImDrawList& list = *ImGui::GetWindowDrawList();
        const ImU32 fill = view.theme.process(side.pid);
        list.AddRectFilled(at, end, fill);
        if (side.mappings > 1) {
            draw_hatch(list, view.fonts, at, end, faded(IM_COL32_BLACK, 0.62F));
        }
        draw_on_plate(list, view.fonts.bold, ImGui::GetFontSize(), at, end, fill, label);
        if (ImGui::InvisibleButton("frame", {width, height})) {
            view.selection.frame = side.frame;
        }
    }
    put_wrapped(side.outcome);
}

void TableWalkPanel::draw_sides(PanelView& view, const TableWalkModel& model) {
    constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_BordersInnerV |
                                       ImGuiTableFlags_NoSavedSettings |
                                       ImGuiTableFlags_SizingStretchSame;
    if (!ImGui::BeginTable("sides", static_cast<int>(model.sides.size()), kFlags)) {
        return;
    }
    ImGui::TableNextRow();
    for (const WalkSide& side : model.sides) {
        ImGui::TableNextColumn();
        ImGui::PushID(static_cast<int>(side.pid));
        put_swatch(view, view.theme.process(side.pid));
        ImGui::SameLine(0, view.em * 0.35F);
        put_in(view.fonts.bold, side.who);
        put_wrapped_dim(view, side.base);
        ImGui::PopID();
    }
    std::size_t levels = 0;
    for (const WalkSide& side : model.sides) {
        levels = std::max(levels, side.levels.size());
    }
    for (std::size_t i = 0; i < levels; ++i) {
        ImGui::TableNextRow();
        for (const WalkSide& side : model.sides) {
            ImGui::TableNextColumn();
            ImGui::PushID(static_cast<int>(side.pid));
            if (i < side.levels.size()) {
                ImGui::Separator();
                draw_level(view, side.levels[i], i + 1 == side.levels.size(),
                           model.sides.size() > 1);
            }
            ImGui::PopID();
        }
    }
    ImGui::TableNextRow();
    for (const WalkSide& side : model.sides) {
        ImGui::TableNextColumn();
        ImGui::PushID(static_cast<int>(side.pid));
        draw_end(view, side);
        ImGui::PopID();
    }
    ImGui::EndTable();
}

void TableWalkPanel::draw_change(PanelView& view, const WalkChange& change) {
    ImGui::PushFont(view.fonts.bold);
    ImGui::PushStyleColor(ImGuiCol_Text, change.done ? view.theme.good : view.theme.alert);
    put_wrapped(change.sentence);
    ImGui::PopStyleColor();
    ImGui::PopFont();
}

void TableWalkPanel::draw(PanelView& view) {
    const TableWalkModel& model =
        model_.at(view.revision, [&] { return model_table_walk(view.snapshot, view.selection); });
    draw_choice(view, model);
    ImGui::BeginChild("walk");
    if (model.sides.empty()) {
        put_wrapped("No process has memory yet.");
        ImGui::EndChild();
        return;
    }
    draw_address(view, model);
    if (model.change) {
        draw_change(view, *model.change);
    }
    if (!model.difference.empty()) {
        put_wrapped(model.difference);
    }
    draw_sides(view, model);
    ImGui::EndChild();
}

std::string TableWalkPanel::text(const Snapshot& snapshot, const Selection& selection) {
    return forkscope::text(model_table_walk(snapshot, selection));
}

} // namespace forkscope
