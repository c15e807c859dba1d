#include "base/text.hpp"
#include "event/probe_text.hpp"
#include "event/recorder.hpp"
#include "event/statistics.hpp"
#include "session/session.hpp"
#include "ui/support/guest_run.hpp"

#include <algorithm>

using namespace forkscope;
using namespace forkscope::test;
using abi::ProbeId;

namespace {

// The fork demo under a stepper, with a record of its events.
struct SteppedRun {
    explicit SteppedRun(const std::vector<Override>& overrides = {}, ConsoleSource* input = nullptr)
        : stepper(options()) {
        sinks.add(stepper);
        sinks.add(recorder);
        sinks.add(statistics);
        machine = make_machine(overrides, sinks, &stepper.console(), input);
        stepper.attach(*machine);
    }
    static Stepper::Options options() {
        Stepper::Options result;
        REQUIRE(result.symbols.add(guest_file("guestos.elf"), "").ok());
        REQUIRE(result.symbols.add(guest_file("symbols/fork-demo"), "fork-demo").ok());
        REQUIRE(result.symbols.add(guest_file("symbols/init"), "init").ok());
        result.favourite = "fork-demo";
        return result;
    }
    std::shared_ptr<const Snapshot> snapshot() { return stepper.snapshot(); }

    Fanout sinks;
    Recorder recorder;
    Statistics statistics;
    Stepper stepper;
    std::unique_ptr<Machine> machine;
};

struct Headless {
    explicit Headless(const std::vector<Override>& overrides) {
        sinks.add(recorder);
        sinks.add(statistics);
        machine = make_machine(overrides, sinks, nullptr, nullptr);
        REQUIRE(machine->run({}).reason == RunEndReason::PowerOff);
        machine->finish();
    }
    Fanout sinks;
    Recorder recorder;
    Statistics statistics;
    std::unique_ptr<Machine> machine;
};

void check_same(const Recorder& a, const Recorder& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        REQUIRE(std::memcmp(&a[i], &b[i], sizeof(Event)) == 0);
}

const std::vector<Override> kCycle = {{"--timing", "timing.mode", "cycle", true}};

// Steps, pauses and snapshots of every kind that only watch.
void watch_to_the_end(SteppedRun& run) {
    for (int i = 0; !run.stepper.ended(); ++i) {
        switch (i % 4) {
        case 0:
            run.stepper.step_event();
            (void)run.stepper.complete();
            break;
        case 1:
            run.stepper.run();
            (void)run.stepper.advance(1000 + 37 * static_cast<Cycle>(i));
            break;
        case 2:
            run.stepper.run();
            (void)run.stepper.advance(5000);
            run.stepper.pause();
            break;
        default:
            (void)run.snapshot();
        }
    }
    run.machine->finish();
}

} // namespace

TEST_CASE("stepper: a run that is only watched is the run that nobody watched", "[ui][session]") {
    need_guest();
    for (const auto& overrides : {std::vector<Override>{}, kCycle}) {
        const Headless headless(overrides);
        Keyboard keyboard;
        SteppedRun run(overrides, &keyboard);
        watch_to_the_end(run);
        check_same(headless.recorder, run.recorder);
        CHECK(headless.statistics.to_json(1) == run.statistics.to_json(1));
    }
}

TEST_CASE("stepper: a step ends at the next OS event and says which", "[ui][session]") {
    need_guest();
    SteppedRun run;
    bool fault = false;
    for (int i = 0; i < 3000 && !run.stepper.ended(); ++i) {
        const u64 before = run.stepper.world().os_events();
        run.stepper.step_event();
        if (run.stepper.complete() == Progress::Ended)
            break;
        CHECK(run.stepper.world().os_events() > before);
        CHECK(run.stepper.why().starts_with("Stopped at "));
        fault = fault || (run.stepper.why().find("the page fault of fork-demo (6) writing 0x") !=
                              std::string::npos &&
                          run.stepper.why().ends_with(": level-3 permission fault."));
    }
    CHECK(fault);
    CHECK(run.stepper.why() == "The guest powered off with status 0.");
}

