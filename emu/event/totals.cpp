#include "event/totals.hpp"

#include "event/esr.hpp"
#include "event/probe_text.hpp"

namespace forkscope {

using abi::ProbeId;

namespace {

constexpr u64 kSysFork = 2;
constexpr u64 kSysVfork = 66;
constexpr u64 kSysVfork14 = 282;
constexpr u64 kSysClone = 287;

u64& fork_counter(ForkCounts& counts, u64 syscall) {
    switch (syscall) {
    case kSysFork:
        return counts.fork;
    case kSysVfork:
        return counts.vfork;
    case kSysVfork14:
        return counts.vfork14;
    default:
        return counts.clone;
    }
}

} // namespace

std::string_view fork_name(u64 syscall) {
    switch (syscall) {
    case kSysFork:
        return "fork";
    case kSysVfork:
        return "vfork";
    case kSysVfork14:
        return "__vfork14";
    case kSysClone:
        return "__clone";
    default:
        return "";
    }
}

void Totals::on_event(const Event& event) {
    cycles = event.cycle;
    switch (static_cast<EventKind>(event.kind)) {
    case EventKind::Fault:
        count_fault(event.arg[2]);
        break;
    case EventKind::Exception:
        if (is_alignment_exception(event.arg[1])) {
            ++faults.alignment;
        }
        break;
    case EventKind::CyclesSpent:
        spent[event.arg[0] & 1][event.arg[1] == static_cast<u64>(CycleCause::Idle)] += event.arg[2];
        instructions += event.arg[3];
        break;
    case EventKind::TimingTotal:
        count_unit(event);
        break;
    case EventKind::RunEnd:
        reason = static_cast<RunEndReason>(event.arg[0]);
        guest_status = event.arg[1];
        break;
    default:
        if (event.kind >= static_cast<u16>(EventKind::ProbeBase)) {
            on_probe(event);
        }
    }
}

void Totals::count_unit(const Event& event) {
    if (!timing) {
        timing.emplace();
    }
    if (event.arg[0] < kTimingUnits) {
        (*timing)[event.arg[0]] = {event.arg[1], event.arg[2], event.arg[3]};
    }
}

void Totals::on_probe(const Event& event) {
    switch (probe_of(event)) {
    case ProbeId::CowCopy:
        ++vm.cow_copy;
        break;
    case ProbeId::CowReuse:
        ++vm.cow_reuse;
        break;
    case ProbeId::ZeroFill:
        ++vm.zero_fill;
        break;
    case ProbeId::FileFill:
        ++vm.file_fill;
        break;
    case ProbeId::FrameCount:
        count_frames(event);
        break;
    case ProbeId::SyscallEntry:
        if (!fork_name(event.arg[1]).empty()) {
            syscall_[event.arg[0]] = event.arg[1];
        }
        break;
    case ProbeId::ProcCreate:
        count_fork(event);
        break;
    case ProbeId::SyscallReturn:
        end_syscall(event);
        break;
    case ProbeId::ProcExit:
        syscall_.erase(event.arg[0]);
        break;
    default:
        break;
    }
}

void Totals::count_fault(u64 esr) {
    switch (fault_class(esr)) {
    case FaultClass::Translation:
        ++faults.translation;
        break;
    case FaultClass::Permission:
        ++faults.permission;
        break;
    case FaultClass::AccessFlag:
        ++faults.access_flag;
        break;
    case FaultClass::Alignment:
        ++faults.alignment;
        break;
    case FaultClass::AddressSize:
        ++faults.address_size;
        break;
    case FaultClass::Other:
        ++faults.other;
        break;
    }
}

void Totals::count_frames(const Event& event) {
    vm.frames_total = event.arg[0];
    (event.arg[2] == 0 ? vm.frames_free_at_boot : vm.frames_free_at_end) = event.arg[1];
}

void Totals::count_fork(const Event& event) {
    const auto call = syscall_.find(event.arg[3]);
    if (call != syscall_.end()) {
        ++fork_counter(forks, call->second);
    }
}

void Totals::end_syscall(const Event& event) {
    const auto [pid, number, error] = std::tuple(event.arg[0], event.arg[1], event.arg[2]);
    if (fork_name(number).empty()) {
        return;
    }
    syscall_.erase(pid);
    if (error != 0) {
        ++forks.failed[error];
    }
}

} // namespace forkscope
