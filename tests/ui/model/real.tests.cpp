// What the panels' text says of a real run, against a walk of this test's own over
// the machine's memory.
#include "model/address_space.hpp"
#include "model/describe.hpp"
#include "model/frame_map.hpp"
#include "model/table_walk.hpp"
#include "ui/columns.hpp"
#include "ui/support/guest_run.hpp"

#include "base/text.hpp"
#include "ui/sentences.hpp"

#include <map>
#include <sstream>

using namespace forkscope;
using namespace forkscope::test;

namespace {

struct Page {
    u64 frame = 0;
    bool writable = false;
};

// Arm ARM, D8.3: 39-bit addresses, levels 1 to 3, pages only.
void walk(const Inspection& machine, u64 table, unsigned level, u64 va,
          std::map<u64, Page>& pages) {
    constexpr u64 kAddress = 0x0000'ffff'ffff'f000;
    for (u64 i = 0; i < 512; ++i) {
        const u64 descriptor = machine.read<u64>(table + 8 * i).value_or(0);
        const u64 at = va | i << (12 + 9 * (3 - level));
        if ((descriptor & 3) != 3) {
            continue;
        }
        if (level < 3) {
            walk(machine, descriptor & kAddress, level + 1, at, pages);
        } else {
            pages[at] = {descriptor & kAddress, (descriptor >> 6 & 3) == 1};
        }
    }
}

// What is in memory: the pages of each space, by its oldest process, and who has
// each frame, as the frame map's text would say it.
struct Truth {
    explicit Truth(const Snapshot& snapshot, const Inspection& machine) {
        std::map<u64, u32> oldest; // by root
        for (const ProcessView& process : snapshot.processes) {
            if (process.space != nullptr &&
                oldest.emplace(process.space->root, process.pid).second) {
                walk(machine, process.space->root, 1, 0, pages[process.pid]);
                for (const auto& [va, page] : pages[process.pid]) {
                    mappers[page.frame] += "\n" + describe_actor({process.pid, process.name}) +
                                           " at " + hex(va) +
                                           (page.writable ? ", writable" : ", read-only");
                    ++sharers[page.frame];
                }
            }
        }
    }

    std::map<u32, std::map<u64, Page>> pages; // by pid and address
    std::map<u64, std::string> mappers;       // by frame
    std::map<u64, u32> sharers;
};

void check_space(const Snapshot& snapshot, const Truth& truth, u32 pid) {
    Selection selection;
    selection.pid = pid;
    const AddressSpaceModel model = model_address_space(snapshot, selection);
    const std::map<u64, Page>& pages = truth.pages.at(pid);
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
                const Page& page = pages.at(run.start + i * 4096);
                REQUIRE(run.writable == page.writable);
                REQUIRE(run.mappings == truth.sharers.at(page.frame));
                REQUIRE((!run.frames_in_row || run.frame + i * 4096 == page.frame));
                REQUIRE((run.letter != 's' || (run.mappings > 1 && !page.writable)));
                REQUIRE(
                    (run.letter != 'p' && run.letter != 'z') ==
                    (run.mappings > 1 || !page.writable || run.letter == 'w' || run.letter == 'S'));
            }
        }
    }
    REQUIRE(resident == pages.size());
}

void check_frames(const Snapshot& snapshot, const Truth& truth) {
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
        REQUIRE(cell.sharers == truth.sharers.at(cell.physical));
        const std::string text = model.hover(i);
        REQUIRE(text.substr(text.find('\n')) == found->second);
    }
    REQUIRE(mapped == truth.mappers.size());
}

} // namespace

TEST_CASE("real run: what the models say of pages and frames is what is in memory", "[ui]") {
    need_guest();
    GuestRun run;
    Cycle cycle = 350'000; // the kernel boots
    unsigned shared = 0;
    for (RunResult result; result.reason != RunEndReason::PowerOff; cycle += 1'000) {
        result = run.machine->run({.last_cycle = cycle});
        const auto snapshot = run.snapshot();
        const Truth truth(*snapshot, run.machine->inspect());
        for (const auto& [pid, pages] : truth.pages) {
            check_space(*snapshot, truth, pid);
        }
        check_frames(*snapshot, truth);
        shared += model_frame_map(*snapshot, {}).shared > 1;
        if (cycle % 50'000 == 0) {
            std::istringstream text(describe(*snapshot, {}));
            for (std::string line; std::getline(text, line);) {
                INFO(line);
                REQUIRE(width_of(line) <= kColumns);
            }
        }
    }
    CHECK(shared > 100);
}
