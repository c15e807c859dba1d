#include "panel/process_tree_panel.hpp"

#include "base/text.hpp"
#include "panel/drawing.hpp"

#include <algorithm>
#include <cmath>

namespace forkscope {

namespace {

// Room for a row's lines in the tree, for each step of depth.
float step_width(const PanelView& view) {
    return std::round(view.em * 1.1F);
}

void number_column(u64 value) {
    ImGui::TableNextColumn();
    const std::string text = grouped(value);
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x -
                         text_width(text));
    put(text);
}

std::string_view state_words(char letter) {
    switch (letter) {
    case 'I':
        return "I: being made";
    case 'O':
        return "O: on the CPU";
    case 'R':
        return "R: runnable, waits for the CPU";
    case 'S':
        return "S: sleeps";
    case 'T':
        return "T: stopped";
    case 'Z':
        return "Z: zombie, has exited and was not waited for";
    default:
        return "-: gone";
    }
}

} // namespace

void ProcessTreePanel::collapse_all(PanelView& view) {
    if (!view.selection.collapsed.empty()) {
        view.selection.collapsed.clear();
        return;
    }
    for (const ProcessView& process : view.snapshot.processes) {
        view.selection.collapsed.insert(process.pid);
    }
}

// The branch is given in groups of three characters: "│  ", "├─ ", "└─ " or blanks.
void ProcessTreePanel::draw_branch(PanelView& view, const ProcessRow& row) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float step = step_width(view);
    const float t = std::max(1.0F, std::round(view.em / 12));
    const float pad = ImGui::GetStyle().CellPadding.y;
    ImVec2 at = ImGui::GetCursorScreenPos();
    const float top = at.y - pad;
    const float middle = std::round(at.y + ImGui::GetTextLineHeight() / 2);
    const float bottom = at.y + ImGui::GetTextLineHeight() + pad + 1;
    for (std::size_t i = 0; i < row.branch.size();) {
        const std::string_view rest = std::string_view(row.branch).substr(i);
        const float x = std::round(at.x + step * 0.35F);
        const bool down = rest.starts_with("│") || rest.starts_with("├");
        const bool across = rest.starts_with("├") || rest.starts_with("└");
        if (down || across) {
            list.AddRectFilled({x, top}, {x + t, down ? bottom : middle + t}, view.theme.dim);
        }
        if (across) {
            list.AddRectFilled({x, middle}, {at.x + step * 0.95F, middle + t}, view.theme.dim);
        }
        // Three characters: those of lines take three bytes, blanks one.
        for (int characters = 0; characters < 3 && i < row.branch.size(); ++characters) {
            i += static_cast<unsigned char>(row.branch[i]) >= 0xe0 ? 3 : 1;
        }
        at.x += step;
    }
    ImGui::Dummy({std::max(1.0F, at.x - ImGui::GetCursorScreenPos().x), 1});
    ImGui::SameLine(0, 0);
}

void ProcessTreePanel::draw_name(PanelView& view, const ProcessRow& row) {
    draw_branch(view, row);
    if (row.has_children) {
        const char* arrow = row.collapsed ? "▸" : "▾";
        put_dim(view, arrow);
        if (ImGui::IsItemClicked()) {
            if (!view.selection.collapsed.insert(row.pid).second) {
                view.selection.collapsed.erase(row.pid);
            }
        }
        ImGui::SameLine(0, view.em * 0.2F);
    }
    put_swatch(view, view.theme.series[row.colour]);
    ImGui::SameLine(0, view.em * 0.35F);
    const bool heavy = row.pinned || row.on_cpu;
    put_in(heavy ? view.fonts.bold : view.fonts.plain, row.name);
    ImGui::SameLine(0, view.em * 0.35F);
    put_dim(view, std::to_string(row.pid));
    if (row.hidden != 0) {
        ImGui::SameLine(0, view.em * 0.5F);
        put_dim(view, "+" + std::to_string(row.hidden) + " below");
    }
}

// Pages of its own solid, pages that it shares striped, in one scale for all.
void ProcessTreePanel::draw_memory(PanelView& view, const ProcessRow& row, float width) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float height = ImGui::GetTextLineHeight();
    const float bar = std::max(0.0F, width - view.em * 4.6F); // the numbers say it alone
    const auto length = [&](u64 pages) {
        return std::round(bar * static_cast<float>(pages) / static_cast<float>(most_pages_));
    };
    const float own = length(row.private_pages);
    const float all = length(row.private_pages + row.shared_pages);
    const float top = at.y + height * 0.14F;
    const float bottom = at.y + height * 0.86F;
    const ImU32 color = view.theme.series[row.colour];
    list.AddRectFilled({at.x, top}, {at.x + all, bottom}, color);
    draw_hatch(list, view.fonts, {at.x + own, top}, {at.x + all, bottom},
               faded(IM_COL32_BLACK, 0.62F));
    const std::string numbers = grouped(row.private_pages) + " + " + grouped(row.shared_pages);
    ImGui::SetCursorScreenPos({at.x + width - text_width(numbers), at.y});
    put(numbers);
    if (ImGui::IsMouseHoveringRect(at, {at.x + width, at.y + height}) &&
        ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem)) {
        card(view, grouped(row.private_pages) + " pages of its own, " + grouped(row.shared_pages) +
                       " that another process maps too (striped)");
    }
}

