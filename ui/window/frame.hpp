// The whole panel, drawn once: what is in a window, on any renderer.
#pragma once

#include "panel/asked.hpp"
#include "panel/console_panel.hpp"
#include "panel/control_bar_panel.hpp"
#include "panel/event_log_panel.hpp"
#include "panel/fault_inspector_panel.hpp"
#include "panel/lesson_panel.hpp"
#include "panel/process_tree_panel.hpp"
#include "panel/timeline_panel.hpp"
#include "window/command_palette.hpp"
#include "window/settings.hpp"

#include <cmath>
#include <memory>

namespace forkscope {

// Of a window, in pixels.
struct FrameSize {
    float width = 0;
    float height = 0;
    float scale = 1; // of all that is drawn, for a display with small pixels
};

class Frame {
public:
    // `send` takes commands to the machine; it is called while a frame is drawn.
    Frame(Settings settings, std::function<void(Command)> send);

    // The run has a lesson, which stands beside the panels.
    void teach(const Tutor& tutor) { lesson_ = std::make_unique<LessonPanel>(tutor); }

    // Before a frame of ImGui's begins: chooses the size of the text. True if the
    // fonts are new.
    bool prepare(const FrameSize& size);

    // Inside a frame of ImGui's. `snapshot` is not null.
    void draw(const Snapshot& snapshot);
    // What the last key or click began has been done; else the next frame goes on.
    [[nodiscard]] bool settled() const {
        return wanted_.empty() && to_front_.empty() && !console_->awaits_focus();
    }

    // A newer one than `snapshot` will come by itself.
    [[nodiscard]] bool expects_snapshot(const Snapshot& snapshot) const {
        return snapshot.control.phase == RunPhase::Running || asked_.unanswered(snapshot.control);
    }

    void perform(Action action);
    // In the last line, until the next action.
    void say(std::string message) { message_ = std::move(message); }
    Selection selection; // what the user has picked

    [[nodiscard]] const Settings& settings() const { return settings_; }
    [[nodiscard]] const Theme& theme() const { return theme_of(settings_.theme); }
    [[nodiscard]] float em() const { return em_; }

    // For a window's title: "Forkscope: paused at cycle 410,203, fork-demo (6), Lab".
    [[nodiscard]] std::string title(const Snapshot& snapshot) const;
    // The panels in front, as text.
    [[nodiscard]] std::string text(const Snapshot& snapshot);

    // Set by the user's wishes that only a window can meet.
    bool quit = false;
    bool toggle_full_screen = false;
    std::vector<std::filesystem::path> fonts = font_folders(); // where they are looked for
    std::filesystem::path export_folder; // of the events' text; empty: the working directory

private:
    void perform_now(Action action, PanelView& view);
    void perform_on_panels(Action action, PanelView& view);
    void perform_on_window(Action action);
    void read_keys();
    [[nodiscard]] Area draw_lesson(PanelView& view, const Area& area);
    void draw_panes(PanelView& view, const Area& area);
    void draw_pane(PanelView& view, const Pane& pane, std::size_t index);
    void draw_splitter(const Splitter& splitter, std::size_t index);
    void draw_status(PanelView& view);
    void draw_choices(PanelView& view);
    void copy_panel(PanelView& view);
    void write_events(PanelView& view);
    void show(PanelId panel);
    void change_zoom(float factor);
    void switch_layout(LayoutKind kind);
    [[nodiscard]] float gap_width() const { return std::max(3.0F, std::round(em_ * 0.28F)); }
    [[nodiscard]] Layout& layout() { return layouts_[static_cast<std::size_t>(settings_.layout)]; }
    [[nodiscard]] Panel& panel(PanelId id) { return *panels_[static_cast<std::size_t>(id)]; }

    Settings settings_;
    Asked asked_;
    std::function<void(Command)> send_;
    std::function<void(Action)> perform_ = [this](Action action) { perform(action); };
    std::array<Layout, kLayouts> layouts_;

    ControlBarPanel control_bar_;
    // Owned by panels_; these also answer keys.
    ProcessTreePanel* tree_;
    FaultInspectorPanel* faults_;
    TimelinePanel* timeline_;
    EventLogPanel* events_;
    ConsolePanel* console_;
    std::array<std::unique_ptr<Panel>, kPanels> panels_;
    std::unique_ptr<LessonPanel> lesson_; // null without one

    Fonts fonts_;
    float em_ = 0;
    u64 revision_ = 0;
    u64 serial_ = 0;                // of the snapshot drawn last
    Selection drawn_;               // selection that it was drawn with
    std::vector<Action> wanted_;    // to be done in the next frame
    std::vector<PanelId> to_front_; // likewise
    std::vector<PanelId> front_;    // what is seen, by pane
    std::optional<PanelId> under_mouse_;
    std::string message_;
    CommandPalette palette_;
    bool open_help_ = false;
};

} // namespace forkscope
