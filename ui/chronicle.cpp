#include "ui/chronicle.hpp"

#include "event/probe_text.hpp"
#include "event/totals.hpp"

#include <algorithm>

namespace forkscope {

using abi::ProbeId;

namespace {

constexpr u64 kPageMask = ~u64{4095};

bool same_page(u64 a, u64 b) {
    return (a & kPageMask) == (b & kPageMask);
}

} // namespace

void Chronicle::on_event(const Event& event) {
    switch (static_cast<EventKind>(event.kind)) {
    case EventKind::Fault:
        on_fault(event);
        break;
    case EventKind::DescriptorChange:
        on_descriptor_change(event);
        break;
    case EventKind::CyclesSpent:
        if (const std::size_t life = present(event.pid).life; life != kNone) {
            lives_[life].cycles += event.arg[2];
        }
        break;
    default:
        if (event.kind >= static_cast<u16>(EventKind::ProbeBase)) {
            on_probe(event);
        }
    }
}

void Chronicle::finish() {
    std::vector<u64> open;
    for (const auto& [pid, process] : present_) {
        if (process.fault || process.fork) {
            open.push_back(pid);
        }
    }
    std::sort(open.begin(), open.end());
    for (const u64 pid : open) {
        close_fault(pid);
        if (present(pid).fork) {
            close_fork(pid, 0, std::nullopt);
        }
    }
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const auto& a, const auto& b) { return a.cycle < b.cycle; });
}

void Chronicle::on_probe(const Event& event) {
    switch (probe_of(event)) {
    case ProbeId::ProcCreate:
        on_create(event);
        break;
    case ProbeId::ProcExecSuccess:
        on_exec(event);
        break;
    case ProbeId::ProcExit:
        on_exit(event);
        break;
    case ProbeId::ProcReparent:
        tell(event.cycle, event.arg[0], Adoption{actor(event.arg[1])});
        break;
    case ProbeId::ProcReap:
        present_.erase(event.arg[0]);
        break;
    case ProbeId::SyscallEntry:
        on_syscall_entry(event);
        break;
    case ProbeId::SyscallReturn:
        on_syscall_return(event);
        break;
    case ProbeId::SpaceFork:
        if (auto& fork = present(event.arg[0]).fork) {
            fork->call.shares_memory = event.arg[2] != 0;
            fork->call.pages_protected = event.arg[4];
        }
        break;
    default:
        on_memory_probe(event);
    }
}

void Chronicle::on_memory_probe(const Event& event) {
    const auto& arg = event.arg;
    if (probe_of(event) == ProbeId::FaultDone) {
        auto& fault = present(arg[0]).fault;
        if (!fault || !same_page(fault->story.address, arg[1])) {
            return;
        }
        fault->story.handled = true;
        fault->story.error = arg[3];
        fault->story.took = event.cycle - fault->cycle;
        if (fault->story.before || !fault->story.esr) {
            close_fault(arg[0]);
        }
        return;
    }
    const PageDecision decision = page_decision(event);
    if (decision.action == PageAction::None) {
        return;
    }
    act(event, decision);
    if (decision.action == PageAction::EagerCopy) {
        close_fault(arg[0]);
    }
    if (const std::size_t life = present(arg[0]).life;
        decision.action == PageAction::Copy && life != kNone) {
        ++lives_[life].copies;
    }
}

void Chronicle::on_fault(const Event& event) {
    close_fault(event.pid);
    PageStory story;
    story.esr = event.arg[2];
    story.address = event.arg[0];
    story.el = event.el;
    present(event.pid).fault = OpenFault{event.cycle, story};
}

// Comes when the page is used again, after the handler.
void Chronicle::on_descriptor_change(const Event& event) {
    auto& fault = present(event.pid).fault;
    if (!fault || !same_page(fault->story.address, event.arg[0])) {
        return;
    }
    fault->story.before = event.arg[2];
    fault->story.after = event.arg[3];
    fault->story.level = event.arg[4];
    if (fault->story.handled) {
        close_fault(event.pid);
    }
}

// The open story of the probe's process and page, which may begin here.
PageStory& Chronicle::story_for(const Event& event) {
    Present& process = present(event.arg[0]);
    const bool other_page = process.fault && !same_page(process.fault->story.address, event.arg[1]);
    if (other_page || (process.fault && process.fault->story.handled)) {
        close_fault(event.arg[0]);
    }
    if (!process.fault) {
        PageStory story;
        story.address = event.arg[1];
        process.fault = OpenFault{event.cycle, story};
    }
    return process.fault->story;
}

void Chronicle::act(const Event& event, const PageDecision& decision) {
    PageStory& story = story_for(event);
    story.action = decision.action;
    story.old_frame = decision.old_frame;
    story.frame = decision.frame;
    story.references = decision.references;
    story.offset = decision.offset;
}

