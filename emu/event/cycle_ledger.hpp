// Where a CPU's cycles went since the last CyclesSpent events.
//
// The machine charges every cycle exactly once: on each change of exception
// level, and for each wait in WFI. It flushes before the event that changes the
// process on the CPU (the on-cpu probe) and before RunEnd, so that the sum of
// all CyclesSpent events is the cycle count of the run, and their pid is the
// process that spent them.
#pragma once

#include "event/event.hpp"

#include <utility>

namespace forkscope {

class CycleLedger {
public:
    // Charges `cycles`, in which `instructions` were executed, to exception
    // level `el` (0 or 1) and what was being done there.
    void charge(u8 el, Work work, CycleCause cause, u64 cycles, u64 instructions) {
        const std::size_t row = cause == CycleCause::Idle ? static_cast<std::size_t>(Work::Idle)
                                                          : static_cast<std::size_t>(work);
        used_[row] = true;
        Entry& entry = entries_[row][el & 1][static_cast<std::size_t>(cause)];
        entry.cycles += cycles;
        entry.instructions += instructions;
    }

    // Reports and clears what was charged. `stamp` gives cycle, CPU and the
    // process that has been running.
    void flush(const Event& stamp, EventSink& sink) {
        for (std::size_t work = 0; work < kWorks; ++work) {
            if (!std::exchange(used_[work], false)) {
                continue;
            }
            for (u8 el = 0; el < 2; ++el) {
                for (std::size_t cause = 0; cause < kCycleCauses; ++cause) {
                    report(stamp, work, el, cause, sink);
                }
            }
        }
    }

    // Calls f(el, work, cause, cycles, instructions) for what was charged since the
    // last flush.
    template <typename F> void for_each(F f) const {
        for (std::size_t work = 0; work < kWorks; ++work)
            for (u8 el = 0; used_[work] && el < 2; ++el)
                for (std::size_t cause = 0; cause < kCycleCauses; ++cause)
                    if (const Entry& entry = entries_[work][el][cause];
                        entry.cycles != 0 || entry.instructions != 0)
                        f(el, static_cast<Work>(work), static_cast<CycleCause>(cause), entry.cycles,
                          entry.instructions);
    }

private:
    struct Entry {
        u64 cycles = 0;
        u64 instructions = 0;
    };

    void report(const Event& stamp, std::size_t work, u8 el, std::size_t cause, EventSink& sink) {
        Entry& entry = entries_[work][el][cause];
        if (entry.cycles == 0 && entry.instructions == 0) {
            return;
        }
        Event event = stamp;
        event.kind = static_cast<u16>(EventKind::CyclesSpent);
        event.el = el;
        event.arg = {el, cause, entry.cycles, entry.instructions, work, 0};
        entry = {};
        sink.on_event(event);
    }

    std::array<std::array<std::array<Entry, kCycleCauses>, 2>, kWorks> entries_{};
    std::array<bool, kWorks> used_{}; // rows that may hold something
};

} // namespace forkscope
