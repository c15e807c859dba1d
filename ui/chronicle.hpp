// What happened in a run, put together from its events: who was born of whom,
// and one entry for each fork, exec, exit, page fault and copy. Memory is
// bounded: beyond the limits entries are only counted.
#pragma once

#include "event/event.hpp"
#include "ui/page_action.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace forkscope {

// A process as it was called at a moment.
struct Actor {
    u32 pid = 0;
    std::string name;
};

struct Birth {}; // by the kernel itself
struct Exec {
    std::string former_name;
};
struct Exit {
    u64 wait_status = 0;
};
struct Adoption {
    Actor parent;
};

// A system call that makes a process.
struct ForkCall {
    std::string_view call;
    u64 error = 0; // errno; 0 if there is a child
    u32 child = 0;
    bool shares_memory = false;
    std::optional<u64> pages_protected;
    std::optional<Cycle> took; // from entry to return in the caller
};

// A page fault, and what the kernel did about it; or only that, where the
// kernel acted without a fault.
struct PageStory {
    using Action = PageAction;

    std::optional<u64> esr; // absent: no fault
    u64 address = 0;
    u8 el = 0; // that the access came from
    Action action = Action::None;
    u64 old_frame = 0;
    u64 frame = 0;
    u64 references = 0;
    u64 offset = 0; // in the file
    u64 error = 0;  // errno of the handler
    bool handled = false;
    std::optional<u64> before; // descriptor
    u64 after = 0;
    u64 level = 0;
    std::optional<Cycle> took; // from the fault to the handler's end

    [[nodiscard]] bool is_copy() const {
        return action == Action::Copy || action == Action::Reuse || action == Action::EagerCopy;
    }
    // A page that was not there and is now: the everyday kind.
    [[nodiscard]] bool is_first_touch() const {
        return error == 0 && (action == Action::ZeroFill || action == Action::FileFill ||
                              action == Action::Share);
    }
};

// First touches of one process in a row, beyond those told one by one.
struct MoreTouches {
    u64 zero_fill = 0;
    u64 file_fill = 0;
    u64 share = 0;
};

struct ChronicleEntry {
    Cycle cycle = 0;
    Actor who;
    std::variant<Birth, Exec, Exit, Adoption, ForkCall, PageStory, MoreTouches> what;
};

struct ProcessLife {
    u32 pid = 0;
    std::size_t parent = 0; // index of the parent's life, or its own
    std::string name;
    Cycle born = 0;
    u64 cycles = 0;
    u64 copies = 0;
    std::optional<u64> wait_status; // once it has exited
};

struct ChronicleLimits {
    std::size_t copies = 40; // entries about copies
    std::size_t others = 60; // other entries
    std::size_t processes = 40;
    std::size_t touches_in_a_row = 3;
};

class Chronicle final : public EventSink {
public:
    explicit Chronicle(const ChronicleLimits& limits) : limits_(limits) {}

    void on_event(const Event& event) override;
    // Closes what is still open. No event comes after it.
    void finish();

    // In order of their cycles, once finished.
    [[nodiscard]] const std::vector<ChronicleEntry>& entries() const { return entries_; }
    [[nodiscard]] u64 untold_copies() const { return untold_copies_; }
    [[nodiscard]] u64 untold_others() const { return untold_others_; }
    // In order of birth; the first `limits.processes` of the run.
    [[nodiscard]] const std::vector<ProcessLife>& lives() const { return lives_; }
    [[nodiscard]] u64 untold_lives() const { return untold_lives_; }
    // Calls of fork() that returned a child, and their cycles from call to return.
    [[nodiscard]] u64 forks_timed() const { return forks_timed_; }
    [[nodiscard]] u64 fork_cycles() const { return fork_cycles_; }

private:
    static constexpr std::size_t kNone = ~std::size_t{0};

    struct OpenFault {
        Cycle cycle = 0;
        PageStory story;
    };
    struct OpenFork {
        Cycle cycle = 0;
        ForkCall call;
    };
    // What is known of a process that is there now.
    struct Present {
        std::string name;
        std::size_t life = kNone; // index in lives_
        std::optional<OpenFault> fault;
        std::optional<OpenFork> fork;
    };

    void on_probe(const Event& event);
    void on_memory_probe(const Event& event);
    void on_fault(const Event& event);
    void on_descriptor_change(const Event& event);
    void on_create(const Event& event);
    void on_exec(const Event& event);
    void on_exit(const Event& event);
    void on_syscall_entry(const Event& event);
    void on_syscall_return(const Event& event);
    PageStory& story_for(const Event& event);
    void act(const Event& event, const PageDecision& decision);

    Present& present(u64 pid);
    [[nodiscard]] Actor actor(u64 pid);
    void close_fault(u64 pid);
    void close_fork(u64 pid, u64 error, std::optional<Cycle> returned);
    void tell(Cycle cycle, u64 pid, decltype(ChronicleEntry::what) what);
    void tell_touch(Cycle cycle, u64 pid, const PageStory& story);
    bool append(Cycle cycle, u64 pid, decltype(ChronicleEntry::what) what);

    ChronicleLimits limits_;
    std::vector<ChronicleEntry> entries_;
    std::vector<ProcessLife> lives_;
    std::unordered_map<u64, Present> present_;
    std::size_t told_copies_ = 0;
    std::size_t told_others_ = 0;
    u64 untold_copies_ = 0;
    u64 untold_others_ = 0;
    u64 untold_lives_ = 0;
    u64 forks_timed_ = 0;
    u64 fork_cycles_ = 0;
    u64 touches_in_a_row_ = 0; // of touching_pid_
    u64 touching_pid_ = 0;
    std::size_t more_touches_ = kNone; // index of the entry that counts the rest of the row
};

} // namespace forkscope
