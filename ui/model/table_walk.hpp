// Panel 4: how a virtual address becomes a physical one, for one process or for
// two side by side.
#pragma once

#include "model/selection.hpp"
#include "ui/bit_fields.hpp"

namespace forkscope {

// A part of the virtual address that picks an entry, or the offset in the page.
struct AddressField {
    std::string name; // "level 1", "offset"
    u8 high = 0;
    u8 low = 0;
    u64 value = 0;
};

// One descriptor that the walk reads.
struct WalkLevel {
    unsigned level = 0;
    u64 table = 0;         // physical address of the table
    u64 entry_address = 0; // physical address of the descriptor
    unsigned index = 0;
    u64 descriptor = 0;
    std::string type;             // "table", "page", ...
    std::string summary;          // "user read-only, no execute", "table at 0x41002000"
    std::vector<BitField> fields; // `changed`: differs from the other process
    bool differs = false;         // any of it, from the other process
};

struct WalkSide {
    u32 pid = 0;
    std::string who;  // "fork-demo (3)"
    std::string base; // "TTBR0_EL1: ASID 5, root 0x41000000"
    std::vector<WalkLevel> levels;
    std::optional<u64> physical; // of the address itself
    u64 frame = 0;               // that it is in, if `physical`
    u32 mappings = 0;            // spaces that map the frame
    std::string outcome;         // a sentence: where the walk ends
};

// The leaf descriptor at the picked fault and after it.
struct WalkChange {
    u32 pid = 0;
    u64 before = 0;
    u64 after = 0;
    bool done = false; // false: the fault is still being handled, `after` is not known
    std::vector<BitField> fields_before;
    std::vector<BitField> fields_after; // `changed`: against before
    std::string sentence;
};

struct TableWalkModel {
    u64 va = 0;
    bool upper = false; // translated by TTBR1_EL1
    std::vector<AddressField> fields;
    std::vector<WalkSide> sides;      // none, one or two
    std::string difference;           // a sentence about the two, if there are two
    std::optional<WalkChange> change; // if the picked fault is on this page
};

TableWalkModel model_table_walk(const Snapshot& snapshot, const Selection& selection);
std::string text(const TableWalkModel& model);

} // namespace forkscope
