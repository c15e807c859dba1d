// Panel 10: where the cycles went.
#pragma once

#include "model/cycles.hpp"
#include "panel/panel.hpp"

namespace forkscope {

class CyclesPanel final : public Panel {
public:
    void draw(PanelView& view) override;
    std::string text(const Snapshot& snapshot, const Selection& selection) override;

private:
    void draw_shares(PanelView& view, const char* title, const std::vector<Share>& shares);
    void draw_history(PanelView& view, const CyclesModel& model);
    void draw_rates(PanelView& view, const CyclesModel& model);
    void draw_processes(PanelView& view, const CyclesModel& model);

    Cached<CyclesModel> model_;
};

} // namespace forkscope
