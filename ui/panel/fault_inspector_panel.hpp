// Panel 6: one page fault, from the instruction to its second try.
#pragma once

#include "model/fault_inspector.hpp"
#include "panel/panel.hpp"

namespace forkscope {

class FaultInspectorPanel final : public Panel {
public:
    void draw(PanelView& view) override;
    std::string text(const Snapshot& snapshot, const Selection& selection) override;

    // To the card before (-1) or after (1) the one shown.
    void step(PanelView& view, int by);

private:
    void draw_head(PanelView& view, const FaultInspectorModel& model);
    void draw_frames(PanelView& view, const FaultInspectorModel& model);
    void draw_path(PanelView& view, const FaultInspectorModel& model);
    void draw_registers(PanelView& view, const FaultInspectorModel& model);
    void draw_descriptors(PanelView& view, const FaultInspectorModel& model);

    Cached<FaultInspectorModel> model_;
};

} // namespace forkscope
