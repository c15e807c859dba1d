// What the World makes of events, and what a snapshot reads of map entries.
#include "snapshot/world.hpp"
#include "support/event_script.hpp"
#include "ui/support/guest_run.hpp"

#include <algorithm>

using namespace forkscope;
using namespace forkscope::test;
using abi::ProbeId;

namespace {

// init (1) makes process 2, which is about to run.
EventScript one_fork() {
    EventScript script;
    script.probe(ProbeId::SpaceFork, {0, 1, 0, 0, 0, 0x1000});
    script.probe(ProbeId::LwpCreate, {1, 1, 0});
    script.probe(ProbeId::ProcCreate, {1, 0, 0, 0});
    script.run(1);
    script.exec(1, "init");
    script.probe(ProbeId::SyscallEntry, {1, 2});
    script.probe(ProbeId::SpaceFork, {1, 2, 0, 5, 3, 0x2000});
    script.probe(ProbeId::LwpCreate, {2, 1, 1});
    script.probe(ProbeId::ProcCreate, {2, 1, 0, 1});
    return script;
}

World world_of(const EventScript& script) {
    World world;
    script.send_to(world);
    return world;
}

ProcessState state(const EventScript& script, u32 pid) {
    const World world = world_of(script);
    for (const auto& process : world.processes().all())
        if (process->view.pid == pid)
            return world.processes().state(*process);
    FAIL("no process " << pid);
    return ProcessState::Gone;
}

constexpr u64 kWriteFault = 0x9200'004f; // data abort from EL0, write, permission, level 3

} // namespace

TEST_CASE("world: a process goes from embryo to gone, as the kernel tells", "[ui][snapshot]") {
    EventScript script = one_fork();
    CHECK(state(script, 1) == ProcessState::OnCpu);
    CHECK(state(script, 2) == ProcessState::Embryo);
    script.probe(ProbeId::SyscallReturn, {1, 2, 0, 2, 0});
    CHECK(state(script, 2) == ProcessState::Runnable);
    script.probe(ProbeId::Sleep, {1, 1, packed("wait")});
    CHECK(state(script, 1) == ProcessState::Sleeping);
    {
        const World world = world_of(script);
        CHECK(world.processes().wait_channel(*world.processes().find(1)) == "wait");
        CHECK(world.processes().find(2)->map == 0x2000);
        CHECK(world.processes().find(2)->view.name == "init");
    }
    script.run(2);
    CHECK(state(script, 2) == ProcessState::OnCpu);
    script.probe(ProbeId::ProcStop, {2, 19});
    CHECK(state(script, 2) == ProcessState::Stopped);
    script.probe(ProbeId::ProcContinue, {2});
    CHECK(state(script, 2) == ProcessState::OnCpu);
    script.probe(ProbeId::SpaceExit, {2});
    script.probe(ProbeId::ProcExit, {2, 0x700});
    CHECK(state(script, 2) == ProcessState::Zombie);
    script.probe(ProbeId::Wakeup, {1, 1});
    CHECK(state(script, 1) == ProcessState::Runnable);
    script.run(1);
    script.probe(ProbeId::ProcReap, {2, 1});
    CHECK(state(script, 2) == ProcessState::Gone);
    CHECK(world_of(script).processes().find(2) == nullptr);
}

TEST_CASE("world: an orphan has a new parent and remembers the first", "[ui][snapshot]") {
    EventScript script = one_fork();
    script.probe(ProbeId::ProcReparent, {2, 7});
    const World world = world_of(script);
    CHECK(world.processes().find(2)->view.parent == 7);
    CHECK(world.processes().find(2)->view.first_parent == 1);
}

TEST_CASE("world: those that are gone are dropped in the end, their cycles are not",
          "[ui][snapshot]") {
    EventScript script = one_fork();
    constexpr u32 kMany = ProcessFold::kGoneKept + 50;
    for (u32 pid = 10; pid < 10 + kMany; ++pid) {
        script.probe(ProbeId::ProcCreate, {pid, 1, 0, 1});
        script.run(pid);
        script.spend(0, CycleCause::Base, 5, 5);
        script.probe(ProbeId::ProcExit, {pid, 0});
        script.run(1);
        script.probe(ProbeId::ProcReap, {pid, 1});
    }
    const World world = world_of(script);
    CHECK(world.processes().all().size() == ProcessFold::kGoneKept + 2);
    CHECK(world.processes().dropped() == 50);
    Cycle sum = 0, former = 0;
    for (const CycleSlice& slice : world.processes().cycles()) {
        sum += slice.cycles;
        former += slice.pid == kFormerProcesses ? slice.cycles : 0;
    }
    CHECK(sum == 5 * kMany);
    CHECK(former == 5 * 50);
}

