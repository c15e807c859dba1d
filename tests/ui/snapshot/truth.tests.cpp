// What the panels' models say of sharers, owners and permissions after each event of
// a run, against a walk of the tests' own over physical memory. Its roots are the
// TTBR0_EL1 values that the machine had while each process ran; of processes that
// have not run yet, the snapshot's word is taken, and checked once they do.
#include "ui/support/guest_run.hpp"
#include "ui/support/memory_truth.hpp"

#include "event/probe_text.hpp"
#include "event/recorder.hpp"

using namespace forkscope;
using namespace forkscope::test;
using abi::ProbeId;

namespace {

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
                proven.erase(static_cast<u32>(event.arg[0]));
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
            proven[*running] = machine.regime.ttbr0 & kBaddr;
    }

    // Those of all processes. What the snapshot said earlier is held against what is
    // known now.
    std::map<u32, u64> all(const Snapshot& snapshot) {
        std::map<u32, u64> roots = proven;
        for (const ProcessView& process : snapshot.processes) {
            if (process.space == nullptr) {
                REQUIRE_FALSE(proven.contains(process.pid));
                claimed_.erase(process.pid);
                continue;
            }
            REQUIRE_FALSE(without.contains(process.pid));
            const u64 root = process.space->root;
            if (roots.emplace(process.pid, root).second) {
                claimed_[process.pid] = root;
                continue;
            }
            REQUIRE(proven.at(process.pid) == root);
            if (const auto claimed = claimed_.find(process.pid); claimed != claimed_.end()) {
                REQUIRE(claimed->second == root);
                claimed_.erase(claimed);
            }
        }
        for (const auto& [pid, root] : proven)
            REQUIRE(snapshot.process(pid) != nullptr);
        return roots;
    }

    std::map<u32, u64> proven;
    std::set<u32> without; // processes that have left their space

private:
    std::map<u32, u64> claimed_;
};

// What the snapshot itself has, for every page: models may leave things out.
void check_snapshot(const Snapshot& snapshot, const Truth& truth) {
    for (const auto& [pid, pages] : truth.pages) {
        const AddressSpaceView& space = *snapshot.process(pid)->space;
        std::size_t listed = 0;
        for (const TableView& table : space.tables)
            listed += table.level == 3 ? table.entries.size() : 0;
        REQUIRE(listed == pages.size());
        for (const auto& [va, page] : pages) {
            const TableView* table = space.table(3, va);
            REQUIRE(table != nullptr);
            REQUIRE(table->descriptor(va >> 12 & 511) == page.descriptor);
            const RegionView* region = space.region(va);
            REQUIRE(region != nullptr);
            REQUIRE((!page.writable || !region->needs_copy));
        }
    }
}

struct Seen {
    unsigned stops = 0;
    std::size_t most_processes = 0;
    std::size_t most_proven = 0;
    std::map<u16, u64> events; // by kind
    u64 shared_spaces = 0;     // vfork

    [[nodiscard]] u64 of(ProbeId probe) const {
        const auto found = events.find(kind_of(probe));
        return found == events.end() ? 0 : found->second;
    }
};

Seen follow_run(const std::vector<Override>& overrides) {
    EventStops stops;
    GuestRun run(overrides, &stops);
    stops.machine = run.machine.get();
    Roots roots;
    Seen seen;
    for (;;) {
        stops.latest.clear();
        const RunResult result = run.machine->run({});
        if (result.reason == RunEndReason::PowerOff)
            break;
        REQUIRE(result.reason == RunEndReason::Stopped);
        for (const Event& event : stops.latest) {
            ++seen.events[event.kind];
            seen.shared_spaces +=
                event.kind == kind_of(ProbeId::SpaceFork) && event.arg[2] != 0 ? 1 : 0;
        }
        const Inspection machine = run.machine->inspect();
        const auto snapshot = run.snapshot();
        roots.follow(stops.latest, machine);
        const Truth truth(machine, roots.all(*snapshot));
        check_snapshot(*snapshot, truth);
        check_tree(*snapshot, truth);
        check_frames(*snapshot, truth);
        for (const auto& [pid, pages] : truth.pages) {
            check_space(*snapshot, truth, pid);
            if (!pages.empty()) // another page each time
                check_walk(*snapshot, machine, truth, pid,
                           std::next(pages.begin(), seen.stops % pages.size())->first);
        }
        ++seen.stops;
        seen.most_processes = std::max(seen.most_processes, truth.pages.size());
        seen.most_proven = std::max(seen.most_proven, roots.proven.size());
    }
    return seen;
}

