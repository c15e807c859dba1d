// An X server that goes away would end the program: Xlib calls exit().
#pragma once

struct SDL_Window;

namespace forkscope {

// From now on the loss of `window`'s display only sets a flag. Does nothing where
// the display is not an X server's, or its library is too old.
void survive_display_loss(SDL_Window& window);

[[nodiscard]] bool display_is_lost();

} // namespace forkscope
