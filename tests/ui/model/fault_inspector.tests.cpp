#include "model/fault_inspector.hpp"

#include "support/snapshot_builder.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using test::CowScene;

TEST_CASE("fault card: while the kernel works on it the path is half told", "[ui]") {
    CowScene scene;
    scene.take_fault();
    const FaultInspectorModel card = model_fault_inspector(scene.build(), {});
    REQUIRE(card.present);
    CHECK(card.open);
    CHECK(card.faulted);
    CHECK(card.headline == "fork-demo (3) wrote 0x7fffffe010: level-3 permission fault");
    CHECK(card.outcome == "The kernel has not decided yet.");
    CHECK(card.code == "str w0, [x1]");
    CHECK(card.symbol == "main+0x20");
    CHECK(card.before_words == "user read-only, no execute");
    CHECK_FALSE(card.after);
    CHECK(card.old_frame->physical == CowScene::kOldFrame); // by the descriptor
    CHECK(card.old_frame->words == "2 spaces map it now");
    CHECK_FALSE(card.new_frame);
    REQUIRE(card.path.size() == 5);
    CHECK(card.path[0].cycle == 9'000);
    CHECK_FALSE(card.path[2].cycle);
    CHECK_FALSE(card.took);
}

TEST_CASE("fault card: a copy on write is told from the instruction to its second try", "[ui]") {
    CowScene scene;
    scene.take_fault();
    scene.finish_copy();
    const FaultInspectorModel card = model_fault_inspector(scene.build(), {});
    CHECK_FALSE(card.open);
    CHECK(card.outcome ==
          "Frame 0x41300000 (2 references) copied to frame 0x41302000; 300 cycles.");
    CHECK(card.after == (CowScene::kNewFrame | test::kReadWritePage));
    CHECK(card.changed == "output address, AP[2:1]");
    CHECK(card.references == 2);
    CHECK(card.old_frame->words == "had 2 references; 1 space maps it now");
    CHECK(card.new_frame->physical == CowScene::kNewFrame);
    CHECK(card.far_words == "page 0x7fffffe000 of the region 0x7fffff0000 to 0x8000000000, rw-");
    CHECK(card.path[2].words == "uvm:::cow_copy: the page is copied");
    CHECK(card.path[2].cycles == 150);
    CHECK(card.path[4].cycles == 100);
    CHECK(card.took == 400);
}

TEST_CASE("fault card: the last sharer keeps its frame", "[ui]") {
    CowScene scene;
    scene.take_fault();
    FaultCard fault = *scene.snapshot.open_fault;
    scene.snapshot.open_fault.reset();
    fault.action = PageAction::Reuse;
    fault.old_frame = fault.new_frame = CowScene::kOldFrame;
    fault.references = 1;
    fault.decided = 9'100;
    fault.resolved = 9'200;
    scene.fault(fault); // no descriptor seen: the process did not run again
    const FaultInspectorModel card = model_fault_inspector(scene.build(), {});
    CHECK(card.outcome ==
          "Frame 0x41300000 has no other user: made writable, nothing copied; 200 cycles.");
    CHECK(card.old_frame->words == "had 1 reference, kept; 2 spaces map it now");
    CHECK_FALSE(card.new_frame); // nothing was copied
    CHECK(text(card).find("  Frame 0x41300000: had 1 reference, kept;") != std::string::npos);
    CHECK_FALSE(card.after);
    CHECK_FALSE(card.took);
}

TEST_CASE("fault card: a refusal names the error", "[ui]") {
    CowScene scene;
    scene.take_fault();
    scene.snapshot.open_fault->error = 14;
    scene.snapshot.open_fault->resolved = 9'200;
    const FaultInspectorModel card = model_fault_inspector(scene.build(), {});
    CHECK(card.outcome == "Refused with EFAULT.");
    CHECK(card.path[3].words == "uvm:::fault_return: EFAULT");
}

TEST_CASE("fault card: a fetch that faults has no instruction, its page comes from a file",
          "[ui]") {
    CowScene scene;
    scene.take_fault();
    FaultCard& fault = *scene.snapshot.open_fault;
    fault.esr = 0x8200'0007; // instruction abort from EL0, translation fault, level 3
    fault.instruction = 0;
    fault.code.clear();
    fault.action = PageAction::FileFill;
    fault.new_frame = CowScene::kNewFrame;
    fault.offset = 0x3000;
    fault.resolved = 9'200;
    const FaultInspectorModel card = model_fault_inspector(scene.build(), {});
    CHECK(card.headline ==
          "fork-demo (3) ran 0x7fffffe010, not there yet: level-3 translation fault");
    CHECK(card.code == "not fetched, the fetch itself faulted");
    CHECK(card.outcome == "Frame 0x41302000 from its file at 0x3000; 200 cycles.");
}

TEST_CASE("fault card: a page copied at fork has neither instruction nor ESR", "[ui]") {
    CowScene scene;
    FaultCard eager;
    eager.pid = 2;
    eager.far = CowScene::kPage;
    eager.action = PageAction::EagerCopy;
    eager.old_frame = CowScene::kOldFrame;
    eager.new_frame = CowScene::kNewFrame;
    eager.decided = 8'000;
    scene.fault(eager);
    const FaultInspectorModel card = model_fault_inspector(scene.build(), {});
    REQUIRE(card.present);
    CHECK_FALSE(card.faulted);
    CHECK(card.headline == "the kernel copied 0x7fffffe000 for fork-demo (2) at once, because it "
                           "is wired: frame 0x41300000 to frame 0x41302000");
    CHECK(card.path.size() == 1);
    CHECK(text(card).find("ESR_EL1") == std::string::npos);
}

TEST_CASE("fault card: cards are walked from one to the next", "[ui]") {
    CowScene scene;
    scene.take_fault();
    scene.finish_copy();
    scene.take_fault(); // a second one, open
    Selection selection;
    FaultInspectorModel card = model_fault_inspector(scene.build(), selection);
    CHECK(card.number == 1);
    CHECK(card.open);
    CHECK(card.previous == 0);
    CHECK_FALSE(card.next);
    selection.fault = 0;
    card = model_fault_inspector(scene.build(), selection);
    CHECK(card.number == 0);
    CHECK_FALSE(card.open);
    CHECK_FALSE(card.previous);
    CHECK(card.next == 1);
    selection.fault = 99;
    CHECK_FALSE(model_fault_inspector(scene.build(), selection).present);
}

TEST_CASE("fault card: it tells how many are too old to be kept", "[ui]") {
    CowScene scene;
    scene.take_fault();
    scene.finish_copy();
    Snapshot snapshot = scene.build();
    CHECK(text(model_fault_inspector(snapshot, {})).find("dropped") == std::string::npos);
    SharedLog<FaultCard> faults(1);
    while (faults.view().begin() == 0) {
        faults.append(snapshot.faults[0]);
    }
    snapshot.faults = faults.view();
    const FaultInspectorModel card = model_fault_inspector(snapshot, {});
    CHECK(card.number == faults.view().end() - 1);
    CHECK(text(card).find("Older faults dropped: 1,024.\n") != std::string::npos);
}

TEST_CASE("fault card: without a fault it says so", "[ui]") {
    const FaultInspectorModel card = model_fault_inspector(Snapshot{}, {});
    CHECK_FALSE(card.present);
    CHECK_FALSE(card.previous);
    CHECK_FALSE(card.next);
    CHECK(text(card) == "  No page fault is known.\n");
}
