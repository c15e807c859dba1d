// What is in the machine's memory, by a walk of the tests' own, and checks that the
// panels' models say the same.
#pragma once

#include "base/text.hpp"
#include "machine/inspection.hpp"
#include "model/address_space.hpp"
#include "model/frame_map.hpp"
#include "model/process_tree.hpp"
#include "model/table_walk.hpp"
#include "ui/sentences.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <set>

namespace forkscope::test {

struct TruePage {
    u64 frame = 0;
    u64 descriptor = 0;
    bool writable = false; // from EL0: AP[2:1] = 01
};
using TruePages = std::map<u64, TruePage>; // by virtual address

// Arm ARM, D8.3: 39-bit addresses, levels 1 to 3, pages only.
inline void walk_level(const Inspection& machine, u64 table, unsigned level, u64 va,
                       TruePages& pages) {
    constexpr u64 kAddress = 0x0000'ffff'ffff'f000;
    for (u64 i = 0; i < 512; ++i) {
        const u64 descriptor = machine.read<u64>(table + 8 * i).value_or(0);
        const u64 at = va | i << (12 + 9 * (3 - level));
        if ((descriptor & 3) != 3)
            continue;
        if (level < 3)
            walk_level(machine, descriptor & kAddress, level + 1, at, pages);
        else
            pages[at] = {descriptor & kAddress, descriptor, (descriptor >> 6 & 3) == 1};
    }
}

struct Truth {
    struct Mapper {
        u32 pid = 0; // the oldest process of the space
        u64 va = 0;
        bool writable = false;
    };

    // `all`: by process, the physical address of its first table.
    Truth(const Inspection& machine, std::map<u32, u64> all) : roots(std::move(all)) {
        std::map<u64, u32> oldest; // by root
        for (const auto& [pid, root] : roots) {
            walk_level(machine, root, 1, 0, pages[pid]);
            if (!oldest.emplace(root, pid).second)
                continue; // vfork: the space is the parent's
            for (const auto& [va, page] : pages[pid])
                mappers[page.frame].push_back({pid, va, page.writable});
        }
    }
    [[nodiscard]] u32 sharers(u64 frame) const {
        const auto found = mappers.find(frame);
        return found == mappers.end() ? 0 : static_cast<u32>(found->second.size());
    }
    // Another space than that of `pid` maps the frame, too.
    [[nodiscard]] bool is_shared(u64 frame, u32 pid) const {
        for (const Mapper& mapper : mappers.at(frame))
            if (roots.at(mapper.pid) != roots.at(pid))
                return true;
        return false;
    }

    std::map<u32, u64> roots;
    std::map<u32, TruePages> pages;
    std::map<u64, std::vector<Mapper>> mappers; // by frame, the oldest process first
};

// `may_write`: the region allows it.
inline bool fits_letter(const PageRun& run, const TruePage& page, bool may_write) {
    const bool own = run.mappings == 1;
    switch (run.letter) {
    case 's':
        return !own && !page.writable;
    case 'l':
        return own && !page.writable && may_write;
    case 'p':
    case 'z':
        return own && page.writable == may_write;
    case 'w':
    case 'S':
        return true;
    default: // a file's
        return run.letter == 'f' && !page.writable;
    }
}

// Panel 3, for one process.
inline void check_space(const Snapshot& snapshot, const Truth& truth, u32 pid) {
    Selection selection;
    selection.pid = pid;
    const AddressSpaceModel model = model_address_space(snapshot, selection);
    const TruePages& pages = truth.pages.at(pid);
    u64 resident = 0;
    for (const RegionRow& row : model.regions) {
        REQUIRE(row.known);
        for (const PageRun& run : row.runs) {
            if (run.letter == '.') {
                const auto next = pages.lower_bound(run.start);
                REQUIRE((next == pages.end() || next->first >= run.start + run.pages * 4096));
                continue;
            }
            REQUIRE(run.letter != '!');
            resident += run.pages;
            for (u64 i = 0; i < run.pages; ++i) {
                const TruePage& page = pages.at(run.start + i * 4096);
                REQUIRE(run.writable == page.writable);
                REQUIRE((!page.writable || row.permissions[1] == 'w'));
                REQUIRE(run.mappings == truth.sharers(page.frame));
                REQUIRE((!run.frames_in_row || run.frame + i * 4096 == page.frame));
                REQUIRE(fits_letter(run, page, row.permissions[1] == 'w'));
            }
        }
    }
    REQUIRE(resident == pages.size());
    REQUIRE(model.resident == resident);
}

// Panel 2.
inline void check_tree(const Snapshot& snapshot, const Truth& truth) {
    std::size_t checked = 0;
    for (const ProcessRow& row : model_process_tree(snapshot, {}).rows) {
        const auto found = truth.pages.find(row.pid);
        if (found == truth.pages.end()) {
            REQUIRE(row.private_pages + row.shared_pages == 0);
            continue;
        }
        u64 shared = 0;
        for (const auto& [va, page] : found->second)
            shared += truth.is_shared(page.frame, row.pid);
        REQUIRE(row.shared_pages == shared);
        REQUIRE(row.private_pages == found->second.size() - shared);
        ++checked;
    }
    REQUIRE(checked == truth.pages.size());
}

// Panel 5.
inline void check_frames(const Snapshot& snapshot, const Truth& truth) {
    const FrameMapModel model = model_frame_map(snapshot, {});
    std::size_t mapped = 0;
    for (std::size_t i = 0; i < model.size(); ++i) {
        const FrameCell cell = model.cell(i);
        const auto found = truth.mappers.find(cell.physical);
        if (cell.sharers == 0) {
            REQUIRE(found == truth.mappers.end());
            continue;
        }
        ++mapped;
        REQUIRE(found != truth.mappers.end());
        REQUIRE(cell.sharers == found->second.size());
        REQUIRE(cell.owner == found->second.front().pid);
        std::string lines;
        for (const Truth::Mapper& mapper : found->second)
            lines += "\n" + describe_actor({mapper.pid, snapshot.process(mapper.pid)->name}) +
                     " at " + hex(mapper.va) + (mapper.writable ? ", writable" : ", read-only");
        const std::string text = model.hover(i);
        REQUIRE(text.substr(text.find('\n')) == lines);
    }
    REQUIRE(mapped == truth.mappers.size());
}

// Panel 4, for one address.
inline void check_walk(const Snapshot& snapshot, const Inspection& machine, const Truth& truth,
                       u32 pid, u64 va) {
    Selection selection;
    selection.pid = pid;
    selection.address = va + 0x123;
    const TableWalkModel model = model_table_walk(snapshot, selection);
    const TruePage& page = truth.pages.at(pid).at(va);
    REQUIRE_FALSE(model.sides.empty());
    const WalkSide& side = model.sides[0];
    REQUIRE(side.levels.size() == 3);
    REQUIRE(side.levels[0].table == truth.roots.at(pid));
    for (const WalkLevel& level : side.levels)
        REQUIRE(level.descriptor == machine.read<u64>(level.entry_address));
    REQUIRE(side.levels[2].descriptor == page.descriptor);
    REQUIRE(side.physical == page.frame + 0x123);
    REQUIRE(side.mappings == truth.sharers(page.frame));
    REQUIRE(
        side.levels[2].summary.starts_with(page.writable ? "user read-write" : "user read-only"));
}

} // namespace forkscope::test
