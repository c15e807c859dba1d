#include "model/describe.hpp"

#include "support/paths.hpp"
#include "support/snapshot_builder.hpp"
#include "ui/columns.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <sstream>

using namespace forkscope;
using abi::ProbeId;
using test::CowScene;
using test::EventScript;
using test::SnapshotBuilder;

namespace {

// The text lies beside this file; it is written anew if it is not there.
void check_approved(const std::string& text, const std::string& name) {
    const std::string file = FORKSCOPE_SOURCE_DIR "/tests/ui/model/" + name + ".approved.txt";
    std::ifstream in(file);
    if (!in) {
        std::ofstream(file) << text;
        FAIL("written anew, to be looked at: " << file);
    }
    std::ostringstream approved;
    approved << in.rdbuf();
    CHECK(text == approved.str());
}

// Lines of at most 100 columns, without blanks at their ends, of ASCII and the
// lines of trees.
void check_shape(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        CHECK(width_of(line) <= kColumns);
        CHECK((line.empty() || line.back() != ' '));
        for (const char* tree : {"├─ ", "└─ ", "│  "}) {
            for (std::size_t at; (at = line.find(tree)) != std::string::npos;) {
                line.erase(at, std::string_view(tree).size());
            }
        }
        CHECK(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; }));
    }
    for (int panel = 1; panel <= 11; ++panel) {
        const std::string title = std::to_string(panel) + ". ";
        CHECK((text.starts_with(title) || text.find("\n\n" + title) != std::string::npos));
    }
    CHECK(text.ends_with("\n"));
}

void check_any(const Snapshot& snapshot, const Selection& selection = {}) {
    check_shape(describe(snapshot, selection));
}

} // namespace

