#include "model/event_export.hpp"

#include "support/snapshot_builder.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using abi::ProbeId;

namespace {

// init (1) and sh (2): a fork and an exit.
Snapshot story() {
    test::SnapshotBuilder builder;
    builder.process(1, 0, "init");
    builder.process(2, 1, "sh");
    test::EventScript script;
    script.pid = 1;
    script.probe(ProbeId::ProcCreate, {2, 1, 0, 1});
    script.probe(ProbeId::ProcExit, {2, 0});
    builder.events(script);
    return builder.build();
}

} // namespace

TEST_CASE("event export: a line an event, those that the filter shows", "[ui]") {
    const test::TemporaryFolder folder;
    Selection selection;
    selection.filter = "kind:proc:::exit";
    const auto path = export_events(story(), selection, folder.path());
    REQUIRE(path.ok());
    CHECK(*path == folder.path() / "forkscope-events.txt");
    const std::string text = test::text_of_file(*path);
    CHECK(text.starts_with("1 event of 2, filter: kind:proc:::exit\n"));
    CHECK(text.ends_with("  sh (2) ended: exit status 0\n"));
    CHECK(text.find("made process") == std::string::npos);
}

TEST_CASE("event export: no file is written over", "[ui]") {
    const test::TemporaryFolder folder;
    folder.write("forkscope-events.txt", "mine");
    CHECK(*export_events(story(), {}, folder.path()) == folder.path() / "forkscope-events-2.txt");
    CHECK(*export_events(story(), {}, folder.path()) == folder.path() / "forkscope-events-3.txt");
    CHECK(test::text_of_file(folder.path() / "forkscope-events.txt") == "mine");
}

TEST_CASE("event export: what cannot be written is told in one line", "[ui]") {
    const test::TemporaryFolder folder;
    const auto nowhere = export_events(story(), {}, folder.path() / "missing");
    REQUIRE_FALSE(nowhere.ok());
    CHECK(nowhere.error().message == (folder.path() / "missing/forkscope-events.txt").string() +
                                         ": cannot be written: No such file or directory");
    Selection selection;
    selection.filter = "pid:x";
    const auto unclear = export_events(story(), selection, folder.path());
    REQUIRE_FALSE(unclear.ok());
    CHECK(unclear.error().message.starts_with("Nothing is written, the filter is not"));
    CHECK(unclear.error().message.find('\n') == std::string::npos);
    CHECK(std::filesystem::is_empty(folder.path()));
}
