#include "model/control_bar.hpp"

#include "base/text.hpp"
#include "model/names.hpp"
#include "ui/columns.hpp"
#include "ui/text_table.hpp"
#include "ui/words.hpp"

#include <algorithm>
#include <array>

namespace forkscope {

namespace {

// OS events in a second of the user's time.
constexpr std::array<double, 6> kSpeeds = {1, 2, 5, 10, 25, 0};

const char* phase_name(RunPhase phase) {
    constexpr std::array<const char*, 4> names = {"ready", "running", "paused", "ended"};
    return names[static_cast<std::size_t>(phase)];
}

std::string where(const Snapshot& snapshot) {
    const CpuView& cpu = snapshot.cpu;
    std::string text =
        Names(snapshot).who(cpu.pid) + " at EL" + std::to_string(cpu.el) + ", PC " + hex(cpu.pc);
    const auto line = std::ranges::find(snapshot.code, cpu.pc, &CodeLine::address);
    if (line != snapshot.code.end() && !line->symbol.empty()) {
        text += " in " + printable(line->symbol);
    }
    return text;
}

SpeedChoice speed_choice(double speed, double chosen) {
    const std::string label =
        speed == 0 ? "unlimited" : decimal(speed, speed < 1 ? 1 : 0) + " events/s";
    return {speed, label, speed == chosen};
}

std::vector<SpeedChoice> speed_choices(double chosen) {
    std::vector<SpeedChoice> choices;
    for (const double speed : kSpeeds) {
        choices.push_back(speed_choice(speed, chosen));
    }
    if (std::ranges::find(kSpeeds, chosen) == kSpeeds.end()) {
        choices.push_back(speed_choice(chosen, chosen));
    }
    return choices;
}

// "1,234.567 ms"
std::string milliseconds(Cycle cycle, u64 cpu_hz) {
    const u64 hz = std::max<u64>(cpu_hz, 1);
    const double fraction = static_cast<double>(cycle % hz) * 1e3 / static_cast<double>(hz);
    const u64 thousandths = (cycle / hz) * 1'000'000 + static_cast<u64>(fraction * 1e3 + 0.5);
    const std::string rest = std::to_string(thousandths % 1000);
    return grouped(thousandths / 1000) + "." + std::string(3 - rest.size(), '0') + rest + " ms";
}

} // namespace

ControlBarModel model_control_bar(const Snapshot& snapshot, const Selection&) {
    const ControlView& control = snapshot.control;
    ControlBarModel model;
    model.phase = control.phase;
    model.phase_name = phase_name(control.phase);
    model.can_run = control.phase == RunPhase::Ready || control.phase == RunPhase::Paused;
    model.can_pause = control.phase == RunPhase::Running;
    model.why = printable(control.why);
    model.where = where(snapshot);
    model.cycle = grouped(control.cycle);
    model.time = milliseconds(control.cycle, control.cpu_hz);
    model.instructions = grouped(control.instructions);
    model.os_events = grouped(control.os_events);
    model.cycle_timing = control.cycle_timing;
    model.speeds = speed_choices(control.speed);
    model.breakpoints = snapshot.breakpoints;
    return model;
}

std::string text(const ControlBarModel& model) {
    const auto speed = std::ranges::find_if(model.speeds, &SpeedChoice::chosen);
    std::string text =
        wrap("  ", "State: " + model.phase_name + (model.why.empty() ? "." : ". " + model.why));
    text += wrap("  ", "On the CPU: " + model.where + ".");
    text += wrap("  ", "Cycle " + model.cycle + " (" + model.time + " of its time), " +
                           model.instructions + " instructions, " + model.os_events +
                           " OS events; timing: " + (model.cycle_timing ? "cycle" : "functional") +
                           "; speed: " + speed->label + ".");
    if (model.breakpoints.empty()) {
        return text;
    }
    TextTable table({{"breakpoint", true}, {"hits", true}, {"stops at"}});
    for (const BreakpointView& point : model.breakpoints) {
        table.add({std::to_string(point.id), grouped(point.hits), printable(point.text)});
    }
    return text + table.text();
}

} // namespace forkscope
