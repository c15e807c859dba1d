#include "window/input_steps.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace forkscope;

namespace {

SDL_Event key(SDL_EventType type, SDL_Keycode code, int modifiers = KMOD_NONE) {
    SDL_Event event{};
    event.type = type;
    event.key.keysym.sym = code;
    event.key.keysym.mod = static_cast<Uint16>(modifiers);
    return event;
}

SDL_Event text(char character) {
    SDL_Event event{};
    event.type = SDL_TEXTINPUT;
    event.text.text[0] = character;
    return event;
}

SDL_Event mouse(SDL_EventType type) {
    SDL_Event event{};
    event.type = type;
    return event;
}

// "dt u m": key down with its text, key up, motion.
std::string steps(InputSteps& input) {
    std::string all;
    while (!input.empty()) {
        all += all.empty() ? "" : " ";
        for (const SDL_Event& event : input.take()) {
            all += event.type == SDL_KEYDOWN           ? 'd'
                   : event.type == SDL_KEYUP           ? 'u'
                   : event.type == SDL_TEXTINPUT       ? 't'
                   : event.type == SDL_MOUSEBUTTONDOWN ? 'b'
                                                       : 'm';
        }
    }
    return all;
}

} // namespace

TEST_CASE("input: each key and each click is a step, motion before one is another",
          "[ui][window]") {
    InputSteps input;
    CHECK(input.empty());
    for (const SDL_Event& event :
         {mouse(SDL_MOUSEMOTION), mouse(SDL_MOUSEMOTION), mouse(SDL_MOUSEBUTTONDOWN),
          key(SDL_KEYDOWN, SDLK_a), text('a'), key(SDL_KEYDOWN, SDLK_RETURN),
          key(SDL_KEYUP, SDLK_a), key(SDL_KEYDOWN, SDLK_b), text('b'), mouse(SDL_MOUSEWHEEL)}) {
        input.add(event);
    }
    CHECK(steps(input) == "mm b dt d u dt m");
}

TEST_CASE("input: a key with Control or Alt gives no text, AltGr's does", "[ui][window]") {
    const auto typed = [](SDL_Keycode code, int modifiers, char character) {
        InputSteps input;
        input.add(key(SDL_KEYDOWN, code, modifiers));
        input.add(text(character));
        return steps(input) == "dt";
    };
    CHECK(typed(SDLK_a, KMOD_NONE, 'a'));
    CHECK(typed(SDLK_a, KMOD_LSHIFT | KMOD_NUM, 'A'));
    CHECK_FALSE(typed(SDLK_3, KMOD_LALT, '3'));
    CHECK_FALSE(typed(SDLK_3, KMOD_RALT | KMOD_CAPS, '3'));
    CHECK_FALSE(typed(SDLK_EQUALS, KMOD_RCTRL, '='));
    CHECK(typed(SDLK_8, KMOD_RALT, '[')); // on a German keyboard
}

TEST_CASE("input: text of no key of ours is text, whatever went before", "[ui][window]") {
    InputSteps input;
    input.add(key(SDL_KEYDOWN, SDLK_SPACE, KMOD_LCTRL)); // begins an input method
    input.add(key(SDL_KEYUP, SDLK_SPACE));
    input.add(text('x'));
    CHECK(steps(input) == "d ut");
}
