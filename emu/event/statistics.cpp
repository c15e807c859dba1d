#include "event/statistics.hpp"

#include "event/probe_text.hpp"

namespace forkscope {

using abi::ProbeId;

void Statistics::on_event(const Event& event) {
    totals_.on_event(event);
    if (cycle_timing_) {
        spans_.on_event(event);
    }
    switch (static_cast<EventKind>(event.kind)) {
    case EventKind::RunStart:
        cycle_timing_ = event.arg[2] != 0;
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

u64 Statistics::attributed_cycles() const {
    u64 sum = 0;
    for (const auto& [spender, cycles] : attribution_) {
        sum += cycles;
    }
    return sum;
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
    case ProbeId::CowCopy:
        ++process(event.arg[0], event.cycle).cow_copy;
        break;
    default:
        break;
    }
}

void Statistics::spend(const Event& event) {
    const u64 cycles = event.arg[2];
    attribution_[{event.pid, event.arg[0], event.arg[1]}] += cycles;
    work_[{event.pid, event.arg[4]}] += cycles;
    ProcessRecord& spender = process(event.pid, event.cycle);
    spender.cycles += cycles;
    spender.instructions += event.arg[3];
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
}

void Statistics::exit(const Event& event) {
    ProcessRecord& record = process(event.arg[0], event.cycle);
    record.exit_cycle = event.cycle;
    record.exited = true;
}

void Statistics::end_run(const Event& event) {
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
