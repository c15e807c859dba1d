#include "window/display_loss.hpp"

#include <SDL.h>
#include <SDL_syswm.h>

#include <atomic>
#include <dlfcn.h>

namespace forkscope {

namespace {

std::atomic<bool> lost = false; // Xlib's handlers have no other way out

void note_loss(void*, void*) {
    lost = true;
}

int ignore_error(void*) {
    lost = true;
    return 0;
}

} // namespace

// Xlib: XSetIOErrorHandler, XSetIOErrorExitHandler (since 1.7.0). SDL has loaded the
// library; the program itself is not linked with it.
void survive_display_loss(SDL_Window& window) {
    lost = false;
    SDL_SysWMinfo info;
    SDL_VERSION(&info.version);
    if (SDL_GetWindowWMInfo(&window, &info) != SDL_TRUE || info.subsystem != SDL_SYSWM_X11) {
        return;
    }
    void* library = dlopen("libX11.so.6", RTLD_LAZY | RTLD_NOLOAD);
    if (library == nullptr) {
        return;
    }
    using SetHandler = int (*(*)(int (*)(void*)))(void*);
    using SetExitHandler = void (*)(void*, void (*)(void*, void*), void*);
    const auto set_handler = reinterpret_cast<SetHandler>(dlsym(library, "XSetIOErrorHandler"));
    const auto set_exit_handler =
        reinterpret_cast<SetExitHandler>(dlsym(library, "XSetIOErrorExitHandler"));
    if (set_handler != nullptr && set_exit_handler != nullptr) {
        set_handler(ignore_error);
        set_exit_handler(info.info.x11.display, note_loss, nullptr);
    }
}

bool display_is_lost() {
    return lost;
}

} // namespace forkscope
