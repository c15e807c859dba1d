// Panel 1: run, pause, steps, speed, breakpoints, and why it stopped.
#pragma once

#include "model/control_bar.hpp"
#include "panel/panel.hpp"

namespace forkscope {

class ControlBarPanel final : public Panel {
public:
    void draw(PanelView& view) override;
    std::string text(const Snapshot& snapshot, const Selection& selection) override;

    // To the next choice of speed after `now`.
    void change_speed(const PanelView& view, double now, int step);

private:
    void draw_buttons(PanelView& view, const ControlBarModel& model);
    void draw_speed(PanelView& view, const ControlBarModel& model);
    void draw_breakpoints(PanelView& view, const ControlBarModel& model);
    void draw_numbers(PanelView& view, const ControlBarModel& model);
    void draw_state(PanelView& view, const ControlBarModel& model);

    Cached<ControlBarModel> model_;
    std::array<char, 128> breakpoint_{}; // being typed
};

} // namespace forkscope
