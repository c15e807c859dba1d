#include "panel/fault_inspector_panel.hpp"

#include "base/text.hpp"
#include "panel/drawing.hpp"
#include "panel/field_view.hpp"

#include <algorithm>
#include <cmath>

namespace forkscope {

namespace {

ImU32 outcome_color(const Theme& theme, const FaultInspectorModel& model) {
    return model.open ? theme.alert : theme.good;
}

// A box with one line in bold and, below it, what belongs to it.
void draw_box(PanelView& view, ImVec2 at, ImVec2 size, const FrameLook& look, std::string_view head,
              std::string_view words) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 end(at.x + size.x, at.y + size.y);
    draw_frame_cell(list, view, look, at, end);
    const float middle = std::round((at.y + end.y) / 2);
    draw_on_plate(list, view.fonts.bold, ImGui::GetFontSize(), at, {end.x, middle + view.em * 0.3F},
                  look.fill, head);
    draw_on_plate(list, view.fonts.plain, std::round(ImGui::GetFontSize() * 0.85F),
                  {at.x, middle + view.em * 0.1F}, end, look.fill, words);
}

const FrameView* frame_at(const PanelView& view, u64 physical) {
    const FrameTable* table = view.snapshot.frames.get();
    return table == nullptr ? nullptr : table->frame(physical);
}

// Whether the faulting write met a shared frame: as the kernel counted, or before it
// has, as the tables are.
bool was_shared(const PanelView& view, const FaultInspectorModel& model) {
    const FrameView* frame = frame_at(view, model.old_frame->physical);
    const bool is_mapped_twice = frame != nullptr && frame->mappings > 1;
    return model.references > 1 || (model.references == 0 && is_mapped_twice);
}

// In the colour that the frame map gives it: its owner's.
FrameLook look_of(const PanelView& view, u64 physical, u32 pid, bool hatched) {
    const FrameView* frame = frame_at(view, physical);
    const u32 owner = frame == nullptr || frame->owner == 0 ? pid : frame->owner;
    return frame_look(view.theme, 'A', true, palette_index(owner), hatched);
}

} // namespace

void FaultInspectorPanel::step(PanelView& view, int by) {
    const FaultInspectorModel model = model_fault_inspector(view.snapshot, view.selection);
    const std::optional<u64> to = by < 0 ? model.previous : model.next;
    if (to) {
        view.selection.fault = *to;
        view.selection.address.reset();
    }
}

void FaultInspectorPanel::draw_head(PanelView& view, const FaultInspectorModel& model) {
    ImGui::BeginDisabled(!model.previous);
    if (ImGui::Button("◀")) {
        view.selection.fault = *model.previous;
    }
    ImGui::EndDisabled();
    hover_card(view, "Previous fault ([)");
    ImGui::SameLine(0, view.em * 0.2F);
    ImGui::BeginDisabled(!model.next);
    if (ImGui::Button("▶")) {
        view.selection.fault = *model.next;
    }
    ImGui::EndDisabled();
    hover_card(view, "Next fault (])");
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    ImGui::PushFont(view.fonts.bold);
    put_wrapped(model.headline);
    ImGui::PopFont();
    ImGui::PushFont(view.fonts.bold);
    ImGui::PushStyleColor(ImGuiCol_Text, outcome_color(view.theme, model));
    put_wrapped(model.outcome);
    ImGui::PopStyleColor();
    ImGui::PopFont();
}

// Old frame -> new frame, in the frame map's looks.
void FaultInspectorPanel::draw_frames(PanelView& view, const FaultInspectorModel& model) {
    if (!model.old_frame && !model.new_frame) {
        return;
    }
    const float room = ImGui::GetContentRegionAvail().x;
    const float arrow = model.old_frame && model.new_frame ? view.em * 3.2F : 0;
    const float boxes = model.old_frame && model.new_frame ? 2 : 1;
    const ImVec2 size(std::min((room - arrow) / boxes, view.em * 19), std::round(view.em * 3.4F));
    ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    if (model.old_frame) {
        const FrameLook look =
            look_of(view, model.old_frame->physical, model.pid, was_shared(view, model));
        draw_box(view, at, size, look, hex(model.old_frame->physical), model.old_frame->words);
        at.x += size.x;
    }
    if (arrow > 0) {
        const float y = at.y + size.y / 2;
        const float t = std::round(view.em * 0.12F);
        const float end = at.x + arrow - view.em * 0.3F;
        list.AddRectFilled({at.x + view.em * 0.3F, y - t}, {end - view.em * 0.6F, y + t},
                           view.theme.alert);
        list.AddTriangleFilled({end, y}, {end - view.em * 0.7F, y - view.em * 0.45F},
                               {end - view.em * 0.7F, y + view.em * 0.45F}, view.theme.alert);
        draw_centered(list, view.fonts.plain, ImGui::GetFontSize() * 0.8F,
                      {at.x, y - view.em * 1.4F}, {at.x + arrow, y - view.em * 0.3F},
                      view.theme.text, "copy");
        at.x += arrow;
    }
    if (model.new_frame) {
        const FrameLook look = look_of(view, model.new_frame->physical, model.pid, false);
        draw_box(view, at, size, look, hex(model.new_frame->physical), model.new_frame->words);
    }
    ImGui::Dummy({room, size.y + view.em * 0.2F});
}

