// Processes, put together from the event record.
#pragma once

#include "event/event.hpp"
#include "snapshot/snapshot.hpp"

#include <memory>
#include <unordered_map>
#include <vector>

namespace forkscope {

class ProcessFold {
public:
    // Of those that were reaped, so many are kept.
    static constexpr std::size_t kGoneKept = 64;

    struct Lwp {
        u64 lid = 0;
        bool asleep = false;
        u64 wait_channel = 0; // packed text
    };
    struct Process {
        ProcessView view;     // but for state, wait channel, pages and space
        u64 map = 0;          // its vm_map, a kernel address; 0: no address space
        bool made = false;    // proc:::create has come
        bool started = false; // it may run
        bool stopped = false;
        std::vector<Lwp> lwps;
        std::vector<CycleSlice> cycles;
    };

    void on_event(const Event& event);

    // In order of birth; without process 0, the kernel's own.
    [[nodiscard]] const std::vector<std::unique_ptr<Process>>& all() const { return processes_; }
    // Null if there is none, or it was reaped.
    [[nodiscard]] const Process* find(u64 pid) const;
    [[nodiscard]] u64 on_cpu() const { return on_cpu_; }
    // State and what it waits for, as they are now.
    [[nodiscard]] ProcessState state(const Process& process) const;
    [[nodiscard]] std::string wait_channel(const Process& process) const;
    // So many were reaped and are not in all() any more.
    [[nodiscard]] u64 dropped() const { return dropped_; }
    // All cycles that CyclesSpent events have reported.
    [[nodiscard]] std::vector<CycleSlice> cycles() const;

    static void add(std::vector<CycleSlice>& slices, const CycleSlice& more);

private:
    void on_probe(const Event& event);
    void on_schedule(const Event& event);
    void on_space(const Event& event);
    void create(const Event& event);
    void reap(const Event& event);
    void spend(const Event& event);
    void start_newborn();
    Process* present(u64 pid);
    Process& made(u64 pid);
    static Lwp* lwp(Process& process, u64 lid);

    std::vector<std::unique_ptr<Process>> processes_;
    std::unordered_map<u64, Process*> present_; // by pid
    u64 last_pid_ = 0;                          // looked up last
    Process* last_ = nullptr;
    u64 on_cpu_ = 0;
    std::size_t gone_ = 0; // of those in processes_
    u64 dropped_ = 0;
    std::vector<Process*> newborn_;  // made, and not yet started
    std::vector<CycleSlice> kernel_; // of pid 0
    std::vector<CycleSlice> former_; // of those that are not kept
};

} // namespace forkscope
