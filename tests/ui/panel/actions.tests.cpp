#include "panel/actions.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <set>
#include <string>

using namespace forkscope;

TEST_CASE("keys: none is bound twice, and none is written twice", "[ui][panel]") {
    std::map<std::pair<ImGuiKeyChord, char>, std::string_view> bound;
    std::map<std::string_view, std::string_view> written;
    for (const ActionInfo& info : actions()) {
        INFO(info.name);
        CHECK((info.chord != 0) != (info.character != 0));
        CHECK(bound.emplace(std::pair(info.chord, info.character), info.name).second);
        CHECK(written.emplace(info.key, info.name).second);
    }
}

TEST_CASE("keys: the guest gets control with a letter, and all plain keys while it is typed to",
          "[ui][panel]") {
    for (const ActionInfo& info : actions()) {
        INFO(info.name);
        const auto key = static_cast<ImGuiKey>(info.chord & ~ImGuiMod_Mask_);
        const bool letter = key >= ImGuiKey_A && key <= ImGuiKey_Z;
        const ImGuiKeyChord modifiers = info.chord & ImGuiMod_Mask_;
        CHECK_FALSE((letter && modifiers == ImGuiMod_Ctrl));
        const bool plain = info.character != 0 || (letter && modifiers == 0);
        CHECK_FALSE((plain && info.while_typing));
    }
}

TEST_CASE("keys: those that debuggers share are bound as everywhere", "[ui][panel]") {
    CHECK(action_info(Action::RunOrPause).key == "F5");
    CHECK(action_info(Action::StepInstruction).key == "F7");
    CHECK(action_info(Action::StepOver).key == "F8");
    CHECK(action_info(Action::StepOut).key == "Shift+F7");
    CHECK(action_info(Action::StepEvent).key == "F6");
    CHECK(action_info(Action::Help).key == "?");
    CHECK(action_info(Action::Palette).key == "Ctrl+Shift+P");
}
