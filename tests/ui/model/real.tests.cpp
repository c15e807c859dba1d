// The panels' text of a real run. That it is true: ui/snapshot/truth.tests.cpp.
#include "model/describe.hpp"
#include "model/frame_map.hpp"
#include "ui/columns.hpp"
#include "ui/support/guest_run.hpp"

#include <sstream>

using namespace forkscope;
using namespace forkscope::test;

TEST_CASE("real run: no line of the panels' text is too long", "[ui]") {
    need_guest();
    GuestRun run;
    Cycle cycle = 350'000; // the kernel boots
    unsigned shared = 0;
    for (RunResult result; result.reason != RunEndReason::PowerOff; cycle += 50'000) {
        result = run.machine->run({.last_cycle = cycle});
        const auto snapshot = run.snapshot();
        shared += model_frame_map(*snapshot, {}).shared > 1;
        std::istringstream text(describe(*snapshot, {}));
        for (std::string line; std::getline(text, line);) {
            INFO(line);
            REQUIRE(width_of(line) <= kColumns);
        }
    }
    CHECK(shared > 2);
}
