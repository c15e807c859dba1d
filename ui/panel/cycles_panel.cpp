#include "panel/cycles_panel.hpp"

#include "base/text.hpp"
#include "panel/drawing.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace forkscope {

namespace {

std::string percent(double share) {
    char text[16];
    std::snprintf(text, sizeof text, "%.1f %%", share * 100);
    return text;
}

} // namespace

// A bar in parts, with a legend of the parts below it.
void CyclesPanel::draw_shares(PanelView& view, const char* title,
                              const std::vector<Share>& shares) {
    if (shares.empty()) {
        return;
    }
    put_in(view.fonts.bold, title);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    const float height = std::round(view.em * 1.3F);
    float x = at.x;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const ImU32 color = view.theme.series[i % view.theme.series.size()];
        const float end = std::min(at.x + width, x + width * static_cast<float>(shares[i].share));
        list.AddRectFilled({x, at.y}, {end, at.y + height}, color);
        if (end - x > view.em * 4) {
            draw_centered(list, view.fonts.bold, ImGui::GetFontSize() * 0.85F, {x, at.y},
                          {end, at.y + height}, ink_on(color), shares[i].name);
        }
        x = end;
    }
    ImGui::Dummy({width, height});
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const std::string words = shares[i].name + " " + percent(shares[i].share);
        const float right = ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x;
        const float needs = text_width(words) + view.em * 2;
        if (i != 0 && ImGui::GetItemRectMax().x + needs < right) {
            ImGui::SameLine(0, view.em);
        }
        put_swatch(view, view.theme.series[i % view.theme.series.size()]);
        ImGui::SameLine(0, view.em * 0.3F);
        put(words);
        if (ImGui::IsItemHovered()) {
            card(view, shares[i].name + ": " + grouped(shares[i].cycles) + " cycles");
        }
    }
}

// Faults in each interval: solid, and striped where a page was copied.
void CyclesPanel::draw_history(PanelView& view, const CyclesModel& model) {
    if (model.history.empty() || model.history_most == 0) {
        return;
    }
    put_in(view.fonts.bold, "Page faults over time");
    ImGui::SameLine();
    put_dim(view, "at most " + grouped(model.history_most) + " in " + grouped(model.bucket) +
                      " cycles; striped: a page was copied");
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    const float height = std::round(view.em * 3.2F);
    list.AddRectFilled(at, {at.x + width, at.y + height}, view.theme.raised);
    const auto count = static_cast<float>(model.history.size());
    const float bottom = at.y + height;
    const float scale = height / static_cast<float>(model.history_most);
    for (std::size_t i = 0; i < model.history.size(); ++i) {
        const FaultBucket& bucket = model.history[i];
        const float x = std::floor(at.x + width * static_cast<float>(i) / count);
        const float end =
            std::max(x + 1, std::floor(at.x + width * static_cast<float>(i + 1) / count) - 1);
        float y = bottom;
        const std::pair<u32, ImU32> parts[] = {{bucket.permission, view.theme.alert},
                                               {bucket.translation, view.theme.accent},
                                               {bucket.other, view.theme.neutral}};
        for (const auto& [faults, color] : parts) {
            const float top = y - scale * static_cast<float>(faults);
            list.AddRectFilled({x, top}, {end, y}, color);
            y = top;
        }
        draw_hatch(list, view.fonts, {x, bottom - scale * static_cast<float>(bucket.copies)},
                   {end, bottom}, faded(IM_COL32_BLACK, 0.62F));
    }
    ImGui::Dummy({width, height});
    const FaultCounts& faults = model.faults;
    put_swatch(view, view.theme.alert);
    ImGui::SameLine(0, view.em * 0.3F);
    put(grouped(faults.permission) + " permission");
    ImGui::SameLine(0, view.em);
    put_swatch(view, view.theme.accent);
    ImGui::SameLine(0, view.em * 0.3F);
    put(grouped(faults.translation) + " translation");
    ImGui::SameLine(0, view.em);
    put_dim(view, grouped(model.vm.cow_copy) + " copied, " + grouped(model.vm.cow_reuse) +
                      " left to the last sharer, " + grouped(model.vm.zero_fill) + " zero-filled");
}

