// Panel 5: physical memory, frame by frame: whose it is and who shares it.
#pragma once

#include "model/names.hpp"
#include "model/selection.hpp"

namespace forkscope {

struct FrameCell {
    u64 physical = 0;
    u64 gap = 0;     // frames before it, after the one before it, that no process maps
    char kind = ' '; // K kernel, T table, A anonymous, F file
    u32 owner = 0;
    unsigned colour = 0;      // palette_index of the owner; only if owner != 0
    u32 sharers = 0;          // spaces that map it
    bool hatched = false;     // anonymous, and mapped by several: copy-on-write or shared
    bool pinned = false;      // the pinned process maps it, or has it as a table
    bool picked = false;      // Selection::frame, or that of the picked address
    bool copied_from = false; // by the picked fault
    bool copied_to = false;
};

// Cells are made on demand: a machine may have a hundred thousand.
class FrameMapModel {
public:
    FrameMapModel(const Snapshot& snapshot, const Selection& selection);

    [[nodiscard]] std::size_t size() const { return frames_ ? frames_->frames.size() : 0; }
    [[nodiscard]] FrameCell cell(std::size_t index) const;
    // Everything about one cell, a line a mapping.
    [[nodiscard]] std::string hover(std::size_t index) const;
    // The cell of the frame at `physical`; none if no process has it.
    [[nodiscard]] std::optional<std::size_t> find(u64 physical) const;

    // "256 MiB of RAM at 0x40000000: 65,536 frames, ... mapped, ..."
    std::string summary;
    std::string fault_note; // what the picked fault did to frames; empty if nothing
    std::size_t shared = 0; // frames that several spaces map
    std::optional<std::size_t> picked, copied_from, copied_to; // cells

private:
    std::shared_ptr<const FrameTable> frames_;
    Names names_;
    u32 pinned_ = 0;
    std::vector<u64> pinned_frames_; // in ascending order
};

FrameMapModel model_frame_map(const Snapshot& snapshot, const Selection& selection);
std::string text(const FrameMapModel& model);

} // namespace forkscope