void ProcessTreePanel::draw_menu(PanelView& view, const ProcessRow& row) {
    if (!ImGui::BeginPopupContextItem("menu")) {
        return;
    }
    if (ImGui::MenuItem("Pin in every panel")) {
        view.selection.pid = row.pid;
    }
    if (ImGui::MenuItem("Compare with the pinned one")) {
        view.selection.compared = row.pid;
    }
    if (ImGui::MenuItem("Its events only")) {
        view.selection.filter = "pid:" + std::to_string(row.pid);
    }
    if (ImGui::MenuItem("Break on its faults")) {
        view.send(command::AddBreakpoint{"fault any pid " + std::to_string(row.pid)});
    }
    ImGui::EndPopup();
}

void ProcessTreePanel::draw_row(PanelView& view, const ProcessRow& row) {
    ImGui::PushID(static_cast<int>(row.pid));
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    const ImVec2 begin = ImGui::GetCursorScreenPos();
    if (ImGui::Selectable("##row", row.pinned,
                          ImGuiSelectableFlags_SpanAllColumns |
                              ImGuiSelectableFlags_AllowOverlap)) {
        if (ImGui::GetIO().KeyCtrl) {
            view.selection.compared = row.pid;
        } else {
            view.selection.pid = view.selection.pid == row.pid ? 0 : row.pid;
        }
    }
    draw_menu(view, row);
    if (row.in_fault) {
        const float pad = ImGui::GetStyle().CellPadding.y;
        ImGui::GetWindowDrawList()->AddRectFilled(
            {begin.x - view.em * 0.3F, begin.y - pad},
            {begin.x - view.em * 0.08F, begin.y + ImGui::GetTextLineHeight() + pad},
            view.theme.alert);
    }
    ImGui::SameLine(0, 0);
    ImGui::SetCursorScreenPos(begin);
    draw_name(view, row);
    ImGui::TableNextColumn();
    put_in(view.fonts.bold, std::string(1, row.state));
    hover_card(view, state_words(row.state));
    ImGui::TableNextColumn();
    draw_memory(view, row, ImGui::GetContentRegionAvail().x);
    number_column(row.faults);
    number_column(row.copies);
    number_column(row.cycles);
    ImGui::TableNextColumn();
    const std::string notes = joined(row.notes, "; ");
    ImGui::PushTextWrapPos(wrap_notes_ ? 0.0F : -1.0F);
    put_colored(row.in_fault ? view.theme.alert : view.theme.dim, notes);
    ImGui::PopTextWrapPos();
    hover_card(view, notes);
    ImGui::PopID();
}

void ProcessTreePanel::draw(PanelView& view) {
    const ProcessTreeModel& model = model_.at(view.revision, [&] {
        ProcessTreeModel made = model_process_tree(view.snapshot, view.selection);
        most_pages_ = 1;
        for (const ProcessRow& row : made.rows) {
            most_pages_ = std::max(most_pages_, row.private_pages + row.shared_pages);
        }
        return made;
    });
    const float width = ImGui::GetContentRegionAvail().x;
    constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg |
                                       ImGuiTableFlags_Resizable | ImGuiTableFlags_SizingFixedFit |
                                       ImGuiTableFlags_Hideable | ImGuiTableFlags_NoBordersInBody |
                                       ImGuiTableFlags_NoSavedSettings;
    // A narrow panel shows less of each. Notes are what happens now: they come first.
    const float ems = width / view.em;
    const bool narrow = ems <= 24;
    if (!ImGui::BeginTable(narrow ? "narrow" : "tree", 7, kFlags)) {
        return;
    }
    ImGui::TableSetupScrollFreeze(0, 1);
    ImGui::TableSetupColumn("Process", 0, view.em * (narrow ? std::max(7.0F, ems - 7.2F) : 11));
    ImGui::TableSetupColumn(narrow ? "St" : "State", 0, view.em * (narrow ? 1.1F : 2.6F));
    ImGui::TableSetupColumn(narrow ? "Pages" : "Pages: own + shared", 0,
                            view.em * (narrow ? 4 : 10.5F));
    ImGui::TableSetupColumn("Faults", 0, view.em * 3.2F);
    ImGui::TableSetupColumn("Copies", 0, view.em * 3.4F);
    ImGui::TableSetupColumn("Cycles", 0, view.em * 5.6F);
    ImGui::TableSetupColumn("Notes", ImGuiTableColumnFlags_WidthStretch, 1.2F);
    const bool notes = ems > 36 && std::ranges::any_of(model.rows, [](const ProcessRow& row) {
                           return !row.notes.empty();
                       });
    const float others = ems - (notes ? 10.0F : 0.0F);
    ImGui::TableSetColumnEnabled(2, ems > 14);
    ImGui::TableSetColumnEnabled(3, others > 30.2F);
    ImGui::TableSetColumnEnabled(4, others > 34.3F);
    ImGui::TableSetColumnEnabled(5, others > 40.6F);
    ImGui::TableSetColumnEnabled(6, notes);
    ImGui::TableHeadersRow();
    // Rows of one height are what lets only those seen be drawn.
    wrap_notes_ = model.rows.size() <= 16;
    ImGuiListClipper clipper;
    clipper.Begin(static_cast<int>(model.rows.size()));
    if (wrap_notes_) {
        clipper.IncludeItemsByIndex(0, static_cast<int>(model.rows.size()));
    }
    while (clipper.Step()) {
        for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
            draw_row(view, model.rows[static_cast<std::size_t>(i)]);
        }
    }
    ImGui::EndTable();
}

std::string ProcessTreePanel::text(const Snapshot& snapshot, const Selection& selection) {
    return forkscope::text(model_process_tree(snapshot, selection));
}

} // namespace forkscope
