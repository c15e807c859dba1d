#include "window/window.hpp"

#include "window/display_loss.hpp"
#include "window/x11.hpp"

#include <SDL.h>
#include <backends/imgui_impl_sdl2.h>
#include <imgui_internal.h> // ImGui's queue of input, which has no public name

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace forkscope {

namespace {

constexpr u64 kFrameTime = 16;    // milliseconds: at most 60 frames a second
constexpr int kSettle = 3;        // frames after something has changed
constexpr int kLookAround = 1000; // milliseconds between looks whether the display is there

// Mesa's drivers for machines without a graphics card take ten times as long for a
// frame as SDL's own drawing in software.
bool draws_in_software(SDL_Renderer& renderer) {
    SDL_RendererInfo info;
    if (SDL_GetRendererInfo(&renderer, &info) != 0 ||
        std::string_view(info.name).find("opengl") == std::string_view::npos) {
        return false;
    }
    using GetString = const unsigned char* (*)(unsigned);
    constexpr unsigned kRenderer = 0x1f01; // GL_RENDERER
    const auto get_string = reinterpret_cast<GetString>(SDL_GL_GetProcAddress("glGetString"));
    const unsigned char* name = get_string == nullptr ? nullptr : get_string(kRenderer);
    const std::string_view words = name == nullptr ? "" : reinterpret_cast<const char*>(name);
    return words.find("llvmpipe") != std::string_view::npos ||
           words.find("softpipe") != std::string_view::npos ||
           words.find("Software Rasterizer") != std::string_view::npos;
}

int times(int length, float factor) {
    return static_cast<int>(std::lround(static_cast<float>(length) * factor));
}

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != 0;
}

} // namespace

void Window::Destroy::operator()(SDL_Window* window) const {
    SDL_DestroyWindow(window);
}

void Window::Destroy::operator()(SDL_Renderer* renderer) const {
    SDL_DestroyRenderer(renderer);
}

Result<std::unique_ptr<Window>> Window::open(const Settings& settings) {
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    // Only what is there is tried: other drivers print their own complaints.
    const bool wayland = is_set("WAYLAND_DISPLAY");
    if (!wayland && !is_set("DISPLAY") && !is_set("SDL_VIDEODRIVER")) {
        return Error{
            "forkscope: no display for the panel: neither DISPLAY nor WAYLAND_DISPLAY is set"};
    }
    SDL_SetHint(SDL_HINT_VIDEODRIVER, wayland ? "wayland,x11" : "x11");
    if (SDL_Init(SDL_INIT_VIDEO) != 0) {
        return Error{std::string("forkscope: no display for the panel: ") + SDL_GetError()};
    }
    std::unique_ptr<Window> window(new Window);
    window->settings_ = settings;
    if (const Result<void> created = window->create(); !created) {
        return created.error();
    }
    return window;
}

// Both anew: what draws decides what kind of window it is.
void Window::create_renderer(u32 flags) {
    constexpr u32 kFlags = SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI |
                           SDL_WINDOW_HIDDEN; // shown when it is made
    renderer_.reset();
    window_.reset(SDL_CreateWindow("Forkscope", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                                   settings_.width, settings_.height, kFlags));
    if (window_) {
        renderer_.reset(SDL_CreateRenderer(window_.get(), -1, flags));
    }
}

void Window::fit_into_display() {
    SDL_Rect room{0, 0, 16384, 16384};
    SDL_GetDisplayUsableBounds(0, &room);
    SDL_SetWindowMinimumSize(window_.get(), 320, 200);
    SDL_SetWindowSize(window_.get(), std::min(times(settings_.width, desktop_scale_), room.w),
                      std::min(times(settings_.height, desktop_scale_), room.h));
    SDL_SetWindowPosition(window_.get(), SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED);
}

Result<void> Window::create() {
    create_renderer(0);
    if (renderer_ && !is_set("SDL_RENDER_DRIVER") && draws_in_software(*renderer_)) {
        SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0"); // not by OpenGL again
        create_renderer(SDL_RENDERER_SOFTWARE);
    }
    if (!renderer_) {
        return Error{std::string("forkscope: no window for the panel: ") + SDL_GetError()};
    }
    desktop_scale_ = desktop_scale(*window_);
    fit_into_display();
    SDL_ShowWindow(window_.get());
    survive_display_loss(*window_);
    stage_ = std::make_unique<Stage>(*renderer_);
    ImGui_ImplSDL2_InitForSDLRenderer(window_.get(), renderer_.get());
    return {};
}

Window::~Window() {
    // Nothing that asks the display can be done without it.
    if (display_is_lost() || (window_ && leave_display(*window_))) {
        ImGui::SetCurrentContext(nullptr);
        (void)stage_.release();
        (void)renderer_.release();
        (void)window_.release();
        return;
    }
    if (stage_) {
        ImGui_ImplSDL2_Shutdown();
    }
    stage_.reset();
    renderer_.reset();
    window_.reset();
    SDL_Quit();
}

// Nothing of SDL's is called here. What it does to wake the window's thread would
// use the connection to the X server on this thread, and where that is lost, Xlib
// leaves the display locked by the thread that found out (_XIOError in XlibInt.c):
// the other one would wait for ever.
void Window::show(std::shared_ptr<const Snapshot> snapshot) {
    const std::lock_guard lock(mutex_);
    snapshot_ = std::move(snapshot);
}

void Window::take_snapshot() {
    const std::lock_guard lock(mutex_);
    if (snapshot_ != shown_) {
        shown_ = snapshot_;
        frames_due_ = std::max(frames_due_, 2);
    }
}

