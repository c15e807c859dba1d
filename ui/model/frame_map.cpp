#include "model/frame_map.hpp"

#include "base/text.hpp"
#include "model/fault_note.hpp"
#include "model/focus.hpp"
#include "model/space_walk.hpp"
#include "ui/columns.hpp"
#include "ui/text_table.hpp"
#include "ui/words.hpp"

#include <algorithm>

namespace forkscope {

namespace {

constexpr std::size_t kCellsInLine = 64;
constexpr std::size_t kMostLines = 40;  // of the map as text
constexpr std::size_t kMostShared = 30; // frames told one by one
constexpr u32 kMostMappings = 50;       // of a frame, told one by one

char kind_letter(FrameUse use) {
    return " KTAF"[static_cast<std::size_t>(use)];
}

const char* kind_words(char kind) {
    switch (kind) {
    case 'K':
        return "of the kernel's image";
    case 'T':
        return "a translation table";
    case 'A':
        return "anonymous memory";
    case 'F':
        return "a page of a file";
    default:
        return "mapped by no process";
    }
}

bool has_two_frames(const FaultCard& fault) {
    return fault.action == PageAction::Copy || fault.action == PageAction::EagerCopy;
}

// What the map shows for a cell: how many share it, or what it is.
char map_letter(const FrameCell& cell) {
    if (cell.sharers > 1) {
        return cell.sharers < 10 ? static_cast<char>('0' + cell.sharers) : '+';
    }
    const auto lower = static_cast<char>(cell.kind == ' ' ? ' ' : cell.kind - 'A' + 'a');
    return cell.pinned ? cell.kind : lower;
}

} // namespace

FrameMapModel::FrameMapModel(const Snapshot& snapshot, const Selection& selection)
    : frames_(snapshot.frames), names_(snapshot), pinned_(pinned_pid(snapshot, selection)) {
    if (frames_ == nullptr) {
        summary = "No frame is known.";
        return;
    }
    const ProcessView* process = snapshot.process(pinned_);
    if (process != nullptr && process->space != nullptr) {
        for (const Leaf& leaf : leaves(*process->space)) {
            pinned_frames_.push_back(leaf.frame());
        }
        for (const TableView& table : process->space->tables) {
            pinned_frames_.push_back(table.physical);
        }
        std::ranges::sort(pinned_frames_);
    }
    std::size_t mapped = 0;
    for (const FrameView& frame : frames_->frames) {
        mapped += frame.mappings != 0;
        shared += frame.mappings > 1;
    }
    summary = byte_size(frames_->ram_bytes) + " of RAM at " + hex(frames_->ram_base) + ": " +
              grouped(frames_->ram_bytes / kPageSize) + " frames; " + grouped(mapped) +
              " mapped by processes, " + grouped(shared) + " of them by several.";
    if (selection.frame) {
        picked = find(*selection.frame);
    } else if (process != nullptr && process->space != nullptr) {
        const u64 va = picked_address(snapshot, selection);
        if (const std::optional<Leaf> leaf = find_leaf(*process->space, va)) {
            picked = find(leaf->physical_of(va));
        }
    }
    if (const FaultCard* fault = picked_fault(snapshot, selection)) {
        fault_note = forkscope::fault_note(*fault);
        if (is_undecided(*fault) || has_two_frames(*fault)) {
            copied_from = find(old_frame(*fault));
        }
        copied_to = fault->new_frame != 0 ? find(fault->new_frame) : std::nullopt;
    }
}

std::optional<std::size_t> FrameMapModel::find(u64 physical) const {
    const FrameView* frame = frames_ != nullptr ? frames_->frame(physical) : nullptr;
    return frame != nullptr
               ? std::optional(static_cast<std::size_t>(frame - frames_->frames.data()))
               : std::nullopt;
}

FrameCell FrameMapModel::cell(std::size_t index) const {
    const FrameView& frame = frames_->frames[index];
    const u64 expected =
        index == 0 ? frames_->ram_base : frames_->frames[index - 1].physical + kPageSize;
    FrameCell cell;
    cell.physical = frame.physical;
    cell.gap = frame.physical > expected ? (frame.physical - expected) / kPageSize : 0;
    cell.kind = kind_letter(frame.use);
    cell.owner = frame.owner;
    cell.colour = palette_index(frame.owner);
    cell.sharers = frame.mappings;
    cell.hatched = frame.use == FrameUse::Anonymous && frame.mappings > 1;
    cell.pinned = std::ranges::binary_search(pinned_frames_, frame.physical);
    cell.picked = picked == index;
    cell.copied_from = copied_from == index;
    cell.copied_to = copied_to == index;
    return cell;
}

std::string FrameMapModel::hover(std::size_t index) const {
    const FrameView& frame = frames_->frames[index];
    const FrameCell shown = cell(index);
    std::string text = "Frame " + hex(frame.physical) + ": " + kind_words(shown.kind);
    if (frame.use == FrameUse::Table && frame.owner != 0) {
        text += " of " + names_.who(frame.owner);
    }
    text += frame.mappings > 1 ? ", mapped by " + grouped(frame.mappings) + " spaces" : "";
    text += shown.copied_from ? "; the picked fault is about it" : "";
    text += shown.copied_to ? "; the new frame of the picked fault" : "";
    u32 told = 0;
    for (const FrameMapping& mapping : mappings_of(*frames_, frame)) {
        if (told++ == kMostMappings) {
            text += "\n... and " + grouped(frame.mappings - kMostMappings) + " more";
            break;
        }
        text += "\n" + names_.who(mapping.pid) + " at " + hex(mapping.va) +
                (mapping.writable ? ", writable" : ", read-only");
    }
    return text;
}

FrameMapModel model_frame_map(const Snapshot& snapshot, const Selection& selection) {
    return FrameMapModel(snapshot, selection);
}

namespace {

// The map in lines of 64 frames, those without any left out.
std::string map_text(const FrameMapModel& model) {
    constexpr u64 kLine = kCellsInLine * kPageSize;
    std::string text;
    std::size_t lines = 0;
    std::size_t index = 0;
    while (index < model.size()) {
        const u64 begin = align_down(model.cell(index).physical, kLine);
        std::string line(kCellsInLine, '.');
        for (; index < model.size(); ++index) {
            const FrameCell cell = model.cell(index);
            if (align_down(cell.physical, kLine) != begin) {
                break;
            }
            line[(cell.physical - begin) / kPageSize] = map_letter(cell);
        }
        if (lines++ < kMostLines) {
            text += "  " + pad_left(hex(begin), 12) + "  " + line + "\n";
        }
    }
    if (lines > kMostLines) {
        text += "  ... and " + grouped(lines - kMostLines) + " more lines\n";
    }
    return text;
}

std::string shared_text(const FrameMapModel& model) {
    std::string text;
    std::size_t told = 0;
    for (std::size_t i = 0; i < model.size() && told < kMostShared; ++i) {
        if (!model.cell(i).hatched) {
            continue;
        }
        ++told;
        std::string line = model.hover(i);
        for (std::size_t at = 0; (at = line.find('\n', at)) != std::string::npos;) {
            line.replace(at, 1, "; ");
        }
        text += wrap("  ", line + ".");
    }
    return text;
}

} // namespace

std::string text(const FrameMapModel& model) {
    std::string text = wrap("  ", model.summary);
    if (!model.fault_note.empty()) {
        text += wrap("  ", "Last fault: " + model.fault_note + ".");
    }
    if (model.size() == 0) {
        return text;
    }
    text +=
        wrap("  ", "A digit: so many spaces map it (+: ten or more); k kernel, t table, a "
                   "anonymous, f file; capitals: the pinned process's; '.': no process maps it.");
    return text + map_text(model) + shared_text(model);
}

} // namespace forkscope
