#include "session/session.hpp"
#include "event/recorder.hpp"
#include "ui/support/guest_run.hpp"

#include <chrono>
#include <cstring>

using namespace forkscope;
using namespace forkscope::test;

namespace {

// A session on the fork demo, and the snapshots that it publishes.
class Watched {
public:
    explicit Watched(const std::vector<Override>& overrides = {}) {
        sinks_.add(stepper);
        sinks_.add(recorder);
        machine_ = make_machine(overrides, sinks_, &stepper.console(), &keyboard);
        stepper.attach(*machine_);
        session = std::make_unique<Session>(stepper, &keyboard,
                                            Session::Options{.publish = [this](auto snapshot) {
                                                const std::lock_guard lock(mutex_);
                                                latest_ = std::move(snapshot);
                                                ++published;
                                                changed_.notify_all();
                                            }});
    }
    ~Watched() { session->join(); }

    // The first snapshot that `good` is true of, from now on; fails after a minute.
    template <typename F> std::shared_ptr<const Snapshot> await(F good) {
        std::unique_lock lock(mutex_);
        REQUIRE(changed_.wait_for(lock, std::chrono::seconds(60),
                                  [&] { return latest_ != nullptr && good(*latest_); }));
        return latest_;
    }
    std::shared_ptr<const Snapshot> await_phase(RunPhase phase) {
        return await([phase](const Snapshot& snapshot) { return snapshot.control.phase == phase; });
    }
    // Sends `command` and waits for a pause after it.
    std::shared_ptr<const Snapshot> step(Command command) {
        const u64 serial = await([](const Snapshot&) { return true; })->serial;
        session->send(std::move(command));
        return await([serial](const Snapshot& snapshot) {
            return snapshot.serial > serial && snapshot.control.phase != RunPhase::Running;
        });
    }
    void finish() {
        session->join();
        machine_->finish();
    }

    Keyboard keyboard;
    Recorder recorder;
    Stepper stepper{Stepper::Options{}};
    std::unique_ptr<Session> session;
    unsigned published = 0;

private:
    Fanout sinks_;
    std::unique_ptr<Machine> machine_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::shared_ptr<const Snapshot> latest_;
};

} // namespace

TEST_CASE("session: it waits to be told, runs, pauses and ends as a run without it",
          "[ui][session]") {
    need_guest();
    for (const char* mode : {"functional", "cycle"}) {
        const std::vector<Override> overrides = {{"--timing", "timing.mode", mode, true}};
        Watched watched(overrides);
        CHECK(watched.await_phase(RunPhase::Ready)->control.cycle == 0);
        CHECK(watched.step(command::StepEvent{})->control.why.starts_with("Stopped at "));
        watched.session->send(command::Run{});
        const auto paused = watched.step(command::Pause{});
        CHECK(paused->control.why == "Paused on request.");
        CHECK_FALSE(paused->code.empty());
        watched.session->send(command::Run{});
        const auto ended = watched.await_phase(RunPhase::Ended);
        CHECK(ended->control.why == "The guest powered off with status 0.");
        CHECK(ended->console.find("fork-demo: done") != std::string::npos);
        watched.finish();

        Recorder alone;
        const auto machine = make_machine(overrides, alone, nullptr, nullptr);
        REQUIRE(machine->run({}).reason == RunEndReason::PowerOff);
        machine->finish();
        REQUIRE(alone.size() == watched.recorder.size());
        for (std::size_t i = 0; i < alone.size(); ++i)
            REQUIRE(std::memcmp(&alone[i], &watched.recorder[i], sizeof(Event)) == 0);
    }
}

TEST_CASE("session: a snapshot says how many commands it follows", "[ui][session]") {
    need_guest();
    Watched watched;
    CHECK(watched.await_phase(RunPhase::Ready)->control.commands == 0);
    watched.session->send(command::SetSpeed{10});
    watched.session->send(command::TypeText{"x"});
    watched.session->send(command::StepEvent{});
    const auto all = [](const Snapshot& snapshot) { return snapshot.control.commands == 3; };
    CHECK(watched.await(all)->control.speed == 10);
    watched.session->send(command::RunTo{"frok"}); // refused, and seen to be
    watched.await([](const Snapshot& snapshot) { return snapshot.control.commands == 4; });
    CHECK(watched.session->take_error());
}

TEST_CASE("session: with a speed it shows event after event, as many a second", "[ui][session]") {
    need_guest();
    Watched watched;
    watched.session->send(command::SetSpeed{25});
    watched.session->send(command::Run{});
    const auto at = [&watched](u64 events) {
        return watched.await(
            [events](const Snapshot& snapshot) { return snapshot.control.os_events >= events; });
    };
    const u64 first = at(1)->control.os_events;
    const auto began = std::chrono::steady_clock::now();
    CHECK(at(first + 10)->control.speed == 25);
    const double took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    CHECK(took > 0.25); // 0.4 s, if the machine is not busy otherwise
    watched.session->send(command::SetSpeed{0});
    CHECK(watched.await_phase(RunPhase::Ended)->control.os_events > 300);
}

TEST_CASE("session: breakpoints are set, hit, removed; what is wrong with one is told",
          "[ui][session]") {
    need_guest();
    Watched watched;
    watched.session->send(command::AddBreakpoint{"frok pid 3"});
    watched.session->send(command::AddBreakpoint{"syscall execve"});
    const auto stopped = watched.step(command::Run{});
    const auto error = watched.session->take_error();
    REQUIRE(error);
    CHECK(error->starts_with("breakpoint \"frok pid 3\": no symbol frok"));
    CHECK_FALSE(watched.session->take_error());
    const auto hit = watched.await([](const Snapshot& snapshot) {
        return snapshot.control.why.find("(breakpoint 1: syscall execve)") != std::string::npos;
    });
    CHECK(hit->breakpoints.size() == 1);
    CHECK(hit->breakpoints[0].hits == 1);
    watched.session->send(command::RemoveBreakpoint{1});
    watched.session->send(command::Run{});
    CHECK(watched.await_phase(RunPhase::Ended)->breakpoints.empty());
}

