#include "panel/frame_map_panel.hpp"

#include "base/text.hpp"
#include "panel/drawing.hpp"

#include <algorithm>
#include <cmath>

namespace forkscope {

namespace {

ImVec2 cell_place(std::size_t index, ImVec2 origin, float cell, std::size_t columns) {
    return {origin.x + static_cast<float>(index % columns) * cell,
            origin.y + static_cast<float>(index / columns) * cell};
}

} // namespace

// The kernel's image is many frames that never change: one cell stands for a row of
// them.
void FrameMapPanel::choose_cells(const Snapshot& snapshot) {
    shown_.clear();
    const std::vector<FrameView>& frames = snapshot.frames->frames;
    for (u32 i = 0; i < frames.size(); ++i) {
        if (i == 0 || frames[i].use != FrameUse::Kernel || frames[i - 1].use != FrameUse::Kernel) {
            shown_.push_back(i);
        }
    }
}

// As large as lets all cells be seen, within reason.
FrameMapPanel::Grid FrameMapPanel::lay_out(const PanelView& view) const {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float least = std::round(view.em * 0.75F);
    float cell = std::round(view.em * 3.6F);
    const auto columns = [&] {
        return static_cast<std::size_t>(std::max(1.0F, std::floor(room.x / cell)));
    };
    while (cell > least) {
        const std::size_t rows = (shown_.size() + columns() - 1) / columns();
        if (static_cast<float>(rows) * cell <= room.y) {
            break;
        }
        cell -= 1;
    }
    return {cell, columns()};
}

// Where a letter would not be read: a bar on top for a table, a dot for a file.
void FrameMapPanel::draw_small_kind(ImDrawList& list, char kind, ImVec2 begin, ImVec2 end,
                                    ImU32 ink) {
    const float size = end.x - begin.x;
    if (kind == 'T') {
        list.AddRectFilled(begin, {end.x, begin.y + std::max(1.0F, std::round(size * 0.22F))}, ink);
    } else if (kind == 'F') {
        list.AddCircleFilled({(begin.x + end.x) / 2, (begin.y + end.y) / 2}, size * 0.17F, ink);
    }
}

void FrameMapPanel::draw_cell(PanelView& view, const FrameCell& cell, ImVec2 at, float size) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float gap = std::max(1.0F, std::round(size * 0.08F));
    const ImVec2 begin(at.x + gap, at.y + gap);
    const ImVec2 end(at.x + size, at.y + size);
    if (cell.gap != 0) { // frames that no process maps are left out here
        list.AddRectFilled({at.x, at.y + size * 0.3F}, {at.x + gap, at.y + size * 0.8F},
                           view.theme.dim);
    }
    const FrameLook look =
        frame_look(view.theme, cell.kind, cell.owner != 0, cell.colour, cell.hatched);
    draw_frame_cell(list, view, look, begin, end);
    if (size >= view.em * 1.2F) {
        const bool count = cell.sharers > 1;
        const std::string label = count ? std::to_string(cell.sharers) : std::string(1, cell.kind);
        if (cell.hatched) { // the count on a plate, so that it is read over the stripes
            const float half = std::min(size * 0.3F, ImGui::GetFontSize() * 0.62F);
            const ImVec2 middle((begin.x + end.x) / 2, (begin.y + end.y) / 2);
            list.AddRectFilled({middle.x - half, middle.y - half},
                               {middle.x + half, middle.y + half}, look.fill);
        }
        if (count || cell.kind != 'A') {
            const float height = std::min(ImGui::GetFontSize(), size * 0.6F);
            draw_centered(list, view.fonts.bold, height, begin, end,
                          faded(ink_on(look.fill), count ? 1.0F : 0.6F), label);
        }
    }
    const float line = std::max(2.0F, size * 0.09F);
    if (size < view.em * 1.2F) {
        draw_small_kind(list, cell.kind, begin, end, faded(ink_on(look.fill), 0.8F));
    }
    if (cell.copied_from || cell.copied_to) {
        draw_outline(list, begin, end, view.theme.alert, line * 1.4F);
    } else if (cell.picked) {
        draw_outline(list, begin, end, view.theme.text, line);
    } else if (cell.pinned && size >= view.em) {
        list.AddRectFilled({begin.x, end.y - line}, end, view.theme.text);
    }
}

void FrameMapPanel::draw_cells(PanelView& view, const FrameMapModel& model, const Grid& grid) {
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    const float top = ImGui::GetWindowPos().y;
    const float bottom = top + ImGui::GetWindowHeight();
    const auto row_at = [&](float y) {
        return static_cast<std::size_t>(std::max(0.0F, std::floor((y - origin.y) / grid.cell)));
    };
    const std::size_t first = row_at(top) * grid.columns;
    const std::size_t last = std::min(shown_.size(), (row_at(bottom) + 1) * grid.columns);
    for (std::size_t i = first; i < last; ++i) {
        draw_cell(view, model.cell(shown_[i]), cell_place(i, origin, grid.cell, grid.columns),
                  grid.cell);
    }
    draw_copy(view, model, grid, origin);
    const std::size_t rows = (shown_.size() + grid.columns - 1) / grid.columns;
    ImGui::InvisibleButton("frames", {static_cast<float>(grid.columns) * grid.cell,
                                      std::max(1.0F, static_cast<float>(rows) * grid.cell)});
    handle_mouse(view, model, grid, origin);
}

