#include "panel/address_space_panel.hpp"

#include "base/text.hpp"
#include "panel/drawing.hpp"

#include <cmath>

namespace forkscope {

namespace {

constexpr u64 kPage = 4096;
constexpr u64 kMostAlone = 24; // pages of a run that are drawn one by one

float cell_size(const PanelView& view) {
    return std::round(view.em * 1.45F);
}

ImU32 fill_of(const PanelView& view, const AddressSpaceModel& model, char letter) {
    switch (letter) {
    case '.':
        return view.theme.raised;
    case 'f':
    case 'd':
        return view.theme.neutral;
    case '!':
        return view.theme.alert;
    default:
        return view.theme.process(model.pid);
    }
}

std::string describe_cell(const PageRun& run, u64 first, u64 pages) {
    const PageLetter& letter = page_letter(run.letter);
    std::string text = hex(run.start + first * kPage);
    if (pages > 1) {
        text +=
            " to " + hex(run.start + (first + pages) * kPage) + ", " + grouped(pages) + " pages";
    }
    text += "\n" + std::string(letter.name) + ": " + std::string(letter.meaning);
    if (run.frame != 0) {
        const bool exact = first == 0 || run.frames_in_row;
        text += exact ? "\nframe " + hex(run.frame + first * kPage) : std::string();
        text += ", mapped by " + std::to_string(run.mappings) +
                (run.mappings == 1 ? " process" : " processes") +
                "\ndescriptor: " + (run.writable ? "read-write" : "read-only") +
                (run.executable ? ", executable" : "");
    }
    return text;
}

} // namespace

void AddressSpacePanel::draw_cell(PanelView& view, const AddressSpaceModel& model,
                                  const Cell& cell) {
    const float size = cell_size(view);
    std::string label(1, cell.run.letter);
    if (cell.pages > 1) {
        label += " ×" + grouped(cell.pages);
    }
    const float width = cell.pages > 1 ? text_width(label) + view.em * 0.6F : size;
    flow(width, std::round(view.em * 0.12F));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const u64 va = cell.run.start + cell.first * kPage;
    const u64 end = va + cell.pages * kPage;
    ImGui::PushID(reinterpret_cast<const void*>(va));
    if (ImGui::InvisibleButton("page", {width, size})) {
        view.selection.address = va;
        view.selection.pid = model.pid;
    }
    ImGui::PopID();
    if (!ImGui::IsItemVisible()) {
        return;
    }
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 far(at.x + width, at.y + size);
    const ImU32 fill = fill_of(view, model, cell.run.letter);
    list.AddRectFilled(at, far, fill);
    const bool hatched = page_letter(cell.run.letter).hatched;
    if (hatched) {
        draw_hatch(list, view.fonts, at, far, faded(IM_COL32_BLACK, 0.5F));
        const float inset = std::round(size * 0.22F);
        list.AddRectFilled({at.x + inset, at.y + inset}, {far.x - inset, far.y - inset}, fill);
    }
    const ImU32 ink = cell.run.letter == '.' ? view.theme.dim : ink_on(fill);
    draw_centered(list, view.fonts.bold, ImGui::GetFontSize() * 0.9F, at, far, ink, label);
    const bool faulted = model.fault_page && *model.fault_page >= va && *model.fault_page < end;
    if (faulted) {
        draw_outline(list, at, far, view.theme.alert, view.em * 0.2F);
    } else if (model.address >= va && model.address < end) {
        draw_outline(list, at, far, view.theme.text, view.em * 0.12F);
    }
    hover_card(view, describe_cell(cell.run, cell.first, cell.pages));
}

void AddressSpacePanel::draw_run(PanelView& view, const AddressSpaceModel& model,
                                 const PageRun& run) {
    if (run.letter == '.' ? run.pages > 3 : run.pages > kMostAlone) {
        draw_cell(view, model, {run, 0, run.pages});
        return;
    }
    for (u64 page = 0; page < run.pages; ++page) {
        draw_cell(view, model, {run, page});
    }
}

void AddressSpacePanel::draw_region(PanelView& view, const AddressSpaceModel& model,
                                    const RegionRow& region) {
    put_in(view.fonts.mono, hex(region.start) + "-" + hex(region.end));
    flow(view.em * 2, view.em * 0.5F);
    put_in(view.fonts.bold, region.permissions);
    flow(text_width(region.kind), view.em * 0.5F);
    put_dim(view, region.kind);
    const float indent = std::round(view.em * 0.4F);
    ImGui::Indent(indent);
    ImGui::Dummy({0, 0});
    for (const PageRun& run : region.runs) {
        draw_run(view, model, run);
    }
    ImGui::Unindent(indent);
    ImGui::Dummy({0, std::round(view.em * 0.1F)});
}

void AddressSpacePanel::draw_legend(PanelView& view) {
    ImGui::Dummy({0, 0});
    for (const PageLetter& letter : page_letters()) {
        const std::string words = std::string(1, letter.letter) + " " + std::string(letter.name);
        flow(text_width(words), view.em * 0.8F);
        put_dim(view, words);
        hover_card(view, letter.meaning);
    }
}

void AddressSpacePanel::draw(PanelView& view) {
    const AddressSpaceModel& model = model_.at(
        view.revision, [&] { return model_address_space(view.snapshot, view.selection); });
    ImGui::PushFont(view.fonts.bold);
    put_wrapped(model.title);
    ImGui::PopFont();
    if (!model.fault_note.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, view.theme.alert);
        put_wrapped(model.fault_note);
        ImGui::PopStyleColor();
    }
    if (model.regions.empty()) {
        return;
    }
    put_wrapped_dim(view, grouped(model.resident) + " pages in memory, " + grouped(model.shared) +
                              " of them shared (striped), " + grouped(model.tables) + " tables");
    ImGui::BeginChild("regions");
    for (const RegionRow& region : model.regions) {
        draw_region(view, model, region);
    }
    draw_legend(view);
    ImGui::EndChild();
}

std::string AddressSpacePanel::text(const Snapshot& snapshot, const Selection& selection) {
    return forkscope::text(model_address_space(snapshot, selection));
}

} // namespace forkscope
