#include "window/canvas.hpp"

#include <SDL.h>

namespace forkscope {

Result<std::unique_ptr<Canvas>> Canvas::create(int width, int height) {
    SDL_Surface* surface =
        SDL_CreateRGBSurfaceWithFormat(0, width, height, 32, SDL_PIXELFORMAT_ARGB8888);
    SDL_Renderer* renderer = surface == nullptr ? nullptr : SDL_CreateSoftwareRenderer(surface);
    if (renderer == nullptr) {
        SDL_FreeSurface(surface);
        return Error{std::string("the panel can't be drawn: ") + SDL_GetError(),
                     ExitStatus::Internal};
    }
    return std::unique_ptr<Canvas>(new Canvas(surface, renderer));
}

Canvas::Canvas(SDL_Surface* surface, SDL_Renderer* renderer)
    : surface_(surface), renderer_(renderer), stage_(*renderer) {}

void Canvas::Destroy::operator()(SDL_Surface* surface) const {
    SDL_FreeSurface(surface);
}

void Canvas::Destroy::operator()(SDL_Renderer* renderer) const {
    SDL_DestroyRenderer(renderer);
}

void Canvas::draw(Frame& frame, const Snapshot& snapshot, int frames) {
    for (int i = 0; i < frames; ++i) {
        stage_.build(frame, snapshot,
                     {static_cast<float>(surface_->w), static_cast<float>(surface_->h)});
        stage_.paint(frame.theme());
        SDL_RenderFlush(renderer_.get());
    }
}

Picture Canvas::picture() const {
    Picture picture;
    picture.width = static_cast<unsigned>(surface_->w);
    picture.height = static_cast<unsigned>(surface_->h);
    picture.pixels.reserve(3UL * picture.width * picture.height);
    for (int y = 0; y < surface_->h; ++y) {
        const auto* row = reinterpret_cast<const u32*>(static_cast<const u8*>(surface_->pixels) +
                                                       static_cast<long>(y) * surface_->pitch);
        for (int x = 0; x < surface_->w; ++x) {
            picture.pixels.push_back(static_cast<u8>(row[x] >> 16));
            picture.pixels.push_back(static_cast<u8>(row[x] >> 8));
            picture.pixels.push_back(static_cast<u8>(row[x]));
        }
    }
    return picture;
}

} // namespace forkscope
