#include "model/control_bar.hpp"

#include "support/snapshot_builder.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;

TEST_CASE("control bar: what can be done follows from the phase", "[ui]") {
    Snapshot snapshot;
    const auto check = [&](RunPhase phase, const char* name, bool run, bool pause) {
        snapshot.control.phase = phase;
        const ControlBarModel model = model_control_bar(snapshot, {});
        CHECK(model.phase_name == name);
        CHECK(model.can_run == run);
        CHECK(model.can_pause == pause);
    };
    check(RunPhase::Ready, "ready", true, false);
    check(RunPhase::Running, "running", false, true);
    check(RunPhase::Paused, "paused", true, false);
    check(RunPhase::Ended, "ended", false, false);
}

TEST_CASE("control bar: it says why and where the machine stopped", "[ui]") {
    test::CowScene scene;
    scene.snapshot.control.why = "Stopped at a breakpoint.";
    scene.snapshot.control.cycle = 1'234'567'890;
    scene.snapshot.code = {{0x40'0120, 0xb900'0020, "str w0, [x1]", "main+0x20"}};
    const ControlBarModel model = model_control_bar(scene.build(), {});
    CHECK(model.why == "Stopped at a breakpoint.");
    CHECK(model.where == "fork-demo (3) at EL0, PC 0x400120 in main+0x20");
    CHECK(model.cycle == "1,234,567,890");
    CHECK(model.time == "1,234.568 ms");
}

TEST_CASE("control bar: the chosen speed is one of those offered", "[ui]") {
    Snapshot snapshot;
    snapshot.control.speed = 5;
    ControlBarModel model = model_control_bar(snapshot, {});
    CHECK(model.speeds.size() == 6);
    CHECK(std::ranges::count_if(model.speeds, &SpeedChoice::chosen) == 1);
    snapshot.control.speed = 7; // not on the list: it is added
    model = model_control_bar(snapshot, {});
    CHECK(model.speeds.size() == 7);
    CHECK(model.speeds.back().label == "7 events/s");
    CHECK(model.speeds.back().chosen);
}

TEST_CASE("control bar: breakpoints are listed with their hits", "[ui]") {
    Snapshot snapshot;
    snapshot.breakpoints = {{1, "fork1", 0}, {3, "fault permission pid 3", 12'000}};
    const std::string shown = text(model_control_bar(snapshot, {}));
    CHECK(shown.find("3  12,000  fault permission pid 3\n") != std::string::npos);
}
