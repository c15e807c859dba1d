// Where the cycles of forks, page faults, copies, execve and exit went.
//
// A span's cycles are those charged to its process between its first and its last
// event; what other processes spend in between is theirs. In cycle timing the
// machine flushes its ledger before every event that begins or ends a span.
//
//   fork       from the system call's entry to its return in the parent
//   page_fault from the exception's entry until the kernel has resolved it
//   cow_copy   a page fault that was resolved by copying a page
//   execve     from the system call's entry until the new program is in place
//   exit       from the system call's entry until the process leaves the CPU
#pragma once

#include "event/event.hpp"

#include <optional>
#include <unordered_map>
#include <vector>

namespace forkscope {

enum class SpanKind : u8 { Fork, PageFault, CowCopy, Execve, Exit };
inline constexpr std::size_t kSpanKinds = 5;
std::string_view span_name(SpanKind kind);

using CausedCycles = std::array<u64, kCycleCauses>; // by CycleCause

// All spans of a kind.
struct SpanSummary {
    std::vector<u64> cycles; // of each, in order of their ends
    CausedCycles causes{};   // of all together

    // The value that a share of `rank` (0 to 1) of the spans do not exceed; not
    // of an empty summary. Nearest rank: always one of the values.
    [[nodiscard]] u64 percentile(double rank) const;
};

class Spans final : public EventSink {
public:
    void on_event(const Event& event) override;

    [[nodiscard]] const SpanSummary& of(SpanKind kind) const {
        return summaries_[static_cast<std::size_t>(kind)];
    }

private:
    struct Process {
        CausedCycles spent{};
        std::array<std::optional<CausedCycles>, kSpanKinds> begun; // what was spent then
        bool copied = false; // in the page fault that is open
        u64 syscall = 0;     // being served
    };

    void on_probe(const Event& event);
    void enter_syscall(u64 pid, u64 number);
    void return_from_syscall(u64 pid, u64 number, u64 error);
    void begin(u64 pid, SpanKind kind);
    void end(u64 pid, SpanKind kind);
    void drop(u64 pid, SpanKind kind);
    void record(SpanKind kind, const CausedCycles& from, const CausedCycles& to);
    void finish_fault(u64 pid);

    std::unordered_map<u64, Process> processes_; // by pid
    std::array<SpanSummary, kSpanKinds> summaries_;
    std::optional<u64> exiting_; // the pid on the CPU, once it has ended
};

} // namespace forkscope