TEST_CASE("stepper: breakpoints on calls, forks and faults stop where they should",
          "[ui][session]") {
    need_guest();
    SteppedRun run;
    REQUIRE(run.stepper.add_breakpoint("fork").ok());
    run.stepper.run();
    REQUIRE(run.stepper.complete() == Progress::Stopped); // init's own birth
    run.stepper.run();
    REQUIRE(run.stepper.complete() == Progress::Stopped);
    CHECK(run.stepper.why().find("forked by init (1) (breakpoint 1: fork)") != std::string::npos);
    CHECK(run.snapshot()->breakpoints[0].hits == 2);
    run.stepper.remove_breakpoint(1);

    REQUIRE(run.stepper.add_breakpoint("syscall fork pid 5").ok());
    run.stepper.run();
    REQUIRE(run.stepper.complete() == Progress::Stopped);
    CHECK(run.stepper.why() ==
          "Stopped at the call of fork() by fork-demo (5) (breakpoint 2: syscall fork pid 5).");
    run.stepper.remove_breakpoint(2);

    REQUIRE(run.stepper.add_breakpoint("fault  permission pid 6").ok());
    run.stepper.run();
    REQUIRE(run.stepper.complete() == Progress::Stopped);
    CHECK(run.stepper.why().starts_with("Stopped at the page fault of fork-demo (6) writing 0x"));
    CHECK(run.stepper.why().ends_with("(breakpoint 3: fault permission pid 6)."));
    CHECK(run.snapshot()->open_fault.has_value());
}

TEST_CASE("stepper: an address stops exactly there, each time, and only its program",
          "[ui][session]") {
    need_guest();
    SteppedRun run;
    REQUIRE(run.stepper.add_breakpoint("fork1").ok());
    REQUIRE(run.stepper.add_breakpoint("fork-demo:main").ok());
    std::vector<std::string> stops;
    unsigned forks = 0;
    while (run.stepper.complete() == Progress::Stopped) {
        const auto snapshot = run.snapshot();
        stops.push_back(run.stepper.why());
        forks += snapshot->cpu.el == 1;
        REQUIRE_FALSE(snapshot->code.empty());
        const auto here = std::ranges::find(snapshot->code, snapshot->cpu.pc, &CodeLine::address);
        REQUIRE(here != snapshot->code.end());
        CHECK(here->symbol == (snapshot->cpu.el == 1 ? "fork1" : "main"));
        run.stepper.run();
    }
    CHECK(run.stepper.why() == "The guest powered off with status 0.");
    CHECK(forks == 5); // init, its job, child, grandchild, the reckless one
    CHECK(stops.size() == 6);
    CHECK(stops[2] == "Stopped at breakpoint 2: fork-demo:main.");
}

TEST_CASE("stepper: instructions one by one follow branches, calls and exceptions",
          "[ui][session]") {
    need_guest();
    for (const auto& overrides : {std::vector<Override>{}, kCycle}) {
        SteppedRun run(overrides);
        REQUIRE(run.stepper.add_breakpoint("fork-demo:main").ok());
        REQUIRE(run.stepper.complete() == Progress::Stopped);
        run.stepper.remove_breakpoint(1);
        const u64 instructions = run.snapshot()->control.instructions;
        bool entered_kernel = false;
        unsigned steps = 0;
        for (; steps < 3000 && !entered_kernel; ++steps) {
            const auto before = run.snapshot();
            REQUIRE(run.stepper.step_instruction() == Progress::Stopped);
            const auto after = run.snapshot();
            CHECK(after->cpu_before.pc == before->cpu.pc);
            CHECK(run.stepper.why() == "Stepped one instruction.");
            entered_kernel = after->cpu.el == 1;
            if (entered_kernel)
                CHECK((after->cpu.pc & 0x7ff) == 0x400); // synchronous, from EL0
        }
        CHECK(entered_kernel);
        const u64 executed = run.snapshot()->control.instructions - instructions;
        CHECK((executed == steps || executed == steps - 1)); // SVC, or a fault
        run.stepper.run();
        CHECK(run.stepper.complete() == Progress::Ended);
        CHECK(run.stepper.why() == "The guest powered off with status 0.");
    }
}

