#include "panel/event_log_panel.hpp"

#include "base/text.hpp"
#include "model/focus.hpp"
#include "panel/drawing.hpp"

#include <algorithm>

namespace forkscope {

void EventLogPanel::draw_filter(PanelView& view) {
    if (filter_.data() != view.selection.filter) { // set elsewhere
        const std::size_t length = std::min(view.selection.filter.size(), filter_.size() - 1);
        std::copy_n(view.selection.filter.begin(), length, filter_.begin());
        filter_[length] = 0;
    }
    if (focus_filter_) {
        ImGui::SetKeyboardFocusHere();
        focus_filter_ = false;
    }
    const std::string count = grouped(model_.size()) + " of " + grouped(model_.known());
    const float beside = text_width(count) + text_width("Export") + view.em * 2.5F;
    ImGui::SetNextItemWidth(std::max(view.em * 3, ImGui::GetContentRegionAvail().x - beside));
    if (ImGui::InputTextWithHint("##filter", "filter: words, pid:3, kind:fault, -kind:syscall",
                                 filter_.data(), filter_.size())) {
        view.selection.filter = filter_.data();
    }
    ImGui::SameLine();
    put_dim(view, count);
    ImGui::SameLine();
    action_button(view, Action::ExportEvents, "Export");
    if (!model_.error().empty()) {
        put_colored(view.theme.alert, model_.error());
    }
}

void EventLogPanel::draw_row(PanelView& view, const EventRow& row) {
    ImGui::PushID(static_cast<int>(row.number));
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    if (ImGui::Selectable("##row", row.picked,
                          ImGuiSelectableFlags_SpanAllColumns |
                              ImGuiSelectableFlags_AllowOverlap) &&
        row.pid != 0) {
        view.selection.pid = row.pid;
    }
    if (ImGui::BeginPopupContextItem("menu")) {
        if (ImGui::MenuItem("Copy the sentence")) {
            ImGui::SetClipboardText(row.sentence.c_str());
        }
        ImGui::EndPopup();
    }
    ImGui::SameLine(0, 0);
    const std::string cycle = grouped(row.cycle);
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + view.em * 5.2F - text_width(cycle));
    put_dim(view, cycle);
    ImGui::TableNextColumn();
    put_swatch(view, row.pid == 0 ? view.theme.neutral : view.theme.series[row.colour]);
    ImGui::SameLine(0, view.em * 0.4F);
    if (row.os_event) {
        put(row.sentence);
    } else {
        put_dim(view, row.sentence);
    }
    if (ImGui::IsItemHovered()) {
        card(view, row.sentence + "\n" + std::string(row.kind) + ", event " + grouped(row.number));
    }
    ImGui::PopID();
}

// Stays at the end if it was there; goes to the picked fault when that changes.
void EventLogPanel::follow(std::size_t picked) {
    if (picked < model_.size()) {
        const float row = ImGui::GetTextLineHeight() + 2 * ImGui::GetStyle().CellPadding.y;
        const float middle = row * static_cast<float>(picked) - ImGui::GetWindowHeight() / 2;
        ImGui::SetScrollY(std::max(0.0F, middle));
    } else if (size_ != model_.size() && ImGui::GetScrollY() >= ImGui::GetScrollMaxY() - 1) {
        ImGui::SetScrollHereY(1);
    }
    size_ = model_.size();
}

void EventLogPanel::draw(PanelView& view) {
    if (revision_ != view.revision || !model_.complete()) {
        model_.update(view.snapshot, view.selection);
        revision_ = view.revision;
    }
    draw_filter(view);
    constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg |
                                       ImGuiTableFlags_SizingFixedFit |
                                       ImGuiTableFlags_NoSavedSettings;
    if (!ImGui::BeginTable("events", 2, kFlags)) {
        return;
    }
    ImGui::TableSetupColumn("Cycle", 0, view.em * 5.4F);
    ImGui::TableSetupColumn("What happened", ImGuiTableColumnFlags_WidthStretch);
    ImGuiListClipper clipper;
    clipper.Begin(static_cast<int>(model_.size()));
    while (clipper.Step()) {
        for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
            draw_row(view, model_.row(static_cast<std::size_t>(i)));
        }
    }
    u64 number = 0;
    const FaultCard* fault = picked_fault(view.snapshot, view.selection, &number);
    std::size_t picked = ~std::size_t{0};
    if (fault != nullptr && view.selection.fault && shown_fault_ != number) {
        picked = model_.find(fault->event);
        shown_fault_ = number;
    }
    follow(picked);
    ImGui::EndTable();
}

std::string EventLogPanel::text(const Snapshot& snapshot, const Selection& selection) {
    return forkscope::text(model_event_log(snapshot, selection));
}

} // namespace forkscope
