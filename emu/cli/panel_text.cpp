#include "cli/panel_text.hpp"

#include "model/describe.hpp"
#include "ui/account.hpp"

namespace forkscope {

std::string PanelText::text(const Machine& machine, const MachineSettings& settings) {
    const std::shared_ptr<Snapshot> snapshot = taker_.take(world_, machine.inspect(), &console_);
    snapshot->control.phase = RunPhase::Ended;
    snapshot->control.why = describe_end(snapshot->totals, "") + ".";
    snapshot->control.cpu_hz = settings.cpu_hz;
    snapshot->control.cycle_timing = settings.timing.has_value();
    return describe(*snapshot, {});
}

} // namespace forkscope
