#include "model/event_sentence.hpp"

#include "base/text.hpp"
#include "event/probe_text.hpp"
#include "event/totals.hpp"
#include "ui/bit_fields.hpp"
#include "ui/descriptor_text.hpp"
#include "ui/guest_names.hpp"
#include "ui/sentences.hpp"
#include "ui/words.hpp"

#include <algorithm>

namespace forkscope {

namespace {

using abi::ProbeId;

// What a sentence is made of.
struct Telling {
    const Event& event;
    const Names& names;
    std::string_view attached;

    [[nodiscard]] u64 arg(std::size_t i) const { return event.arg[i]; }
    [[nodiscard]] std::string who(std::size_t i) const {
        return names.who(static_cast<u32>(event.arg[i]));
    }
    [[nodiscard]] std::string on_cpu() const { return names.who(event.pid); }
    [[nodiscard]] std::string at(std::size_t i) const { return hex(event.arg[i]); }
};

using Teller = std::string (*)(const Telling&);

std::string run_end(const Telling& t) {
    switch (static_cast<RunEndReason>(t.arg(0))) {
    case RunEndReason::PowerOff:
        return "the guest powered off with status " + std::to_string(t.arg(1));
    case RunEndReason::Panic:
        return "the run ends: the kernel panicked";
    case RunEndReason::Limit:
        return "the run ends at its limit";
    case RunEndReason::Stopped:
        break;
    }
    return "the run was stopped";
}

std::string fault(const Telling& t) {
    PageStory story;
    story.address = t.arg(0);
    story.esr = t.arg(2);
    story.el = t.event.el;
    const Actor actor{t.event.pid, std::string(t.names.name(t.event.pid))};
    return tell_entry({t.event.cycle, actor, story}).front();
}

std::string descriptor_change(const Telling& t) {
    const auto level = static_cast<unsigned>(std::min<u64>(t.arg(4), 3));
    return "the descriptor of " + t.at(0) + " of " + t.on_cpu() +
           " has changed: " + describe_descriptor(t.arg(2), level) + " -> " +
           describe_descriptor(t.arg(3), level);
}

std::string interrupt(const Telling& t) {
    const u64 id = t.arg(0);
    const char* source = id == 27   ? " (virtual timer)"
                         : id == 30 ? " (physical timer)"
                         : id == 33 ? " (UART)"
                         : id == 34 ? " (clock)"
                                    : "";
    return "interrupt " + std::to_string(id) + source + " taken from " + t.on_cpu();
}

std::string bus_error(const Telling& t) {
    return std::string(t.arg(2) != 0 ? "a write of " : "a read of ") + plural(t.arg(1), "byte") +
           " at physical " + t.at(0) + " reached nothing";
}

std::string spent(const Telling& t) {
    return t.on_cpu() + " spent " + plural(t.arg(2), "cycle") + " at EL" +
           std::to_string(t.arg(0)) + " on " + std::string(cycle_cause_name(t.arg(1)));
}

std::string timing_total(const Telling& t) {
    constexpr std::array<const char*, kTimingUnits> units = {
        "L1 instruction cache", "L1 data cache",       "L2 cache", "TLB",
        "branch prediction",    "unknown instructions"};
    return std::string(t.arg(0) < units.size() ? units[t.arg(0)] : "a unit") + ": " +
           plural(t.arg(1), "use") + ", " + grouped(t.arg(2)) + " missed";
}

std::string create(const Telling& t) {
    const u32 forker = static_cast<u32>(t.arg(3));
    return t.names.who(forker) + " made process " + std::to_string(t.arg(0)) +
           (t.arg(1) != t.arg(3) ? ", a child of " + t.who(1) : "");
}

std::string signal_send(const Telling& t) {
    return t.who(0) + " sent " + signal_name(t.arg(2)) + " to " + t.who(1);
}

std::string signal_handle(const Telling& t) {
    return t.who(0) + " takes " + signal_name(t.arg(1)) +
           (t.arg(2) == 0 ? ": the default action" : " with its handler at " + t.at(2));
}

std::string on_cpu(const Telling& t) {
    return t.arg(3) != 0 ? "nothing is to be done: the CPU idles" : t.who(0) + " gets the CPU";
}

std::string syscall_return(const Telling& t) {
    const std::string call = t.who(0) + " is back from " + syscall_name(t.arg(1));
    return t.arg(2) != 0 ? call + ": " + describe_errno(t.arg(2))
                         : call + ": " + (t.arg(3) < 4096 ? std::to_string(t.arg(3)) : t.at(3));
}

std::string cow_copy(const Telling& t) {
    return "the kernel copied page " + t.at(1) + " for " + t.who(0) + ": frame " + t.at(2) + " (" +
           plural(t.arg(4), "reference") + ") to frame " + t.at(3);
}

std::string fault_done(const Telling& t) {
    const std::string what = "the fault of " + t.who(0) + " at " + t.at(1);
    return t.arg(3) == 0 ? what + " is resolved" : what + " fails: " + describe_errno(t.arg(3));
}

std::string space_fork(const Telling& t) {
    if (t.arg(2) != 0) {
        return t.who(1) + " shares the memory of " + t.who(0);
    }
    return t.who(1) + " gets the memory of " + t.who(0) + ": " + plural(t.arg(3), "map entry") +
           ", " + plural(t.arg(4), "page") + " turned read-only";
}

std::string leak_check(const Telling& t) {
    return "leak check: " + plural(t.arg(0), "frame") + ", " + plural(t.arg(1), "anon") + ", " +
           plural(t.arg(2), "amap") + ", " + plural(t.arg(3), "ASID") + ", " +
           plural(t.arg(4), "file") + " left";
}

Teller machine_teller(EventKind kind) {
    switch (kind) {
    case EventKind::RunStart:
        return [](const Telling& t) {
            return "the run begins with " + byte_size(t.arg(0)) + " of RAM";
        };
    case EventKind::RunEnd:
        return run_end;
    case EventKind::Fault:
        return fault;
    case EventKind::DescriptorChange:
        return descriptor_change;
    case EventKind::Exception:
        return [](const Telling& t) {
            return t.on_cpu() + " took an exception at " + t.at(0) + ": " +
                   exception_class_words(t.arg(1));
        };
    case EventKind::InterruptTaken:
        return interrupt;
    case EventKind::HypervisorCall:
        return [](const Telling& t) {
            return "the kernel called PSCI function " + t.at(0) + ": " + t.at(4);
        };
    case EventKind::BusError:
        return bus_error;
    case EventKind::Text:
        return [](const Telling& t) { return "text: " + text_of(t.event.arg); };
    case EventKind::ConsoleLine:
        return [](const Telling& t) {
            return t.attached.empty() ? "the console shows an empty line"
                                      : "the console shows: " + std::string(t.attached);
        };
    case EventKind::ProbeMalformed:
        return [](const Telling& t) {
            return "a malformed record at the probe device: doorbell " + t.at(0) + ", id " +
                   t.at(1);
        };
    case EventKind::CyclesSpent:
        return spent;
    case EventKind::TimingTotal:
        return timing_total;
    case EventKind::ProbeBase:
        break;
    }
    return nullptr;
}

Teller process_teller(ProbeId probe) {
    switch (probe) {
    case ProbeId::ProcCreate:
        return create;
    case ProbeId::ProcExecSuccess:
        return [](const Telling& t) {
            return "process " + std::to_string(t.arg(0)) + " became " +
                   text_of(std::span(t.event.arg).subspan(1, 2));
        };
    case ProbeId::ProcExecFailure:
        return [](const Telling& t) {
            return t.who(0) + " could not become another program: " + describe_errno(t.arg(1));
        };
    case ProbeId::ProcExit:
        return
            [](const Telling& t) { return t.who(0) + " ended: " + describe_wait_status(t.arg(1)); };
    case ProbeId::ProcReap:
        return
            [](const Telling& t) { return t.who(1) + " waited for " + t.who(0) + ": it is gone"; };
    case ProbeId::ProcStop:
        return [](const Telling& t) {
            return t.who(0) +
                   (t.arg(1) != 0 ? " stopped by " + signal_name(t.arg(1)) : " is stopped");
        };
    case ProbeId::ProcContinue:
        return [](const Telling& t) { return t.who(0) + " goes on"; };
    case ProbeId::ProcReparent:
        return
            [](const Telling& t) { return t.who(0) + " lost its parent and went to " + t.who(1); };
    case ProbeId::ForkFailure:
        return [](const Telling& t) {
            return t.who(0) + " could not fork: " + describe_errno(t.arg(1));
        };
    case ProbeId::LwpCreate:
        return
            [](const Telling& t) { return t.who(0) + " has thread " + std::to_string(t.arg(1)); };
    case ProbeId::LwpExit:
        return [](const Telling& t) {
            return "thread " + std::to_string(t.arg(1)) + " of " + t.who(0) + " ended";
        };
    case ProbeId::SignalSend:
        return signal_send;
    case ProbeId::SignalHandle:
        return signal_handle;
    case ProbeId::OnCpu:
        return on_cpu;
    case ProbeId::Sleep:
        return [](const Telling& t) {
            return t.who(0) + " sleeps on " + text_of(std::span(t.event.arg).subspan(2, 1));
        };
    case ProbeId::Wakeup:
        return [](const Telling& t) { return t.who(0) + " may run again"; };
    case ProbeId::SyscallEntry:
        return [](const Telling& t) { return t.who(0) + " calls " + syscall_name(t.arg(1)); };
    case ProbeId::SyscallReturn:
        return syscall_return;
    default:
        return nullptr;
    }
}

Teller memory_teller(ProbeId probe) {
    switch (probe) {
    case ProbeId::CowCopy:
        return cow_copy;
    case ProbeId::CowReuse:
        return [](const Telling& t) {
            return "page " + t.at(1) + " of " + t.who(0) + " made writable: frame " + t.at(2) +
                   " has no other user";
        };
    case ProbeId::ZeroFill:
        return [](const Telling& t) {
            return "page " + t.at(1) + " of " + t.who(0) + " filled with zeros: frame " + t.at(2);
        };
    case ProbeId::FileFill:
        return [](const Telling& t) {
            return "page " + t.at(1) + " of " + t.who(0) + " from its file at " + t.at(3) +
                   ": frame " + t.at(2);
        };
    case ProbeId::AnonMap:
        return [](const Telling& t) {
            return "page " + t.at(1) + " of " + t.who(0) + " was in memory: frame " + t.at(2) +
                   " (" + plural(t.arg(3), "reference") + ") mapped";
        };
    case ProbeId::FaultDone:
        return fault_done;
    case ProbeId::SpaceFork:
        return space_fork;
    case ProbeId::SpaceExec:
        return [](const Telling& t) { return t.who(0) + " has a new, empty address space"; };
    case ProbeId::SpaceExit:
        return [](const Telling& t) { return t.who(0) + " gave up its address space"; };
    case ProbeId::EagerCopy:
        return [](const Telling& t) {
            return "the kernel copied page " + t.at(1) + " for " + t.who(0) +
                   " at once, because it is wired: frame " + t.at(2) + " to frame " + t.at(3);
        };
    case ProbeId::FrameCount:
        return [](const Telling& t) {
            return grouped(t.arg(1)) + " of " + grouped(t.arg(0)) + " frames are free";
        };
    default:
        return nullptr;
    }
}

Teller probe_teller(ProbeId probe) {
    switch (probe) {
    case ProbeId::Panic:
        return [](const Telling& t) { return "the kernel panicked: " + text_of(t.event.arg); };
    case ProbeId::GuestStatus:
        return
            [](const Telling& t) { return "init ended with status " + std::to_string(t.arg(0)); };
    case ProbeId::Invariant:
        return leak_check;
    case ProbeId::BootDone:
        return [](const Telling&) {
            return std::string("the kernel has booted: init's first instruction is next");
        };
    case ProbeId::Layout:
        return [](const Telling& t) { return "the kernel tells its layout, at " + t.at(0); };
    case ProbeId::Mark:
        return [](const Telling& t) { return t.who(0) + " set mark " + std::to_string(t.arg(1)); };
    default:
        break;
    }
    const Teller process = process_teller(probe);
    return process != nullptr ? process : memory_teller(probe);
}

// Which arguments of an event are pids, by its kind: a bit for each.
u8 pid_arguments(u16 kind) {
    if (kind < static_cast<u16>(EventKind::ProbeBase)) {
        return 0;
    }
    switch (static_cast<ProbeId>(kind - static_cast<u16>(EventKind::ProbeBase))) {
    case ProbeId::ProcCreate:
        return 0b1011;
    case ProbeId::ProcReap:
    case ProbeId::ProcReparent:
    case ProbeId::SignalSend:
    case ProbeId::SpaceFork:
        return 0b11;
    case ProbeId::LwpCreate:
        return 0b101;
    case ProbeId::FrameCount:
    case ProbeId::Panic:
    case ProbeId::GuestStatus:
    case ProbeId::Invariant:
    case ProbeId::BootDone:
    case ProbeId::Layout:
        return 0;
    default:
        return 1;
    }
}

} // namespace

std::string event_sentence(const Event& event, const Names& names, std::string_view attached) {
    const Teller teller = event.kind >= static_cast<u16>(EventKind::ProbeBase)
                              ? probe_teller(probe_of(event))
                              : machine_teller(static_cast<EventKind>(event.kind));
    return teller != nullptr ? teller({event, names, attached})
                             : "an event of kind " + std::to_string(event.kind);
}

std::string attached_text(const SharedLog<Event>::View& events, u64 number) {
    std::string text;
    for (u64 i = number + 1; i < events.end(); ++i) {
        if (events[i].kind != static_cast<u16>(EventKind::Text)) {
            break;
        }
        for (std::size_t byte = 0; byte < sizeof events[i].arg; ++byte) {
            text += static_cast<char>(events[i].arg[byte / 8] >> byte % 8 * 8);
        }
    }
    // NUL fills up the last event; a carriage return ends a line of the console.
    std::erase_if(text, [](char c) { return c == '\0' || c == '\r'; });
    return printable(text);
}

u32 event_pid(const Event& event) {
    return (pid_arguments(event.kind) & 1) != 0 ? static_cast<u32>(event.arg[0]) : event.pid;
}

bool concerns(const Event& event, u32 pid) {
    const u8 arguments = pid_arguments(event.kind);
    if (arguments == 0) {
        return event.pid == pid;
    }
    for (std::size_t i = 0; i < event.arg.size(); ++i) {
        if ((arguments >> i & 1) != 0 && event.arg[i] == pid) {
            return true;
        }
    }
    return false;
}

} // namespace forkscope
