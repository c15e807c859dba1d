// Panel 11: the guest's terminal, typed into.
#pragma once

#include "model/console.hpp"
#include "panel/panel.hpp"

namespace forkscope {

class ConsolePanel final : public Panel {
public:
    void draw(PanelView& view) override;
    std::string text(const Snapshot& snapshot, const Selection& selection) override;

    // True while what is typed goes to the guest. Drawn anew with each frame.
    [[nodiscard]] bool has_focus() const { return has_focus_; }
    void begin_frame() { has_focus_ = false; }
    // From the next frame on in which it is drawn.
    void focus() { take_focus_ = true; }
    [[nodiscard]] bool awaits_focus() const { return take_focus_; }

private:
    void draw_screen(PanelView& view, const ConsoleModel& model);
    void type(const PanelView& view);

    Cached<ConsoleModel> model_;
    bool has_focus_ = false;
    bool take_focus_ = false;
    std::size_t lines_ = 0; // when it was last drawn
};

// What a terminal sends for the keys and characters of this frame. ECMA-48.
std::string typed_bytes(const ImGuiIO& io);

} // namespace forkscope
