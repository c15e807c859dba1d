#include "panel/asked.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;

TEST_CASE("asked: keys struck before the next snapshot go on from what was asked", "[ui][panel]") {
    ControlView control;
    control.phase = RunPhase::Paused;
    control.speed = 5;
    Asked asked;
    CHECK_FALSE(asked.running(control));
    asked.note(command::Run{});
    CHECK(asked.running(control));
    asked.note(command::SetSpeed{10});
    asked.note(command::TypeText{"x"});
    CHECK(asked.speed(control) == 10);
    CHECK(asked.running(control));
    asked.note(command::StepEvent{});
    CHECK_FALSE(asked.running(control));
}

TEST_CASE("asked: a snapshot counts once all commands have been obeyed", "[ui][panel]") {
    ControlView control;
    control.speed = 5;
    Asked asked;
    asked.note(command::SetSpeed{10});
    asked.note(command::SetSpeed{25});
    asked.note(command::Run{});
    control.commands = 2;
    asked.see(control);
    CHECK(asked.speed(control) == 25);
    CHECK(asked.running(control));
    control.commands = 3;
    control.phase = RunPhase::Paused; // a breakpoint
    control.speed = 25;
    asked.see(control);
    CHECK_FALSE(asked.running(control));
    control.speed = 2; // by something else
    CHECK(asked.speed(control) == 2);
}
