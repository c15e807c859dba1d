// What draws a Frame on an SDL renderer: a window's, or a surface in memory.
#pragma once

#include "window/frame.hpp"

struct SDL_Renderer;

namespace forkscope {

// Owns ImGui's context; one at a time in a thread.
class Stage {
public:
    // `renderer` is borrowed.
    explicit Stage(SDL_Renderer& renderer);
    ~Stage();
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    // Makes `frame` for a window of `size`, which is when it takes input;
    // `begin_platform` is called where ImGui's platform backend begins its frame.
    void build(Frame& frame, const Snapshot& snapshot, const FrameSize& size,
               const std::function<void()>& begin_platform = {});
    // Draws what was built last.
    void paint(const Theme& theme);

private:
    SDL_Renderer& renderer_;
};

} // namespace forkscope
