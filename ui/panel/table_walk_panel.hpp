// Panel 4: how a virtual address becomes a physical one, for one process or for
// two side by side.
#pragma once

#include "model/table_walk.hpp"
#include "panel/panel.hpp"

namespace forkscope {

class TableWalkPanel final : public Panel {
public:
    void draw(PanelView& view) override;
    std::string text(const Snapshot& snapshot, const Selection& selection) override;

private:
    void draw_choice(PanelView& view, const TableWalkModel& model);
    void draw_address(PanelView& view, const TableWalkModel& model);
    void draw_sides(PanelView& view, const TableWalkModel& model);
    void draw_level(PanelView& view, const WalkLevel& level, bool leaf, bool compared);
    void draw_end(PanelView& view, const WalkSide& side);
    void draw_change(PanelView& view, const WalkChange& change);

    Cached<TableWalkModel> model_;
    std::array<char, 24> address_{}; // being typed
};

} // namespace forkscope
