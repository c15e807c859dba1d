// What SDL does not tell or do where it draws on an X server. It has loaded the
// library; the program itself is not linked with it.
#pragma once

#include <optional>

struct SDL_Window;

namespace forkscope {

struct X11 {
    void* display = nullptr; // Display*
    void* library = nullptr; // for dlsym
};

// None where the window is another system's.
std::optional<X11> x11_of(SDL_Window& window);

// How much larger than at 96 dots an inch the user wants text: the X resource
// Xft.dpi, which desktops set. 1 to 4; 1 where nobody has said.
float desktop_scale(SDL_Window& window);

} // namespace forkscope
