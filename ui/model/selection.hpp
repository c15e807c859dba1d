// What the user has picked; the same in every panel.
#pragma once

#include "snapshot/snapshot.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace forkscope {

struct Bookmark {
    Cycle cycle = 0;
    std::string name;

    bool operator==(const Bookmark&) const = default;
};

struct Selection {
    u32 pid = 0;                     // pinned; 0: whoever is on the CPU
    std::optional<u32> compared;     // second process of the walk, if any
    std::optional<u64> address;      // virtual, of the walk; none: of the last fault
    std::optional<u64> frame;        // physical
    std::optional<u64> fault;        // number of a fault card; none: the last one
    std::string filter;              // of the event log
    std::set<u32> collapsed;         // pids whose descendants the tree hides
    std::vector<Bookmark> bookmarks; // of the timeline

    bool operator==(const Selection&) const = default;
};

// Colours are given to processes by this number, the same in every panel.
inline constexpr unsigned kPaletteColours = 7;
[[nodiscard]] constexpr unsigned palette_index(u32 pid) {
    return pid % kPaletteColours;
}

} // namespace forkscope
