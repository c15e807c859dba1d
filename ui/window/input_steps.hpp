// Cuts what the user does into steps of which ImGui sees one a frame: between two
// frames it knows only which keys are down, not in which order they were typed.
#pragma once

#include <SDL_events.h>

#include <deque>
#include <vector>

namespace forkscope {

// A key or a button goes down or up.
bool is_action(const SDL_Event& event);

class InputSteps {
public:
    // In the order in which they came. Text of a key that Control or Alt goes with
    // is left out: such a key is a command, though X gives it a character too.
    void add(const SDL_Event& event);

    [[nodiscard]] bool empty() const { return events_.empty(); }
    // The next step: a key or a button that goes down or up, with the text that the
    // key gives; or all that comes before such an action. Not to be called if empty.
    [[nodiscard]] std::vector<SDL_Event> take();

private:
    std::deque<SDL_Event> events_;
    SDL_Keysym key_{}; // that the event before was about, going down
};

} // namespace forkscope