// From the frame that was copied to the copy.
void FrameMapPanel::draw_copy(PanelView& view, const FrameMapModel& model, const Grid& grid,
                              ImVec2 origin) {
    if (!model.copied_from || !model.copied_to) {
        return;
    }
    const ImVec2 from =
        cell_place(shown_place(*model.copied_from), origin, grid.cell, grid.columns);
    const ImVec2 to = cell_place(shown_place(*model.copied_to), origin, grid.cell, grid.columns);
    const float half = grid.cell / 2;
    const ImVec2 a(from.x + half, from.y + half), b(to.x + half, to.y + half);
    const float length = std::hypot(b.x - a.x, b.y - a.y);
    if (length < 1) {
        return;
    }
    // A bow, so that the frames between them are seen.
    const float bend = std::min(length * 0.25F, grid.cell * 1.1F);
    const ImVec2 top((a.x + b.x) / 2 + (b.y - a.y) / length * bend,
                     (a.y + b.y) / 2 - (b.x - a.x) / length * bend);
    const float last = std::hypot(b.x - top.x, b.y - top.y);
    const ImVec2 way((b.x - top.x) / last, (b.y - top.y) / last);
    const float head = view.em * 0.8F;
    const ImVec2 tip(b.x - way.x * half * 0.5F, b.y - way.y * half * 0.5F);
    const ImVec2 base(tip.x - way.x * head, tip.y - way.y * head);
    const ImVec2 side(-way.y * head * 0.5F, way.x * head * 0.5F);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (const auto& [color, width] : {std::pair(view.theme.surface, view.em * 0.36F),
                                       std::pair(view.theme.alert, view.em * 0.18F)}) {
        list.AddBezierQuadratic(a, top, base, color, width, 12);
    }
    list.AddTriangleFilled(tip, {base.x + side.x, base.y + side.y},
                           {base.x - side.x, base.y - side.y}, view.theme.alert);
}

void FrameMapPanel::handle_mouse(PanelView& view, const FrameMapModel& model, const Grid& grid,
                                 ImVec2 origin) {
    if (!ImGui::IsItemHovered()) {
        return;
    }
    const ImVec2 mouse = ImGui::GetMousePos();
    const auto column = static_cast<std::size_t>((mouse.x - origin.x) / grid.cell);
    const auto row = static_cast<std::size_t>((mouse.y - origin.y) / grid.cell);
    const std::size_t index = row * grid.columns + column;
    if (column >= grid.columns || index >= shown_.size()) {
        return;
    }
    const std::size_t shown = shown_[index];
    const std::size_t next = index + 1 < shown_.size() ? shown_[index + 1] : model.size();
    std::string words = model.hover(shown);
    if (next - shown > 1) {
        words += "\nand " + grouped(next - shown - 1) + " more like it";
    }
    card(view, words);
    if (ImGui::IsItemClicked()) {
        const FrameCell cell = model.cell(shown);
        view.selection.frame = cell.physical;
        if (cell.owner != 0) {
            view.selection.pid = cell.owner;
        }
    }
}

void FrameMapPanel::draw(PanelView& view) {
    const FrameMapModel& model =
        model_.at(view.revision, [&] { return model_frame_map(view.snapshot, view.selection); });
    if (model.size() == 0) {
        put_wrapped(model.summary);
        return;
    }
    if (shown_for_ != view.snapshot.frames) {
        shown_for_ = view.snapshot.frames;
        choose_cells(view.snapshot);
    }
    if (!model.fault_note.empty()) {
        ImGui::PushFont(view.fonts.bold);
        ImGui::PushStyleColor(ImGuiCol_Text, view.theme.alert);
        put_wrapped(model.fault_note);
        ImGui::PopStyleColor();
        ImGui::PopFont();
    }
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.dim);
    put_wrapped(model.summary);
    ImGui::PopStyleColor();
    hover_card(view, "Each cell is a frame of 4 KiB in the colour of its owner; striped: anonymous "
                     "memory of several processes, copied on a write. The number says how many "
                     "spaces map it. T (or a bar on top) table, F (or a dot) file, K kernel. A bar "
                     "below: the pinned process maps it. A notch before a cell: frames that no "
                     "process maps are left out.");
    ImGui::BeginChild("grid");
    draw_cells(view, model, lay_out(view));
    ImGui::EndChild();
}

std::string FrameMapPanel::text(const Snapshot& snapshot, const Selection& selection) {
    return forkscope::text(model_frame_map(snapshot, selection));
}

} // namespace forkscope
