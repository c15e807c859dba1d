// Panel 7: who ran when, and what happened then.
#pragma once

#include "model/timeline.hpp"
#include "panel/panel.hpp"

namespace forkscope {

class TimelinePanel final : public Panel {
public:
    void draw(PanelView& view) override;
    std::string text(const Snapshot& snapshot, const Selection& selection) override;

    // W A S D F and B. `factor` below 1: closer.
    void zoom(const PanelView& view, double factor);
    void pan(const PanelView& view, double share);
    // All of the run; or, if that is what is seen, the time around the fault.
    void fit(const PanelView& view);
    void bookmark(PanelView& view);

private:
    // Where things are drawn: pixels on the screen.
    struct Place {
        float left = 0, right = 0; // of the lanes, without their names
        float top = 0;             // of the first lane
        float lane = 0;            // height of a lane
        float bottom = 0;
    };

    [[nodiscard]] TimelineRange range(const PanelView& view, unsigned columns) const;
    [[nodiscard]] float x_of(const Place& place, const TimelineRange& range, Cycle cycle) const;
    void draw_axis(PanelView& view, const TimelineModel& model, const Place& place);
    void draw_lanes(PanelView& view, const TimelineModel& model, const Place& place);
    static float span_strength(const LaneSpan& span);
    void draw_spans(PanelView& view, const TimelineModel& model, const Place& place);
    void draw_marks(PanelView& view, const TimelineModel& model, const Place& place);
    void draw_forks(PanelView& view, const TimelineModel& model, const Place& place);
    void draw_moments(PanelView& view, const TimelineModel& model, const Place& place);
    void handle_mouse(PanelView& view, const TimelineModel& model, const Place& place);
    void pick(PanelView& view, u32 pid, const LaneMark& mark);

    Cached<TimelineModel> model_;
    TimelineRange cached_range_;
    float lane_height_ = 16; // pixels, when it was last drawn
    std::optional<std::pair<double, double>> window_; // cycles; none: all there is
};

} // namespace forkscope
