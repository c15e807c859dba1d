#include "snapshot/fault_fold.hpp"

#include "event/probe_text.hpp"

#include <algorithm>

namespace forkscope {

using abi::ProbeId;

namespace {

bool same_page(u64 a, u64 b) {
    return (a ^ b) < 4096;
}

} // namespace

void FaultFold::on_event(const Event& event, u64 number) {
    switch (static_cast<EventKind>(event.kind)) {
    case EventKind::Fault:
        return on_fault(event, number);
    case EventKind::DescriptorChange:
        return on_change(event);
    default:
        if (event.kind >= static_cast<u16>(EventKind::ProbeBase))
            on_probe(event, number);
    }
}

void FaultFold::on_fault(const Event& event, u64 number) {
    close(event.pid);
    open_.push_back({.event = number,
                     .pid = event.pid,
                     .far = event.arg[0],
                     .pc = event.arg[1],
                     .esr = event.arg[2],
                     .instruction = static_cast<u32>(event.arg[4]),
                     .asid = static_cast<u16>(event.arg[5]),
                     .el = event.el,
                     .descriptor_before = event.arg[3],
                     .taken = event.cycle});
    if (annotate)
        annotate(open_.back());
}

// Comes when the page is used again: the instruction's second try, right after
// the ERET.
void FaultFold::on_change(const Event& event) {
    FaultCard* open = card(event.pid);
    if (open == nullptr || !same_page(open->far, event.arg[0]))
        return;
    open->descriptor_after = event.arg[3];
    open->level_after = static_cast<u8>(event.arg[4]);
    if (open->resolved != 0) {
        open->returned = event.cycle;
        close(event.pid);
    }
}

void FaultFold::on_probe(const Event& event, u64 number) {
    const auto& arg = event.arg;
    switch (probe_of(event)) {
    case ProbeId::FaultDone:
        if (FaultCard* open = card(arg[0]); open != nullptr && same_page(open->far, arg[1])) {
            open->resolved = event.cycle;
            open->error = arg[3];
            if (open->error != 0)
                close(arg[0]);
        }
        return;
    case ProbeId::SyscallEntry: // the process went on, or will not
    case ProbeId::SignalHandle:
    case ProbeId::ProcExit:
        return close(arg[0]);
    default:
        break;
    }
    if (const PageDecision decision = page_decision(event); decision.action != PageAction::None)
        decide(event, number, decision);
}

// Pages that are wired, or copied at fork, have no fault: their cards are finished
// at once.
void FaultFold::decide(const Event& event, u64 number, const PageDecision& decision) {
    FaultCard* open = card(event.arg[0]);
    const bool faulted =
        open != nullptr && open->resolved == 0 && same_page(open->far, event.arg[1]);
    FaultCard made{.event = number,
                   .pid = static_cast<u32>(event.arg[0]),
                   .far = event.arg[1],
                   .el = event.el};
    FaultCard& card = faulted ? *open : made;
    card.action = decision.action;
    card.old_frame = decision.old_frame;
    card.new_frame = decision.frame;
    card.references = decision.references;
    card.offset = decision.offset;
    card.decided = event.cycle;
    if (!faulted)
        finished_.append(std::move(made));
}

std::optional<FaultCard> FaultFold::open() const {
    const auto latest = std::ranges::max_element(open_, {}, &FaultCard::event);
    return latest == open_.end() ? std::nullopt : std::optional(*latest);
}

std::vector<FaultCard>::iterator FaultFold::find(u64 pid) {
    return std::ranges::find(open_, pid, &FaultCard::pid);
}

FaultCard* FaultFold::card(u64 pid) {
    const auto found = find(pid);
    return found == open_.end() ? nullptr : &*found;
}

void FaultFold::close(u64 pid) {
    if (const auto found = find(pid); found != open_.end()) {
        finished_.append(std::move(*found));
        open_.erase(found);
    }
}

} // namespace forkscope
