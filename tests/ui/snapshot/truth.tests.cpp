// What a snapshot says of sharers, owners and permissions, against a walk of this
// test's own over physical memory, from the TTBR0_EL1 values that the machine had
// while each process ran.
#include "ui/support/guest_run.hpp"

#include "event/probe_text.hpp"
#include "event/recorder.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace forkscope;
using namespace forkscope::test;
using abi::ProbeId;

namespace {

struct Page {
    u64 frame = 0;
    bool writable = false;
    bool operator==(const Page&) const = default;
};
using Pages = std::map<u64, Page>; // by virtual address

// Arm ARM, D8.3: 39-bit addresses, levels 1 to 3, pages only.
void walk_level(const Inspection& machine, u64 table, unsigned level, u64 va, Pages& pages) {
    constexpr u64 kAddress = 0x0000'ffff'ffff'f000;
    const unsigned shift = 12 + 9 * (3 - level);
    for (u64 i = 0; i < 512; ++i) {
        const u64 descriptor = machine.read<u64>(table + 8 * i).value_or(0);
        if ((descriptor & 3) != 3)
            continue;
        if (level < 3)
            walk_level(machine, descriptor & kAddress, level + 1, va | i << shift, pages);
        else // AP[2:1] = 01: EL0 may write
            pages[va | i << shift] = {descriptor & kAddress, (descriptor >> 6 & 3) == 1};
    }
}

Pages walk(const Inspection& machine, u64 root) {
    Pages pages;
    walk_level(machine, root, 1, 0, pages);
    return pages;
}

// The roots of processes, as far as they have run with their present space.
class Roots {
public:
    void follow(const std::vector<Event>& events, const Inspection& machine) {
        constexpr u64 kBaddr = 0x0000'ffff'ffff'fffe;
        std::optional<u32> running;
        for (const Event& event : events) {
            const bool by_user = event.kind == static_cast<u16>(EventKind::Fault) && event.el == 0;
            if (by_user || event.kind == kind_of(ProbeId::SyscallEntry))
                running = event.pid;
            if (event.kind == kind_of(ProbeId::SpaceExec) ||
                event.kind == kind_of(ProbeId::SpaceExit)) {
                roots.erase(static_cast<u32>(event.arg[0]));
                running.reset();
            }
            if (event.kind == kind_of(ProbeId::SpaceExit))
                without.insert(static_cast<u32>(event.arg[0]));
            if (event.kind == kind_of(ProbeId::SpaceFork))
                without.erase(static_cast<u32>(event.arg[1]));
            if (event.kind == kind_of(ProbeId::OnCpu))
                running.reset();
        }
        if (running)
            roots[*running] = machine.regime.ttbr0 & kBaddr;
    }
    std::map<u32, u64> roots;
    std::set<u32> without; // processes that have left their space
};

// Mappings by frame: of each frame, the pids that are in `pids`.
using Sharers = std::map<u64, std::set<std::tuple<u32, u64, bool>>>;

void compare(const Snapshot& snapshot, const Inspection& machine, const std::map<u32, u64>& roots) {
    Sharers sharers;
    std::set<u32> known;
    std::set<u64> roots_seen;
    for (const auto& [pid, root] : roots) {
        const ProcessView* process = snapshot.process(pid);
        REQUIRE(process != nullptr);
        REQUIRE(process->space != nullptr);
        REQUIRE(process->space->root == root);
        const Pages pages = walk(machine, root);
        u64 private_pages = 0, shared_pages = 0;
        for (const auto& [va, page] : pages) {
            const TableView* table = process->space->table(3, va);
            REQUIRE(table != nullptr);
            const u64 descriptor = table->descriptor(va >> 12 & 511);
            CHECK((descriptor & 0x0000'ffff'ffff'f000) == page.frame);
            CHECK(((descriptor >> 6 & 3) == 1) == page.writable);
            const RegionView* region = process->space->region(va);
            REQUIRE(region != nullptr);
            if (page.writable)
                CHECK((region->protection & 2) != 0);
            const FrameView* frame = snapshot.frames->frame(page.frame);
            REQUIRE(frame != nullptr);
            ++(frame->mappings > 1 ? shared_pages : private_pages);
            if (region->needs_copy)
                CHECK_FALSE(page.writable);
        }
        CHECK(process->private_pages == private_pages);
        CHECK(process->shared_pages == shared_pages);
        u64 listed = 0;
        for (const TableView& table : process->space->tables)
            listed += table.level == 3 ? table.entries.size() : 0;
        CHECK(listed == pages.size());
        // vfork's parent and child have one space, which is the older one's.
        if (roots_seen.insert(root).second && known.insert(pid).second)
            for (const auto& [va, page] : pages)
                sharers[page.frame].insert({pid, va, page.writable});
    }
    Sharers shown;
    for (const FrameView& frame : snapshot.frames->frames)
        for (u32 i = 0; i < frame.mappings; ++i) {
            const FrameMapping& mapping = snapshot.frames->mappings[frame.first_mapping + i];
            if (known.contains(mapping.pid))
                shown[frame.physical].insert({mapping.pid, mapping.va, mapping.writable});
            if (i == 0)
                CHECK(frame.owner == mapping.pid);
        }
    REQUIRE(shown == sharers);
}

struct Seen {
    unsigned stops = 0;
    unsigned compared = 0;
    std::size_t most_processes = 0;
};

Seen follow_run(const std::vector<Override>& overrides) {
    EventStops stops;
    GuestRun run(overrides, &stops);
    stops.machine = run.machine.get();
    Roots roots;
    Seen seen;
    std::map<u32, u64> unproven; // roots that the snapshot gave before the process ran
    for (;;) {
        stops.latest.clear();
        const RunResult result = run.machine->run({});
        if (result.reason == RunEndReason::PowerOff)
            break;
        REQUIRE(result.reason == RunEndReason::Stopped);
        const Inspection machine = run.machine->inspect();
        roots.follow(stops.latest, machine);
        const auto snapshot = run.snapshot();
        compare(*snapshot, machine, roots.roots);
        for (const ProcessView& process : snapshot->processes)
            CHECK((process.space == nullptr || !roots.without.contains(process.pid)));
        for (const ProcessView& process : snapshot->processes) {
            if (process.space == nullptr)
                unproven.erase(process.pid);
            else if (!roots.roots.contains(process.pid))
                unproven[process.pid] = process.space->root;
            else if (const auto found = unproven.find(process.pid); found != unproven.end()) {
                CHECK(found->second == roots.roots.at(process.pid));
                unproven.erase(found);
            }
        }
        ++seen.stops;
        seen.compared += !roots.roots.empty();
        seen.most_processes = std::max(seen.most_processes, roots.roots.size());
    }
    return seen;
}

} // namespace

TEST_CASE(
    "truth: after each event of the fork demo, frames and permissions are what the tables say",
    "[ui][snapshot]") {
    need_guest();
    const Seen seen = follow_run({});
    CHECK(seen.compared > 100);
    CHECK(seen.most_processes >= 4);
}

TEST_CASE("truth: the same with mmap, vfork, exec, wired and inherited memory", "[ui][snapshot]") {
    need_guest();
    const TemporaryFolder folder;
    const Seen seen = follow_run(GuestRun::job(guest_program(folder, "spaces", kSpaceProgram)));
    CHECK(seen.compared > 300);
    CHECK(seen.most_processes >= 4);
}
