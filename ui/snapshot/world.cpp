#include "snapshot/world.hpp"

#include "event/probe_text.hpp"

namespace forkscope {

void World::on_event(const Event& event) {
    const u64 number = events_.view().end();
    events_.append(event);
    totals_.on_event(event);
    processes_.on_event(event);
    faults_.on_event(event, number);
    timeline_.on_event(event, number);
    if (is_os_event(event.kind))
        ++os_events_;
    if (event.kind == kind_of(abi::ProbeId::Layout))
        layout_ = event.arg[0];
}

} // namespace forkscope
