#include "window/input_steps.hpp"

namespace forkscope {

namespace {

// The right Alt may be AltGr, which makes other characters of keys.
bool is_command(const SDL_Keysym& key, const char* text) {
    constexpr unsigned kNever = KMOD_CTRL | KMOD_LALT | KMOD_GUI;
    const bool alt_gr = (key.mod & (KMOD_RALT | KMOD_MODE)) != 0;
    const bool same = static_cast<SDL_Keycode>(static_cast<unsigned char>(text[0])) == key.sym;
    return alt_gr ? same : (key.mod & kNever) != 0;
}

} // namespace

bool is_action(const SDL_Event& event) {
    return event.type == SDL_KEYDOWN || event.type == SDL_KEYUP ||
           event.type == SDL_MOUSEBUTTONDOWN || event.type == SDL_MOUSEBUTTONUP;
}

void InputSteps::add(const SDL_Event& event) {
    if (event.type == SDL_TEXTINPUT && is_command(key_, event.text.text)) {
        return;
    }
    if (event.type != SDL_TEXTINPUT) { // text stands right behind its key
        key_ = event.type == SDL_KEYDOWN ? event.key.keysym : SDL_Keysym{};
    }
    events_.push_back(event);
}

std::vector<SDL_Event> InputSteps::take() {
    std::vector<SDL_Event> step;
    const auto next = [&](auto wanted) {
        const bool there = !events_.empty() && wanted(events_.front());
        if (there) {
            step.push_back(events_.front());
            events_.pop_front();
        }
        return there;
    };
    if (next(is_action)) {
        while (next([](const SDL_Event& event) { return event.type == SDL_TEXTINPUT; })) {
        }
    } else {
        while (next([](const SDL_Event& event) { return !is_action(event); })) {
        }
    }
    return step;
}

} // namespace forkscope
