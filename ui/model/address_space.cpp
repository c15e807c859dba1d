#include "model/address_space.hpp"

#include "base/text.hpp"
#include "model/fault_note.hpp"
#include "model/focus.hpp"
#include "model/names.hpp"
#include "model/space_walk.hpp"
#include "ui/columns.hpp"
#include "ui/text_table.hpp"
#include "ui/words.hpp"

#include <algorithm>
#include <array>

namespace forkscope {

namespace {

constexpr std::array kLetters = {
    PageLetter{'.', "absent", "not there: the first access faults"},
    PageLetter{'z', "zero-filled", "filled with zeros, mapped by this space only"},
    PageLetter{'p', "private", "mapped by this space only"},
    PageLetter{'s', "COW-shared", "mapped by several spaces; a write makes a copy", true},
    PageLetter{'l', "last sharer", "mapped by this space only, still read-only; a write faults"},
    PageLetter{'S', "shared mapping", "MAP_SHARED: writes are seen by all", true},
    PageLetter{'f', "file", "a page of the file itself"},
    PageLetter{'w', "wired", "locked in memory; copied at fork"},
    PageLetter{'d', "device", "registers of a device"},
    PageLetter{'!', "not allowed", "mapped, but no map entry allows it"},
};

class SpaceBuilder {
public:
    explicit SpaceBuilder(const FrameTable* frames) : frames_(frames) {}

    std::vector<RegionRow> build(const AddressSpaceView& space) {
        const std::vector<Leaf> all = leaves(space);
        auto next = all.begin();
        for (const RegionView& region : space.regions) {
            next = add_unknown(next, all.end(), region.start);
            RegionRow row = region_row(region);
            u64 cursor = region.start;
            for (; next != all.end() && next->va < region.end; ++next) {
                add_absent(row, cursor, next->va);
                add_page(row, *next, &region);
                cursor = next->va + next->pages() * kPageSize;
            }
            add_absent(row, cursor, region.end);
            rows_.push_back(std::move(row));
        }
        add_unknown(next, all.end(), ~u64{0});
        return std::move(rows_);
    }

private:
    using LeafIterator = std::vector<Leaf>::const_iterator;

    // Rows for what is mapped before `end` without a map entry.
    LeafIterator add_unknown(LeafIterator next, LeafIterator last, u64 end) {
        for (; next != last && next->va < end; ++next) {
            const bool adjoins =
                !rows_.empty() && !rows_.back().known && rows_.back().end == next->va;
            if (!adjoins) {
                RegionRow row;
                row.start = next->va;
                row.permissions = "???";
                row.kind = "no map entry is known";
                row.known = false;
                rows_.push_back(std::move(row));
            }
            rows_.back().end = next->va + next->pages() * kPageSize;
            add_page(rows_.back(), *next, nullptr);
        }
        return next;
    }

    static void add_absent(RegionRow& row, u64 begin, u64 end) {
        if (begin < end) {
            PageRun run;
            run.start = begin;
            run.pages = (end - begin) / kPageSize;
            row.runs.push_back(run);
        }
    }

    void add_page(RegionRow& row, const Leaf& leaf, const RegionView* region) {
        const FrameView* frame = frames_ != nullptr ? frames_->frame(leaf.frame()) : nullptr;
        PageRun page;
        page.start = leaf.va;
        page.pages = leaf.pages();
        page.writable = leaf.writable();
        page.executable = leaf.executable();
        page.frame = leaf.frame();
        page.mappings = frame != nullptr ? frame->mappings : 1;
        page.letter = letter(page, frame, region);
        row.resident += page.pages;
        row.shared += page.mappings > 1 ? page.pages : 0;
        if (row.runs.empty() || !extend(row.runs.back(), page)) {
            row.runs.push_back(page);
        }
    }

    static bool extend(PageRun& run, const PageRun& page) {
        const bool alike = run.letter == page.letter && run.writable == page.writable &&
                           run.executable == page.executable && run.mappings == page.mappings &&
                           run.start + run.pages * kPageSize == page.start;
        if (alike) {
            run.frames_in_row &= run.frame + run.pages * kPageSize == page.frame;
            run.pages += page.pages;
        }
        return alike;
    }

    static char letter(const PageRun& page, const FrameView* frame, const RegionView* region) {
        const bool may_write = region != nullptr && (region->protection & 2) != 0;
        if (region == nullptr || (page.writable && !may_write)) {
            return '!';
        }
        if (region->backing == Backing::Device) {
            return 'd';
        }
        if (region->shared) {
            return 'S';
        }
        const bool of_file =
            frame != nullptr ? frame->use == FrameUse::File : region->backing == Backing::File;
        if (of_file) {
            return 'f';
        }
        if (page.mappings > 1) {
            return 's';
        }
        if (region->wired) {
            return 'w';
        }
        if (may_write && !page.writable) {
            return 'l';
        }
        return frame != nullptr && frame->origin == PageAction::ZeroFill ? 'z' : 'p';
    }