TEST_CASE("world: a fault's card follows it from the exception to the second try",
          "[ui][snapshot]") {
    EventScript script = one_fork();
    script.run(2);
    script.machine(EventKind::Fault, {0x5008, 0x400100, kWriteFault, 0x77, 0xb900'0020, 9}, 0);
    const Cycle taken = script.now - script.step;
    {
        const World world = world_of(script);
        REQUIRE(world.faults().open());
        CHECK(world.faults().open()->taken == taken);
        CHECK(world.faults().finished().view().empty());
    }
    script.probe(ProbeId::CowCopy, {2, 0x5000, 0x4100'0000, 0x4200'0000, 2});
    script.probe(ProbeId::FaultDone, {2, 0x5008, 2, 0});
    script.machine(EventKind::DescriptorChange, {0x5000, 0x400100, 0x77, 0x99, 3, 9}, 0);
    const World world = world_of(script);
    CHECK_FALSE(world.faults().open());
    const auto cards = world.faults().finished().view();
    REQUIRE(cards.end() == 1);
    const FaultCard& card = cards[0];
    CHECK(card.pid == 2);
    CHECK(card.far == 0x5008);
    CHECK(card.action == PageAction::Copy);
    CHECK(card.old_frame == 0x4100'0000);
    CHECK(card.new_frame == 0x4200'0000);
    CHECK(card.references == 2);
    CHECK(card.descriptor_before == 0x77);
    CHECK(card.descriptor_after == 0x99);
    CHECK(card.decided == taken + 100);
    CHECK(card.resolved == taken + 200);
    CHECK(card.returned == taken + 300);
    CHECK(world.events().view()[card.event].kind == static_cast<u16>(EventKind::Fault));
}

TEST_CASE("world: a refused fault ends with its error; what needs no fault has a card, too",
          "[ui][snapshot]") {
    EventScript script = one_fork();
    script.run(2);
    script.machine(EventKind::Fault, {0, 0x400100, 0x9200'0046, 0, 0xb900'0020, 9}, 0);
    script.probe(ProbeId::FaultDone, {2, 0, 2, 14});
    script.probe(ProbeId::EagerCopy, {2, 0x6000, 0x4100'0000, 0x4200'0000});
    const World world = world_of(script);
    const auto cards = world.faults().finished().view();
    REQUIRE(cards.end() == 2);
    CHECK(cards[0].error == 14);
    CHECK(cards[0].returned == 0);
    CHECK(cards[1].taken == 0);
    CHECK(cards[1].action == PageAction::EagerCopy);
    CHECK(world.origins().actions()[0x200'0000 >> 12] == PageAction::EagerCopy);
}

TEST_CASE("world: the timeline has a span for each turn on the CPU, and marks", "[ui][snapshot]") {
    EventScript script = one_fork();
    script.run(2);
    script.run(2); // another LWP of the same
    script.probe(ProbeId::SignalSend, {2, 1, 15});
    script.run(0);
    script.spend(1, CycleCause::Idle, 70, 0);
    const World world = world_of(script);
    const auto spans = world.timeline().spans().view();
    REQUIRE(spans.end() >= 2);
    const TimelineSpan& last = spans[spans.end() - 1];
    CHECK(last.pid == 2);
    CHECK(last.end - last.begin == 300);
    CHECK(world.timeline().span_began() == last.end);
    CHECK(world.timeline().span_idle() == 70);
    const auto marks = world.timeline().marks().view();
    const TimelineMark& signal = marks[marks.end() - 1];
    CHECK(signal.kind == MarkKind::Signal);
    CHECK(signal.other == 1);
    CHECK(marks[0].kind == MarkKind::Fork);
    CHECK(marks[0].other == 1);
}

TEST_CASE("world: the history of faults keeps its length however long the run", "[ui][snapshot]") {
    EventScript script = one_fork();
    script.step = 100'000;
    for (int i = 0; i < 300; ++i)
        script.machine(EventKind::Fault, {0x5008, 0x400100, kWriteFault, 0, 0, 9}, 0);
    const World world = world_of(script);
    const auto& history = world.timeline().history();
    CHECK(history.size() <= TimelineFold::kMostBuckets);
    u64 permission = 0;
    for (const FaultBucket& bucket : history)
        permission += bucket.permission;
    CHECK(permission == 300);
    CHECK(std::ranges::is_sorted(history, {}, &FaultBucket::begin));
}

TEST_CASE("snapshot: map entries are what mmap, mlock and minherit made of them",
          "[ui][snapshot]") {
    need_guest();
    const TemporaryFolder folder;
    EventStops stops;
    GuestRun run(GuestRun::job(guest_program(folder, "spaces", kSpaceProgram)), &stops);
    std::vector<RegionView> regions; // of the job, when it forks for the first time
    stops.machine = run.machine.get();
    while (regions.empty() && run.machine->run({}).reason == RunEndReason::Stopped) {
        const bool forks = std::ranges::any_of(stops.latest, [](const Event& event) {
            return event.kind == kind_of(ProbeId::SyscallEntry) && event.arg[1] == 2;
        });
        const auto snapshot = run.snapshot();
        const ProcessView* process = snapshot->process(snapshot->cpu.pid);
        if (forks && process != nullptr && process->name == "program")
            regions = process->space->regions;
        stops.latest.clear();
    }
    REQUIRE(regions.size() >= 8);
    CHECK(std::ranges::is_sorted(regions, {}, &RegionView::start));
    const auto of_size = [&](u64 pages, auto good) {
        return std::ranges::count_if(regions, [&](const RegionView& region) {
            return region.end - region.start == pages * 4096 && good(region);
        });
    };
    CHECK(of_size(4, [](const auto& r) { return r.shared && r.backing == Backing::Anonymous; }) ==
          1);
    CHECK(of_size(2, [](const auto& r) { return r.inheritance == 4 && !r.wired; }) == 1);
    CHECK(of_size(2, [](const auto& r) { return r.wired && r.protection == 3; }) == 1);
    CHECK(of_size(2, [](const auto& r) {
              return r.backing == Backing::File && !r.shared && r.offset == 0 && r.protection == 3;
          }) == 1);
    const bool code = std::ranges::any_of(regions, [](const RegionView& region) {
        return region.protection == 5 && region.backing == Backing::File;
    });
    CHECK(code);
}
