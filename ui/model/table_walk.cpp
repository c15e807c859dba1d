#include "model/table_walk.hpp"

#include "base/text.hpp"
#include "model/fault_note.hpp"
#include "model/focus.hpp"
#include "model/names.hpp"
#include "model/space_walk.hpp"
#include "ui/columns.hpp"
#include "ui/descriptor_text.hpp"
#include "ui/text_table.hpp"
#include "ui/words.hpp"

#include "event/esr.hpp"

#include <algorithm>

namespace forkscope {

namespace {

std::vector<AddressField> address_fields(u64 va, unsigned first_level) {
    std::vector<AddressField> fields;
    for (unsigned level = first_level; level <= 3; ++level) {
        const unsigned low = level_shift(level);
        fields.push_back({"level " + std::to_string(level), static_cast<u8>(low + kTableBits - 1),
                          static_cast<u8>(low), va >> low & low_mask(kTableBits)});
    }
    fields.push_back({"offset", kPageShift - 1, 0, va & low_mask(kPageShift)});
    return fields;
}

std::string summary(const SpaceStep& step) {
    const Descriptor descriptor(step.descriptor);
    if (descriptor.type(step.level) == DescriptorType::Table) {
        return "next table at " + hex(descriptor.address());
    }
    return describe_descriptor(step.descriptor, step.level);
}

WalkLevel level_of(const SpaceStep& step, u64 mair) {
    WalkLevel level;
    level.level = step.level;
    level.table = step.table->physical;
    level.entry_address = step.table->physical + u64{step.index} * sizeof(u64);
    level.index = step.index;
    level.descriptor = step.descriptor;
    level.type = descriptor_type_name(step.descriptor, step.level);
    level.summary = summary(step);
    level.fields = descriptor_fields(step.descriptor, step.level, mair);
    return level;
}

const AddressSpaceView* space_of(const Snapshot& snapshot, u32 pid, u64 va) {
    if (is_upper(va)) {
        return snapshot.kernel.get();
    }
    const ProcessView* process = snapshot.process(pid);
    return process != nullptr ? process->space.get() : nullptr;
}

void end_walk(const Snapshot& snapshot, const AddressSpaceView& space, u64 va, WalkSide& side) {
    const std::optional<Leaf> leaf = find_leaf(space, va);
    if (!leaf) {
        const bool covered = covers(space, va) && !side.levels.empty();
        side.outcome = covered
                           ? "The walk ends at level " + std::to_string(side.levels.back().level) +
                                 ": an access is a translation fault."
                           : "The first table does not reach this address: an access is a "
                             "translation fault.";
        return;
    }
    side.physical = leaf->physical_of(va);
    side.frame = align_down(*side.physical, kPageSize);
    const FrameView* frame =
        snapshot.frames != nullptr ? snapshot.frames->frame(side.frame) : nullptr;
    side.mappings = frame != nullptr ? frame->mappings : 0;
    side.outcome = "Physical address " + hex(*side.physical) + ", in frame " + hex(side.frame);
    side.outcome += side.mappings > 1 ? ", which " + grouped(side.mappings) + " spaces map." : ".";
}

WalkSide walk_side(const Snapshot& snapshot, const Names& names, u32 pid, u64 va) {
    WalkSide side;
    side.pid = pid;
    side.who = is_upper(va) ? "the kernel's half" : names.who(pid);
    const AddressSpaceView* space = space_of(snapshot, pid, va);
    if (space == nullptr) {
        side.outcome = side.who + " has no translation tables.";
        return side;
    }
    side.base = is_upper(va) ? "TTBR1_EL1: first table at " + hex(space->root)
                             : "TTBR0_EL1: ASID " + std::to_string(space->asid) +
                                   ", first table at " + hex(space->root);
    for (const SpaceStep& step : walk_space(*space, va)) {
        side.levels.push_back(level_of(step, snapshot.cpu.mair));
    }
    end_walk(snapshot, *space, va, side);
    return side;
}

void compare(WalkSide& one, const WalkSide& other) {
    for (WalkLevel& level : one.levels) {
        const auto same = std::ranges::find(other.levels, level.level, &WalkLevel::level);
        if (same == other.levels.end()) {
            level.differs = true;
            continue;
        }
        level.differs = level.descriptor != same->descriptor;
        mark_changes(level.fields, same->fields);
    }
}

std::string difference(const WalkSide& one, const WalkSide& other) {
    if (one.base == other.base) {
        return "Both have the same tables.";
    }
    if (!one.physical || !other.physical) {
        return one.physical     ? "Only " + one.who + " has this page."
               : other.physical ? "Only " + other.who + " has this page."
                                : "Neither has this page.";
    }
    const std::string names = changed_names(one.levels.back().fields);
    const std::string but = names.empty() ? ", and the last descriptors are alike"
                                          : "; the last descriptors differ in " + names;
    return one.frame == other.frame ? "Both map the same frame" + but + "."
                                    : "Each has a frame of its own" + but + ".";
}

std::optional<WalkChange> change_at(const FaultCard* fault, u32 pid, u64 va, u64 mair) {
    if (fault == nullptr || fault->pid != pid || !same_page(fault->far, va)) {
        return std::nullopt;
    }
    WalkChange change;
    change.pid = pid;
    change.before = fault->descriptor_before;
    change.after = fault->descriptor_after;
    change.done = fault->descriptor_after != 0;
    change.fields_before = descriptor_fields(fault->descriptor_before,
                                             static_cast<unsigned>(fault_level(fault->esr)), mair);
    if (change.done) {
        change.fields_after = descriptor_fields(fault->descriptor_after, fault->level_after, mair);
        mark_changes(change.fields_after, change.fields_before);
    }
    change.sentence = fault_note(*fault);
    return change;
}

// --- Text

std::string address_line(const TableWalkModel& model) {
    std::string text;
    for (const AddressField& field : model.fields) {
        text += (text.empty() ? "" : ", ") + field.name + " [" + std::to_string(field.high) + ":" +
                std::to_string(field.low) + "] = ";
        text += field.name == "offset" ? hex(field.value) : std::to_string(field.value);
    }
    return wrap("  ", "Address " + hex(model.va) + ": " + text + ".");
}

// A star marks what differs.
std::string side_text(const WalkSide& side) {
    std::string text = side.base.empty() ? "" : wrap("  ", side.who + ", " + side.base + ".");
    TextTable table({{"", false, 1},
                     {"level", true},
                     {"index", true},
                     {"descriptor at", true},
                     {"descriptor", true},
                     {"type"},
                     {"meaning"}});
    for (const WalkLevel& level : side.levels) {
        table.add({level.differs ? "*" : "", std::to_string(level.level),
                   std::to_string(level.index), hex(level.entry_address), hex16(level.descriptor),
                   level.type, level.summary});
    }
    text += table.empty() ? "" : table.text();
    return text + wrap("  ", side.outcome);
}

// The last descriptors of both walks, if they are of one level, in one table.
std::string last_fields_text(const std::vector<WalkSide>& sides) {
    std::string text;
    const bool together = sides.size() == 2 && !sides[0].levels.empty() &&
                          sides[0].levels.size() == sides[1].levels.size() &&
                          sides[0].levels.back().type == sides[1].levels.back().type;
    if (!together) {
        for (const WalkSide& side : sides) {
            if (!side.levels.empty()) {
                const WalkLevel& last = side.levels.back();
                text += wrap("  ", "Descriptor of level " + std::to_string(last.level) + " of " +
                                       side.who + ":");
                text += fields_text(last.fields);
            }
        }
        return text;
    }
    const WalkLevel& one = sides[0].levels.back();
    const WalkLevel& other = sides[1].levels.back();
    TextTable table({{"", false, 1},
                     {"level " + std::to_string(one.level)},
                     {"", true},
                     {sides[0].who, false, 34},
                     {sides[1].who}});
    for (std::size_t i = 0; i < one.fields.size(); ++i) {
        table.add({one.fields[i].changed ? "*" : "", one.fields[i].name, bit_range(one.fields[i]),
                   one.fields[i].words, other.fields[i].words});
    }
    return table.text();
}

} // namespace

TableWalkModel model_table_walk(const Snapshot& snapshot, const Selection& selection) {
    TableWalkModel model;
    const u32 pid = pinned_pid(snapshot, selection);
    const Names names(snapshot);
    model.va = picked_address(snapshot, selection);
    model.upper = is_upper(model.va);
    const AddressSpaceView* space = space_of(snapshot, pid, model.va);
    model.fields = address_fields(model.va, space != nullptr ? space->first_level : 1);
    if (pid == 0 && !model.upper) {
        return model;
    }
    model.sides.push_back(walk_side(snapshot, names, pid, model.va));
    const auto other = compared_pid(snapshot, selection, pid, model.va);
    if (other && !model.upper) {
        model.sides.push_back(walk_side(snapshot, names, *other, model.va));
        compare(model.sides[0], model.sides[1]);
        compare(model.sides[1], model.sides[0]);
        model.difference = difference(model.sides[0], model.sides[1]);
    }
    model.change = change_at(picked_fault(snapshot, selection), pid, model.va, snapshot.cpu.mair);
    return model;
}

std::string text(const TableWalkModel& model) {
    std::string text = address_line(model);
    if (model.sides.empty()) {
        return text + "  No process is there.\n";
    }
    for (const WalkSide& side : model.sides) {
        text += side_text(side);
    }
    text += last_fields_text(model.sides);
    text += model.difference.empty() ? "" : wrap("  ", model.difference + " A star: differs.");
    if (model.change) {
        const WalkChange& change = *model.change;
        text += wrap("  ", "Last fault here: " + change.sentence + ".");
        const std::string after = ", after " + hex16(change.after) + "; changed: " +
                                  describe_changes(change.before, change.fields_after);
        text += wrap("  ", "Descriptor before " + hex16(change.before) +
                               (change.done ? after : "") + ".");
    }
    return text;
}

} // namespace forkscope
