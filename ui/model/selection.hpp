// What the user has picked; the same in every panel.
#pragma once

#include "base/types.hpp"

#include <optional>
#include <string>

namespace forkscope {

struct Selection {
    u32 pid = 0;                   // pinned; 0: whoever is on the CPU
    std::optional<u32> compared;   // second process of the walk, if any
    std::optional<u64> address;    // virtual, of the walk; none: of the last fault
    std::optional<u64> frame;      // physical
    std::optional<u64> fault;      // number of a fault card; none: the last one
    std::string filter;            // of the event log
};

} // namespace forkscope
