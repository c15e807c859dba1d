// Panel 2: who is whose child, and what each shares.
#pragma once

#include "model/process_tree.hpp"
#include "panel/panel.hpp"

namespace forkscope {

class ProcessTreePanel final : public Panel {
public:
    void draw(PanelView& view) override;
    std::string text(const Snapshot& snapshot, const Selection& selection) override;

    // Collapses all, or opens all if something is collapsed.
    void collapse_all(PanelView& view);

private:
    void draw_row(PanelView& view, const ProcessRow& row);
    void draw_name(PanelView& view, const ProcessRow& row);
    void draw_branch(PanelView& view, const ProcessRow& row);
    void draw_memory(PanelView& view, const ProcessRow& row, float width);
    void draw_menu(PanelView& view, const ProcessRow& row);

    Cached<ProcessTreeModel> model_;
    u64 most_pages_ = 1;      // of any process: the longest bar
    bool wrap_notes_ = false; // there are few rows
};

} // namespace forkscope
