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

// Ends the connection, which takes the window away; nothing may be asked of the
// display any more. SDL's way would wait for the server's answers, for ever if that
// goes away meanwhile, as at the end of a user's session. False where the window is
// another system's: nothing is done.
bool leave_display(SDL_Window& window);

} // namespace forkscope
