#include "model/address_space.hpp"
#include "model/console.hpp"
#include "model/control_bar.hpp"
#include "model/cpu.hpp"
#include "model/cycles.hpp"
#include "model/event_log.hpp"
#include "model/fault_inspector.hpp"
#include "model/frame_map.hpp"
#include "model/process_tree.hpp"
#include "model/table_walk.hpp"
#include "model/timeline.hpp"

#include "support/snapshot_builder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdio>

using namespace forkscope;
using abi::ProbeId;
using test::EventScript;
using test::SnapshotBuilder;

namespace {

constexpr u32 kProcesses = 500;
constexpr u64 kEvents = 100'000;
constexpr u64 kPages = 32;         // of each process
constexpr double kAllowed = 0.005; // seconds for all models of a frame

// Five hundred processes, half of their pages shared, and a hundred thousand of
// each: events, spans and marks.
void fill(SnapshotBuilder& builder) {
    EventScript script;
    for (u32 pid = 1; pid <= kProcesses; ++pid) {
        builder.process(pid, pid / 3, "worker");
        builder.region(pid, 0x10'0000, 0x10'0000 + kPages * 4096, 3);
        for (u64 page = 0; page < kPages; ++page) {
            const bool shared = page % 2 == 0;
            const u64 frame =
                shared ? 0x4100'0000 + page * 4096 : 0x4200'0000 + (pid * kPages + page) * 4096;
            builder.map(pid, 0x10'0000 + page * 4096, frame,
                        shared ? test::kReadOnlyPage : test::kReadWritePage);
        }
        for (u64 cause = 0; cause < kCycleCauses; ++cause) {
            builder.snapshot.cycles.push_back(
                {pid, 0, static_cast<CycleCause>(cause), Work::User, pid, pid});
        }
    }
    for (u64 i = 0; i < kEvents; ++i) {
        const u32 pid = static_cast<u32>(i * 7 % kProcesses) + 1;
        builder.span(pid, i * 100, i * 100 + 100);
        builder.mark(pid, static_cast<MarkKind>(i % 8), i * 100, 0, i);
        script.now = i * 100;
        script.probe(ProbeId::SyscallEntry, {pid, i % 400});
    }
    builder.events(script);
    builder.snapshot.control.cycle = builder.snapshot.span_began = kEvents * 100;
    builder.snapshot.console = std::string(64 << 10, 'x');
    for (std::size_t at = 79; at < builder.snapshot.console.size(); at += 80) {
        builder.snapshot.console[at] = '\n';
    }
}

// Seconds that `work` takes: the least of several runs.
template <class Work> double least_of_five(Work work) {
    double least = 1e9;
    for (int i = 0; i < 5; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        least = std::min(least, took.count());
    }
    return least;
}

} // namespace

TEST_CASE("models: a frame's work with 500 processes and 100,000 events is under 5 ms",
          "[ui][soak]") {
    SnapshotBuilder builder;
    fill(builder);
    const Snapshot& snapshot = builder.build();
    Selection selection;
    selection.pid = 250;
    selection.address = 0x10'0000;
    EventLogModel log;
    log.update(snapshot, selection);
    REQUIRE(log.size() == kEvents);

    double all = 0;
    const auto measure = [&](const char* name, auto work) {
        const double seconds = least_of_five(work);
        std::printf("  %-16s %8.3f ms\n", name, seconds * 1e3);
        all += seconds;
    };
    measure("control bar", [&] { return model_control_bar(snapshot, selection).phase; });
    measure("process tree", [&] { return model_process_tree(snapshot, selection).alive; });
    measure("address space", [&] { return model_address_space(snapshot, selection).resident; });
    measure("table walk", [&] { return model_table_walk(snapshot, selection).sides.size(); });
    measure("frame map", [&] {
        const FrameMapModel model = model_frame_map(snapshot, selection);
        u64 hatched = 0;
        for (std::size_t i = 0; i < std::min<std::size_t>(model.size(), 5'000); ++i) {
            hatched += model.cell(i).hatched; // as many as a screen shows
        }
        return hatched;
    });
    measure("fault inspector", [&] { return model_fault_inspector(snapshot, selection).open; });
    measure("timeline", [&] {
        TimelineRange range = whole_timeline(snapshot, 1'600);
        range.first_lane = 100;
        range.lanes = 60; // as many as a screen shows
        return model_timeline(snapshot, selection, range).spans.size();
    });
    measure("event log", [&] {
        log.update(snapshot, selection);
        std::size_t length = 0;
        for (std::size_t i = 0; i < 60; ++i) {
            length += log.row(50'000 + i).sentence.size();
        }
        return length;
    });
    measure("cpu", [&] { return model_cpu(snapshot, selection).general.size(); });
    measure("cycles", [&] { return model_cycles(snapshot, selection).rows.size(); });
    measure("console", [&] { return model_console(snapshot, selection).lines.size(); });
    std::printf("  %-16s %8.3f ms\n", "all", all * 1e3);
    CHECK(all < kAllowed);
}
