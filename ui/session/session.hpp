// A run in a thread of its own: obeys commands, publishes snapshots.
#pragma once

#include "devices/console.hpp"
#include "session/command.hpp"
#include "session/stepper.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace forkscope {

// What the user types, until the guest takes it. On the machine's thread only.
class Keyboard final : public ConsoleSource {
public:
    void type(std::string_view bytes) {
        pending_.insert(pending_.end(), bytes.begin(), bytes.end());
    }
    [[nodiscard]] std::optional<u8> take() override;
    [[nodiscard]] bool ended() const override { return false; }

private:
    std::deque<u8> pending_;
};

class Session {
public:
    // Called on the machine's thread, at most 60 times a second while the run goes
    // on, and whenever it stops.
    using Publish = std::function<void(std::shared_ptr<const Snapshot>)>;

    struct Options {
        Publish publish;
        double events_per_second = 0; // 0: unlimited
        bool running = false;         // from the start on; else it waits for a command
    };

    // Borrows all; the machine must not be run by anybody else until join().
    // `keyboard` may be null.
    Session(Stepper& stepper, Keyboard* keyboard, Options options);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // From any thread. Commands are obeyed in order.
    void send(Command command);
    // Sends Quit and waits for the thread.
    void join();
    // What was wrong with the last command, once: "breakpoint "frok": ...".
    [[nodiscard]] std::optional<std::string> take_error();

private:
    using HostClock = std::chrono::steady_clock;

    void work();
    void obey(const Command& command);
    void run_to(const std::string& text);
    void hold_at(const command::HoldAt& hold);
    [[nodiscard]] bool is_held();
    void tell_error(std::string message);
    void notice_arrival(Snapshot& snapshot);
    void run_freely();
    void run_by_events();
    void step_and_publish();
    void publish();
    void publish_if_due();
    void breathe();
    [[nodiscard]] std::optional<Command> next_command(HostClock::time_point until);
    [[nodiscard]] bool has_command() const { return waiting_commands_.load() != 0; }

    Stepper& stepper_;
    Keyboard* keyboard_;
    Options options_;

    std::mutex mutex_; // commands_, error_
    std::condition_variable arrived_;
    std::deque<Command> commands_;
    std::atomic<std::size_t> waiting_commands_ = 0;
    std::optional<std::string> error_;

    // The machine's thread only.
    bool running_ = false;
    bool stepping_ = false; // a step is under way
    bool quit_ = false;
    // A breakpoint that is not the user's.
    struct Place {
        std::string text;
        u32 id = 0; // 0: none
    };
    [[nodiscard]] Place mark(const std::string& text);
    void forget(Place& place);
    Place once_;            // where RunTo is on its way to
    Place hold_;            // of HoldAt
    std::string hold_why_;  // likewise
    u64 arrivals_ = 0;      // so often RunTo came to its place
    u64 obeyed_ = 0;        // commands
    Cycle slice_ = 500'000; // so long that commands need not wait
    HostClock::time_point next_publish_;
    HostClock::duration affordable_{}; // CPU time of this thread from which on a snapshot is
    u64 published_doings_ = 0;         // Stepper::doings() that a snapshot shows
    HostClock::time_point next_event_; // with a finite speed
    HostClock::time_point idle_since_;
    Cycle idle_from_ = 0;
    u64 idle_doings_ = ~u64{0}; // Stepper::doings() when the idle time began

    std::thread thread_;
};

} // namespace forkscope
