#include "model/event_log.hpp"

#include "model/event_sentence.hpp"
#include "support/snapshot_builder.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using abi::ProbeId;
using test::CowScene;
using test::EventScript;
using test::packed;
using test::SnapshotBuilder;

namespace {

std::string error_of(std::string_view filter) {
    const auto parsed = EventFilter::parse(filter);
    return parsed ? "" : parsed.error().message;
}

std::vector<std::string> shown(const Snapshot& snapshot, const std::string& filter) {
    Selection selection;
    selection.filter = filter;
    const EventLogModel model = model_event_log(snapshot, selection);
    std::vector<std::string> sentences;
    for (std::size_t i = 0; i < model.size(); ++i) {
        sentences.push_back(model.row(i).sentence);
    }
    return sentences;
}

// init (1), sh (2): a fork, a copy, a wait.
struct Story : SnapshotBuilder {
    Story() {
        process(1, 0, "init");
        process(2, 1, "sh");
        EventScript script;
        script.pid = 1;
        script.probe(ProbeId::SyscallEntry, {1, 2});
        script.probe(ProbeId::ProcCreate, {2, 1, 0, 1});
        script.spend(1, CycleCause::Base, 500, 500);
        script.run(2);
        script.probe(ProbeId::CowCopy, {2, 0x7000, 0x4100'0000, 0x4100'1000, 2});
        script.probe(ProbeId::ProcExit, {2, 0});
        script.probe(ProbeId::ProcReap, {2, 1});
        events(script);
    }
};

} // namespace

TEST_CASE("event log: one sentence an event, accounting left out", "[ui]") {
    Story story;
    CHECK(shown(story.build(), "") ==
          std::vector<std::string>{
              "init (1) calls fork", "init (1) made process 2", "sh (2) gets the CPU",
              "the kernel copied page 0x7000 for sh (2): frame 0x41000000 (2 references) to frame "
              "0x41001000",
              "sh (2) ended: exit status 0", "init (1) waited for sh (2): it is gone"});
}

TEST_CASE("event log: every kind of event has a sentence without a hole", "[ui]") {
    Story story;
    const Names names(story.build());
    for (const EventInfo& info : event_infos()) {
        Event event;
        event.kind = info.kind;
        event.arg = {2, 2, 1, 0, 3, 1};
        const std::string sentence = event_sentence(event, names, "text");
        INFO(info.name << ": " << sentence);
        CHECK(sentence.find("an event of kind") == std::string::npos);
        CHECK(sentence.find("  ") == std::string::npos);
        CHECK(sentence.size() > 6);
        event.arg = {~u64{0}, ~u64{0}, ~u64{0}, ~u64{0}, ~u64{0}, ~u64{0}};
        CHECK_FALSE(event_sentence(event, names).empty());
    }
    Event unknown;
    unknown.kind = 999;
    CHECK(event_sentence(unknown, names) == "an event of kind 999");
}

TEST_CASE("event log: a console line carries the text that follows it", "[ui]") {
    SnapshotBuilder builder;
    EventScript script;
    script.machine(EventKind::ConsoleLine, {10});
    script.machine(EventKind::Text, {packed("hello wo"), packed("rld?\r")});
    script.machine(EventKind::ConsoleLine, {1});
    script.machine(EventKind::Text, {packed("\r")});
    builder.events(script);
    CHECK(shown(builder.build(), "") ==
          std::vector<std::string>{"the console shows: hello world?",
                                   "the console shows an empty line"});
    CHECK(shown(builder.build(), "WORLD").size() == 1);
}

TEST_CASE("event filter: words in any case, pids in any role, kinds by part of a name", "[ui]") {
    Story story;
    const Snapshot& snapshot = story.build();
    CHECK(shown(snapshot, "COPIED").size() == 1);
    CHECK(shown(snapshot, "copied fork").empty());
    CHECK(shown(snapshot, "\"made process\"").size() == 1);
    CHECK(shown(snapshot, "-\"made process\"").size() == 5);
    CHECK(shown(snapshot, "pid:2").size() == 5); // as child, and reaped too
    CHECK(shown(snapshot, "pid:1").size() == 3);
    CHECK(shown(snapshot, "pid:1,2").size() == 6);
    CHECK(shown(snapshot, "pid:1 pid:2").size() == 2);
    CHECK(shown(snapshot, "-pid:2").size() == 1);
    CHECK(shown(snapshot, "kind:proc:::").size() == 3);
    CHECK(shown(snapshot, "kind:cow,exit").size() == 2);
    CHECK(shown(snapshot, "-kind:proc").size() == 3);
    CHECK(shown(snapshot, "kind:cycles-spent").size() == 1);
    CHECK(shown(snapshot, "kind:cow pid:1").empty());
    CHECK(shown(snapshot, "   ").size() == 6);
}