    static std::string kind(const RegionView& region) {
        std::string text = region.backing == Backing::Anonymous ? "anonymous"
                           : region.backing == Backing::Device  ? "device at " + hex(region.offset)
                                                                : "file at " + hex(region.offset);
        constexpr std::array<const char*, 4> at_fork = {
            ", shared at fork", "", ", not given to children", ", zeros for children"};
        text += region.shared ? ", shared mapping" : "";
        text += at_fork[region.inheritance & 3];
        text += region.needs_copy ? ", needs a copy before the first write" : "";
        text += region.wired ? ", wired" : "";
        return text;
    }

    static RegionRow region_row(const RegionView& region) {
        RegionRow row;
        row.start = region.start;
        row.end = region.end;
        row.permissions = {(region.protection & 1) != 0 ? 'r' : '-',
                           (region.protection & 2) != 0 ? 'w' : '-',
                           (region.protection & 4) != 0 ? 'x' : '-'};
        row.kind = kind(region);
        return row;
    }

    const FrameTable* frames_;
    std::vector<RegionRow> rows_;
};

std::string title_of(const Snapshot& snapshot, u32 pid, const ProcessView* process) {
    if (pid == 0) {
        return "No process is there.";
    }
    const std::string who = Names(snapshot).who(pid);
    if (process == nullptr) {
        return who + " is not there any more.";
    }
    if (process->space == nullptr) {
        return who + " has no memory: it has ended.";
    }
    return who + ": ASID " + std::to_string(process->space->asid) + ", first table at " +
           hex(process->space->root);
}

std::string run_text(const PageRun& run) {
    const PageLetter& letter = page_letter(run.letter);
    std::string text = std::string(1, run.letter) + " " + std::string(letter.name);
    if (run.frame == 0) {
        return text;
    }
    text += std::string(run.writable ? ", writable" : ", read-only") +
            (run.executable ? ", executable" : "");
    text += run.pages == 1 ? ", frame " + hex(run.frame)
                           : ", frames " + hex(run.frame) + (run.frames_in_row ? " on" : " ...");
    return text + (run.mappings > 1 ? ", " + plural(run.mappings, "space") : "");
}

std::string legend(const AddressSpaceModel& model) {
    std::string text;
    for (const PageLetter& letter : page_letters()) {
        const bool used = std::ranges::any_of(model.regions, [&](const RegionRow& row) {
            return std::ranges::find(row.runs, letter.letter, &PageRun::letter) != row.runs.end();
        });
        if (used) {
            text += wrap(std::string("  ") + letter.letter + "  ",
                         std::string(letter.name) + ": " + std::string(letter.meaning));
        }
    }
    return text;
}

} // namespace

std::span<const PageLetter> page_letters() {
    return kLetters;
}

const PageLetter& page_letter(char letter) {
    const auto found = std::ranges::find(kLetters, letter, &PageLetter::letter);
    return found != kLetters.end() ? *found : kLetters.back();
}

AddressSpaceModel model_address_space(const Snapshot& snapshot, const Selection& selection) {
    AddressSpaceModel model;
    model.pid = pinned_pid(snapshot, selection);
    const ProcessView* process = snapshot.process(model.pid);
    model.title = title_of(snapshot, model.pid, process);
    model.address = picked_address(snapshot, selection);
    if (process == nullptr || process->space == nullptr) {
        return model;
    }
    model.regions = SpaceBuilder(snapshot.frames.get()).build(*process->space);
    model.tables = process->space->tables.size();
    for (RegionRow& row : model.regions) {
        model.resident += row.resident;
        model.shared += row.shared;
        row.has_address = model.address >= row.start && model.address < row.end;
    }
    const FaultCard* fault = picked_fault(snapshot, selection);
    if (fault != nullptr && fault->pid == model.pid) {
        model.fault_page = align_down(fault->far, kPageSize);
        model.fault_note = fault_note(*fault);
    }
    return model;
}

const PageRun* page_run(const AddressSpaceModel& model, u64 va) {
    for (const RegionRow& row : model.regions) {
        if (va >= row.start && va < row.end) {
            const auto after = std::ranges::upper_bound(row.runs, va, {}, &PageRun::start);
            return after != row.runs.begin() ? &*std::prev(after) : nullptr;
        }
    }
    return nullptr;
}

std::string text(const AddressSpaceModel& model) {
    std::string text = wrap("  ", model.title);
    if (model.regions.empty()) {
        return text;
    }
    text += wrap("  ", plural(model.resident, "resident page") + ", " + grouped(model.shared) +
                           " of them mapped by other spaces too; " +
                           plural(model.tables, "translation table") + ".");
    TextTable table({{"from", true}, {"to", true}, {"", false, 3}, {"pages", true}, {"what"}});
    for (const RegionRow& row : model.regions) {
        table.add({hex(row.start), hex(row.end), row.permissions,
                   grouped((row.end - row.start) / kPageSize), row.kind});
        for (const PageRun& run : row.runs) {
            const bool faulted = model.fault_page && *model.fault_page >= run.start &&
                                 *model.fault_page < run.start + run.pages * kPageSize;
            table.add({hex(run.start), "", "", grouped(run.pages),
                       run_text(run) + (faulted ? "  <- " + model.fault_note : "")});
        }
    }
    return text + table.text() + legend(model);
}

} // namespace forkscope
