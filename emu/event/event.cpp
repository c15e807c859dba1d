#include "event/event.hpp"

#include "event/probe_text.hpp"

#include <algorithm>

namespace forkscope {

namespace {

using abi::ProbeId;

constexpr u16 number(EventKind kind) {
    return static_cast<u16>(kind);
}

constexpr u16 number(ProbeId probe) {
    return kind_of(probe);
}

// In ascending order of kind; event_info() searches it.
constexpr std::array kInfos = {
    EventInfo{number(EventKind::RunStart), "run-start", {"ram", "seed", "cycle_timing"}},
    EventInfo{number(EventKind::RunEnd), "run-end", {"reason", "guest_status"}},
    EventInfo{number(EventKind::Fault),
              "fault",
              {"far", "pc", "esr", "descriptor", "instruction", "asid"}},
    EventInfo{number(EventKind::DescriptorChange),
              "descriptor-change",
              {"va", "pc", "before", "after", "level", "asid"}},
    EventInfo{number(EventKind::Exception), "exception", {"pc", "esr", "vector"}},
    EventInfo{number(EventKind::InterruptTaken), "interrupt", {"intid", "pc"}},
    EventInfo{number(EventKind::HypervisorCall),
              "hypervisor-call",
              {"function", "arg1", "arg2", "arg3", "result"}},
    EventInfo{number(EventKind::BusError), "bus-error", {"address", "size", "write", "pc"}},
    EventInfo{number(EventKind::Text), "text", {}},
    EventInfo{number(EventKind::ConsoleLine), "console-line", {"length"}},
    EventInfo{number(EventKind::ProbeMalformed), "probe-malformed", {"doorbell", "id"}},
    EventInfo{number(EventKind::CyclesSpent),
              "cycles-spent",
              {"level", "cause", "cycles", "instructions", "work"}},
    EventInfo{number(EventKind::TimingTotal), "timing-total", {"unit", "uses", "misses"}},

    EventInfo{number(ProbeId::ProcCreate), "proc:::create", {"child", "parent", "flags", "forker"}},
    EventInfo{
        number(ProbeId::ProcExecSuccess), "proc:::exec-success", {"pid", "name_low", "name_high"}},
    EventInfo{number(ProbeId::ProcExecFailure), "proc:::exec-failure", {"pid", "errno"}},
    EventInfo{number(ProbeId::ProcExit), "proc:::exit", {"pid", "status"}},
    EventInfo{number(ProbeId::ProcReap), "proc:::reap", {"pid", "reaper"}},
    EventInfo{number(ProbeId::ProcReparent), "proc:::reparent", {"pid", "parent"}},
    EventInfo{number(ProbeId::ForkFailure), "proc:::fork-failure", {"pid", "errno", "flags"}},
    EventInfo{number(ProbeId::LwpCreate), "proc:::lwp-create", {"pid", "lid", "creator"}},
    EventInfo{number(ProbeId::LwpExit), "proc:::lwp-exit", {"pid", "lid"}},
    EventInfo{number(ProbeId::SignalSend), "proc:::signal-send", {"sender", "target", "signal"}},
    EventInfo{number(ProbeId::SignalHandle), "proc:::signal-handle", {"pid", "signal", "handler"}},
    EventInfo{number(ProbeId::ProcStop), "proc:::stop", {"pid", "signal"}},
    EventInfo{number(ProbeId::ProcContinue), "proc:::continue", {"pid"}},

    EventInfo{number(ProbeId::OnCpu), "sched:::on-cpu", {"pid", "lid", "asid", "idle"}},
    EventInfo{number(ProbeId::Sleep), "sched:::sleep", {"pid", "lid", "wmesg"}},
    EventInfo{number(ProbeId::Wakeup), "sched:::wakeup", {"pid", "lid"}},

    EventInfo{number(ProbeId::SyscallEntry),
              "syscall:::entry",
              {"pid", "number", "arg0", "arg1", "arg2", "arg3"}},
    EventInfo{number(ProbeId::SyscallReturn),
              "syscall:::return",
              {"pid", "number", "errno", "retval0", "retval1"}},

    EventInfo{number(ProbeId::CowCopy),
              "uvm:::cow_copy",
              {"pid", "va", "old_frame", "new_frame", "references"}},
    EventInfo{number(ProbeId::CowReuse), "uvm:::cow_reuse", {"pid", "va", "frame"}},
    EventInfo{number(ProbeId::ZeroFill), "uvm:::zero_fill", {"pid", "va", "frame"}},
    EventInfo{
        number(ProbeId::FileFill), "uvm:::file_fill", {"pid", "va", "frame", "offset", "writable"}},
    EventInfo{number(ProbeId::AnonMap),
              "uvm:::anon_map",
              {"pid", "va", "frame", "references", "writable"}},
    EventInfo{number(ProbeId::FaultDone), "uvm:::fault_return", {"pid", "va", "access", "errno"}},
    EventInfo{number(ProbeId::SpaceFork),
              "uvm:::space_fork",
              {"parent", "child", "shared", "entries", "pages_protected", "map"}},
    EventInfo{number(ProbeId::FrameCount), "uvm:::frames", {"total", "free", "moment"}},
    EventInfo{
        number(ProbeId::EagerCopy), "uvm:::eager_copy", {"pid", "va", "old_frame", "new_frame"}},
    EventInfo{number(ProbeId::SpaceExec), "uvm:::space_exec", {"pid", "map"}},
    EventInfo{number(ProbeId::SpaceExit), "uvm:::space_exit", {"pid"}},

    EventInfo{number(ProbeId::Panic), "kernel:::panic", {}},
    EventInfo{number(ProbeId::GuestStatus), "kernel:::poweroff", {"status"}},
    EventInfo{number(ProbeId::Invariant),
              "kernel:::leak-check",
              {"frames", "anons", "amaps", "asids", "files"}},
    EventInfo{number(ProbeId::BootDone), "kernel:::boot-done", {}},
    EventInfo{number(ProbeId::Mark), "user:::mark", {"pid", "value"}},
    EventInfo{number(ProbeId::Layout), "kernel:::layout", {"address"}},
};

constexpr bool ascending() {
    for (std::size_t i = 1; i < kInfos.size(); ++i) {
        if (kInfos[i - 1].kind >= kInfos[i].kind) {
            return false;
        }
    }
    return true;
}
static_assert(ascending());

} // namespace

std::span<const EventInfo> event_infos() {
    return kInfos;
}

const EventInfo* event_info(u16 kind) {
    const auto found =
        std::lower_bound(kInfos.begin(), kInfos.end(), kind,
                         [](const EventInfo& info, u16 wanted) { return info.kind < wanted; });
    return found != kInfos.end() && found->kind == kind ? &*found : nullptr;
}

std::string_view work_name(u64 work) {
    constexpr std::array<std::string_view, kWorks> kNames = {"user",      "syscall", "fault",
                                                             "interrupt", "kernel",  "idle"};
    return work < kNames.size() ? kNames[work] : "unknown";
}

std::string_view cycle_cause_name(u64 cause) {
    static constexpr std::array<std::string_view, kCycleCauses> names = {
        "base",          "idle",            "dependency",       "instruction_miss",
        "data_miss",     "tlb_walk",        "misprediction",    "exception_entry",
        "exception_return", "device_access", "barrier",         "tlb_maintenance"};
    return cause < names.size() ? names[cause] : "unknown";
}

} // namespace forkscope
