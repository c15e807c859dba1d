#include "model/address_space.hpp"

#include "support/snapshot_builder.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using test::CowScene;
using test::kReadOnlyPage;
using test::kReadWritePage;
using test::SnapshotBuilder;

namespace {

// A letter for each page of the region.
std::string letters(const RegionRow& row) {
    std::string text;
    for (const PageRun& run : row.runs) {
        text += std::string(run.pages, run.letter);
    }
    return text;
}

Selection pinned(u32 pid) {
    Selection selection;
    selection.pid = pid;
    return selection;
}

} // namespace

TEST_CASE("address space: every page has the letter of what it is", "[ui]") {
    SnapshotBuilder builder;
    builder.process(2, 1, "demo");
    builder.process(3, 1, "other");
    builder.region(2, 0x10'0000, 0x10'8000, 3);
    builder.map(2, 0x10'1000, 0x4100'1000, kReadWritePage, FrameUse::Anonymous,
                PageAction::ZeroFill);
    builder.map(2, 0x10'2000, 0x4100'2000, kReadWritePage, FrameUse::Anonymous, PageAction::Copy);
    builder.map(2, 0x10'3000, 0x4100'3000, kReadOnlyPage);
    builder.map(3, 0x20'3000, 0x4100'3000, kReadOnlyPage);
    builder.map(2, 0x10'4000, 0x4100'4000, kReadOnlyPage);
    builder.map(2, 0x10'5000, 0x4100'5000, kReadOnlyPage, FrameUse::File);
    const AddressSpaceModel model = model_address_space(builder.build(), pinned(2));
    REQUIRE(model.regions.size() == 1);
    CHECK(letters(model.regions[0]) == ".zpslf..");
    CHECK(model.regions[0].permissions == "rw-");
    CHECK(model.resident == 5);
    CHECK(model.shared == 1);
    const PageRun* run = page_run(model, 0x10'3fff);
    REQUIRE(run != nullptr);
    CHECK(run->letter == 's');
    CHECK(run->mappings == 2);
    CHECK(run->frame == 0x4100'3000);
    CHECK(page_run(model, 0x10'8000) == nullptr);
}

TEST_CASE("address space: shared, wired and device regions have letters of their own", "[ui]") {
    SnapshotBuilder builder;
    builder.process(2, 1, "demo");
    builder.region(2, 0x1000, 0x2000, 3).shared = true;
    builder.region(2, 0x2000, 0x3000, 3).wired = true;
    builder.region(2, 0x3000, 0x4000, 3).backing = Backing::Device;
    for (const u64 va : {0x1000, 0x2000, 0x3000}) {
        builder.map(2, va, 0x4100'0000 + va, kReadWritePage);
    }
    const AddressSpaceModel model = model_address_space(builder.build(), pinned(2));
    REQUIRE(model.regions.size() == 3);
    CHECK(letters(model.regions[0]) == "S");
    CHECK(letters(model.regions[1]) == "w");
    CHECK(letters(model.regions[2]) == "d");
    CHECK(model.regions[0].kind == "anonymous, shared mapping");
    CHECK(model.regions[1].kind == "anonymous, wired");
}

TEST_CASE("address space: what no map entry allows stands out", "[ui]") {
    SnapshotBuilder builder;
    builder.process(2, 1, "demo");
    builder.region(2, 0x3000, 0x4000, 1);                // read-only,
    builder.map(2, 0x3000, 0x4100'0000, kReadWritePage); // but mapped writable
    builder.map(2, 0x8000, 0x4100'1000, kReadOnlyPage);  // no region at all
    builder.map(2, 0x9000, 0x4100'2000, kReadOnlyPage);
    const AddressSpaceModel model = model_address_space(builder.build(), pinned(2));
    REQUIRE(model.regions.size() == 2);
    CHECK(letters(model.regions[0]) == "!");
    CHECK(letters(model.regions[1]) == "!!");
    CHECK_FALSE(model.regions[1].known);
    CHECK(model.regions[1].permissions == "???");
    CHECK(model.regions[1].end == 0xa000);
}

TEST_CASE("address space: pages that are alike make one run", "[ui]") {
    SnapshotBuilder builder;
    builder.process(2, 1, "demo");
    builder.region(2, 0, u64{1} << 32, 3);
    for (u64 page = 0; page < 1000; ++page) {
        builder.map(2, 0x10'0000 + page * 4096, 0x4100'0000 + page * 4096, kReadWritePage);
    }
    builder.map(2, 0x10'0000 + 1000 * 4096, 0x4000'0000, kReadWritePage); // elsewhere in memory
    const AddressSpaceModel model = model_address_space(builder.build(), pinned(2));
    REQUIRE(model.regions[0].runs.size() == 3);
    CHECK(model.regions[0].runs[1].pages == 1001);
    CHECK_FALSE(model.regions[0].runs[1].frames_in_row);
    CHECK(model.regions[0].runs[2].pages == (1 << 20) - 0x100 - 1001);
}

TEST_CASE("address space: a copy on write turns s into p", "[ui]") {
    CowScene scene;
    scene.take_fault();
    AddressSpaceModel model = model_address_space(scene.build(), {});
    CHECK(model.pid == 3);
    CHECK(page_run(model, CowScene::kPage)->letter == 's');
    CHECK(model.fault_page == CowScene::kPage);
    CHECK_FALSE(page_run(model, CowScene::kPage)->writable);

    scene.finish_copy();
    model = model_address_space(scene.build(), {});
    CHECK(page_run(model, CowScene::kPage)->letter == 'p');
    CHECK(page_run(model, CowScene::kPage)->writable);
    CHECK(model.fault_note == "page 0x7fffffe000 copied: frame 0x41300000 -> 0x41302000");
    // The parent keeps the frame, read-only still: a write of its own copies nothing.
    model = model_address_space(scene.build(), pinned(2));
    CHECK(page_run(model, CowScene::kPage)->letter == 'l');
    CHECK_FALSE(model.fault_page);
}

TEST_CASE("address space: a zombie, a stranger and nobody are told apart", "[ui]") {
    SnapshotBuilder builder;
    CHECK(model_address_space(builder.build(), {}).title == "No process is there.");
    builder.process(2, 1, "demo").state = ProcessState::Zombie;
    CHECK(model_address_space(builder.build(), pinned(2)).title ==
          "demo (2) has no memory: it has ended.");
    CHECK(model_address_space(builder.build(), pinned(9)).title ==
          "process 9 is not there any more.");
}

TEST_CASE("address space: each letter of the legend is there once", "[ui]") {
    std::string all;
    for (const PageLetter& letter : page_letters()) {
        CHECK(all.find(letter.letter) == std::string::npos);
        CHECK(&page_letter(letter.letter) == &letter);
        all += letter.letter;
    }
    CHECK(all == ".zpslSfwd!");
}
