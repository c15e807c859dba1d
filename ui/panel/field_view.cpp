#include "panel/field_view.hpp"

#include "base/text.hpp"
#include "panel/drawing.hpp"

#include <cstdio>

namespace forkscope {

namespace {

std::string value_text(const BitField& field) {
    return field.high - field.low < 4 ? std::to_string(field.value) : hex(field.value);
}

} // namespace

void draw_fields(PanelView& view, const char* id, const std::vector<BitField>& fields) {
    if (!ImGui::BeginTable(id, 4,
                           ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_NoSavedSettings)) {
        return;
    }
    ImGui::TableSetupColumn("bits");
    ImGui::TableSetupColumn("name");
    ImGui::TableSetupColumn("value");
    ImGui::TableSetupColumn("words", ImGuiTableColumnFlags_WidthStretch);
    for (const BitField& field : fields) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        put_dim(view, bit_range(field));
        ImGui::TableNextColumn();
        put_in(field.changed ? view.fonts.bold : view.fonts.plain, field.name);
        ImGui::TableNextColumn();
        ImGui::PushFont(field.changed ? view.fonts.bold : view.fonts.mono);
        put_colored(field.changed ? view.theme.changed : view.theme.text, value_text(field));
        ImGui::PopFont();
        if (field.changed) {
            underline(view.theme.changed, view.em * 0.12F);
        }
        ImGui::TableNextColumn();
        put_colored(field.changed ? view.theme.text : view.theme.dim, field.words);
        if (field.changed) {
            underline(view.theme.changed, view.em * 0.12F);
        }
        hover_card(view, field.words);
    }
    ImGui::EndTable();
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
