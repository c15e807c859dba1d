// Panel 6: one page fault, from the instruction to its second try.
#pragma once

#include "model/selection.hpp"
#include "ui/bit_fields.hpp"

namespace forkscope {

// A step of hardware -> vector -> kernel handler -> return.
struct FaultStep {
    std::string name;            // "exception entry"
    std::string words;           // "to VBAR_EL1 + 0x400: lower EL, synchronous"
    std::optional<Cycle> cycle;  // none: not (yet) seen
    std::optional<Cycle> cycles; // since the step before it
};

struct FaultFrame {
    u64 physical = 0;
    std::string words; // "had 2 references, 1 space maps it now"
};

struct FaultInspectorModel {
    bool present = false; // false: there has been no fault; nothing else holds
    u64 number = 0;
    std::optional<u64> previous, next; // cards to go to
    u64 dropped = 0;                   // cards too old to be kept
    bool open = false;                 // still being handled
    // False: the kernel saw to the page without a fault (wired pages, at fork); then
    // there is no instruction, no ESR_EL1 and no descriptor.
    bool faulted = false;
    u32 pid = 0;
    PageAction action = PageAction::None;
    std::string headline; // "fork-demo (3) wrote 0x7ffe010: level-3 permission fault"
    std::string outcome;  // "Copied: frame 0x41300000 (2 references) to frame 0x41302000."

    u64 pc = 0;
    u32 instruction = 0;
    std::string code; // disassembled, or ".word 0x...", or that the fetch faulted
    std::string symbol;
    u64 esr = 0;
    std::vector<BitField> esr_fields;
    u64 far = 0;
    std::string far_words; // "in the region 0x7ff0000-0x8000000 rw-, page 0x7ffe000"

    u64 before = 0;
    unsigned level_before = 0;
    std::string before_words;
    std::vector<BitField> before_fields;
    std::optional<u64> after;
    unsigned level_after = 3;
    std::string after_words;
    std::vector<BitField> after_fields; // `changed`: against before
    std::string changed;                // "AP[2:1], output address"; see describe_changes

    u64 references = 0; // before the copy; 0 if it has no bearing
    std::optional<FaultFrame> old_frame; // before the fault, if there was one
    std::optional<FaultFrame> new_frame; // none where the old one is kept
    std::vector<FaultStep> path;
    std::optional<Cycle> took; // from the exception to the ERET
};

FaultInspectorModel model_fault_inspector(const Snapshot& snapshot, const Selection& selection);
std::string text(const FaultInspectorModel& model);

} // namespace forkscope
