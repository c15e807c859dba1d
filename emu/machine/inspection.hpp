// What can be seen of a machine that is not running. Reading it changes nothing.
#pragma once

#include "cpu/register_file.hpp"
#include "event/event.hpp"
#include "mmu/walker.hpp"

#include <cstring>
#include <vector>

namespace forkscope {

// Cycles that no CyclesSpent event has reported yet; they are the current pid's.
struct UnreportedCycles {
    u8 el = 0;
    Work work = Work::User;
    CycleCause cause = CycleCause::Base;
    Cycle cycles = 0;
    u64 instructions = 0;
};

struct Inspection {
    Cycle cycle = 0;
    u64 instructions = 0;
    u32 pid = 0; // on the CPU
    RegisterFile registers;
    TranslationRegime regime;
    std::vector<UnreportedCycles> unreported;
    u64 ram_base = 0;
    std::span<const u8> ram; // the machine's own memory, until it runs on

    // The T at `physical`, if all of it is in RAM.
    template <class T> [[nodiscard]] std::optional<T> read(u64 physical) const {
        const u64 offset = physical - ram_base;
        if (offset >= ram.size() || ram.size() - offset < sizeof(T))
            return std::nullopt;
        T value;
        std::memcpy(&value, ram.data() + offset, sizeof value);
        return value;
    }
};

} // namespace forkscope
