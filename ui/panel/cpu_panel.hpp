// Panel 9: the CPU where it stands.
#pragma once

#include "model/cpu.hpp"
#include "panel/panel.hpp"

namespace forkscope {

class CpuPanel final : public Panel {
public:
    void draw(PanelView& view) override;
    std::string text(const Snapshot& snapshot, const Selection& selection) override;

private:
    void draw_code(PanelView& view, const CpuModel& model, ImVec2 size);
    void draw_registers(PanelView& view, const CpuModel& model);
    void draw_register(PanelView& view, const RegisterRow& row);
    void draw_general(PanelView& view, const CpuModel& model);
    void draw_system(PanelView& view, const CpuModel& model);

    Cached<CpuModel> model_;
    u64 shown_pc_ = ~u64{0}; // that the code was scrolled to
};

} // namespace forkscope
