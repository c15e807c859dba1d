// Panel 5: physical memory, frame by frame.
#pragma once

#include "model/frame_map.hpp"
#include "panel/panel.hpp"

#include <algorithm>

namespace forkscope {

class FrameMapPanel final : public Panel {
public:
    void draw(PanelView& view) override;
    std::string text(const Snapshot& snapshot, const Selection& selection) override;

private:
    // How the grid is laid out this time.
    struct Grid {
        float cell = 0; // pixels, with the gap beside it
        std::size_t columns = 1;
    };

    void choose_cells(const Snapshot& snapshot);
    // The place in shown_ of what stands for a cell.
    [[nodiscard]] std::size_t shown_place(std::size_t cell) const {
        return static_cast<std::size_t>(std::upper_bound(shown_.begin(), shown_.end(), cell) -
                                        shown_.begin() - 1);
    }
    [[nodiscard]] Grid lay_out(const PanelView& view) const;
    void draw_cells(PanelView& view, const FrameMapModel& model, const Grid& grid);
    static void draw_small_kind(ImDrawList& list, char kind, ImVec2 begin, ImVec2 end, ImU32 ink);
    void draw_cell(PanelView& view, const FrameCell& cell, ImVec2 at, float size);
    void draw_copy(PanelView& view, const FrameMapModel& model, const Grid& grid, ImVec2 origin);
    void handle_mouse(PanelView& view, const FrameMapModel& model, const Grid& grid, ImVec2 origin);

    Cached<FrameMapModel> model_;
    std::vector<u32> shown_; // cells, in ascending order
    std::shared_ptr<const FrameTable> shown_for_;
};

} // namespace forkscope
