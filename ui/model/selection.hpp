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
};

// The process that the panels are about: the pinned one; else the one on the CPU,
// that of the last fault, or the first that has memory. 0 if there is none.
[[nodiscard]] u32 pinned_pid(const Snapshot& snapshot, const Selection& selection);

// The card that the panels are about: the one picked; else the open one, or the
// last. Null if there is none (any more). Its number goes to `number`.
[[nodiscard]] const FaultCard* picked_fault(const Snapshot& snapshot, const Selection& selection,
                                            u64* number = nullptr);

// The address that the walk is of: the one picked, that of the fault, or the PC.
[[nodiscard]] u64 picked_address(const Snapshot& snapshot, const Selection& selection);

// The second process of the walk: the one picked; else another that maps the
// frame behind `va` of `pid`, or that did before the fault at `va`; else none.
[[nodiscard]] std::optional<u32> compared_pid(const Snapshot& snapshot, const Selection& selection,
                                              u32 pid, u64 va);

// Colours are given to processes by this number, the same in every panel.
inline constexpr unsigned kPaletteColours = 7;
[[nodiscard]] constexpr unsigned palette_index(u32 pid) {
    return pid % kPaletteColours;
}

} // namespace forkscope
