// Panel 1: run, pause, steps, speed, and why it stopped.
#pragma once

#include "model/selection.hpp"

namespace forkscope {

struct SpeedChoice {
    double events_per_second = 0; // 0: unlimited
    std::string label;            // "5 events/s"
    bool chosen = false;
};

struct ControlBarModel {
    RunPhase phase = RunPhase::Ready;
    std::string phase_name; // "paused"
    bool can_run = false;   // and step
    bool can_pause = false;
    std::string why;   // one sentence: why it is not running; empty while it is
    std::string where; // "fork-demo (3) at EL0, 0x400120 main+0x10"
    std::string cycle; // "1,000,400"
    std::string time;  // the machine's own, "1.000 ms"
    std::string instructions;
    std::string os_events;
    bool cycle_timing = false;
    std::vector<SpeedChoice> speeds;
    std::vector<BreakpointView> breakpoints;
};

ControlBarModel model_control_bar(const Snapshot& snapshot, const Selection& selection);
std::string text(const ControlBarModel& model);

} // namespace forkscope