void Window::handle(const SDL_Event& event) {
    frames_due_ = kSettle;
    if (event.type == SDL_QUIT) {
        closed_ = true;
    }
    input_.add(event);
}

// Sleeps until something happens; no longer than until the next frame is due, or a
// snapshot may have come.
void Window::wait_for_events(const Frame& frame) {
    SDL_Event event;
    const u64 now = SDL_GetTicks64();
    const u64 due = next_frame_;
    const bool expecting = !shown_ || frame.expects_snapshot(*shown_);
    const int wait = frames_due_ != 0 ? (now < due ? static_cast<int>(due - now) : 0)
                     : expecting      ? static_cast<int>(kFrameTime)
                                      : kLookAround;
    if (wait > 0 && SDL_WaitEventTimeout(&event, wait) != 0) {
        handle(event);
    }
    while (SDL_PollEvent(&event) != 0) {
        handle(event);
    }
}

void Window::set_title(const std::string& title) {
    if (title != title_) {
        title_ = title;
        SDL_SetWindowTitle(window_.get(), title.c_str());
    }
}

// Pixels of one unit in which the display counts: 1 on an X server.
float Window::pixels_each() const {
    int units = 0, pixels = 0;
    SDL_GetWindowSize(window_.get(), &units, nullptr);
    SDL_GetRendererOutputSize(renderer_.get(), &pixels, nullptr);
    return units > 0 ? static_cast<float>(pixels) / static_cast<float>(units) : 1;
}

void Window::remember_size() {
    if ((SDL_GetWindowFlags(window_.get()) & (SDL_WINDOW_FULLSCREEN | SDL_WINDOW_MAXIMIZED)) == 0) {
        int width = 0, height = 0;
        SDL_GetWindowSize(window_.get(), &width, &height);
        settings_.width = times(width, 1 / desktop_scale_);
        settings_.height = times(height, 1 / desktop_scale_);
    }
}

// Step by step, without drawing each: keys are not lost where drawing is slow.
void Window::take_input(Frame& frame, const Snapshot& snapshot) {
    while (!input_.empty() && !closed_) {
        const std::vector<SDL_Event> step = input_.take();
        for (SDL_Event event : step) {
            if (event.type == SDL_MOUSEMOTION) {
                event.motion.x = times(event.motion.x, pixels_each());
                event.motion.y = times(event.motion.y, pixels_each());
            }
            ImGui_ImplSDL2_ProcessEvent(&event);
        }
        if (input_.empty() && !is_action(step.front())) {
            return; // a mouse that moves is seen in the frame that is drawn next
        }
        constexpr int kMost = 8; // frames for one step
        int built = 0;
        do {
            build(frame, snapshot);
            ++built;
        } while (built < kMost &&
                 !(ImGui::GetCurrentContext()->InputEventsQueue.empty() && frame.settled()));
    }
}

void Window::build(Frame& frame, const Snapshot& snapshot) {
    int width = 0, height = 0;
    SDL_GetRendererOutputSize(renderer_.get(), &width, &height);
    const FrameSize size{static_cast<float>(width), static_cast<float>(height),
                         desktop_scale_ * pixels_each()};
    stage_->build(frame, snapshot, size, [&] {
        ImGui_ImplSDL2_NewFrame();
        ImGuiIO& io = ImGui::GetIO();
        // Text is made for the pixels that there are, so all is counted in them.
        io.DisplaySize = {size.width, size.height};
        io.DisplayFramebufferScale = {1, 1};
        io.DeltaTime = 1.0F / 60;
    });
    closed_ = closed_ || frame.quit;
}

void Window::draw(Frame& frame, const Snapshot& snapshot) {
    build(frame, snapshot);
    stage_->paint(frame.theme());
    SDL_RenderPresent(renderer_.get());
    set_title(frame.title(snapshot));
    if (std::exchange(frame.toggle_full_screen, false)) {
        const bool full = (SDL_GetWindowFlags(window_.get()) & SDL_WINDOW_FULLSCREEN_DESKTOP) != 0;
        SDL_SetWindowFullscreen(window_.get(), full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
    }
}

WindowEnd Window::run(const Link& link) {
    Frame frame(settings_, link.send);
    if (link.lesson != nullptr) {
        frame.teach(Tutor(*link.lesson));
    }
    frames_due_ = kSettle;
    while (!closed_ && !display_is_lost()) {
        wait_for_events(frame);
        take_snapshot();
        if (!shown_) {
            continue;
        }
        take_input(frame, *shown_);
        if (frames_due_ == 0 || closed_ || display_is_lost() || SDL_GetTicks64() < next_frame_) {
            continue;
        }
        if (const std::optional<std::string> error = link.take_error()) {
            frame.say(*error);
        }
        const u64 began = SDL_GetTicks64();
        --frames_due_;
        draw(frame, *shown_);
        // Where drawing is slow, most of the time is the machine's while it runs freely,
        // and half of it otherwise.
        const ControlView& control = shown_->control;
        const bool free = control.phase == RunPhase::Running && control.speed == 0;
        next_frame_ = began + std::max(kFrameTime, (free ? 4 : 2) * (SDL_GetTicks64() - began));
        if (!display_is_lost()) {
            remember_size();
        }
    }
    const int width = settings_.width, height = settings_.height;
    settings_ = frame.settings();
    settings_.width = width;
    settings_.height = height;
    selection_ = frame.selection;
    return display_is_lost() ? WindowEnd::DisplayLost : WindowEnd::Closed;
}

} // namespace forkscope
