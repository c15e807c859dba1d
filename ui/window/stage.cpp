#include "window/stage.hpp"

#include <SDL.h>
#include <backends/imgui_impl_sdlrenderer2.h>

namespace forkscope {

Stage::Stage(SDL_Renderer& renderer) : renderer_(renderer) {
    IMGUI_CHECKVERSION();
    ImGui::CreateContext();
    ImGui_ImplSDLRenderer2_Init(&renderer_);
}

Stage::~Stage() {
    ImGui_ImplSDLRenderer2_Shutdown();
    ImGui::DestroyContext();
}

void Stage::build(Frame& frame, const Snapshot& snapshot, const FrameSize& size,
                  const std::function<void()>& begin_platform) {
    ImGuiIO& io = ImGui::GetIO();
    io.DisplaySize = {size.width, size.height};
    io.DeltaTime = 1.0F / 60;
    if (frame.prepare(size)) {
        ImGui_ImplSDLRenderer2_DestroyFontsTexture();
        ImGui_ImplSDLRenderer2_CreateFontsTexture();
    }
    ImGui_ImplSDLRenderer2_NewFrame();
    if (begin_platform) {
        begin_platform();
    }
    ImGui::NewFrame();
    frame.draw(snapshot);
    ImGui::Render();
}

void Stage::paint(const Theme& theme) {
    const ImVec4 surface = ImGui::ColorConvertU32ToFloat4(theme.surface);
    const auto byte = [](float value) { return static_cast<Uint8>(value * 255 + 0.5F); };
    SDL_SetRenderDrawColor(&renderer_, byte(surface.x), byte(surface.y), byte(surface.z), 255);
    SDL_RenderClear(&renderer_);
    ImGui_ImplSDLRenderer2_RenderDrawData(ImGui::GetDrawData());
}

} // namespace forkscope
