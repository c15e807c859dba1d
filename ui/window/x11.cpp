#include "window/x11.hpp"

#include <SDL.h>
#include <SDL_syswm.h>

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <sys/socket.h>

namespace forkscope {

std::optional<X11> x11_of(SDL_Window& window) {
    SDL_SysWMinfo info;
    SDL_VERSION(&info.version);
    if (SDL_GetWindowWMInfo(&window, &info) != SDL_TRUE || info.subsystem != SDL_SYSWM_X11) {
        return std::nullopt;
    }
    void* library = dlopen("libX11.so.6", RTLD_LAZY | RTLD_NOLOAD);
    if (library == nullptr) {
        return std::nullopt;
    }
    return X11{info.info.x11.display, library};
}

// Xlib: XGetDefault, which also reads the file in $XENVIRONMENT.
float desktop_scale(SDL_Window& window) {
    const std::optional<X11> x11 = x11_of(window);
    using GetDefault = char* (*)(void*, const char*, const char*);
    const auto get_default =
        x11 ? reinterpret_cast<GetDefault>(dlsym(x11->library, "XGetDefault")) : nullptr;
    const char* dpi = get_default == nullptr ? nullptr : get_default(x11->display, "Xft", "dpi");
    const float scale = dpi == nullptr ? 1 : std::strtof(dpi, nullptr) / 96;
    return std::clamp(scale, 1.0F, 4.0F);
}

bool leave_display(SDL_Window& window) {
    const std::optional<X11> x11 = x11_of(window);
    using ConnectionNumber = int (*)(void*);
    const auto connection =
        x11 ? reinterpret_cast<ConnectionNumber>(dlsym(x11->library, "XConnectionNumber"))
            : nullptr;
    return connection != nullptr && shutdown(connection(x11->display), SHUT_RDWR) == 0;
}

} // namespace forkscope
