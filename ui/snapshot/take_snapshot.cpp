#include "snapshot/take_snapshot.hpp"

#include <algorithm>

namespace forkscope {

namespace {

void add_cycles(const World& world, const Inspection& machine, Snapshot& snapshot) {
    snapshot.cycles = world.processes().cycles();
    for (const UnreportedCycles& more : machine.unreported) {
        snapshot.span_idle += more.cause == CycleCause::Idle ? more.cycles : 0;
        ProcessFold::add(snapshot.cycles, {.pid = machine.pid,
                                           .el = more.el,
                                           .cause = more.cause,
                                           .work = more.work,
                                           .cycles = more.cycles,
                                           .instructions = more.instructions});
    }
}

} // namespace

CpuView cpu_view(const Inspection& machine) {
    const RegisterFile& file = machine.registers;
    return {.x = file.x,
            .sp = file.sp,
            .pc = file.pc,
            .pstate = file.pstate,
            .el = file.el,
            .pid = machine.pid,
            .ttbr0 = machine.regime.ttbr0,
            .ttbr1 = machine.regime.ttbr1,
            .tcr = machine.regime.tcr,
            .mair = machine.regime.mair,
            .sctlr = machine.regime.sctlr,
            .vbar = file.vbar,
            .esr = file.esr,
            .far = file.far,
            .elr = file.elr,
            .spsr = file.spsr,
            .sp_el0 = file.sp_el0};
}

std::shared_ptr<Snapshot> SnapshotTaker::take(const World& world, const Inspection& machine,
                                              const ConsoleText* console) {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->serial = ++serial_;
    snapshot->control.cycle = machine.cycle;
    snapshot->control.instructions = machine.instructions;
    snapshot->control.os_events = world.os_events();
    snapshot->events = world.events().view();
    snapshot->faults = world.faults().finished().view();
    snapshot->open_fault = world.faults().open();
    snapshot->spans = world.timeline().spans().view();
    snapshot->span_began = world.timeline().span_began();
    snapshot->span_idle = world.timeline().span_idle();
    snapshot->marks = world.timeline().marks().view();
    snapshot->fault_history = world.timeline().history();
    snapshot->totals = world.totals();
    snapshot->cpu = cpu_view(machine);
    if (console != nullptr)
        snapshot->console = console->text();
    add_cycles(world, machine, *snapshot);
    KernelMemory memory(machine);
    snapshot->kernel =
        keep(0, walk_tables(machine, machine.regime.ttbr1 & Ttbr::BADDR::mask, true));
    add_processes(world, machine, memory, *snapshot);
    return snapshot;
}

void SnapshotTaker::add_processes(const World& world, const Inspection& machine,
                                  KernelMemory& memory, Snapshot& snapshot) {
    const std::optional<abi::KernelLayout> layout = read_layout(memory, world.layout());
    std::vector<OwnedSpace> owned;
    std::unordered_map<u64, std::size_t> index; // in owned, by vm_map
    std::vector<std::size_t> space_of;          // by process; past the end: none
    snapshot.dropped_processes = world.processes().dropped();
    for (const auto& process : world.processes().all()) {
        space_of.push_back(~std::size_t{0});
        if (process->map == 0 || !layout)
            continue;
        const auto [at, is_new] = index.emplace(process->map, owned.size());
        if (is_new)
            owned.push_back(
                {process->view.pid,
                 keep(process->map, read_space(machine, memory, *layout, process->map))});
        space_of.back() = at->second;
    }
    std::erase_if(spaces_,
                  [&](const auto& kept) { return kept.first != 0 && !index.contains(kept.first); });
    if (frames_ == nullptr || owned != owned_ || origins_ != world.origins().changes()) {
        origins_ = world.origins().changes();
        frames_ = std::make_shared<const FrameTable>(make_frames(
            machine, memory, layout ? &*layout : nullptr, world.origins().actions(), owned));
        counts_.clear();
        for (const OwnedSpace& one : owned)
            counts_.push_back(count_pages(*one.space, one.pid, *frames_));
        owned_ = std::move(owned);
    }
    snapshot.frames = frames_;

    for (std::size_t i = 0; i < space_of.size(); ++i) {
        const ProcessFold::Process& process = *world.processes().all()[i];
        ProcessView& view = snapshot.processes.emplace_back(process.view);
        view.state = world.processes().state(process);
        view.wait_channel = world.processes().wait_channel(process);
        if (view.pid == machine.pid && view.state != ProcessState::Gone)
            for (const UnreportedCycles& more : machine.unreported) {
                view.cycles += more.cycles;
                view.instructions += more.instructions;
            }
        if (space_of[i] < owned_.size()) {
            view.space = owned_[space_of[i]].space;
            view.private_pages = counts_[space_of[i]].own;
            view.shared_pages = counts_[space_of[i]].shared;
        }
    }
}

// The space of the last snapshot, if it is the same.
std::shared_ptr<const AddressSpaceView> SnapshotTaker::keep(u64 key, AddressSpaceView space) {
    std::shared_ptr<const AddressSpaceView>& kept = spaces_[key];
    if (kept == nullptr || *kept != space)
        kept = std::make_shared<const AddressSpaceView>(std::move(space));
    return kept;
}

} // namespace forkscope
