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

    // Draws `frame` in a window of this size; `begin_platform` is called where
    // ImGui's platform backend begins its frame.
    void draw(Frame& frame, const Snapshot& snapshot, float width, float height,
              const std::function<void()>& begin_platform = {});

private:
    SDL_Renderer& renderer_;
};

} // namespace forkscope
