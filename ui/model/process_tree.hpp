// Panel 2: who is whose child, and what each shares.
#pragma once

#include "model/selection.hpp"

namespace forkscope {

struct ProcessRow {
    u32 pid = 0;
    std::string name;
    std::string branch; // lines of the tree before the name, UTF-8; empty for a root
    unsigned depth = 0;
    char state = 'I'; // see ProcessState
    // What is to be said of it, in words: "zombie: exit status 3, not waited for yet",
    // "adopted: its parent 4 is gone", "sleeps on wait", "shares the memory of 2".
    std::vector<std::string> notes;
    u64 faults = 0;
    u64 copies = 0;
    u64 private_pages = 0;
    u64 shared_pages = 0;
    u64 cycles = 0;
    double share = 0;    // of all cycles spent, 0 to 1
    u32 hidden = 0;      // descendants below it that are not shown
    unsigned colour = 0; // palette_index
    bool has_children = false;
    bool collapsed = false;
    bool pinned = false;
    bool compared = false;
    bool on_cpu = false;
    bool adopted = false;      // its parent is not the one it was born to
    bool shares_space = false; // another process has the same memory: vfork
    // The picked fault is this one's, or it (has) shared the frame in question:
    // `notes` says so.
    bool in_fault = false;
};

struct ProcessTreeModel {
    std::vector<ProcessRow> rows; // depth first, siblings in order of birth
    std::size_t alive = 0;        // all that are not zombies
    std::size_t zombies = 0;
    u64 gone = 0; // reaped; not in rows
};

ProcessTreeModel model_process_tree(const Snapshot& snapshot, const Selection& selection);
std::string text(const ProcessTreeModel& model);

} // namespace forkscope
