#include "model/timeline.hpp"

#include "support/snapshot_builder.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using test::CowScene;
using test::SnapshotBuilder;

namespace {

std::size_t lane_of(const TimelineModel& model, u32 pid) {
    const auto found = std::ranges::find(model.lanes, pid, &TimelineLane::pid);
    REQUIRE(found != model.lanes.end());
    return static_cast<std::size_t>(found - model.lanes.begin());
}

Cycle busy_cycles(const TimelineModel& model, std::size_t lane) {
    double sum = 0;
    for (const LaneSpan& span : model.spans) {
        if (span.lane == lane) {
            sum += span.busy * static_cast<double>(span.end - span.begin);
        }
    }
    return static_cast<Cycle>(sum + 0.5);
}

} // namespace

TEST_CASE("timeline: each process has a lane, the kernel the first", "[ui]") {
    CowScene scene;
    const Snapshot& snapshot = scene.build();
    const TimelineModel model = model_timeline(snapshot, {}, {0, 20'000, 100});
    REQUIRE(model.lanes.size() == 4);
    CHECK(model.lanes[0].name == "the kernel");
    CHECK(model.lanes[2].name == "fork-demo (2)");
    CHECK(model.lanes[3].pinned);
    CHECK(model.lanes[3].on_cpu);
    CHECK(model.lanes[3].colour == palette_index(3));
}

TEST_CASE("timeline: it tells how much is too old to be kept", "[ui]") {
    CowScene scene;
    const auto shown = [&scene] {
        return text(model_timeline(scene.build(), {}, {0, 20'000, 76}));
    };
    CHECK(shown().find("dropped") == std::string::npos);
    scene.snapshot.dropped_processes = 3;
    CHECK(shown().find("Older processes, spans and marks dropped: 3.") != std::string::npos);
    SharedLog<TimelineSpan> spans(1);
    for (Cycle cycle = 0; spans.view().begin() == 0; ++cycle) {
        spans.append({cycle, cycle + 1, 2});
    }
    Snapshot snapshot = scene.build();
    snapshot.spans = spans.view();
    CHECK(model_timeline(snapshot, {}, {0, 20'000, 76}).dropped == 3 + spans.view().begin());
}

TEST_CASE("timeline: lanes are only of those who were there in the range", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    ProcessView& gone = builder.process(2, 1, "sh");
    gone.born = 1'000;
    gone.exited = 2'000;
    gone.reaped = 3'000;
    gone.state = ProcessState::Gone;
    const Snapshot& snapshot = builder.build();
    CHECK(model_timeline(snapshot, {}, {0, 1'000, 10}).lanes.size() == 2);
    CHECK(model_timeline(snapshot, {}, {1'500, 1'600, 10}).lanes.size() == 3);
    CHECK(model_timeline(snapshot, {}, {2'500, 2'600, 10}).lanes.size() == 3); // a zombie
    CHECK(model_timeline(snapshot, {}, {3'001, 4'000, 10}).lanes.size() == 2);
}

TEST_CASE("timeline: spans are cut to the range, and the open one runs up to now", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    builder.process(2, 1, "sh");
    builder.span(1, 100, 4'000);
    builder.span(2, 4'000, 6'000);
    builder.snapshot.cpu.pid = 1;
    builder.snapshot.span_began = 6'000;
    const TimelineModel model = model_timeline(builder.build(), {}, {3'000, 9'000, 100});
    REQUIRE(model.spans.size() == 3);
    CHECK(model.spans[0].begin == 3'000);
    CHECK(model.spans[0].end == 4'000);
    CHECK(model.spans[1].lane == lane_of(model, 2));
    CHECK(model.spans[2].begin == 6'000);
    CHECK(model.spans[2].end == 9'000);
}

TEST_CASE("timeline: short spans of a column become one, and no cycle is lost", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    builder.process(2, 1, "sh");
    builder.snapshot.control.cycle = 1'000'000;
    builder.snapshot.span_began = 1'000'000;
    for (Cycle cycle = 0; cycle < 1'000'000; cycle += 20) {
        builder.span(1, cycle, cycle + 5);
        builder.span(2, cycle + 5, cycle + 20);
    }
    const TimelineModel model = model_timeline(builder.build(), {}, {0, 1'000'000, 100});
    CHECK(model.spans.size() <= 400);
    CHECK(busy_cycles(model, lane_of(model, 1)) == 250'000);
    CHECK(busy_cycles(model, lane_of(model, 2)) == 750'000);
    const u64 counted = [&] {
        u64 sum = 0;
        for (const LaneSpan& span : model.spans) {
            sum += span.merged;
        }
        return sum;
    }();
    CHECK(counted == 100'000);
}

TEST_CASE("timeline: a CPU that is idle does not run", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    builder.span(0, 0, 400'000, 400'000);
    builder.span(1, 400'000, 500'000);
    builder.span(0, 500'000, 600'000, 90'000);
    builder.snapshot.cpu.pid = 0;
    builder.snapshot.span_began = 600'000;
    builder.snapshot.span_idle = 400'000;
    builder.snapshot.control.cycle = 1'000'000;
    const TimelineModel model = model_timeline(builder.build(), {}, {0, 1'000'000, 100});
    CHECK(busy_cycles(model, 0) == 10'000);
    CHECK(busy_cycles(model, lane_of(model, 1)) == 100'000);
    const std::string line = "the kernel           " + std::string(38, '.') + "-------.";
    INFO(text(model));
    CHECK(text(model).find(line) != std::string::npos);
}

TEST_CASE("timeline: zooming in shows only what is there", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    builder.snapshot.control.cycle = builder.snapshot.span_began = 1'000'000;
    for (Cycle cycle = 0; cycle < 1'000'000; cycle += 100) {
        builder.span(1, cycle, cycle + 50);
        builder.mark(1, MarkKind::Fault, cycle);
    }
    const TimelineModel model = model_timeline(builder.build(), {}, {500'000, 500'300, 300});
    REQUIRE(model.spans.size() == 3);
    CHECK(model.spans[0].begin == 500'000);
    REQUIRE(model.marks.size() == 3);
    CHECK(model.marks[2].cycle == 500'200);
    CHECK(model.marks[2].merged == 1);
}

TEST_CASE("timeline: marks of one kind in one column are counted", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    builder.process(2, 1, "sh");
    for (Cycle cycle = 1'000; cycle < 1'050; ++cycle) {
        builder.mark(1, MarkKind::Fault, cycle);
        builder.mark(2, MarkKind::Fault, cycle);
        builder.mark(1, MarkKind::Copy, cycle);
    }
    const TimelineModel model = model_timeline(builder.build(), {}, {0, 10'000, 100});
    REQUIRE(model.marks.size() == 3);
    for (const LaneMark& mark : model.marks) {
        CHECK(mark.merged == 50);
    }
}

TEST_CASE("timeline: a fork's mark points to the child's lane", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    builder.process(2, 1, "sh");
    builder.mark(1, MarkKind::Fork, 200, 2);
    builder.mark(1, MarkKind::Signal, 300, 99); // to one that is not known
    const TimelineModel model = model_timeline(builder.build(), {}, {0, 10'000, 1'000});
    REQUIRE(model.marks.size() == 2);
    CHECK(model.marks[0].other_lane == lane_of(model, 2));
    CHECK_FALSE(model.marks[1].other_lane);
}

TEST_CASE("timeline: a pid that is used again has a lane for each process", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    ProcessView& old = builder.process(5, 1, "old");
    old.born = 1'000;
    old.exited = old.reaped = 2'000;
    old.state = ProcessState::Gone;
    builder.process(5, 1, "new").born = 5'000;
    builder.mark(5, MarkKind::Fault, 1'500);
    builder.mark(5, MarkKind::Fault, 5'500);
    const TimelineModel model = model_timeline(builder.build(), {}, {0, 10'000, 100});
    REQUIRE(model.marks.size() == 2);
    CHECK(model.lanes[model.marks[0].lane].name == "old (5)");
    CHECK(model.lanes[model.marks[1].lane].name == "new (5)");
}

TEST_CASE("timeline: a copy on write is a fault's mark, then a copy's, both picked", "[ui]") {
    CowScene scene;
    scene.take_fault();
    scene.build();
    TimelineModel model = model_timeline(scene.snapshot, {}, whole_timeline(scene.snapshot, 1'000));
    REQUIRE(model.marks.size() == 1);
    CHECK(model.marks[0].letter == '!');
    CHECK(model.marks[0].picked);

    scene.finish_copy();
    scene.mark(3, MarkKind::Fault, 9'800, 0, 9); // a later one
    const Snapshot& snapshot = scene.build();
    model = model_timeline(snapshot, {}, whole_timeline(snapshot, 1'000));
    REQUIRE(model.marks.size() == 3);
    CHECK(model.marks[1].letter == 'C');
    CHECK(model.marks[1].picked);
    CHECK_FALSE(model.marks[2].picked);
    CHECK(hover(snapshot, model, model.marks[1]) ==
          "cycle 9,150: the kernel copied page 0x7fffffe000 for fork-demo (3): frame 0x41300000 "
          "(2 references) to frame 0x41302000");
    CHECK(hover(snapshot, model, model.marks[2]) == "cycle 9,800: fault of fork-demo (3)");
}

TEST_CASE("timeline: only the lanes asked for have spans and marks", "[ui]") {
    SnapshotBuilder builder;
    for (u32 pid = 1; pid <= 5; ++pid) {
        builder.process(pid, 0, "p");
        builder.span(pid, pid * 1'000, pid * 1'000 + 500);
        builder.mark(pid, MarkKind::Fork, pid * 1'000, pid + 1);
    }
    builder.snapshot.span_began = builder.snapshot.control.cycle;
    const TimelineModel model = model_timeline(builder.build(), {}, {0, 10'000, 100, 2, 2});
    CHECK(model.lanes.size() == 6);
    REQUIRE(model.spans.size() == 2);
    CHECK(model.spans[0].lane == 2);
    CHECK(model.spans[1].lane == 3);
    REQUIRE(model.marks.size() == 2);
    CHECK(model.marks[1].other_lane == 4); // a line may leave what is shown
}

TEST_CASE("timeline: bookmarks of the range are there", "[ui]") {
    Selection selection;
    selection.bookmarks = {{500, "before"}, {1'500, "here\n"}};
    const TimelineModel model = model_timeline(Snapshot{}, selection, {1'000, 2'000, 10});
    REQUIRE(model.bookmarks.size() == 1);
    CHECK(model.bookmarks[0].name == "here?");
}

TEST_CASE("timeline: ranges that make no sense do no harm", "[ui]") {
    CowScene scene;
    scene.take_fault();
    scene.span(3, 100, 9'000);
    const Snapshot& snapshot = scene.build();
    CHECK(model_timeline(snapshot, {}, {5'000, 5'000, 0}).range.columns == 1);
    CHECK(model_timeline(snapshot, {}, {9'000, 100, 10}).marks.size() == 1);
    const TimelineModel wide = model_timeline(snapshot, {}, {0, ~u64{0}, 4'000'000'000});
    CHECK(wide.marks.size() == 1);
    CHECK(model_timeline(snapshot, {}, {~u64{0} - 1, ~u64{0}, 10}).spans.empty());
}

TEST_CASE("timeline: as text it shows who runs and what happens", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init").born = 0;
    ProcessView& child = builder.process(2, 1, "sh");
    child.born = 3'800;
    child.exited = 7'600;
    child.state = ProcessState::Zombie;
    builder.snapshot.control.cycle = 7'600;
    builder.snapshot.span_began = 7'600;
    builder.span(1, 0, 3'800);
    builder.span(2, 3'800, 5'700);
    builder.mark(1, MarkKind::Fork, 3'700, 2);
    const std::string shown = text(model_timeline(builder.build(), {}, {0, 7'600, 76}));
    CHECK(shown.find("init (1)             " + std::string(37, '=') + "f" + std::string(38, '.') +
                     "\n") != std::string::npos);
    CHECK(shown.find("sh (2)               " + std::string(38, ' ') + std::string(19, '=') +
                     std::string(19, '.') + "\n") != std::string::npos);
}
