#include "snapshot/timeline_fold.hpp"

#include "event/esr.hpp"
#include "event/probe_text.hpp"

namespace forkscope {

using abi::ProbeId;

void TimelineFold::on_event(const Event& event, u64 number) {
    if (event.kind >= static_cast<u16>(EventKind::ProbeBase))
        return on_probe(event, number);
    if (event.kind == static_cast<u16>(EventKind::CyclesSpent) &&
        event.arg[1] == static_cast<u64>(CycleCause::Idle))
        open_.idle += event.arg[2];
    if (event.kind != static_cast<u16>(EventKind::Fault))
        return;
    mark(event, number, MarkKind::Fault, event.pid, 0);
    FaultBucket& counts = bucket(event.cycle);
    switch (fault_class(event.arg[2])) {
    case FaultClass::Translation:
        ++counts.translation;
        break;
    case FaultClass::Permission:
        ++counts.permission;
        break;
    default:
        ++counts.other;
    }
}

void TimelineFold::on_probe(const Event& event, u64 number) {
    const auto& arg = event.arg;
    switch (probe_of(event)) {
    case ProbeId::OnCpu:
        return switch_to(static_cast<u32>(arg[0]), event.cycle);
    case ProbeId::ProcCreate:
        return mark(event, number, MarkKind::Fork, arg[3], arg[0]);
    case ProbeId::ProcExecSuccess:
        return mark(event, number, MarkKind::Exec, arg[0], 0);
    case ProbeId::ProcExit:
        return mark(event, number, MarkKind::Exit, arg[0], 0);
    case ProbeId::ProcReap:
        return mark(event, number, MarkKind::Reap, arg[0], arg[1]);
    case ProbeId::SignalSend:
        return mark(event, number, MarkKind::Signal, arg[0], arg[1]);
    case ProbeId::CowCopy:
    case ProbeId::EagerCopy:
        ++bucket(event.cycle).copies;
        return mark(event, number, MarkKind::Copy, arg[0], 0);
    case ProbeId::CowReuse:
        return mark(event, number, MarkKind::Reuse, arg[0], 0);
    default:
        return;
    }
}

void TimelineFold::switch_to(u32 pid, Cycle now) {
    if (pid == open_.pid)
        return;
    open_.end = now;
    if (open_.end > open_.begin)
        spans_.append(open_);
    open_ = {.begin = now, .end = now, .pid = pid, .idle = 0};
}

void TimelineFold::mark(const Event& event, u64 number, MarkKind kind, u64 pid, u64 other) {
    marks_.append({.cycle = event.cycle,
                   .pid = static_cast<u32>(pid),
                   .kind = kind,
                   .other = static_cast<u32>(other),
                   .event = number});
}

FaultBucket& TimelineFold::bucket(Cycle cycle) {
    while (cycle / interval_ >= kMostBuckets) {
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            FaultBucket& into = buckets_[i / 2];
            const FaultBucket from = buckets_[i];
            if (i % 2 == 0) {
                into = from;
                continue;
            }
            into.translation += from.translation;
            into.permission += from.permission;
            into.other += from.other;
            into.copies += from.copies;
        }
        buckets_.resize((buckets_.size() + 1) / 2);
        interval_ *= 2;
    }
    while (buckets_.size() <= cycle / interval_)
        buckets_.push_back({.begin = buckets_.size() * interval_});
    return buckets_[cycle / interval_];
}

} // namespace forkscope
