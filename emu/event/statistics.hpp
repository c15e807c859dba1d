// Counts events as they pass, and writes the result as `--stats` JSON
// (schema_version 1). Everything in it is a function of the events, except the
// host's time, which the caller adds.
#pragma once

#include "event/event.hpp"

#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace forkscope {

struct FaultCounts {
    u64 translation = 0;
    u64 permission = 0;
    u64 access_flag = 0;
    u64 alignment = 0;
    u64 address_size = 0;
    u64 other = 0; // external aborts, TLB conflicts
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

struct ProcessRecord {
    u32 pid = 0;
    u32 ppid = 0;
    std::string name;
    u64 cycles = 0;
    u64 instructions = 0;
    u64 cow_copy = 0;
    Cycle born_cycle = 0;
    Cycle exit_cycle = 0; // of the end of the run for a process that has not exited
    bool exited = false;
};

class Statistics final : public EventSink {
public:
    void on_event(const Event& event) override;

    [[nodiscard]] const FaultCounts& faults() const { return faults_; }
    [[nodiscard]] const VmCounts& vm() const { return vm_; }
    [[nodiscard]] const ForkCounts& forks() const { return forks_; }
    [[nodiscard]] const std::vector<ProcessRecord>& processes() const { return processes_; }
    [[nodiscard]] Cycle cycles() const { return cycles_; }
    [[nodiscard]] u64 instructions() const { return instructions_; }

    // The statistics as JSON text. Two equal event streams give the same text
    // but for wall_seconds and mips.
    [[nodiscard]] std::string to_json(double wall_seconds) const;

private:
    using Spender = std::tuple<u32, u64, u64>; // pid, el, cause

    void on_probe(const Event& event);
    void count_memory_probe(const Event& event);
    void count_frames(const Event& event);
    void count_fault(u64 esr);
    void spend(const Event& event);
    void create(const Event& event);
    void exit(const Event& event);
    void end_syscall(const Event& event);
    void end_run(const Event& event);
    ProcessRecord& process(u64 pid, Cycle now);

    FaultCounts faults_;
    VmCounts vm_;
    ForkCounts forks_;
    std::vector<ProcessRecord> processes_;         // in order of birth
    std::unordered_map<u64, std::size_t> current_; // pid -> index in processes_
    std::unordered_map<u64, u64> syscall_;         // pid -> number being served
    std::map<Spender, u64> attribution_;           // cycles
    u64 instructions_ = 0;
    Cycle cycles_ = 0;
    RunEndReason reason_ = RunEndReason::Stopped;
    u64 guest_status_ = 0;
};

} // namespace forkscope