// Several LWPs write to pages of one address space while one of them, and then
// another, forks.
const char* const kLwpProgram = R"(
#include <lwp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
enum { PAGE = 4096, STACK = 4 * PAGE, TOUCHERS = 2 };
static volatile char memory[8 * PAGE] __attribute__((aligned(4096)));
static lwpid_t start(void (*function)(void *), void *argument) {
    ucontext_t context;
    lwpid_t lid = 0;
    _lwp_makecontext(&context, function, argument, NULL, malloc(STACK), STACK);
    if (_lwp_create(&context, 0, &lid) != 0) exit(1);
    return lid;
}
static void touch(void *which) {
    for (int round = 0; round < 6; ++round) {
        memory[(long)which * PAGE]++;
        memory[(TOUCHERS + round % 2) * PAGE]++;
        sched_yield();
    }
    _lwp_exit();
}
static void fork_once(void) {
    pid_t child = fork();
    if (child == 0) {
        memory[0] = memory[5 * PAGE] = 7;
        _exit(0);
    }
    memory[5 * PAGE] = 8;
    int status;
    if (waitpid(child, &status, 0) != child) exit(2);
}
static void fork_and_end(void *argument) {
    (void)argument;
    fork_once();
    _lwp_exit();
}
int main(void) {
    lwpid_t lids[TOUCHERS + 1], gone;
    for (long i = 0; i < TOUCHERS; ++i) lids[i] = start(touch, (void *)i);
    sched_yield();
    lids[TOUCHERS] = start(fork_and_end, NULL);
    fork_once();
    for (int i = 0; i <= TOUCHERS; ++i)
        if (_lwp_wait(lids[i], &gone) != 0) return 3;
    return 0;
}
)";

} // namespace

TEST_CASE("truth: after each event of the fork demo the models say what the tables say",
          "[ui][snapshot]") {
    need_guest();
    const Seen seen = follow_run({});
    CHECK(seen.stops > 100);
    CHECK(seen.most_proven >= 4);
    CHECK(seen.of(ProbeId::CowCopy) > 0);
    CHECK(seen.of(ProbeId::CowReuse) > 0);
}

TEST_CASE("truth: the same with mmap, vfork, exec, wired, shared and inherited memory",
          "[ui][snapshot]") {
    need_guest();
    const TemporaryFolder folder;
    const Seen seen = follow_run(GuestRun::job(guest_program(folder, "spaces", kSpaceProgram)));
    CHECK(seen.stops > 300);
    CHECK(seen.most_proven >= 4);
    CHECK(seen.of(ProbeId::EagerCopy) > 0);
    CHECK(seen.of(ProbeId::SpaceExec) > 2);
    CHECK(seen.shared_spaces > 0);
}

TEST_CASE("truth: the same of a process with several LWPs that forks", "[ui][snapshot]") {
    need_guest();
    const TemporaryFolder folder;
    const Seen seen = follow_run(GuestRun::job(guest_program(folder, "lwps", kLwpProgram)));
    CHECK(seen.of(ProbeId::LwpCreate) > 3);
    CHECK(seen.of(ProbeId::CowCopy) > 2);
    CHECK(seen.of(ProbeId::ProcCreate) >= 4);
    CHECK(seen.most_proven >= 3);
}

TEST_CASE("truth: the same of the lessons' programs", "[ui][snapshot]") {
    need_guest();
    for (const char* program :
         {"lesson-cow", "lesson-sharers", "lesson-vfork", "lesson-exec", "lesson-wired"}) {
        CAPTURE(program);
        const Seen seen =
            follow_run({{"--append", "machine.append", "job=/bin/" + std::string(program), true}});
        CHECK(seen.most_proven >= 3);
        CHECK(seen.of(ProbeId::ProcCreate) >= 3);
    }
}
