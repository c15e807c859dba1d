#include "event/spans.hpp"

#include "event/probe_text.hpp"
#include "event/totals.hpp"

#include <algorithm>
#include <cmath>

namespace forkscope {

using abi::ProbeId;

namespace {

// NetBSD, sys/kern/syscalls.master.
constexpr u64 kSysExit = 1;
constexpr u64 kSysExecve = 59;

} // namespace

std::string_view span_name(SpanKind kind) {
    constexpr std::array<std::string_view, kSpanKinds> kNames = {"fork", "page_fault", "cow_copy",
                                                                 "execve", "exit"};
    return kNames[static_cast<std::size_t>(kind)];
}

u64 SpanSummary::percentile(double rank) const {
    std::vector<u64> sorted = cycles;
    const double last = std::ceil(rank * static_cast<double>(sorted.size())) - 1;
    const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(std::max(last, 0.0));
    std::nth_element(sorted.begin(), nth, sorted.end());
    return *nth;
}

void Spans::on_event(const Event& event) {
    switch (static_cast<EventKind>(event.kind)) {
    case EventKind::CyclesSpent:
        if (event.arg[1] < kCycleCauses) {
            processes_[event.pid].spent[event.arg[1]] += event.arg[2];
        }
        break;
    case EventKind::Fault:
        processes_[event.pid].copied = false;
        begin(event.pid, SpanKind::PageFault);
        break;
    default:
        if (event.kind >= static_cast<u16>(EventKind::ProbeBase)) {
            on_probe(event);
        }
    }
}

void Spans::on_probe(const Event& event) {
    const u64 pid = event.arg[0];
    switch (probe_of(event)) {
    case ProbeId::SyscallEntry:
        enter_syscall(pid, event.arg[1]);
        break;
    case ProbeId::SyscallReturn:
        return_from_syscall(pid, event.arg[1], event.arg[2]);
        break;
    case ProbeId::CowCopy:
        processes_[pid].copied = true;
        break;
    case ProbeId::FaultDone:
        finish_fault(pid);
        break;
    case ProbeId::ProcExecSuccess:
        end(pid, SpanKind::Execve);
        break;
    case ProbeId::ProcCreate: // the pid may have been another's
        processes_[pid] = {};
        break;
    case ProbeId::ProcExit:
        exiting_ = pid;
        break;
    case ProbeId::OnCpu:
        if (exiting_) {
            end(*exiting_, SpanKind::Exit);
            exiting_.reset();
        }
        break;
    default:
        break;
    }
}

void Spans::enter_syscall(u64 pid, u64 number) {
    if (!fork_name(number).empty()) {
        begin(pid, SpanKind::Fork);
    } else if (number == kSysExecve) {
        begin(pid, SpanKind::Execve);
    } else if (number == kSysExit) {
        begin(pid, SpanKind::Exit);
    }
}

// Calls that failed are no spans.
void Spans::return_from_syscall(u64 pid, u64 number, u64 error) {
    if (!fork_name(number).empty() && error == 0) {
        end(pid, SpanKind::Fork);
    }
    drop(pid, SpanKind::Fork);
    drop(pid, SpanKind::Execve);
}

void Spans::begin(u64 pid, SpanKind kind) {
    Process& process = processes_[pid];
    process.begun[static_cast<std::size_t>(kind)] = process.spent;
}

void Spans::drop(u64 pid, SpanKind kind) {
    processes_[pid].begun[static_cast<std::size_t>(kind)].reset();
}

void Spans::end(u64 pid, SpanKind kind) {
    Process& process = processes_[pid];
    if (const auto& begun = process.begun[static_cast<std::size_t>(kind)]) {
        record(kind, *begun, process.spent);
    }
    drop(pid, kind);
}

void Spans::record(SpanKind kind, const CausedCycles& from, const CausedCycles& to) {
    SpanSummary& summary = summaries_[static_cast<std::size_t>(kind)];
    u64 all = 0;
    for (std::size_t cause = 0; cause < kCycleCauses; ++cause) {
        summary.causes[cause] += to[cause] - from[cause];
        all += to[cause] - from[cause];
    }
    summary.cycles.push_back(all);
}

void Spans::finish_fault(u64 pid) {
    Process& process = processes_[pid];
    const auto& begun = process.begun[static_cast<std::size_t>(SpanKind::PageFault)];
    if (begun && process.copied) {
        record(SpanKind::CowCopy, *begun, process.spent);
    }
    end(pid, SpanKind::PageFault);
}

} // namespace forkscope