TEST_CASE("describe: all panels before and after a copy on write", "[ui]") {
    CowScene scene;
    scene.snapshot.control.why = "Stopped after an OS event: a page fault.";
    scene.snapshot.code = {{0x40'011c, 0x9100'0021, "add x1, x1, #0", "main+0x1c"},
                           {0x40'0120, 0xb900'0020, "str w0, [x1]", "main+0x20"}};
    scene.snapshot.cycles = {{3, 0, CycleCause::Base, Work::User, 2'000, 2'000},
                             {3, 1, CycleCause::Base, Work::Fault, 500, 500},
                             {2, 0, CycleCause::Base, Work::User, 7'500, 7'500}};
    scene.snapshot.console = "fork-demo: 1 page\r\n$ ";
    scene.span(2, 500, 8'000);
    scene.snapshot.span_began = 8'000;
    scene.mark(2, MarkKind::Fork, 7'000, 3);
    scene.take_fault();
    const std::string before = describe(scene.build(), {});
    check_shape(before);
    check_approved(before, "cow-before");
    scene.finish_copy();
    const std::string after = describe(scene.build(), {});
    check_shape(after);
    check_approved(after, "cow-after");
}

TEST_CASE("describe: a page that was not there has no field that was the same", "[ui]") {
    CowScene scene;
    scene.take_fault();
    FaultCard card = *scene.snapshot.open_fault;
    scene.snapshot.open_fault.reset();
    card.esr = test::kWriteTranslationFault;
    card.descriptor_before = 0;
    card.descriptor_after = CowScene::kNewFrame | test::kReadWritePage;
    card.action = PageAction::ZeroFill;
    card.new_frame = CowScene::kNewFrame;
    card.resolved = 9'500;
    scene.fault(card);
    const std::string shown = describe(scene.build(), {});
    check_shape(shown);
    CHECK(shown.find("  Changed: all of it, nothing was mapped.\n") != std::string::npos);
}

TEST_CASE("describe: a machine that has not begun", "[ui]") {
    check_any(Snapshot{});
    Selection selection;
    selection.pid = 7;
    selection.compared = 8;
    selection.address = ~u64{0};
    selection.frame = ~u64{0};
    selection.fault = ~u64{0};
    selection.filter = "kind:nonsense";
    selection.bookmarks = {{0, std::string(300, 'x')}};
    check_any(Snapshot{}, selection);
}

TEST_CASE("describe: names of odd bytes and of any length", "[ui]") {
    CowScene scene;
    scene.snapshot.processes[1].name = std::string(400, 'n');
    scene.snapshot.processes[2].name = "\x1b[2J\xff\n└─ ";
    scene.snapshot.processes[0].wait_channel = "\t\xc3";
    scene.snapshot.processes[0].state = ProcessState::Sleeping;
    scene.take_fault();
    scene.snapshot.open_fault->code = "str\tw0, \xe2\x82";
    scene.snapshot.open_fault->symbol = std::string(300, 's');
    scene.snapshot.control.why = "line\nbreak";
    scene.snapshot.code = {{0x40'0120, 0, std::string(300, 'c'), "\n" + std::string(300, 's')}};
    scene.snapshot.breakpoints = {{1, "\x01" + std::string(300, 'b'), 0}};
    scene.snapshot.console = "\x80\x81\x1b[31";
    check_any(scene.build());
}

TEST_CASE("describe: a fault that nothing is known of", "[ui]") {
    CowScene scene;
    FaultCard bare;
    bare.pid = 77; // gone
    bare.taken = 5;
    bare.esr = 0xffff'ffff;
    scene.fault(bare);
    bare.pid = 3;
    bare.decided = 3; // before it was taken
    bare.resolved = 4;
    bare.returned = 2;
    bare.error = 12'345;
    scene.fault(bare);
    const Snapshot& snapshot = scene.build();
    for (u64 number = 0; number < 3; ++number) {
        Selection selection;
        selection.fault = number;
        check_any(snapshot, selection);
    }
}

TEST_CASE("describe: a pid seen twice, parents that are not there, a process of its own", "[ui]") {
    SnapshotBuilder builder;
    builder.process(5, 4, "old").state = ProcessState::Zombie;
    builder.process(5, 5, "new");
    builder.process(6, 6, "own");
    builder.process(0, 0, "zero");
    builder.region(5, 0x1000, 0x3000, 3);
    builder.map(5, 0x1000, 0x4100'0000, test::kReadWritePage);
    check_any(builder.build());
}

TEST_CASE("describe: huge counts fit the page", "[ui]") {
    CowScene scene;
    ProcessView& process = scene.snapshot.processes[1];
    process.faults = process.copies = process.cycles = process.instructions = ~u64{0};
    scene.snapshot.control.cycle = scene.snapshot.control.instructions = ~u64{0};
    scene.snapshot.control.os_events = ~u64{0};
    scene.snapshot.totals.vm.cow_copy = ~u64{0};
    scene.snapshot.cycles = {{2, 0, CycleCause::Base, Work::User, ~u64{0}, ~u64{0}}};
    scene.snapshot.breakpoints = {{~u32{0}, "x", ~u64{0}}};
    for (u64& x : scene.snapshot.cpu.x) {
        x = ~u64{0};
    }
    scene.region(1, 0x8000'0000'0000, ~u64{0xfff}, 7);
    scene.mark(2, MarkKind::Fault, ~u64{0} - 1);
    check_any(scene.build());
    process.private_pages = process.shared_pages = ~u64{0}; // whatever the tables say
    check_any(scene.snapshot);
}

TEST_CASE("describe: tables that are broken", "[ui]") {
    Snapshot snapshot;
    auto space = std::make_shared<AddressSpaceView>();
    // Tables that point nowhere, a region that ends before it begins, two at one place.
    space->tables = {{0x1000, 1, 0, {{0, 0x2003}, {511, ~u64{0}}}},
                     {0x2000, 2, 0, {{600, 0x3003}}}};
    space->regions = {{.start = 0x5000, .end = 0x1000}, {.start = 0x5000, .end = 0x5000}};
    ProcessView process;
    process.pid = 1;
    process.name = "odd";
    process.space = space;
    snapshot.processes = {process, process};
    for (const u64 address : {u64{0}, u64{0x5000}, u64{511} << 30, ~u64{0}}) {
        Selection selection;
        selection.address = address;
        check_any(snapshot, selection);
    }
    space->tables.clear();
    check_any(snapshot);
    space->first_level = 3;
    check_any(snapshot);
}

TEST_CASE("describe: five hundred processes", "[ui]") {
    SnapshotBuilder builder;
    for (u32 pid = 1; pid <= 500; ++pid) {
        builder.process(pid, pid / 2, "p" + std::to_string(pid));
        builder.region(pid, 0x10'0000, 0x10'4000, 3);
        builder.map(pid, 0x10'0000, 0x4100'0000, test::kReadOnlyPage); // all share it
        builder.map(pid, 0x10'1000, 0x4200'0000 + pid * 4096, test::kReadWritePage);
        builder.snapshot.cycles.push_back({pid, 0, CycleCause::Base, Work::User, pid, pid});
    }
    check_any(builder.build());
    Selection selection;
    selection.frame = 0x4100'0000;
    check_any(builder.snapshot, selection);
}
