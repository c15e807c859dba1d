// Panel 10: where the cycles went.
#pragma once

#include "model/selection.hpp"

namespace forkscope {

struct Share {
    std::string name;
    u64 cycles = 0;
    double share = 0; // of the total, 0 to 1
};

struct CyclesRow {
    u32 pid = 0;
    std::string name;
    unsigned colour = 0;
    u64 cycles = 0;
    double share = 0; // of the run
    u64 instructions = 0;
    double per_instruction = 0;            // 0 without instructions
    std::array<u64, kWorks> work{};        // by Work
    std::array<u64, kCycleCauses> cause{}; // by CycleCause
    bool pinned = false;
};

struct HitRate {
    std::string name; // "L1 data cache"
    u64 uses = 0;
    u64 misses = 0;
    double hits = 0; // share, 0 to 1
};

struct CyclesModel {
    u64 total = 0;
    std::vector<CyclesRow> rows; // most cycles first
    std::vector<Share> works;    // of all processes, in the order of Work; without zeros
    std::vector<Share> causes;   // likewise, CycleCause
    std::vector<HitRate> rates;  // cycle timing only
    std::vector<FaultBucket> history;
    Cycle bucket = 0;     // cycles in one interval of it
    u32 history_most = 0; // highest sum of faults in an interval
    FaultCounts faults;
    VmCounts vm;
};

CyclesModel model_cycles(const Snapshot& snapshot, const Selection& selection);
std::string text(const CyclesModel& model);

} // namespace forkscope
