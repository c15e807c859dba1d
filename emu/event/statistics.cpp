#include "event/statistics.hpp"

#include "abi/probe.hpp"
#include "event/esr.hpp"
#include "event/probe_text.hpp"

namespace forkscope {

using abi::ProbeId;

namespace {

// System call numbers: NetBSD, sys/kern/syscalls.master.
constexpr u64 kSysFork = 2;
constexpr u64 kSysVfork = 66;
constexpr u64 kSysVfork14 = 282;
constexpr u64 kSysClone = 287;

// The counter of the system call `number`, or nullptr if it is no fork.
u64* fork_counter(ForkCounts& counts, u64 number) {
    switch (number) {
    case kSysFork:
        return &counts.fork;
    case kSysVfork:
        return &counts.vfork;
    case kSysVfork14:
        return &counts.vfork14;
    case kSysClone:
        return &counts.clone;
    default:
        return nullptr;
    }
}

} // namespace

void Statistics::on_event(const Event& event) {
    cycles_ = event.cycle;
    switch (static_cast<EventKind>(event.kind)) {
    case EventKind::Fault:
        count_fault(event.arg[2]);
        break;
    case EventKind::Exception:
        if (is_alignment_exception(event.arg[1])) {
            ++faults_.alignment;
        }
        break;
    case EventKind::CyclesSpent:
        spend(event);
        break;
    case EventKind::RunEnd:
        end_run(event);
        break;
    default:
        if (event.kind >= static_cast<u16>(EventKind::ProbeBase)) {
            on_probe(event);
        }
    }
}

void Statistics::on_probe(const Event& event) {
    switch (probe_of(event)) {
    case ProbeId::ProcCreate:
        create(event);
        break;
    case ProbeId::ProcExecSuccess:
        process(event.arg[0], event.cycle).name = text_of(std::span(event.arg).subspan(1, 2));
        break;
    case ProbeId::ProcExit:
        exit(event);
        break;
    case ProbeId::ProcReparent:
        process(event.arg[0], event.cycle).ppid = static_cast<u32>(event.arg[1]);
        break;
    case ProbeId::SyscallEntry:
        syscall_[event.arg[0]] = event.arg[1];
        break;
    case ProbeId::SyscallReturn:
        end_syscall(event);
        break;
    case ProbeId::GuestStatus:
        guest_status_ = event.arg[0];
        break;
    default:
        count_memory_probe(event);
    }
}

void Statistics::count_memory_probe(const Event& event) {
    switch (probe_of(event)) {
    case ProbeId::CowCopy:
        ++vm_.cow_copy;
        ++process(event.arg[0], event.cycle).cow_copy;
        break;
    case ProbeId::CowReuse:
        ++vm_.cow_reuse;
        break;
    case ProbeId::ZeroFill:
        ++vm_.zero_fill;
        break;
    case ProbeId::FileFill:
        ++vm_.file_fill;
        break;
    case ProbeId::FrameCount:
        count_frames(event);
        break;
    default:
        break;
    }
}

void Statistics::count_frames(const Event& event) {
    const auto [total, free, moment] = std::tuple(event.arg[0], event.arg[1], event.arg[2]);
    vm_.frames_total = total;
    (moment == 0 ? vm_.frames_free_at_boot : vm_.frames_free_at_end) = free;
}

void Statistics::count_fault(u64 esr) {
    switch (fault_class(esr)) {
    case FaultClass::Translation:
        ++faults_.translation;
        break;
    case FaultClass::Permission:
        ++faults_.permission;
        break;
    case FaultClass::AccessFlag:
        ++faults_.access_flag;
        break;
    case FaultClass::Alignment:
        ++faults_.alignment;
        break;
    case FaultClass::AddressSize:
        ++faults_.address_size;
        break;
    case FaultClass::Other:
        ++faults_.other;
        break;
    }
}

void Statistics::spend(const Event& event) {
    const u64 cycles = event.arg[2];
    const u64 instructions = event.arg[3];
    attribution_[{event.pid, event.arg[0], event.arg[1]}] += cycles;
    instructions_ += instructions;
    ProcessRecord& spender = process(event.pid, event.cycle);
    spender.cycles += cycles;
    spender.instructions += instructions;
}

void Statistics::create(const Event& event) {
    const auto [child, parent, forker] = std::tuple(event.arg[0], event.arg[1], event.arg[3]);
    ProcessRecord record;
    record.pid = static_cast<u32>(child);
    record.ppid = static_cast<u32>(parent);
    record.name = process(forker, event.cycle).name;
    record.born_cycle = event.cycle;
    current_[child] = processes_.size();
    processes_.push_back(std::move(record));

    const auto call = syscall_.find(forker);
    if (call == syscall_.end()) {
        return;
    }
    if (u64* counter = fork_counter(forks_, call->second)) {
        ++*counter;
    }
}

void Statistics::exit(const Event& event) {
    ProcessRecord& record = process(event.arg[0], event.cycle);
    record.exit_cycle = event.cycle;
    record.exited = true;
    syscall_.erase(event.arg[0]);
}

void Statistics::end_syscall(const Event& event) {
    const auto [pid, number, error] = std::tuple(event.arg[0], event.arg[1], event.arg[2]);
    syscall_.erase(pid);
    if (error != 0 && fork_counter(forks_, number) != nullptr) {
        ++forks_.failed[error];
    }
}

void Statistics::end_run(const Event& event) {
    reason_ = static_cast<RunEndReason>(event.arg[0]);
    guest_status_ = event.arg[1];
    for (ProcessRecord& record : processes_) {
        if (!record.exited) {
            record.exit_cycle = event.cycle;
        }
    }
}

// The process that has `pid` now. One that nobody created (process 0, or a
// guest without probes) is born when it is first seen.
ProcessRecord& Statistics::process(u64 pid, Cycle now) {
    const auto [entry, is_new] = current_.try_emplace(pid, processes_.size());
    if (is_new) {
        ProcessRecord record;
        record.pid = static_cast<u32>(pid);
        record.name = pid == 0 ? "system" : "";
        record.born_cycle = pid == 0 ? 0 : now;
        processes_.push_back(std::move(record));
    }
    return processes_[entry->second];
}

} // namespace forkscope