TEST_CASE("event filter: errors are one line", "[ui]") {
    CHECK(error_of("") == "");
    CHECK(error_of("- -") == "");
    CHECK(error_of("pid:x") == "pid:x: numbers are expected, as in pid:3 or pid:3,4");
    CHECK(error_of("pid:") == "pid:: numbers are expected, as in pid:3 or pid:3,4");
    CHECK(error_of("pid:3,") == "pid:3,: numbers are expected, as in pid:3 or pid:3,4");
    CHECK(error_of("pid:-1") == "pid:-1: numbers are expected, as in pid:3 or pid:3,4");
    CHECK(error_of("pid:99999999999") ==
          "pid:99999999999: numbers are expected, as in pid:3 or pid:3,4");
    CHECK(error_of("kind:nonsense") == "kind:nonsense: no kind of event has this name");
    CHECK(error_of("kind:") == "kind:: no kind of event has this name");
    CHECK(error_of("a \"b c") == "\"b c: a quote is not closed");
}

TEST_CASE("event log: a filter in error leaves what was shown, and says so", "[ui]") {
    Story story;
    Selection selection;
    selection.filter = "kind:cow";
    EventLogModel model;
    model.update(story.build(), selection);
    CHECK(model.size() == 1);
    selection.filter = "kind:cow pid:";
    model.update(story.build(), selection);
    CHECK(model.size() == 1);
    CHECK_FALSE(model.error().empty());
    CHECK(text(model).find("The filter is not understood: pid:") != std::string::npos);
    selection.filter = "";
    model.update(story.build(), selection);
    CHECK(model.size() == 6);
    CHECK(model.error().empty());
}

TEST_CASE("event log: new events are added, not all looked at again", "[ui]") {
    Story story;
    Selection selection;
    EventLogModel model;
    model.update(story.build(), selection);
    const std::size_t before = model.size();
    EventScript more;
    more.probe(ProbeId::Wakeup, {1, 1});
    story.events(more);
    model.update(story.build(), selection);
    CHECK(model.size() == before + 1);
    CHECK(model.row(before).sentence == "init (1) may run again");
}

TEST_CASE("event log: with words the newest are found first, all in the end", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    EventScript script;
    for (u64 i = 0; i < 20'000; ++i) {
        script.probe(ProbeId::Mark, {1, i});
    }
    builder.events(script);
    Selection selection;
    selection.filter = "mark";
    EventLogModel model;
    model.update(builder.build(), selection);
    CHECK(model.size() > 0);
    CHECK(model.size() < 20'000);
    CHECK_FALSE(model.complete());
    CHECK(model.row(model.size() - 1).number == 19'999);
    for (int i = 0; i < 20 && !model.complete(); ++i) {
        model.update(builder.snapshot, selection);
    }
    CHECK(model.complete());
    REQUIRE(model.size() == 20'000);
    for (u64 i = 0; i < 20'000; i += 999) {
        CHECK(model.row(i).number == i);
    }
    CHECK(model.find(5'000) == 5'000);
    CHECK(model.find(30'000) == 20'000);
}

TEST_CASE("event log: events that the log has let go are let go here too", "[ui]") {
    SharedLog<Event> log(1'000);
    Snapshot snapshot;
    EventLogModel model;
    Event event;
    event.kind = kind_of(ProbeId::Wakeup);
    for (u64 i = 0; i < 10'000; ++i) {
        event.arg[0] = i;
        log.append(event);
        if (i % 700 == 0) {
            snapshot.events = log.view();
            model.update(snapshot, {});
        }
    }
    snapshot.events = log.view();
    REQUIRE(snapshot.events.begin() > 0);
    model.update(snapshot, {});
    CHECK(model.complete());
    CHECK(model.size() == snapshot.events.end() - snapshot.events.begin());
    CHECK(model.row(0).number == snapshot.events.begin());
    CHECK(model.dropped() == snapshot.events.begin());
    // A fresh model of the same snapshot agrees.
    CHECK(model_event_log(snapshot, {}).size() == model.size());
}

TEST_CASE("event log: another run begins anew", "[ui]") {
    Story story;
    EventLogModel model;
    model.update(story.build(), {});
    CHECK(model.size() == 6);
    SnapshotBuilder other;
    EventScript script;
    script.probe(ProbeId::BootDone, {});
    other.events(script);
    model.update(other.build(), {});
    REQUIRE(model.size() == 1);
    CHECK(model.row(0).sentence == "the kernel has booted: init's first instruction is next");
}

TEST_CASE("event log: the rows of the picked fault are marked", "[ui]") {
    CowScene scene;
    scene.take_fault();
    scene.finish_copy();
    EventScript later;
    later.now = 9'900;
    later.probe(ProbeId::SyscallEntry, {3, 4});
    scene.events(later);
    const EventLogModel model = model_event_log(scene.build(), {});
    REQUIRE(model.size() == 4);
    CHECK(model.row(0).picked);
    CHECK(model.row(1).picked);
    CHECK(model.row(2).picked);
    CHECK_FALSE(model.row(3).picked);
}