void Chronicle::on_create(const Event& event) {
    const auto [child, parent, forker] = std::tuple(event.arg[0], event.arg[1], event.arg[3]);
    close_fault(forker);
    Present newborn;
    newborn.name = present(forker).name;
    if (lives_.size() < limits_.processes) {
        ProcessLife life;
        life.pid = static_cast<u32>(child);
        life.name = newborn.name;
        life.born = event.cycle;
        newborn.life = lives_.size();
        const std::size_t parent_life = present(parent).life;
        life.parent = parent_life == kNone ? newborn.life : parent_life;
        lives_.push_back(std::move(life));
    } else {
        ++untold_lives_;
    }
    present_[child] = std::move(newborn);
    if (auto& fork = present(forker).fork) {
        fork->call.child = static_cast<u32>(child);
    } else {
        tell(event.cycle, child, Birth{});
    }
}

void Chronicle::on_exec(const Event& event) {
    const u64 pid = event.arg[0];
    close_fault(pid);
    Present& process = present(pid);
    const std::string former = process.name;
    process.name = text_of(std::span(event.arg).subspan(1, 2));
    if (process.life != kNone) {
        lives_[process.life].name = process.name;
    }
    tell(event.cycle, pid, Exec{former});
}

void Chronicle::on_exit(const Event& event) {
    const u64 pid = event.arg[0];
    close_fault(pid);
    if (present(pid).fork) {
        close_fork(pid, 0, std::nullopt);
    }
    tell(event.cycle, pid, Exit{event.arg[1]});
    const Present& process = present(pid);
    if (process.life != kNone) {
        lives_[process.life].wait_status = event.arg[1];
    }
}

void Chronicle::on_syscall_entry(const Event& event) {
    const std::string_view name = fork_name(event.arg[1]);
    if (name.empty()) {
        return;
    }
    close_fault(event.arg[0]);
    ForkCall call;
    call.call = name;
    present(event.arg[0]).fork = OpenFork{event.cycle, call};
}

void Chronicle::on_syscall_return(const Event& event) {
    const u64 pid = event.arg[0];
    Present& process = present(pid);
    if (!process.fork || fork_name(event.arg[1]) != process.fork->call.call) {
        return;
    }
    close_fault(pid);
    close_fork(pid, event.arg[2], event.cycle);
}

Chronicle::Present& Chronicle::present(u64 pid) {
    return present_[pid];
}

Actor Chronicle::actor(u64 pid) {
    return {static_cast<u32>(pid), present(pid).name};
}

void Chronicle::close_fault(u64 pid) {
    Present& process = present(pid);
    if (!process.fault) {
        return;
    }
    const OpenFault fault = *process.fault;
    process.fault.reset();
    if (fault.story.is_first_touch()) {
        tell_touch(fault.cycle, pid, fault.story);
    } else {
        tell(fault.cycle, pid, fault.story);
    }
}

void Chronicle::close_fork(u64 pid, u64 error, std::optional<Cycle> returned) {
    Present& process = present(pid);
    OpenFork fork = *process.fork;
    process.fork.reset();
    fork.call.error = error;
    if (returned) {
        fork.call.took = *returned - fork.cycle;
    }
    if (fork.call.took && error == 0 && fork.call.call == "fork") {
        ++forks_timed_;
        fork_cycles_ += *fork.call.took;
    }
    tell(fork.cycle, pid, fork.call);
}

void Chronicle::tell(Cycle cycle, u64 pid, decltype(ChronicleEntry::what) what) {
    touches_in_a_row_ = 0;
    append(cycle, pid, std::move(what));
}

// First touches come in droves: the first few are told, the rest of a row
// becomes one entry.
void Chronicle::tell_touch(Cycle cycle, u64 pid, const PageStory& story) {
    touches_in_a_row_ = touching_pid_ == pid ? touches_in_a_row_ + 1 : 1;
    touching_pid_ = pid;
    if (touches_in_a_row_ <= limits_.touches_in_a_row) {
        append(cycle, pid, story);
        return;
    }
    if (touches_in_a_row_ == limits_.touches_in_a_row + 1) {
        more_touches_ = append(cycle, pid, MoreTouches{}) ? entries_.size() - 1 : kNone;
        untold_others_ -= more_touches_ == kNone ? 1 : 0; // counted below
    }
    if (more_touches_ == kNone) {
        ++untold_others_;
        return;
    }
    auto& more = std::get<MoreTouches>(entries_[more_touches_].what);
    using Action = PageStory::Action;
    ++(story.action == Action::ZeroFill   ? more.zero_fill
       : story.action == Action::FileFill ? more.file_fill
                                          : more.share);
}

// False if the limit is reached: then it is only counted.
bool Chronicle::append(Cycle cycle, u64 pid, decltype(ChronicleEntry::what) what) {
    const auto* story = std::get_if<PageStory>(&what);
    const bool is_copy = story != nullptr && story->is_copy();
    std::size_t& told = is_copy ? told_copies_ : told_others_;
    if (told == (is_copy ? limits_.copies : limits_.others)) {
        ++(is_copy ? untold_copies_ : untold_others_);
        return false;
    }
    ++told;
    entries_.push_back({cycle, actor(pid), std::move(what)});
    return true;
}

} // namespace forkscope