// Hardware -> vector -> kernel -> return, each with its cycles.
void FaultInspectorPanel::draw_path(PanelView& view, const FaultInspectorModel& model) {
    if (model.path.empty()) {
        return;
    }
    constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_RowBg |
                                       ImGuiTableFlags_Hideable | ImGuiTableFlags_NoSavedSettings;
    const bool narrow = ImGui::GetContentRegionAvail().x < view.em * 30;
    if (!ImGui::BeginTable("path", 4, kFlags)) {
        return;
    }
    ImGui::TableSetupColumn("Step");
    ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthStretch);
    ImGui::TableSetupColumn("Cycle");
    ImGui::TableSetupColumn("Took");
    ImGui::TableSetColumnEnabled(2, !narrow);
    for (std::size_t i = 0; i < model.path.size(); ++i) {
        const FaultStep& step = model.path[i];
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        put_dim(view, std::to_string(i + 1));
        ImGui::SameLine(0, view.em * 0.4F);
        put_in(step.cycle ? view.fonts.bold : view.fonts.plain, step.name);
        ImGui::TableNextColumn();
        put_wrapped_dim(view, step.words);
        const std::string cycle = step.cycle ? grouped(*step.cycle) : "not yet";
        hover_card(view, step.cycle ? "at cycle " + cycle : cycle);
        if (ImGui::TableNextColumn()) {
            put(cycle);
        }
        ImGui::TableNextColumn();
        if (step.cycles) {
            put_in(view.fonts.bold, "+" + grouped(*step.cycles));
        }
    }
    ImGui::EndTable();
    if (model.took) {
        put_dim(view, "from the exception to the return: " + grouped(*model.took) + " cycles");
    }
}

void FaultInspectorPanel::draw_registers(PanelView& view, const FaultInspectorModel& model) {
    put_in(view.fonts.bold, "Instruction");
    ImGui::SameLine();
    put_in(view.fonts.mono, model.code);
    put_dim(view, "at " + hex(model.pc) + (model.symbol.empty() ? "" : "  " + model.symbol));
    put_in(view.fonts.bold, "FAR_EL1");
    ImGui::SameLine();
    put_in(view.fonts.mono, hex(model.far));
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.dim);
    put_wrapped(model.far_words);
    ImGui::PopStyleColor();
    put_in(view.fonts.bold, "ESR_EL1");
    ImGui::SameLine();
    put_in(view.fonts.mono, hex(model.esr));
    draw_fields(view, "esr", model.esr_fields);
}

void FaultInspectorPanel::draw_descriptors(PanelView& view, const FaultInspectorModel& model) {
    put_in(view.fonts.bold, "Descriptor before");
    draw_word(view, model.before, false);
    put_wrapped(model.before_words);
    if (!model.after) {
        put_dim(view, "Not changed yet: the kernel is at it.");
        draw_fields(view, "before", model.before_fields);
        return;
    }
    put_in(view.fonts.bold, "Descriptor after");
    draw_word(view, *model.after, *model.after != model.before);
    put_wrapped(model.after_words);
    draw_fields(view, "after", model.after_fields);
}

void FaultInspectorPanel::draw(PanelView& view) {
    const FaultInspectorModel& model = model_.at(
        view.revision, [&] { return model_fault_inspector(view.snapshot, view.selection); });
    if (!model.present) {
        put_wrapped("There has been no page fault yet.");
        return;
    }
    draw_head(view, model);
    ImGui::BeginChild("card");
    draw_frames(view, model);
    draw_path(view, model);
    const bool wide = ImGui::GetContentRegionAvail().x > view.em * 36;
    constexpr ImGuiTableFlags kFlags =
        ImGuiTableFlags_SizingStretchSame | ImGuiTableFlags_NoSavedSettings;
    if (ImGui::BeginTable("halves", wide ? 2 : 1, kFlags)) {
        ImGui::TableNextColumn();
        draw_descriptors(view, model);
        ImGui::TableNextColumn();
        draw_registers(view, model);
        ImGui::EndTable();
    }
    ImGui::EndChild();
}

std::string FaultInspectorPanel::text(const Snapshot& snapshot, const Selection& selection) {
    return forkscope::text(model_fault_inspector(snapshot, selection));
}

} // namespace forkscope
