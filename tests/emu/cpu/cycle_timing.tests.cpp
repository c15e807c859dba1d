#include "emu/support/test_machine.hpp"
#include "event/statistics.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace forkscope;
using namespace forkscope::test;

namespace {

timing::TimingModel model(const std::string& name = "cortex-a55") {
    auto read =
        timing::read_timing_model(FORKSCOPE_SOURCE_DIR "/configs/timing/" + name + ".json");
    REQUIRE(read);
    return *read;
}

// Loads, stores and multiplications over 64 KiB, the console, a counter's value.
const std::string kWork = R"(
        mov x0, #0x40000000
        add x0, x0, #0x100000
        mov x1, #0
        mov x9, #0
    again:
        and x2, x1, #0xfff8
        ldr x3, [x0, x2]
        add x9, x9, x3
        madd x9, x9, x3, x1
        str x9, [x0, x2]
        ldp x4, x5, [x0]
        add x1, x1, #200
        cmp x1, #200, lsl #12
        b.lo again
        putc x9
        mrs x3, cntvct_el0
        dsb sy
        power_off
)";

u64 total_charged(const std::vector<Event>& events) {
    u64 sum = 0;
    for (const Event& event : events)
        sum += event.arg[2];
    return sum;
}

u64 uses(TestMachine& machine, TimingUnit unit) {
    for (const Event& event : machine.events(EventKind::TimingTotal))
        if (event.arg[0] == static_cast<u64>(unit))
            return event.arg[1];
    return 0;
}

} // namespace

TEST_CASE("cycle timing: what is charged is the time, to the cycle", "[emu][cpu][cycle]") {
    TestMachine machine(kWork, TestMachine::Options{.timing = model()});
    const RunResult result = machine.run();
    CHECK(result.reason == RunEndReason::PowerOff);
    CHECK(result.cycles > result.instructions / 2);
    CHECK(total_charged(machine.events(EventKind::CyclesSpent)) == result.cycles);
}

TEST_CASE("cycle timing: the same instructions run, in another time", "[emu][cpu][cycle]") {
    TestMachine functional(kWork);
    TestMachine timed(kWork, TestMachine::Options{.timing = model()});
    TestMachine small(kWork, TestMachine::Options{.timing = model("small")});
    const RunResult plain = functional.run();
    const RunResult cycles = timed.run();
    const RunResult slower = small.run();
    CHECK(plain.cycles == plain.instructions);
    CHECK(cycles.instructions == plain.instructions);
    CHECK(slower.instructions == plain.instructions);
    CHECK(slower.cycles > cycles.cycles);
    CHECK(timed.console() == functional.console());
    CHECK(functional.events(EventKind::TimingTotal).empty());
}

TEST_CASE("cycle timing: two runs are equal, event by event", "[emu][cpu][cycle]") {
    TestMachine one(kWork, TestMachine::Options{.timing = model()});
    TestMachine two(kWork, TestMachine::Options{.timing = model()});
    REQUIRE(one.run().cycles == two.run().cycles);
    const std::vector<Event> first = one.events(), second = two.events();
    REQUIRE(first.size() == second.size());
    CHECK(std::equal(first.begin(), first.end(), second.begin(), [](const Event& a, const Event& b) {
        return a.cycle == b.cycle && a.kind == b.kind && a.arg == b.arg;
    }));
}

TEST_CASE("cycle timing: watching takes no time", "[emu][cpu][cycle]") {
    TestMachine watched(kWork, TestMachine::Options{.timing = model()});
    TestMachine alone(kWork, TestMachine::Options{.timing = model(), .watched = false});
    const RunResult with = watched.run();
    const RunResult without = alone.run();
    CHECK(with.cycles == without.cycles);
    CHECK(with.instructions == without.instructions);
    CHECK(watched.console() == alone.console());
    CHECK(alone.events().empty());
}

TEST_CASE("cycle timing: every load and store is an access of L1D", "[emu][cpu][cycle]") {
    const std::string loop = R"(
        mov x0, #0x40000000
        add x0, x0, #0x100000
        mov x1, #1000
    again:
        ldr x3, [x0]
        str x3, [x0, #64]
        ldp x4, x5, [x0, #128]
        subs x1, x1, #1
        b.ne again
        power_off
    )";
    TestMachine machine(loop, TestMachine::Options{.timing = model()});
    CHECK(machine.run().reason == RunEndReason::PowerOff);
    CHECK(uses(machine, TimingUnit::L1d) == 4000); // LDP: two
    CHECK(uses(machine, TimingUnit::Branches) >= 1000);
    CHECK(uses(machine, TimingUnit::UnknownInstructions) == 0);
}
