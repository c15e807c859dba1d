#include "model/frame_map.hpp"

#include "support/snapshot_builder.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using test::CowScene;

TEST_CASE("frame map: a shared anonymous frame is hatched until the copy", "[ui]") {
    CowScene scene;
    scene.take_fault();
    FrameMapModel before = model_frame_map(scene.build(), {});
    const auto old_cell = before.find(CowScene::kOldFrame);
    REQUIRE(old_cell);
    CHECK(before.cell(*old_cell).hatched);
    CHECK(before.cell(*old_cell).sharers == 2);
    CHECK(before.cell(*old_cell).copied_from);
    CHECK(before.cell(*old_cell).pinned);
    CHECK_FALSE(before.find(CowScene::kNewFrame));

    scene.finish_copy();
    FrameMapModel after = model_frame_map(scene.build(), {});
    const FrameCell from = after.cell(*after.find(CowScene::kOldFrame));
    const FrameCell to = after.cell(*after.find(CowScene::kNewFrame));
    CHECK_FALSE(from.hatched);
    CHECK(from.sharers == 1);
    CHECK(from.owner == 2);
    CHECK_FALSE(from.pinned);
    CHECK(from.copied_from);
    CHECK(to.copied_to);
    CHECK(to.owner == 3);
    CHECK(to.pinned);
    CHECK(to.picked); // the fault's address lies in it
    CHECK(after.fault_note == "page 0x7fffffe000 copied: frame 0x41300000 -> 0x41302000");
}

TEST_CASE("frame map: kinds have letters, and a file's page is shared without hatching", "[ui]") {
    CowScene scene;
    const FrameMapModel model = model_frame_map(scene.build(), {});
    const FrameCell code = model.cell(*model.find(0x4120'0123));
    CHECK(code.physical == 0x4120'0000);
    CHECK(code.kind == 'F');
    CHECK(code.sharers == 2);
    CHECK_FALSE(code.hatched);
    const FrameCell table = model.cell(*model.find(0x4800'0000));
    CHECK(table.kind == 'T');
    CHECK(table.owner == 1);
    CHECK(table.sharers == 0);
    CHECK(model.cell(*model.find(0x4131'0000)).kind == 'A');
}

TEST_CASE("frame map: gaps count the frames that nobody maps", "[ui]") {
    CowScene scene;
    const FrameMapModel model = model_frame_map(scene.build(), {});
    CHECK(model.cell(0).gap == 0x1200); // from RAM's first frame on
    u64 expected = 0x4000'0000;
    for (std::size_t i = 0; i < model.size(); ++i) {
        CHECK(model.cell(i).physical == expected + model.cell(i).gap * 4096);
        expected = model.cell(i).physical + 4096;
    }
}

TEST_CASE("frame map: hovering tells every mapping", "[ui]") {
    CowScene scene;
    const FrameMapModel model = model_frame_map(scene.build(), {});
    CHECK(model.hover(*model.find(CowScene::kOldFrame)) ==
          "Frame 0x41300000: anonymous memory, mapped by 2 spaces\n"
          "fork-demo (2) at 0x7fffffe000, read-only\n"
          "fork-demo (3) at 0x7fffffe000, read-only");
    CHECK(model.hover(*model.find(0x4800'0000)) ==
          "Frame 0x48000000: a translation table of init (1)");
}

TEST_CASE("frame map: the picked frame is found by any address in it", "[ui]") {
    CowScene scene;
    Selection selection;
    selection.frame = 0x4131'0fff;
    const FrameMapModel model = model_frame_map(scene.build(), selection);
    REQUIRE(model.picked);
    CHECK(model.cell(*model.picked).physical == 0x4131'0000);
    selection.frame = 0x1000;
    CHECK_FALSE(model_frame_map(scene.build(), selection).picked);
}

TEST_CASE("frame map: without frames it says so", "[ui]") {
    const FrameMapModel model = model_frame_map(Snapshot{}, {});
    CHECK(model.size() == 0);
    CHECK(text(model) == "  No frame is known.\n");
}

TEST_CASE("frame map: mappings beyond the table's end are not read", "[ui]") {
    CowScene scene;
    scene.build();
    FrameTable broken = *scene.snapshot.frames;
    broken.frames[0].first_mapping = 1'000;
    broken.frames[1].mappings = 1'000;
    scene.snapshot.frames = std::make_shared<FrameTable>(broken);
    const FrameMapModel model = model_frame_map(scene.snapshot, {});
    CHECK_FALSE(model.hover(0).empty());
    CHECK_FALSE(model.hover(1).empty());
}
