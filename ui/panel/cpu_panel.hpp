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

    // Where the code was scrolled to: an address, in a table of some size.
    struct Shown {
        u64 pc = 0;
        ImGuiID table = 0;
        float height = 0, em = 0;
        bool operator==(const Shown&) const = default;
    };

    Cached<CpuModel> model_;
    std::optional<Shown> shown_; // none: nothing to scroll to
};

} // namespace forkscope
