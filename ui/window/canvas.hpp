// The panel drawn into memory, with no display at all.
#pragma once

#include "window/png.hpp"
#include "window/stage.hpp"

struct SDL_Surface;

namespace forkscope {

class Canvas {
public:
    static Result<std::unique_ptr<Canvas>> create(int width, int height);

    // Frames of ImGui are drawn until nothing moves any more.
    void draw(Frame& frame, const Snapshot& snapshot, int frames = 4);
    // What was drawn last.
    [[nodiscard]] Picture picture() const;

private:
    Canvas(SDL_Surface* surface, SDL_Renderer* renderer);

    struct Destroy {
        void operator()(SDL_Surface* surface) const;
        void operator()(SDL_Renderer* renderer) const;
    };
    std::unique_ptr<SDL_Surface, Destroy> surface_;
    std::unique_ptr<SDL_Renderer, Destroy> renderer_;
    Stage stage_; // goes first: its textures are the renderer's
};

} // namespace forkscope
