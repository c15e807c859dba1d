#include "model/process_tree.hpp"

#include "base/text.hpp"
#include "model/fault_note.hpp"
#include "model/focus.hpp"
#include "model/names.hpp"
#include "model/space_walk.hpp"
#include "ui/sentences.hpp"
#include "ui/text_table.hpp"
#include "ui/words.hpp"

#include <algorithm>
#include <unordered_map>

namespace forkscope {

namespace {

constexpr unsigned kDeepest = 10; // branches of deeper processes stand at this depth

class TreeBuilder {
public:
    TreeBuilder(const Snapshot& snapshot, const Selection& selection)
        : snapshot_(snapshot), selection_(selection), names_(snapshot),
          pinned_(pinned_pid(snapshot, selection)), fault_(picked_fault(snapshot, selection)) {
        find_relations();
        find_sharers();
    }

    ProcessTreeModel build() {
        for (const std::size_t root : roots_) {
            add(root, "", "", 0);
        }
        return std::move(model_);
    }

private:
    // Parents are found by pid among the processes born before; a pid that is used
    // again names the last of them.
    void find_relations() {
        const auto& processes = snapshot_.processes;
        model_.gone = snapshot_.dropped_processes;
        children_.resize(processes.size());
        std::unordered_map<u32, std::size_t> by_pid;
        for (std::size_t i = 0; i < processes.size(); ++i) {
            const ProcessView& process = processes[i];
            if (process.state == ProcessState::Gone) {
                ++model_.gone;
                by_pid.erase(process.pid);
                continue;
            }
            ++(process.state == ProcessState::Zombie ? model_.zombies : model_.alive);
            const auto parent = by_pid.find(process.parent);
            (parent == by_pid.end() ? roots_ : children_[parent->second]).push_back(i);
            by_pid[process.pid] = i;
            if (process.space != nullptr) {
                ++users_[process.space.get()];
            }
        }
    }

    // Who else maps the frame that the picked fault is about.
    void find_sharers() {
        if (fault_ == nullptr || snapshot_.frames == nullptr) {
            return;
        }
        const FrameView* frame = snapshot_.frames->frame(old_frame(*fault_));
        if (frame != nullptr && frame->use == FrameUse::Anonymous) {
            for (const FrameMapping& mapping : mappings_of(*snapshot_.frames, *frame)) {
                sharers_.push_back(mapping.pid);
            }
        }
    }

    // The rows of `index` and of all below it; `lead` stands before the branches
    // of its children.
    void add(std::size_t index, const std::string& branch, const std::string& lead,
             unsigned depth) {
        const ProcessView& process = snapshot_.processes[index];
        const std::vector<std::size_t>& children = children_[index];
        ProcessRow row = make_row(process);
        row.branch = branch;
        row.depth = depth;
        row.has_children = !children.empty();
        row.collapsed = row.has_children && selection_.collapsed.contains(process.pid);
        row.hidden = row.collapsed ? count_below(index) : 0;
        model_.rows.push_back(std::move(row));
        if (model_.rows.back().collapsed) {
            return;
        }
        for (const std::size_t child : children) {
            const bool last = child == children.back();
            const bool deeper = depth < kDeepest;
            add(child, lead + (last ? "└─ " : "├─ "), deeper ? lead + (last ? "   " : "│  ") : lead,
                depth + 1);
        }
    }

    u32 count_below(std::size_t index) {
        u32 count = 0;
        for (const std::size_t child : children_[index]) {
            count += 1 + count_below(child);
        }
        return count;
    }

    ProcessRow make_row(const ProcessView& process) {
        ProcessRow row;
        row.pid = process.pid;
        row.name = printable(process.name);
        row.state = state_letter(process.state);
        row.faults = process.faults;
        row.copies = process.copies;
        row.private_pages = process.private_pages;
        row.shared_pages = process.shared_pages;
        row.cycles = process.cycles;
        if (snapshot_.control.cycle != 0) {
            row.share =
                static_cast<double>(process.cycles) / static_cast<double>(snapshot_.control.cycle);
        }
        row.colour = palette_index(process.pid);
        row.pinned = process.pid == pinned_;
        row.compared = selection_.compared == process.pid;
        row.on_cpu = process.pid == snapshot_.cpu.pid;
        row.adopted = process.parent != process.first_parent;
        row.shares_space = process.space != nullptr && users_[process.space.get()] > 1;
        add_life_notes(process, row);
        add_fault_note(process, row);
        return row;
    }

    void add_life_notes(const ProcessView& process, ProcessRow& row) {
        if (process.state == ProcessState::Zombie) {
            row.notes.push_back("zombie: " + describe_wait_status(process.wait_status) +
                                ", not waited for");
        }
        if (!process.wait_channel.empty() && process.state == ProcessState::Sleeping) {
            row.notes.push_back("sleeps on " + printable(process.wait_channel));
        }
        if (row.adopted) {
            row.notes.push_back("adopted by " + names_.who(process.parent) + ", a child of " +
                                std::to_string(process.first_parent) + " before");
        }
        if (row.shares_space) {
            for (const ProcessView& other : snapshot_.processes) {
                if (other.space == process.space && &other != &process) {
                    row.notes.push_back("has the same memory as " + names_.who(other.pid));
                    break;
                }
            }
        }
    }

    void add_fault_note(const ProcessView& process, ProcessRow& row) {
        if (fault_ == nullptr) {
            return;
        }
        if (fault_->pid == process.pid) {
            row.in_fault = true;
            row.notes.push_back(fault_note(*fault_));
        } else if (std::ranges::find(sharers_, process.pid) != sharers_.end()) {
            row.in_fault = true;
            const std::string frame = "frame " + hex(old_frame(*fault_));
            row.notes.push_back(sharers_.size() == 1 ? "has " + frame + " for itself now"
                                                     : "shares " + frame);
        }
    }

    const Snapshot& snapshot_;
    const Selection& selection_;
    Names names_;
    u32 pinned_;
    const FaultCard* fault_;
    std::vector<std::vector<std::size_t>> children_; // by index in Snapshot::processes
    std::vector<std::size_t> roots_;
    std::unordered_map<const AddressSpaceView*, unsigned> users_;
    std::vector<u32> sharers_;
    ProcessTreeModel model_;
};

} // namespace

ProcessTreeModel model_process_tree(const Snapshot& snapshot, const Selection& selection) {
    return TreeBuilder(snapshot, selection).build();
}

std::string text(const ProcessTreeModel& model) {
    if (model.rows.empty()) {
        return "  No process is there.\n";
    }
    TextTable table({{"", false, 1},
                     {"process", false, 34},
                     {"", false, 1},
                     {"faults", true},
                     {"copies", true},
                     {"private", true},
                     {"shared", true},
                     {"cycles", true},
                     {"notes"}});
    for (const ProcessRow& row : model.rows) {
        std::string name = row.branch + row.name + " (" + std::to_string(row.pid) + ")";
        name += row.hidden != 0 ? " +" + grouped(row.hidden) : "";
        table.add({row.pinned ? ">" : "", name, std::string(1, row.state), grouped(row.faults),
                   grouped(row.copies), grouped(row.private_pages), grouped(row.shared_pages),
                   grouped(row.cycles), joined(row.notes, "; ")});
    }
    return table.text() + "  " + grouped(model.alive) + " alive, " +
           plural(model.zombies, "zombie") + ", " + grouped(model.gone) + " gone.\n";
}

} // namespace forkscope
