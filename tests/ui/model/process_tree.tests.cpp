#include "model/process_tree.hpp"

#include "support/snapshot_builder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>

using namespace forkscope;
using test::CowScene;
using test::SnapshotBuilder;

namespace {

const ProcessRow& row_of(const ProcessTreeModel& model, u32 pid) {
    const auto found = std::ranges::find(model.rows, pid, &ProcessRow::pid);
    REQUIRE(found != model.rows.end());
    return *found;
}

bool has_note(const ProcessRow& row, const std::string& note) {
    return std::ranges::find(row.notes, note) != row.notes.end();
}

} // namespace

TEST_CASE("process tree: children stand below their parents, with the lines of a tree", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    builder.process(2, 1, "sh");
    builder.process(3, 2, "cat");
    builder.process(4, 1, "yes");
    const ProcessTreeModel model = model_process_tree(builder.build(), {});
    REQUIRE(model.rows.size() == 4);
    CHECK(model.rows[0].branch.empty());
    CHECK(model.rows[1].branch == "├─ ");
    CHECK(model.rows[2].branch == "│  └─ ");
    CHECK(model.rows[2].pid == 3);
    CHECK(model.rows[3].branch == "└─ ");
    CHECK(model.rows[2].depth == 2);
    CHECK(model.rows[1].has_children);
    CHECK_FALSE(model.rows[2].has_children);
    CHECK(model.alive == 4);
}

TEST_CASE("process tree: a collapsed process counts what it hides", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    builder.process(2, 1, "sh");
    builder.process(3, 2, "cat");
    builder.process(4, 3, "yes");
    Selection selection;
    selection.collapsed = {2, 4}; // 4 has nothing to hide
    const ProcessTreeModel model = model_process_tree(builder.build(), selection);
    REQUIRE(model.rows.size() == 2);
    CHECK(model.rows[1].collapsed);
    CHECK(model.rows[1].hidden == 2);
    CHECK(text(model).find("sh (2) +2") != std::string::npos);
}

TEST_CASE("process tree: zombies stay with their status, the reaped do not", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    ProcessView& zombie = builder.process(2, 1, "sh");
    zombie.state = ProcessState::Zombie;
    zombie.wait_status = 3 << 8;
    builder.process(3, 1, "cat").state = ProcessState::Gone;
    const ProcessTreeModel model = model_process_tree(builder.build(), {});
    CHECK(model.rows.size() == 2);
    CHECK(row_of(model, 2).state == 'Z');
    CHECK(has_note(row_of(model, 2), "zombie: exit status 3, not waited for"));
    CHECK(model.alive == 1);
    CHECK(model.zombies == 1);
    CHECK(model.gone == 1);
    builder.snapshot.dropped_processes = 40;
    CHECK(model_process_tree(builder.build(), {}).gone == 41);
}

TEST_CASE("process tree: an orphan is seen below init, with the parent it had", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    builder.process(2, 1, "sh").state = ProcessState::Gone;
    builder.process(3, 2, "cat").parent = 1;
    const ProcessTreeModel model = model_process_tree(builder.build(), {});
    CHECK(row_of(model, 3).adopted);
    CHECK(row_of(model, 3).depth == 1);
    CHECK(has_note(row_of(model, 3), "adopted by init (1), a child of 2 before"));
    CHECK_FALSE(row_of(model, 1).adopted);
}

TEST_CASE("process tree: a vfork child says whose memory it has", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    builder.process(2, 1, "sh").state = ProcessState::Sleeping;
    builder.snapshot.processes.back().wait_channel = "vfork";
    builder.process(3, 2, "sh");
    builder.region(2, 0x1000, 0x2000, 3);
    builder.share_space(3, 2);
    const ProcessTreeModel model = model_process_tree(builder.build(), {});
    CHECK(row_of(model, 3).shares_space);
    CHECK(has_note(row_of(model, 3), "has the same memory as sh (2)"));
    CHECK(has_note(row_of(model, 2), "sleeps on vfork"));
    CHECK_FALSE(row_of(model, 1).shares_space);
}

TEST_CASE("process tree: a copy on write is seen before and after, with its sharer", "[ui]") {
    CowScene scene;
    scene.take_fault();
    ProcessTreeModel model = model_process_tree(scene.build(), {});
    CHECK(row_of(model, 3).shared_pages == 2);
    CHECK(row_of(model, 3).private_pages == 0);
    CHECK(has_note(
        row_of(model, 3),
        "write to 0x7fffffe010 faults: page 0x7fffffe000, frame 0x41300000, is read-only"));
    CHECK(has_note(row_of(model, 2), "shares frame 0x41300000"));
    CHECK_FALSE(row_of(model, 1).in_fault);

    scene.finish_copy();
    model = model_process_tree(scene.build(), {});
    CHECK(row_of(model, 3).shared_pages == 1);
    CHECK(row_of(model, 3).private_pages == 1);
    CHECK(has_note(row_of(model, 3), "page 0x7fffffe000 copied: frame 0x41300000 -> 0x41302000"));
    CHECK(has_note(row_of(model, 2), "has frame 0x41300000 for itself now"));
}

TEST_CASE("process tree: a pid that is used again names the later process", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    builder.process(5, 1, "old").state = ProcessState::Gone;
    builder.process(6, 5, "child");
    builder.process(5, 1, "new");
    builder.process(7, 5, "grandchild");
    const ProcessTreeModel model = model_process_tree(builder.build(), {});
    CHECK(row_of(model, 6).depth == 0); // its parent is not there: a root
    CHECK(row_of(model, 7).depth == 2);
    CHECK(row_of(model, 5).name == "new");
}

TEST_CASE("process tree: a deep chain does not grow the lines without bound", "[ui]") {
    SnapshotBuilder builder;
    for (u32 pid = 1; pid <= 500; ++pid) {
        builder.process(pid, pid - 1, "deep");
    }
    const ProcessTreeModel model = model_process_tree(builder.build(), {});
    REQUIRE(model.rows.size() == 500);
    CHECK(model.rows.back().depth == 499);
    CHECK(model.rows.back().branch.size() < 100);
}

TEST_CASE("process tree: without processes it says so", "[ui]") {
    CHECK(text(model_process_tree(Snapshot{}, {})) == "  No process is there.\n");
}
