// Stamps events with cycle, CPU and process, and hands them to the sink.
#pragma once

#include "event/event.hpp"

#include <string_view>

namespace forkscope {

class Reporter {
public:
    // `sink` may be null: nothing is reported.
    Reporter(u8 cpu, EventSink* sink) : sink_(sink), cpu_(cpu) {}

    // The process on this CPU, for the events from now on.
    void set_pid(u32 pid) { pid_ = pid; }
    [[nodiscard]] u32 pid() const { return pid_; }
    [[nodiscard]] EventSink* sink() const { return sink_; }

    [[nodiscard]] Event stamp(Cycle cycle, u16 kind, u8 el) const {
        return {.cycle = cycle, .kind = kind, .cpu = cpu_, .el = el, .pid = pid_};
    }

    void report(Cycle cycle, EventKind kind, u8 el, const std::array<u64, 6>& arguments) {
        if (sink_ == nullptr)
            return;
        Event event = stamp(cycle, static_cast<u16>(kind), el);
        event.arg = arguments;
        sink_->on_event(event);
    }

    // Text events for all of `text`, 48 bytes each.
    void report_text(Cycle cycle, u8 el, std::string_view text);

private:
    EventSink* sink_;
    u32 pid_ = 0;
    u8 cpu_;
};

} // namespace forkscope