TEST_CASE("session: it runs to a place once, over breakpoints and speeds", "[ui][session]") {
    need_guest();
    Watched watched;
    const auto arrived = [&watched](u64 times) {
        return watched.await([times](const Snapshot& snapshot) {
            return snapshot.control.arrivals >= times &&
                   snapshot.control.phase != RunPhase::Running;
        });
    };
    watched.session->send(command::RunTo{"frok"});
    watched.step(command::AddBreakpoint{"syscall execve"});
    const auto error = watched.session->take_error();
    REQUIRE(error);
    CHECK(error->starts_with("breakpoint \"frok\": no symbol frok"));

    // A breakpoint on the way stops it; then it goes on, and the place is kept.
    watched.session->send(command::RunTo{"syscall exit"});
    const auto on_the_way = watched.await_phase(RunPhase::Paused);
    CHECK(on_the_way->control.why.find("(breakpoint 1: syscall execve)") != std::string::npos);
    CHECK(on_the_way->control.arrivals == 0);
    CHECK(on_the_way->breakpoints.size() == 1); // without its own
    watched.session->send(command::RemoveBreakpoint{1});
    watched.session->send(command::Run{});
    const auto there = arrived(1);
    CHECK(there->control.why.find(": syscall exit)") != std::string::npos);
    CHECK(there->breakpoints.empty());

    // Another place takes the place of the first.
    watched.session->send(command::SetSpeed{0.01});
    watched.session->send(command::RunTo{"syscall kill"});
    watched.session->send(command::SetSpeed{0});
    watched.session->send(command::RunTo{"syscall exit"});
    const auto again = arrived(2);
    CHECK(again->control.why.find(": syscall exit)") != std::string::npos);
    CHECK(again->control.cycle > there->control.cycle);
    CHECK(again->breakpoints.empty());

    watched.session->send(command::RunTo{"end"});
    const auto ended = arrived(3);
    CHECK(ended->control.phase == RunPhase::Ended);
    CHECK(ended->control.arrivals == 3);
}

TEST_CASE("session: a run that is held somewhere goes no further, but RunTo does",
          "[ui][session]") {
    need_guest();
    Watched watched;
    watched.session->send(command::HoldAt{"syscall exit", "Wait."});
    watched.session->send(command::Run{});
    const auto held = watched.await_phase(RunPhase::Paused);
    CHECK(held->control.why.find(": syscall exit)") != std::string::npos);
    CHECK(held->breakpoints.empty());
    const std::vector<Command> attempts = {command::Run{}, command::StepInstruction{},
                                           command::StepOver{}, command::StepOut{},
                                           command::StepEvent{}};
    for (const Command& attempt : attempts) {
        CHECK(watched.step(attempt)->control.cycle == held->control.cycle);
        CHECK(watched.session->take_error() == "Wait.");
    }
    const auto arrived = watched.step(command::RunTo{"syscall exit"});
    CHECK(arrived->control.arrivals == 1);
    CHECK(arrived->control.cycle == held->control.cycle);
    CHECK(watched.step(command::StepEvent{})->control.cycle > held->control.cycle);

    // Another place takes its place, and RunTo to elsewhere lets go.
    watched.session->send(command::HoldAt{"fork", "Wait."});
    watched.session->send(command::HoldAt{"syscall exit", "Wait."});
    watched.session->send(command::RunTo{"end"});
    const auto ended = watched.await_phase(RunPhase::Ended);
    CHECK(ended->control.arrivals == 2);
    CHECK_FALSE(watched.session->take_error());
}

TEST_CASE("session: what is typed comes to the guest, and an idle guest costs little",
          "[ui][session]") {
    need_guest();
    Watched watched({{"--append", "machine.append", "job=/bin/sh", true}});
    watched.session->send(command::Run{});
    watched.await([](const Snapshot& snapshot) {
        return snapshot.console.find("$ ") != std::string::npos ||
               snapshot.console.find("# ") != std::string::npos;
    });
    const auto cpu_seconds = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    unsigned published = 0;
    const auto count = [&](const Snapshot&) { return (published = watched.published) != 0; };
    watched.await(count);
    const unsigned earlier = published;
    const double before = cpu_seconds();
    std::this_thread::sleep_for(std::chrono::seconds(1));
    CHECK(cpu_seconds() - before < 0.3);
    watched.await(count);
    CHECK(published - earlier <= 2); // its timer's interrupts are nothing to draw
    watched.session->send(command::TypeText{"echo typed $((6*7))\r"});
    watched.await([](const Snapshot& snapshot) {
        return snapshot.console.find("typed 42") != std::string::npos;
    });
    watched.session->send(command::TypeText{"exit 3\r"});
    CHECK(watched.await_phase(RunPhase::Ended)->control.why ==
          "The guest powered off with status 3.");
}

TEST_CASE("session: it can be left at any time", "[ui][session]") {
    need_guest();
    { const Watched ready; }
    Watched running;
    running.session->send(command::Run{});
    running.await_phase(RunPhase::Running);
    running.session->join();
    Watched slow;
    slow.session->send(command::SetSpeed{0.01});
    slow.session->send(command::Run{});
    slow.await_phase(RunPhase::Running);
    slow.session->join();
}
