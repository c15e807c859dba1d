#include "session/session.hpp"

#include <algorithm>
#include <ctime>
#include <pthread.h>
#include <utility>

namespace forkscope {

namespace {

using Duration = std::chrono::steady_clock::duration;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr Duration kFrame = microseconds(16'667); // no two snapshots closer than this, and ...
constexpr Duration kIdleFrame = milliseconds(1000);
constexpr int kLeastShare = 30;              // ... the run gets this many times the CPU time of one
constexpr Duration kSlice = milliseconds(5); // that commands may have to wait
constexpr Cycle kLeastSlice = 20'000;
constexpr Duration kLongestNap = milliseconds(100);
constexpr auto kEver = std::chrono::steady_clock::time_point::max();

// CPU time of this thread: a busy host must not make slices short.
Duration thread_time() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

template <class... F> struct Overloaded : F... { using F::operator()...; };
template <class... F> Overloaded(F...) -> Overloaded<F...>;

} // namespace

std::optional<u8> Keyboard::take() {
    if (pending_.empty())
        return std::nullopt;
    const u8 byte = pending_.front();
    pending_.pop_front();
    return byte;
}

Session::Session(Stepper& stepper, Keyboard* keyboard, Options options)
    : stepper_(stepper), keyboard_(keyboard), options_(std::move(options)),
      running_(options_.running), thread_([this] { work(); }) {}

Session::~Session() {
    join();
}

void Session::join() {
    if (!thread_.joinable())
        return;
    send(command::Quit{});
    thread_.join();
}

void Session::send(Command command) {
    {
        const std::lock_guard lock(mutex_);
        commands_.push_back(std::move(command));
        ++waiting_commands_;
    }
    arrived_.notify_one();
}

std::optional<std::string> Session::take_error() {
    const std::lock_guard lock(mutex_);
    return std::exchange(error_, std::nullopt);
}

// --- The machine's thread

void Session::work() {
    pthread_setname_np(pthread_self(), "machine");
    publish();
    while (!quit_) {
        const bool active = (running_ || stepping_) && !stepper_.ended();
        const bool paced = active && !stepping_ && options_.events_per_second > 0;
        const auto until = !active ? kEver : paced ? next_event_ : HostClock::time_point::min();
        if (const std::optional<Command> command = next_command(until)) {
            ++obeyed_;
            obey(*command);
        } else if (paced)
            run_by_events();
        else if (active)
            run_freely();
    }
}

// The next command; none if there is none until `until`.
std::optional<Command> Session::next_command(HostClock::time_point until) {
    if (!has_command() && until <= HostClock::now())
        return std::nullopt;
    std::unique_lock lock(mutex_);
    const auto some = [this] { return !commands_.empty(); };
    if (until == kEver)
        arrived_.wait(lock, some);
    else if (!arrived_.wait_until(lock, until, some))
        return std::nullopt;
    Command command = std::move(commands_.front());
    commands_.pop_front();
    --waiting_commands_;
    return command;
}

void Session::obey(const Command& command) {
    const auto step = [this](auto begin) {
        if (is_held())
            return;
        running_ = false;
        stepping_ = true;
        begin();
        step_and_publish();
    };
    std::visit(Overloaded{
                   [&](const command::Run&) {
                       if (is_held())
                           return;
                       running_ = true;
                       stepping_ = false;
                       next_event_ = HostClock::now();
                       stepper_.run();
                       publish();
                   },
                   [&](const command::Pause&) {
                       running_ = stepping_ = false;
                       stepper_.pause();
                       publish();
                   },
                   [&](const command::StepInstruction&) {
                       step([&] { (void)stepper_.step_instruction(); });
                   },
                   [&](const command::StepOver&) { step([&] { stepper_.step_over(); }); },
                   [&](const command::StepOut&) { step([&] { stepper_.step_out(); }); },
                   [&](const command::StepEvent&) { step([&] { stepper_.step_event(); }); },
                   [&](const command::SetSpeed& speed) {
                       options_.events_per_second = speed.events_per_second;
                       next_event_ = HostClock::now();
                       if (running_)
                           stepper_.run(); // it may stand at an event
                       publish();
                   },
                   [&](const command::AddBreakpoint& breakpoint) {
                       if (const Result<u32> added = stepper_.add_breakpoint(breakpoint.text);
                           !added)
                           tell_error(added.error().message);
                       publish();
                   },
                   [&](const command::RemoveBreakpoint& breakpoint) {
                       stepper_.remove_breakpoint(breakpoint.id);
                       publish();
                   },
                   [&](const command::RunTo& to) { run_to(to.text); },
                   [&](const command::HoldAt& hold) { hold_at(hold); },
                   [&](const command::TypeText& text) {
                       if (keyboard_ != nullptr)
                           keyboard_->type(text.bytes);
                       if (!running_ && !stepping_)
                           publish();
                   },
                   [&](const command::Quit&) { quit_ = true; },
               },
               command);
}

void Session::tell_error(std::string message) {
    const std::lock_guard lock(mutex_);
    error_ = std::move(message);
}

Session::Place Session::mark(const std::string& text) {
    const Result<u32> added = stepper_.add_breakpoint(text);
    if (!added) {
        tell_error(added.error().message);
        return {};
    }
    return {text, *added};
}

void Session::forget(Place& place) {
    if (place.id != 0)
        stepper_.remove_breakpoint(place.id);
    place = {};
}

void Session::run_to(const std::string& text) {
    forget(once_);
    if (hold_.id != 0 && hold_.text == text)
        once_ = std::exchange(hold_, {});
    forget(hold_);
    if (once_.id == 0)
        once_ = text == "end" ? Place{text} : mark(text);
    const bool held_there = once_.id != 0 && stepper_.hits(once_.id) != 0;
    if (once_.text.empty() || held_there)
        publish();
    else
        obey(command::Run{});
}

void Session::hold_at(const command::HoldAt& hold) {
    forget(hold_);
    if (!hold.text.empty())
        hold_ = mark(hold.text);
    hold_why_ = hold.why;
    publish();
}

// Tells so if it is.
bool Session::is_held() {
    const bool held = hold_.id != 0 && stepper_.hits(hold_.id) != 0;
    if (held) {
        tell_error(hold_why_);
        publish();
    }
    return held;
}

void Session::notice_arrival(Snapshot& snapshot) {
    const bool arrived =
        once_.id != 0 ? stepper_.hits(once_.id) != 0 : !once_.text.empty() && stepper_.ended();
    std::erase_if(snapshot.breakpoints, [this](const BreakpointView& breakpoint) {
        return breakpoint.id == once_.id || breakpoint.id == hold_.id;
    });
    if (arrived && snapshot.control.phase != RunPhase::Running) {
        ++arrivals_;
        forget(once_);
    }
    snapshot.control.arrivals = arrivals_;
}

// A step that takes long is gone on with by run_freely().
void Session::step_and_publish() {
    if (stepper_.phase() != RunPhase::Running)
        stepping_ = false;
    if (!stepping_)
        publish();
}

// One slice; snapshots as often as they are of use.
void Session::run_freely() {
    const Duration began = thread_time();
    const Progress progress = stepper_.advance(slice_);
    const Duration took = thread_time() - began;
    if (took > kSlice)
        slice_ = std::max(kLeastSlice, slice_ / 2);
    else if (took < kSlice / 2)
        slice_ *= 2;
    if (progress != Progress::Going) {
        running_ = stepping_ = false;
        publish();
        return;
    }
    publish_if_due();
    breathe();
}

// To the next OS event, then as long as the speed asks.
void Session::run_by_events() {
    stepper_.step_event();
    Progress progress = Progress::Going;
    while (progress == Progress::Going && !has_command())
        progress = stepper_.advance(slice_);
    const auto period = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(1 / options_.events_per_second));
    next_event_ = std::max(next_event_ + period, HostClock::now());
    if (progress == Progress::Ended || stepper_.at_breakpoint())
        running_ = false;
    publish();
}

// While the guest does nothing but wait, its time runs no faster than the user's.
void Session::breathe() {
    slice_ = std::min(slice_, Cycle{stepper_.cpu_hz() / 50});
    const u64 doings = stepper_.doings();
    const Cycle now = stepper_.result().cycles;
    if (!stepper_.idle() || doings != idle_doings_) {
        idle_doings_ = doings;
        idle_from_ = now;
        idle_since_ = HostClock::now();
        return;
    }
    const std::chrono::duration<double> passed(static_cast<double>(now - idle_from_) /
                                               static_cast<double>(stepper_.cpu_hz()));
    const auto due = idle_since_ + std::chrono::duration_cast<Duration>(passed);
    std::unique_lock lock(mutex_);
    arrived_.wait_until(lock, std::min(due, HostClock::now() + kLongestNap),
                        [this] { return !commands_.empty(); });
}

void Session::publish_if_due() {
    // What an idle guest does is to let time pass, its timer's interrupts included.
    const bool nothing_new = stepper_.idle() && stepper_.doings() == published_doings_;
    const bool affordable = stepper_.idle() || thread_time() >= affordable_;
    if (affordable && HostClock::now() >= next_publish_ + (nothing_new ? kIdleFrame : Duration{0}))
        publish();
}

void Session::publish() {
    const Duration began = thread_time();
    std::shared_ptr<Snapshot> snapshot = stepper_.snapshot();
    snapshot->control.speed = options_.events_per_second;
    snapshot->control.commands = obeyed_;
    if (running_ && !stepper_.ended()) // event by event, too
        snapshot->control.phase = RunPhase::Running;
    notice_arrival(*snapshot);
    published_doings_ = stepper_.doings();
    options_.publish(std::move(snapshot));
    const Duration ended = thread_time();
    next_publish_ = HostClock::now() + kFrame;
    affordable_ = ended + (ended - began) * kLeastShare;
}

} // namespace forkscope
