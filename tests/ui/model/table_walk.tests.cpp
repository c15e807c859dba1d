#include "model/table_walk.hpp"

#include "support/snapshot_builder.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using test::CowScene;
using test::SnapshotBuilder;

TEST_CASE("table walk: the address is split into the indices of each level", "[ui]") {
    CowScene scene;
    Selection selection;
    selection.address = 0x40'5678;
    const TableWalkModel model = model_table_walk(scene.build(), selection);
    REQUIRE(model.fields.size() == 4);
    CHECK(model.fields[0].name == "level 1");
    CHECK(model.fields[0].high == 38);
    CHECK(model.fields[0].low == 30);
    CHECK(model.fields[1].value == 2);
    CHECK(model.fields[2].value == 5);
    CHECK(model.fields[3].value == 0x678);
    u64 put_together = 0;
    for (const AddressField& field : model.fields) {
        put_together |= field.value << field.low;
    }
    CHECK(put_together == model.va);
}

TEST_CASE("table walk: each descriptor stands where the one before it points", "[ui]") {
    CowScene scene;
    Selection selection;
    selection.pid = 3;
    selection.address = CowScene::kCode;
    const TableWalkModel model = model_table_walk(scene.build(), selection);
    REQUIRE(model.sides.size() == 2); // the parent maps the same frame
    const WalkSide& side = model.sides[0];
    REQUIRE(side.levels.size() == 3);
    for (std::size_t i = 1; i < 3; ++i) {
        CHECK(side.levels[i].table == (side.levels[i - 1].descriptor & 0xffff'ffff'f000));
        CHECK(side.levels[i].entry_address == side.levels[i].table + 8 * side.levels[i].index);
    }
    CHECK(side.levels[2].type == "page");
    CHECK(side.physical == 0x4120'0000);
    CHECK(side.mappings == 2);
    CHECK(side.outcome == "Physical address 0x41200000, in frame 0x41200000, which 2 spaces map.");
}

TEST_CASE("table walk: sharers have their own tables but one last descriptor", "[ui]") {
    CowScene scene;
    scene.take_fault();
    const TableWalkModel model = model_table_walk(scene.build(), {});
    REQUIRE(model.sides.size() == 2);
    CHECK(model.sides[0].pid == 3);
    CHECK(model.sides[1].pid == 2);
    CHECK(model.sides[0].levels[1].differs);
    CHECK_FALSE(model.sides[0].levels[2].differs);
    CHECK(model.difference == "Both map the same frame, and the last descriptors are alike.");
    REQUIRE(model.change);
    CHECK_FALSE(model.change->done);
}

TEST_CASE("table walk: after a copy on write the differing fields are marked", "[ui]") {
    CowScene scene;
    scene.take_fault();
    scene.finish_copy();
    const TableWalkModel model = model_table_walk(scene.build(), {});
    REQUIRE(model.sides.size() == 2); // still compared with the one that shared it
    CHECK(model.sides[1].pid == 2);
    CHECK(changed_names(model.sides[0].levels[2].fields) == "output address, AP[2:1]");
    CHECK(changed_names(model.sides[1].levels[2].fields) == "output address, AP[2:1]");
    CHECK(model.difference ==
          "Each has a frame of its own; the last descriptors differ in output address, AP[2:1].");
    REQUIRE(model.change);
    CHECK(model.change->done);
    CHECK(model.change->before == (CowScene::kOldFrame | test::kReadOnlyPage));
    CHECK(model.change->after == (CowScene::kNewFrame | test::kReadWritePage));
    CHECK(changed_names(model.change->fields_after) == "output address, AP[2:1]");
}

TEST_CASE("table walk: an address that is not mapped says where the walk ends", "[ui]") {
    CowScene scene;
    Selection selection;
    selection.pid = 2;
    selection.address = CowScene::kCode + 0x1000; // same last table, no entry
    TableWalkModel model = model_table_walk(scene.build(), selection);
    CHECK(model.sides[0].levels.size() == 3);
    CHECK(model.sides[0].outcome == "The walk ends at level 3: an access is a translation fault.");
    CHECK_FALSE(model.sides[0].physical);

    selection.address = 0x20'0000'0000;
    model = model_table_walk(scene.build(), selection);
    CHECK(model.sides[0].levels.size() == 1);

    selection.address = 0x80'0000'0000; // beyond 39 bits
    model = model_table_walk(scene.build(), selection);
    CHECK(model.sides[0].levels.empty());
    CHECK(model.sides[0].outcome ==
          "The first table does not reach this address: an access is a translation fault.");
}

TEST_CASE("table walk: the second process may be chosen, and be without the page", "[ui]") {
    CowScene scene;
    Selection selection;
    selection.pid = 3;
    selection.compared = 1;
    selection.address = CowScene::kPage;
    TableWalkModel model = model_table_walk(scene.build(), selection);
    REQUIRE(model.sides.size() == 2);
    CHECK(model.sides[1].pid == 1);
    CHECK(model.difference == "Only fork-demo (3) has this page.");
    selection.compared = 3; // itself
    CHECK(model_table_walk(scene.build(), selection).sides.size() == 1);
    selection.compared = 77;
    model = model_table_walk(scene.build(), selection);
    CHECK(model.sides[1].outcome == "process 77 has no translation tables.");
}

TEST_CASE("table walk: the upper half is the kernel's, by TTBR1_EL1", "[ui]") {
    CowScene scene;
    auto kernel = std::make_shared<AddressSpaceView>();
    kernel->root = 0x4900'0000;
    kernel->first_level = 1;
    const u64 base = 0xffff'ff80'0000'0000;
    kernel->tables.push_back({0x4900'0000, 1, base, {{3, 0x4000'0000 | 0x701}}}); // a 1 GiB block
    scene.build();
    scene.snapshot.kernel = kernel;
    Selection selection;
    selection.address = base + (u64{3} << 30) + 0x1234;
    const TableWalkModel model = model_table_walk(scene.snapshot, selection);
    CHECK(model.upper);
    REQUIRE(model.sides.size() == 1);
    REQUIRE(model.sides[0].levels.size() == 1);
    CHECK(model.sides[0].levels[0].type == "block");
    CHECK(model.sides[0].physical == 0x4000'1234);
}

TEST_CASE("table walk: a vfork child and its parent have the same tables", "[ui]") {
    CowScene scene;
    scene.process(4, 3, "fork-demo");
    scene.share_space(4, 3);
    Selection selection;
    selection.pid = 4;
    selection.compared = 3;
    selection.address = CowScene::kPage;
    CHECK(model_table_walk(scene.build(), selection).difference == "Both have the same tables.");
}
