// Panel 3: the pinned process's regions, and what each of their pages is.
#pragma once

#include "model/selection.hpp"

#include <span>

namespace forkscope {

// What a page of a process is, by its letter.
struct PageLetter {
    char letter = 0;
    std::string_view name;    // "COW-shared"
    std::string_view meaning; // "mapped read-only by several; a write copies it"
    bool hatched = false;
};

// All letters: the legend.
//   .  absent              z  zero-filled, its own    p  private, its own
//   s  COW-shared          l  left to the last sharer S  shared mapping
//   f  page of a file      w  wired                   d  device
//   !  mapped without a map entry that allows it
std::span<const PageLetter> page_letters();
const PageLetter& page_letter(char letter);

// Pages in a row that are alike.
struct PageRun {
    u64 start = 0;
    u64 pages = 0;
    char letter = '.';
    bool writable = false;     // by the descriptor
    bool executable = false;   // from EL0, by the descriptor
    u64 frame = 0;             // of the first page; 0 if absent
    bool frames_in_row = true; // the others' follow it
    u32 mappings = 0;          // spaces that map it; equal for all pages of the run
};

struct RegionRow {
    u64 start = 0;
    u64 end = 0;
    std::string permissions;   // "rw-"; "???" where no map entry is known
    std::string kind;          // "anonymous, copied at fork", "file at 0x3000, wired"
    std::vector<PageRun> runs; // all of the region, in order, absent pages too
    u64 resident = 0;          // pages
    u64 shared = 0;            // pages, of these
    bool known = true;         // false: pages that no map entry covers
    bool has_address = false;  // the picked address is in it
};

struct AddressSpaceModel {
    u32 pid = 0;
    std::string title; // "fork-demo (3): ASID 5, tables at 0x41000000"; or why there is nothing
    std::vector<RegionRow> regions;
    u64 resident = 0;
    u64 shared = 0;
    u64 tables = 0;  // frames
    u64 address = 0; // the picked one
    // The page of the picked fault, if it is this process's.
    std::optional<u64> fault_page;
    std::string fault_note; // "0x7ffe000 was COW-shared, is private: copied to 0x41302000"
};

AddressSpaceModel model_address_space(const Snapshot& snapshot, const Selection& selection);
std::string text(const AddressSpaceModel& model);

// The run that `va` is in, or null.
const PageRun* page_run(const AddressSpaceModel& model, u64 va);

} // namespace forkscope
