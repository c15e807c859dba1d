// The panels as text, of a run without a panel.
#pragma once

#include "machine/machine.hpp"
#include "snapshot/take_snapshot.hpp"

namespace forkscope {

class PanelText {
public:
    // Both sinks are to see the whole run; `console` gets what the guest prints.
    explicit PanelText(ConsoleSink& console) : console_(&console) {}
    [[nodiscard]] EventSink& events() { return world_; }
    [[nodiscard]] ConsoleSink& console() { return console_; }

    // All panels of the machine as it stands after its run.
    [[nodiscard]] std::string text(const Machine& machine, const MachineSettings& settings);

private:
    World world_;
    ConsoleText console_;
    SnapshotTaker taker_;
};

} // namespace forkscope
