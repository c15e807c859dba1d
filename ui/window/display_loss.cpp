#include "window/display_loss.hpp"

#include "window/x11.hpp"

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

// Xlib: XSetIOErrorHandler, XSetIOErrorExitHandler (since 1.7.0).
void survive_display_loss(SDL_Window& window) {
    lost = false;
    const std::optional<X11> x11 = x11_of(window);
    if (!x11) {
        return;
    }
    using SetHandler = int (*(*)(int (*)(void*)))(void*);
    using SetExitHandler = void (*)(void*, void (*)(void*, void*), void*);
    const auto set_handler =
        reinterpret_cast<SetHandler>(dlsym(x11->library, "XSetIOErrorHandler"));
    const auto set_exit_handler =
        reinterpret_cast<SetExitHandler>(dlsym(x11->library, "XSetIOErrorExitHandler"));
    if (set_handler != nullptr && set_exit_handler != nullptr) {
        set_handler(ignore_error);
        set_exit_handler(x11->display, note_loss, nullptr);
    }
}

bool display_is_lost() {
    return lost;
}

} // namespace forkscope
