// The panel in a window on a display.
#pragma once

#include "window/input_steps.hpp"
#include "window/stage.hpp"

#include <mutex>

struct SDL_Window;

namespace forkscope {

enum class WindowEnd : u8 {
    Closed,      // by the user, or by a signal
    DisplayLost, // the display went away; the window can't be used any more
};

class Window {
public:
    // What the window asks of the one that runs the machine.
    struct Link {
        std::function<void(Command)> send;
        std::function<std::optional<std::string>()> take_error; // of the last command, once
        const Lesson* lesson = nullptr;                         // of the run, if it has one
    };

    // Without a display it is an error, one line.
    static Result<std::unique_ptr<Window>> open(const Settings& settings);
    ~Window();
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;

    // From any thread: what is to be seen from now on.
    void show(std::shared_ptr<const Snapshot> snapshot);

    // Draws until it is closed: when something has changed, at most 60 times a
    // second. On the thread that opened it.
    WindowEnd run(const Link& link);

    [[nodiscard]] const Settings& settings() const { return settings_; }
    [[nodiscard]] const Selection& selection() const { return selection_; }

private:
    Window() = default;
    Result<void> create();
    void create_renderer(u32 flags);
    void fit_into_display();
    void handle(const SDL_Event& event);
    void wait_for_events(const Frame& frame);
    void take_snapshot();
    void take_input(Frame& frame, const Snapshot& snapshot);
    void build(Frame& frame, const Snapshot& snapshot);
    void draw(Frame& frame, const Snapshot& snapshot);
    void set_title(const std::string& title);
    void remember_size();
    [[nodiscard]] float pixels_each() const;

    struct Destroy {
        void operator()(SDL_Window* window) const;
        void operator()(SDL_Renderer* renderer) const;
    };

    Settings settings_;
    Selection selection_;
    std::unique_ptr<SDL_Window, Destroy> window_;
    std::unique_ptr<SDL_Renderer, Destroy> renderer_;
    std::unique_ptr<Stage> stage_;
    float desktop_scale_ = 1;               // asked for by the user's desktop
    InputSteps input_;                      // not shown to ImGui yet
    std::shared_ptr<const Snapshot> shown_; // null before the first
    std::string title_;
    bool closed_ = false;
    int frames_due_ = 0; // ImGui needs a few to settle
    u64 next_frame_ = 0; // not before; SDL's milliseconds

    std::mutex mutex_;
    std::shared_ptr<const Snapshot> snapshot_; // the latest
};

} // namespace forkscope
