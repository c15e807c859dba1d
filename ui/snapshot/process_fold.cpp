#include "snapshot/process_fold.hpp"

#include "event/probe_text.hpp"

#include <algorithm>

namespace forkscope {

using abi::ProbeId;

void ProcessFold::on_event(const Event& event) {
    switch (static_cast<EventKind>(event.kind)) {
    case EventKind::CyclesSpent:
        return spend(event);
    case EventKind::Fault:
        if (Process* process = present(event.pid))
            ++process->view.faults;
        return;
    default:
        if (event.kind >= static_cast<u16>(EventKind::ProbeBase))
            on_probe(event);
    }
}

void ProcessFold::on_probe(const Event& event) {
    const ProbeId probe = probe_of(event);
    if (probe == ProbeId::ProcCreate)
        return create(event);
    if (probe == ProbeId::SpaceFork)
        return on_space(event);
    Process* process = present(event.arg[0]);
    switch (probe) {
    case ProbeId::OnCpu:
    case ProbeId::Sleep:
    case ProbeId::Wakeup:
    case ProbeId::LwpCreate:
    case ProbeId::LwpExit:
        return on_schedule(event);
    case ProbeId::SyscallReturn:
        return start_newborn();
    default:
        break;
    }
    if (process == nullptr)
        return;
    switch (probe) {
    case ProbeId::SyscallEntry:
        ++process->view.syscalls;
        break;
    case ProbeId::CowCopy:
        ++process->view.copies;
        break;
    case ProbeId::ProcExecSuccess:
        process->view.name = text_of(std::span(event.arg).subspan(1, 2));
        break;
    case ProbeId::ProcExit:
        process->view.exited = event.cycle;
        process->view.wait_status = event.arg[1];
        break;
    case ProbeId::ProcReap:
        reap(event);
        break;
    case ProbeId::ProcReparent:
        process->view.parent = static_cast<u32>(event.arg[1]);
        break;
    case ProbeId::ProcStop:
    case ProbeId::ProcContinue:
        process->stopped = probe == ProbeId::ProcStop;
        break;
    case ProbeId::SpaceExec:
    case ProbeId::SpaceExit:
        on_space(event);
        break;
    default:
        break;
    }
}

void ProcessFold::on_schedule(const Event& event) {
    const ProbeId probe = probe_of(event);
    if (probe == ProbeId::OnCpu)
        on_cpu_ = event.arg[0];
    if (probe == ProbeId::OnCpu || probe == ProbeId::Sleep)
        start_newborn();
    if (event.arg[0] == 0)
        return;
    if (probe == ProbeId::LwpCreate) {
        made(event.arg[0]).lwps.push_back({event.arg[1]});
        return;
    }
    Process* process = present(event.arg[0]);
    Lwp* one = process == nullptr ? nullptr : lwp(*process, event.arg[1]);
    if (one == nullptr)
        return;
    if (probe == ProbeId::LwpExit) {
        process->lwps.erase(process->lwps.begin() + (one - process->lwps.data()));
        return;
    }
    one->asleep = probe == ProbeId::Sleep;
    one->wait_channel = one->asleep ? event.arg[2] : 0;
}

void ProcessFold::on_space(const Event& event) {
    if (probe_of(event) == ProbeId::SpaceFork)
        made(event.arg[1]).map = event.arg[5];
    else
        made(event.arg[0]).map = probe_of(event) == ProbeId::SpaceExec ? event.arg[1] : 0;
}

void ProcessFold::create(const Event& event) {
    Process& child = made(event.arg[0]);
    child.made = true;
    child.view.parent = static_cast<u32>(event.arg[1]);
    child.view.first_parent = child.view.parent;
    child.view.born = event.cycle;
    if (const Process* forker = present(event.arg[3]))
        child.view.name = forker->view.name;
    newborn_.push_back(&child);
}

// fork1 makes the child runnable right after proc:::create; these events are the
// first that can follow.
void ProcessFold::start_newborn() {
    for (Process* process : newborn_)
        process->started = true;
    newborn_.clear();
}

void ProcessFold::reap(const Event& event) {
    const auto found = present_.find(event.arg[0]);
    found->second->view.reaped = event.cycle;
    found->second->map = 0;
    present_.erase(found);
    last_ = nullptr;
    if (++gone_ <= kGoneKept)
        return;
    const auto oldest = std::ranges::find_if(
        processes_, [](const auto& process) { return process->view.reaped.has_value(); });
    for (CycleSlice slice : (*oldest)->cycles) {
        slice.pid = kFormerProcesses;
        add(former_, slice);
    }
    processes_.erase(oldest);
    --gone_;
    ++dropped_;
}

void ProcessFold::spend(const Event& event) {
    const CycleSlice slice{.pid = event.pid,
                           .el = static_cast<u8>(event.arg[0]),
                           .cause = static_cast<CycleCause>(event.arg[1]),
                           .work = static_cast<Work>(event.arg[4]),
                           .cycles = event.arg[2],
                           .instructions = event.arg[3]};
    Process* process = present(event.pid);
    if (process == nullptr)
        return add(kernel_, slice);
    process->view.cycles += slice.cycles;
    process->view.instructions += slice.instructions;
    add(process->cycles, slice);
}

void ProcessFold::add(std::vector<CycleSlice>& slices, const CycleSlice& more) {
    for (CycleSlice& slice : slices) {
        if (slice.el == more.el && slice.cause == more.cause && slice.work == more.work &&
            slice.pid == more.pid) {
            slice.cycles += more.cycles;
            slice.instructions += more.instructions;
            return;
        }
    }
    slices.push_back(more);
}

std::vector<CycleSlice> ProcessFold::cycles() const {
    std::vector<CycleSlice> slices = kernel_;
    for (const auto& process : processes_)
        slices.insert(slices.end(), process->cycles.begin(), process->cycles.end());
    slices.insert(slices.end(), former_.begin(), former_.end());
    return slices;
}

ProcessState ProcessFold::state(const Process& process) const {
    if (process.view.reaped)
        return ProcessState::Gone;
    if (process.view.exited)
        return ProcessState::Zombie;
    if (process.stopped)
        return ProcessState::Stopped;
    if (!process.started)
        return ProcessState::Embryo;
    if (!process.lwps.empty() && std::ranges::all_of(process.lwps, &Lwp::asleep))
        return ProcessState::Sleeping;
    return process.view.pid == on_cpu_ ? ProcessState::OnCpu : ProcessState::Runnable;
}

std::string ProcessFold::wait_channel(const Process& process) const {
    if (state(process) != ProcessState::Sleeping)
        return {};
    return text_of(std::span(&process.lwps.front().wait_channel, 1));
}

const ProcessFold::Process* ProcessFold::find(u64 pid) const {
    const auto found = present_.find(pid);
    return found == present_.end() ? nullptr : found->second;
}

ProcessFold::Process* ProcessFold::present(u64 pid) {
    if (pid == 0)
        return nullptr;
    if (last_ == nullptr || last_pid_ != pid) {
        const auto found = present_.find(pid);
        last_ = found == present_.end() ? nullptr : found->second;
        last_pid_ = pid;
    }
    return last_;
}

// Events of a process that is being made come before its creation is told.
ProcessFold::Process& ProcessFold::made(u64 pid) {
    if (Process* process = present(pid))
        return *process;
    processes_.push_back(std::make_unique<Process>());
    last_ = processes_.back().get();
    last_pid_ = pid;
    last_->view.pid = static_cast<u32>(pid);
    present_[pid] = last_;
    return *last_;
}

ProcessFold::Lwp* ProcessFold::lwp(Process& process, u64 lid) {
    const auto found = std::ranges::find(process.lwps, lid, &Lwp::lid);
    return found == process.lwps.end() ? nullptr : &*found;
}

} // namespace forkscope
