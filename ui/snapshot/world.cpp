#include "snapshot/world.hpp"

#include "event/probe_text.hpp"
#include "machine/boot.hpp"

namespace forkscope {

using abi::ProbeId;

void FrameOrigins::on_event(const Event& event) {
    const PageDecision decision = page_decision(event);
    if (decision.frame == decision.old_frame) // none, or not filled by this
        return;
    constexpr u64 kMostFrames = u64{16} << 18; // 16 GiB
    const u64 index = (decision.frame - kRamBase) >> 12;
    if (index >= kMostFrames)
        return;
    if (index >= actions_.size())
        actions_.resize(index + 1);
    actions_[index] = decision.action;
    ++changes_;
}

void World::on_event(const Event& event) {
    const u64 number = events_.view().end();
    events_.append(event);
    totals_.on_event(event);
    processes_.on_event(event);
    faults_.on_event(event, number);
    timeline_.on_event(event, number);
    origins_.on_event(event);
    if (is_os_event(event.kind))
        ++os_events_;
    if (event.kind == kind_of(ProbeId::Layout))
        layout_ = event.arg[0];
}

} // namespace forkscope