void CyclesPanel::draw_rates(PanelView& view, const CyclesModel& model) {
    if (model.rates.empty() ||
        !ImGui::BeginTable("rates", 4,
                           ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_NoSavedSettings)) {
        return;
    }
    ImGui::TableSetupColumn("Hit rates");
    ImGui::TableSetupColumn("Hits");
    ImGui::TableSetupColumn("Uses");
    ImGui::TableSetupColumn("Misses");
    ImGui::TableHeadersRow();
    for (const HitRate& rate : model.rates) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        put(rate.name);
        ImGui::TableNextColumn();
        put_in(view.fonts.bold, percent(rate.hits));
        ImGui::TableNextColumn();
        put(grouped(rate.uses));
        ImGui::TableNextColumn();
        put(grouped(rate.misses));
    }
    ImGui::EndTable();
}

void CyclesPanel::draw_processes(PanelView& view, const CyclesModel& model) {
    constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingFixedFit |
                                       ImGuiTableFlags_ScrollY | ImGuiTableFlags_NoSavedSettings;
    const float height = std::max(ImGui::GetContentRegionAvail().y, view.em * 8);
    if (!ImGui::BeginTable("processes", 4, kFlags, {0, height})) {
        return;
    }
    ImGui::TableSetupScrollFreeze(0, 1);
    ImGui::TableSetupColumn("Process", 0, view.em * 9);
    ImGui::TableSetupColumn("Cycles", 0, view.em * 6);
    ImGui::TableSetupColumn("Each", 0, view.em * 3);
    ImGui::TableSetupColumn("Share", ImGuiTableColumnFlags_WidthStretch);
    ImGui::TableHeadersRow();
    ImGuiListClipper clipper;
    clipper.Begin(static_cast<int>(model.rows.size()));
    while (clipper.Step()) {
        for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
            const CyclesRow& row = model.rows[static_cast<std::size_t>(i)];
            const ImU32 color = row.pid == 0 ? view.theme.neutral : view.theme.series[row.colour];
            ImGui::TableNextRow();
            ImGui::TableNextColumn();
            put_swatch(view, color);
            ImGui::SameLine(0, view.em * 0.3F);
            put_in(row.pinned ? view.fonts.bold : view.fonts.plain, row.name);
            ImGui::TableNextColumn();
            put(grouped(row.cycles));
            ImGui::TableNextColumn();
            char each[16] = "";
            if (row.per_instruction != 0) {
                std::snprintf(each, sizeof each, "%.2f", row.per_instruction);
            }
            put_dim(view, each);
            hover_card(view, "cycles for each instruction");
            ImGui::TableNextColumn();
            const ImVec2 at = ImGui::GetCursorScreenPos();
            const float line = ImGui::GetTextLineHeight();
            const float bar = ImGui::GetContentRegionAvail().x - view.em * 4;
            const float end = at.x + std::max(1.0F, bar * static_cast<float>(row.share));
            ImGui::GetWindowDrawList()->AddRectFilled({at.x, at.y + line * 0.15F},
                                                      {end, at.y + line * 0.85F}, color);
            ImGui::SetCursorScreenPos({end + view.em * 0.4F, at.y});
            put(percent(row.share));
        }
    }
    ImGui::EndTable();
}

void CyclesPanel::draw(PanelView& view) {
    const CyclesModel& model =
        model_.at(view.revision, [&] { return model_cycles(view.snapshot, view.selection); });
    put_in(view.fonts.bold, grouped(model.total) + " cycles");
    ImGui::BeginChild("cycles");
    draw_shares(view, "What the CPU did", model.works);
    draw_shares(view, "What the cycles were spent on", model.causes);
    draw_history(view, model);
    draw_rates(view, model);
    draw_processes(view, model);
    ImGui::EndChild();
}

std::string CyclesPanel::text(const Snapshot& snapshot, const Selection& selection) {
    return forkscope::text(model_cycles(snapshot, selection));
}

} // namespace forkscope
