#include "panel/field_view.hpp"

#include "base/text.hpp"
#include "panel/drawing.hpp"

#include <algorithm>
#include <cstdio>

namespace forkscope {

namespace {

std::string value_text(const BitField& field) {
    return field.high - field.low < 4 ? std::to_string(field.value) : hex(field.value);
}

void draw_field(PanelView& view, const BitField& field) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    put_dim(view, bit_range(field));
    ImGui::TableNextColumn();
    put_in(field.changed ? view.fonts.bold : view.fonts.plain, field.name);
    hover_card(view, bit_range(field) + " " + field.name);
    ImGui::TableNextColumn();
    ImGui::PushFont(view.fonts.mono);
    put_colored(field.changed ? view.theme.changed : view.theme.text, value_text(field));
    ImGui::PopFont();
    if (field.changed) {
        underline(view.theme.changed, view.em * 0.12F);
    }
    ImGui::TableNextColumn();
    ImGui::PushStyleColor(ImGuiCol_Text, field.changed ? view.theme.text : view.theme.dim);
    put_wrapped(field.words);
    ImGui::PopStyleColor();
}

} // namespace

void draw_fields(PanelView& view, const char* id, const std::vector<BitField>& fields,
                 bool changes_only) {
    const auto changed = std::count_if(fields.begin(), fields.end(),
                                       [](const BitField& field) { return field.changed; });
    const bool some = changes_only && changed != 0;
    const bool narrow = ImGui::GetContentRegionAvail().x < view.em * 22;
    constexpr ImGuiTableFlags kFlags =
        ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_Hideable | ImGuiTableFlags_NoSavedSettings;
    if (!ImGui::BeginTable(id, 4, kFlags)) {
        return;
    }
    ImGui::TableSetupColumn("bits");
    ImGui::TableSetupColumn("name");
    ImGui::TableSetupColumn("value");
    ImGui::TableSetupColumn("words", ImGuiTableColumnFlags_WidthStretch);
    ImGui::TableSetColumnEnabled(0, !narrow);
    for (const BitField& field : fields) {
        if (field.changed || !some) {
            draw_field(view, field);
        }
    }
    ImGui::EndTable();
    const auto others = static_cast<long>(fields.size()) - changed;
    if (some && others > 0) {
        put_dim(view, std::to_string(others) + " other fields are alike");
        hover_card(view, fields_text(fields));
    }
}

void draw_word(PanelView& view, u64 value, bool changed) {
    char digits[24];
    std::snprintf(digits, sizeof digits, "0x%016llx", static_cast<unsigned long long>(value));
    ImGui::PushFont(view.fonts.mono);
    put_colored(changed ? view.theme.changed : view.theme.text, digits);
    ImGui::PopFont();
    if (changed) {
        underline(view.theme.changed, view.em * 0.12F);
    }
}

} // namespace forkscope
