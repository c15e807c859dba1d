// How much of its speed a run keeps with the panel's side attached. Only when
// asked for: build/forkscope_tests "[speed]"
#include "event/recorder.hpp"
#include "event/statistics.hpp"
#include "session/session.hpp"
#include "ui/account.hpp"
#include "ui/support/guest_run.hpp"

#include <cstdio>
#include <ctime>

using namespace forkscope;
using namespace forkscope::test;

namespace {

// The host's CPU time of all threads: what else the host does does not count.
double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

// As `forkscope run --headless` has it.
struct Watchers {
    Watchers() {
        sinks.add(statistics);
        sinks.add(account);
    }
    Statistics statistics;
    Account account{AccountOptions{}};
    Fanout sinks;
};

double headless(const std::vector<Override>& overrides) {
    Watchers watchers;
    const auto machine = make_machine(overrides, watchers.sinks, nullptr, nullptr);
    const double begin = cpu_seconds();
    REQUIRE(machine->run({}).reason == RunEndReason::PowerOff);
    return cpu_seconds() - begin;
}

double with_session(const std::vector<Override>& overrides, unsigned& snapshots) {
    Watchers watchers;
    Stepper stepper{Stepper::Options{}};
    watchers.sinks.add(stepper);
    Keyboard keyboard;
    const auto machine = make_machine(overrides, watchers.sinks, &stepper.console(), &keyboard);
    stepper.attach(*machine);
    std::atomic<bool> ended = false;
    std::shared_ptr<const Snapshot> latest;
    const double begin = cpu_seconds();
    Session session(stepper, &keyboard,
                    {.publish =
                         [&](std::shared_ptr<const Snapshot> snapshot) {
                             latest = std::move(snapshot);
                             ++snapshots;
                             ended = latest->control.phase == RunPhase::Ended;
                             ended.notify_all();
                         },
                     .running = true});
    ended.wait(false);
    const double took = cpu_seconds() - begin;
    session.join();
    return took;
}

} // namespace

TEST_CASE("session: free running keeps 85 % of the headless speed", "[.][speed]") {
    need_guest();
    const auto job = [](const std::string& words) {
        return Override{"--append", "machine.append", words, true};
    };
    const Override cycle{"--timing", "timing.mode", "cycle", true};
    const std::pair<const char*, std::vector<Override>> workloads[] = {
        {"fork, functional", {job("job=/bin/bench-fork")}},
        {"compute, functional", {job("job=/bin/bench-compute")}},
        {"fork, cycle", {job("job=/bin/bench-fork"), cycle}},
    };
    for (const auto& [name, overrides] : workloads) {
        double alone = 1e9, watched = 1e9;
        unsigned snapshots = 0;
        for (int i = 0; i < 3; ++i) {
            alone = std::min(alone, headless(overrides));
            watched = std::min(watched, with_session(overrides, snapshots));
        }
        std::printf("%-20s headless %.3f s, with a session %.3f s: %.0f %%, %u snapshots\n", name,
                    alone, watched, 100 * alone / watched, snapshots);
        CHECK(alone / watched >= 0.85);
    }
}

namespace {

// A run to its end; with `breakpoint`, one is set that is never hit.
double with_stepper(const std::vector<Override>& overrides, bool breakpoint) {
    Watchers watchers;
    Stepper stepper{Stepper::Options{}};
    watchers.sinks.add(stepper);
    const auto machine = make_machine(overrides, watchers.sinks, &stepper.console(), nullptr);
    stepper.attach(*machine);
    if (breakpoint)
        REQUIRE(stepper.add_breakpoint("0x1000").ok());
    const double begin = cpu_seconds();
    REQUIRE(stepper.complete() == Progress::Ended);
    return cpu_seconds() - begin;
}

} // namespace

TEST_CASE("stepper: what a breakpoint that is not hit costs, and a step", "[.][speed]") {
    need_guest();
    for (const char* job : {"job=/bin/bench-fork", "job=/bin/bench-compute"}) {
        const std::vector<Override> overrides = {{"--append", "machine.append", job, true}};
        double without = 1e9, with = 1e9;
        for (int i = 0; i < 5; ++i) {
            without = std::min(without, with_stepper(overrides, false));
            with = std::min(with, with_stepper(overrides, true));
        }
        std::printf("%-24s without %.3f s, with a breakpoint %.3f s: %.1f %%\n", job, without, with,
                    100 * with / without);
        CHECK(with / without < 1.05);
    }
    Watchers watchers;
    Stepper stepper{Stepper::Options{}};
    watchers.sinks.add(stepper);
    const auto machine = make_machine({}, watchers.sinks, &stepper.console(), nullptr);
    stepper.attach(*machine);
    REQUIRE(stepper.run_to_cycle(500'000) == Progress::Stopped);
    const double begin = cpu_seconds();
    constexpr int kSteps = 1000;
    for (int i = 0; i < kSteps; ++i)
        REQUIRE(stepper.step_instruction() == Progress::Stopped);
    std::printf("a step %.1f us\n", 1e6 * (cpu_seconds() - begin) / kSteps);
}
