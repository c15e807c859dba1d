#include "snapshot/world.hpp"

#include "event/probe_text.hpp"
#include "machine/boot.hpp"

namespace forkscope {

using abi::ProbeId;

void FrameOrigins::on_event(const Event& event) {
    if (event.kind < static_cast<u16>(EventKind::ProbeBase))
        return;
    u64 frame = 0;
    PageAction action = PageAction::None;
    switch (probe_of(event)) {
    case ProbeId::CowCopy:
        frame = event.arg[3];
        action = PageAction::Copy;
        break;
    case ProbeId::EagerCopy:
        frame = event.arg[3];
        action = PageAction::EagerCopy;
        break;
    case ProbeId::ZeroFill:
        frame = event.arg[2];
        action = PageAction::ZeroFill;
        break;
    case ProbeId::FileFill:
        frame = event.arg[2];
        action = PageAction::FileFill;
        break;
    default:
        return;
    }
    constexpr u64 kMostFrames = u64{16} << 18; // 16 GiB
    const u64 index = (frame - kRamBase) >> 12;
    if (index >= kMostFrames)
        return;
    if (index >= actions_.size())
        actions_.resize(index + 1);
    actions_[index] = action;
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
