// What can be counted of a run in a fixed amount of memory.
#pragma once

#include "event/event.hpp"

#include <map>
#include <optional>
#include <unordered_map>

namespace forkscope {

struct FaultCounts {
    u64 translation = 0;
    u64 permission = 0;
    u64 access_flag = 0;
    u64 alignment = 0;
    u64 address_size = 0;
    u64 other = 0; // external aborts, TLB conflicts

    [[nodiscard]] u64 all() const {
        return translation + permission + access_flag + alignment + address_size + other;
    }
};

struct VmCounts {
    u64 cow_copy = 0;
    u64 cow_reuse = 0;
    u64 zero_fill = 0;
    u64 file_fill = 0;
    u64 frames_total = 0;
    u64 frames_free_at_boot = 0;
    u64 frames_free_at_end = 0;
};

// Calls that made a process, by system call, and those that failed. The kernel's
// own births (init, kernel threads) are in neither.
struct ForkCounts {
    u64 fork = 0;
    u64 vfork = 0;
    u64 vfork14 = 0;
    u64 clone = 0;
    std::map<u64, u64> failed; // by errno
};

// "fork", "vfork", "__vfork14" or "__clone" for a system call that makes a
// process, else "". Numbers: NetBSD, sys/kern/syscalls.master.
std::string_view fork_name(u64 syscall);

class Totals final : public EventSink {
public:
    void on_event(const Event& event) override;

    FaultCounts faults;
    VmCounts vm;
    ForkCounts forks;
    struct UnitCount {
        u64 uses = 0;
        u64 misses = 0;
        u64 splits = 0; // of lines; L1D only
    };
    std::optional<std::array<UnitCount, kTimingUnits>> timing; // by TimingUnit; cycle timing only
    u64 instructions = 0;
    u64 cycles = 0;                            // of the last event
    std::array<std::array<u64, 2>, 2> spent{}; // cycles, by exception level; busy and idle
    RunEndReason reason = RunEndReason::Stopped;
    u64 guest_status = 0;

private:
    void on_probe(const Event& event);
    void count_unit(const Event& event);
    void count_fault(u64 esr);
    void count_frames(const Event& event);
    void count_fork(const Event& event);
    void end_syscall(const Event& event);

    std::unordered_map<u64, u64> syscall_; // pid -> number being served, while it is a fork
};

} // namespace forkscope
