// Builds event streams for tests: each call reports one event, a fixed number of
// cycles after the one before.
#pragma once

#include "event/probe_text.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace forkscope::test {

// Text packed as the kernel packs it, from `skip` bytes on.
inline u64 packed(std::string_view text, std::size_t skip = 0) {
    u64 word = 0;
    for (std::size_t i = 0; i < 8 && skip + i < text.size(); ++i) {
        word |= u64{static_cast<u8>(text[skip + i])} << (8 * i);
    }
    return word;
}

class EventScript {
public:
    Cycle now = 0;    // of the next event
    Cycle step = 100; // between events
    u32 pid = 0;      // of the next events

    void machine(EventKind kind, std::initializer_list<u64> args, u8 el = 1) {
        add(static_cast<u16>(kind), args, el);
    }
    void probe(abi::ProbeId id, std::initializer_list<u64> args) { add(kind_of(id), args, 1); }

    void exec(u32 who, std::string_view name) {
        probe(abi::ProbeId::ProcExecSuccess, {who, packed(name), packed(name, 8)});
    }

    // The process `who` gets the CPU, and its events follow.
    void run(u32 who) {
        probe(abi::ProbeId::OnCpu, {who, 1, who, who == 0 ? 1u : 0u});
        pid = who;
    }

    void spend(u64 el, CycleCause cause, u64 cycles, u64 instructions) {
        machine(EventKind::CyclesSpent, {el, static_cast<u64>(cause), cycles, instructions},
                static_cast<u8>(el));
    }

    void send_to(EventSink& sink) const {
        for (const Event& event : events) {
            sink.on_event(event);
        }
    }

    std::vector<Event> events;

private:
    void add(u16 kind, std::initializer_list<u64> args, u8 el) {
        Event event;
        event.cycle = now;
        event.kind = kind;
        event.el = el;
        event.pid = pid;
        std::copy(args.begin(), args.end(), event.arg.begin());
        events.push_back(event);
        now += step;
    }
};

} // namespace forkscope::test
