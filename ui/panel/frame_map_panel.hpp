// Panel 5: physical memory, frame by frame.
#pragma once

#include "model/frame_map.hpp"
#include "panel/panel.hpp"

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

    [[nodiscard]] Grid lay_out(const PanelView& view, const FrameMapModel& model) const;
    void draw_cells(PanelView& view, const FrameMapModel& model, const Grid& grid);
    void draw_cell(PanelView& view, const FrameCell& cell, ImVec2 at, float size);
    void draw_copy(PanelView& view, const FrameMapModel& model, const Grid& grid, ImVec2 origin);
    void handle_mouse(PanelView& view, const FrameMapModel& model, const Grid& grid, ImVec2 origin);

    Cached<FrameMapModel> model_;
};

} // namespace forkscope
