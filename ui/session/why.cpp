#include "session/why.hpp"

#include "base/text.hpp"
#include "event/esr.hpp"
#include "event/probe_text.hpp"
#include "ui/bit_fields.hpp"
#include "ui/guest_names.hpp"
#include "ui/sentences.hpp"

namespace forkscope {

using abi::ProbeId;

namespace {

std::string name_fault(const World& world, const Event& event) {
    const u64 esr = event.arg[2];
    const bool alignment = fault_class(esr) == FaultClass::Alignment;
    const char* access = is_instruction_abort(esr) ? " running "
                         : is_write_fault(esr)     ? " writing "
                                                   : " reading ";
    std::string text = alignment ? "the alignment fault of " : "the page fault of ";
    text += event.el == 0 || event.pid == 0 ? who(world, event.pid)
                                            : "the kernel for " + who(world, event.pid);
    text += access + hex(event.arg[0]);
    return alignment ? text : text + ": " + fault_words(esr);
}

std::string frame_copy(const char* what, const World& world, const Event& event) {
    return what + std::string(" of frame ") + hex(event.arg[2]) + " to " + hex(event.arg[3]) +
           " for " + who(world, event.arg[0]) + " at " + hex(event.arg[1]);
}

std::string filling(const char* what, const World& world, const Event& event) {
    return "frame " + hex(event.arg[2]) + what + who(world, event.arg[0]) + " at " +
           hex(event.arg[1]);
}

std::string result_of(u64 error, u64 value) {
    return error == 0 ? " with " + std::to_string(static_cast<i64>(value))
                      : " with " + describe_errno(error);
}

// Events about processes.
std::string name_process_event(const World& world, const Event& event) {
    const auto& arg = event.arg;
    const std::string actor = who(world, arg[0]);
    switch (probe_of(event)) {
    case ProbeId::ProcCreate:
        return "the birth of " + actor + ", forked by " + who(world, arg[3]);
    case ProbeId::ProcExecSuccess:
        return "process " + std::to_string(arg[0]) + " becoming " + actor;
    case ProbeId::ProcExecFailure:
        return "the failed exec of " + actor + ": " + describe_errno(arg[1]);
    case ProbeId::ProcExit:
        return "the end of " + actor + ": " + describe_wait_status(arg[1]);
    case ProbeId::ProcReap:
        return "the reaping of process " + std::to_string(arg[0]) + " by " + who(world, arg[1]);
    case ProbeId::ProcReparent:
        return "the adoption of " + actor + " by " + who(world, arg[1]);
    case ProbeId::ForkFailure:
        return "the failed fork of " + actor + ": " + describe_errno(arg[1]);
    case ProbeId::LwpCreate:
        return "the birth of thread " + std::to_string(arg[1]) + " of " + actor;
    case ProbeId::LwpExit:
        return "the end of thread " + std::to_string(arg[1]) + " of " + actor;
    case ProbeId::SignalSend:
        return signal_name(arg[2]) + " from " + actor + " to " + who(world, arg[1]);
    case ProbeId::SignalHandle:
        return actor + " getting " + signal_name(arg[1]);
    case ProbeId::ProcStop:
        return actor + " being stopped";
    case ProbeId::ProcContinue:
        return actor + " being continued";
    case ProbeId::OnCpu:
        return "the switch to " + actor;
    case ProbeId::Sleep:
        return actor + " going to sleep on " + text_of(std::span(arg).subspan(2, 1));
    case ProbeId::Wakeup:
        return actor + " waking up";
    default:
        return {};
    }
}

} // namespace

std::string who(const World& world, u64 pid) {
    const ProcessFold::Process* process = world.processes().find(pid);
    return describe_actor({static_cast<u32>(pid), process == nullptr ? "" : process->view.name});
}

std::string name_event(const World& world, const Event& event) {
    const auto& arg = event.arg;
    if (event.kind == static_cast<u16>(EventKind::Fault))
        return name_fault(world, event);
    if (event.kind < static_cast<u16>(EventKind::ProbeBase))
        return std::string(event_info(event.kind)->name);
    switch (probe_of(event)) {
    case ProbeId::SyscallEntry:
        return "the call of " + syscall_name(arg[1]) + "() by " + who(world, arg[0]);
    case ProbeId::SyscallReturn:
        return "the return of " + syscall_name(arg[1]) + "() to " + who(world, arg[0]) +
               result_of(arg[2], arg[3]);
    case ProbeId::CowCopy:
        return frame_copy("the copy", world, event);
    case ProbeId::EagerCopy:
        return frame_copy("the copy at fork", world, event);
    case ProbeId::CowReuse:
        return filling(" becoming writable, as nobody shares it, for ", world, event);
    case ProbeId::ZeroFill:
        return filling(" being filled with zeros for ", world, event);
    case ProbeId::FileFill:
        return filling(" being filled from its file for ", world, event);
    case ProbeId::AnonMap:
        return filling(" being mapped for ", world, event);
    case ProbeId::FaultDone:
        return "the end of the page fault of " + who(world, arg[0]) + " at " + hex(arg[1]) +
               (arg[3] == 0 ? "" : ": " + describe_errno(arg[3]));
    case ProbeId::SpaceFork:
        return "the address space of " + who(world, arg[0]) +
               (arg[2] != 0 ? " being shared with process " : " being forked for process ") +
               std::to_string(arg[1]);
    case ProbeId::Panic:
        return "the kernel's panic: " + text_of(arg);
    default:
        break;
    }
    if (std::string name = name_process_event(world, event); !name.empty())
        return name;
    const EventInfo* info = event_info(event.kind);
    return info == nullptr ? "an event" : std::string(info->name);
}

} // namespace forkscope
