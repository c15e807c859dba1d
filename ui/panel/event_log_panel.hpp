// Panel 8: the event record in sentences.
#pragma once

#include "model/event_log.hpp"
#include "panel/panel.hpp"

namespace forkscope {

class EventLogPanel final : public Panel {
public:
    void draw(PanelView& view) override;
    std::string text(const Snapshot& snapshot, const Selection& selection) override;

    // Puts the cursor into the filter.
    void focus_filter() { focus_filter_ = true; }

private:
    void draw_filter(PanelView& view);
    void draw_row(PanelView& view, const EventRow& row);
    void follow(std::size_t picked);

    EventLogModel model_;
    u64 revision_ = ~u64{0};
    std::array<char, 160> filter_{};
    bool focus_filter_ = false;
    std::optional<u64> shown_fault_; // that the list was scrolled to
    std::size_t size_ = 0;           // when it was last drawn
};

} // namespace forkscope