TEST_CASE("stepper: whoever comes to a breakpoint by a step or a pause is at it", "[ui][session]") {
    need_guest();
    SteppedRun run;
    REQUIRE(run.stepper.add_breakpoint("fork-demo:main").ok());
    REQUIRE(run.stepper.complete() == Progress::Stopped);
    run.stepper.remove_breakpoint(1);
    const std::string next = hex(run.snapshot()->cpu.pc + 4);
    const u32 id = *run.stepper.add_breakpoint(next);
    REQUIRE(run.stepper.step_instruction() == Progress::Stopped);
    CHECK(run.stepper.why() == "Stopped at breakpoint 2: " + next + ".");
    CHECK(run.stepper.hits(id) == 1);
    run.stepper.remove_breakpoint(id);

    // Paused there before there was a breakpoint: it is met at once, and once.
    (void)run.stepper.step_instruction();
    // Only in this process: init has code at the same address.
    const u64 pc = run.snapshot()->cpu.pc;
    const std::string where = hex(pc) + " pid " + std::to_string(run.snapshot()->cpu.pid);
    const u32 here = *run.stepper.add_breakpoint(where);
    run.stepper.run();
    REQUIRE(run.stepper.complete() == Progress::Stopped);
    CHECK(run.snapshot()->cpu.pc == pc);
    CHECK(run.stepper.hits(here) == 1);
    run.stepper.run();
    CHECK(run.stepper.complete() == Progress::Ended);
}

TEST_CASE("stepper: a call is stepped over, and stepped out of", "[ui][session]") {
    need_guest();
    SteppedRun run;
    REQUIRE(run.stepper.add_breakpoint("fork1").ok());
    REQUIRE(run.stepper.complete() == Progress::Stopped);
    run.stepper.remove_breakpoint(1);
    const u64 caller = run.snapshot()->cpu.x[30];
    unsigned over = 0;
    for (int i = 0; i < 40 && over < 2; ++i) {
        const u64 pc = run.snapshot()->cpu.pc;
        const auto lines = run.snapshot()->code;
        const auto line = std::ranges::find(lines, pc, &CodeLine::address);
        const bool call = line->text.starts_with("bl ");
        run.stepper.step_over();
        REQUIRE(run.stepper.complete() == Progress::Stopped);
        if (call) {
            CHECK(run.snapshot()->cpu.pc == pc + 4);
            CHECK(run.stepper.why() == "Stepped over a call.");
            ++over;
        }
    }
    CHECK(over == 2);
    SteppedRun out;
    REQUIRE(out.stepper.add_breakpoint("fork1").ok());
    REQUIRE(out.stepper.complete() == Progress::Stopped);
    out.stepper.remove_breakpoint(1);
    out.stepper.step_out();
    REQUIRE(out.stepper.complete() == Progress::Stopped);
    CHECK(out.snapshot()->cpu.pc == caller);
    CHECK(out.stepper.why() == "Stepped out of a function.");
}

TEST_CASE("stepper: a run goes to a cycle and no further", "[ui][session]") {
    need_guest();
    SteppedRun run;
    REQUIRE(run.stepper.run_to_cycle(300'000) == Progress::Stopped);
    const Cycle cycle = run.snapshot()->control.cycle;
    CHECK(cycle >= 300'000);
    CHECK(cycle < 300'200); // a block
    CHECK(run.stepper.why().starts_with("Stopped at cycle 300,"));
    CHECK(run.stepper.run_to_cycle(~Cycle{0}) == Progress::Ended);
}

TEST_CASE("stepper: the cycles of a snapshot add up to its cycle", "[ui][session]") {
    need_guest();
    for (const auto& overrides : {std::vector<Override>{}, kCycle}) {
        SteppedRun run(overrides);
        for (int i = 0; i < 40; ++i) {
            (void)run.stepper.advance(13'000);
            const auto snapshot = run.snapshot();
            Cycle sum = 0;
            for (const CycleSlice& slice : snapshot->cycles)
                sum += slice.cycles;
            CHECK(sum == snapshot->control.cycle);
        }
    }
}
