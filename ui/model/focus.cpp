#include "model/focus.hpp"

#include "model/space_walk.hpp"

#include <algorithm>

namespace forkscope {

namespace {

// Another process that maps the frame at `physical` in a space of its own.
std::optional<u32> other_mapper(const Snapshot& snapshot, u64 physical, u32 pid) {
    const FrameView* frame = snapshot.frames ? snapshot.frames->frame(physical) : nullptr;
    const ProcessView* process = snapshot.process(pid);
    if (frame == nullptr || process == nullptr) {
        return std::nullopt;
    }
    for (const FrameMapping& mapping : mappings_of(*snapshot.frames, *frame)) {
        const ProcessView* other = snapshot.process(mapping.pid);
        if (other != nullptr && other->space != nullptr && other->space != process->space) {
            return mapping.pid;
        }
    }
    return std::nullopt;
}

} // namespace

u32 pinned_pid(const Snapshot& snapshot, const Selection& selection) {
    if (selection.pid != 0) {
        return selection.pid;
    }
    if (snapshot.cpu.pid != 0) {
        return snapshot.cpu.pid;
    }
    const FaultCard* fault = picked_fault(snapshot, selection);
    if (fault != nullptr && snapshot.process(fault->pid) != nullptr) {
        return fault->pid;
    }
    const auto found = std::ranges::find_if(
        snapshot.processes, [](const ProcessView& process) { return process.space != nullptr; });
    return found != snapshot.processes.end() ? found->pid : 0;
}

const FaultCard* picked_fault(const Snapshot& snapshot, const Selection& selection, u64* number) {
    const auto& log = snapshot.faults;
    u64 wanted = selection.fault.value_or(log.end());
    if (!selection.fault && !snapshot.open_fault && !log.empty()) {
        wanted = log.end() - 1;
    }
    if (number != nullptr) {
        *number = wanted;
    }
    if (wanted == log.end() && snapshot.open_fault) {
        return &*snapshot.open_fault;
    }
    return wanted >= log.begin() && wanted < log.end() ? &log[wanted] : nullptr;
}

u64 picked_address(const Snapshot& snapshot, const Selection& selection) {
    if (selection.address) {
        return *selection.address;
    }
    const FaultCard* fault = picked_fault(snapshot, selection);
    return fault != nullptr ? fault->far : snapshot.cpu.pc;
}

std::optional<u32> compared_pid(const Snapshot& snapshot, const Selection& selection, u32 pid,
                                u64 va) {
    if (selection.compared) {
        return *selection.compared != pid ? selection.compared : std::nullopt;
    }
    const ProcessView* process = snapshot.process(pid);
    if (process == nullptr || process->space == nullptr || is_upper(va)) {
        return std::nullopt;
    }
    if (const std::optional<Leaf> leaf = find_leaf(*process->space, va)) {
        if (const auto other = other_mapper(snapshot, leaf->physical_of(va), pid)) {
            return other;
        }
    }
    const FaultCard* fault = picked_fault(snapshot, selection);
    const bool same = fault != nullptr && fault->pid == pid && same_page(fault->far, va);
    return same ? other_mapper(snapshot, old_frame(*fault), pid) : std::nullopt;
}

} // namespace forkscope
