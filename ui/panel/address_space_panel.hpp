// Panel 3: the pinned process's regions, and what each of their pages is.
#pragma once

#include "model/address_space.hpp"
#include "panel/panel.hpp"

namespace forkscope {

class AddressSpacePanel final : public Panel {
public:
    void draw(PanelView& view) override;
    std::string text(const Snapshot& snapshot, const Selection& selection) override;

private:
    // A cell: one page, or a row of pages that are alike.
    struct Cell {
        const PageRun& run;
        u64 first = 0; // page of the run
        u64 pages = 1;
    };

    void draw_region(PanelView& view, const AddressSpaceModel& model, const RegionRow& region);
    void draw_run(PanelView& view, const AddressSpaceModel& model, const PageRun& run);
    void draw_cell(PanelView& view, const AddressSpaceModel& model, const Cell& cell);
    void draw_legend(PanelView& view);

    Cached<AddressSpaceModel> model_;
};

} // namespace forkscope
