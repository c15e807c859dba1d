#include "model/cycles.hpp"

#include "support/snapshot_builder.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using test::SnapshotBuilder;

TEST_CASE("cycles: slices are summed by process and by cause, most first", "[ui]") {
    SnapshotBuilder builder;
    builder.process(1, 0, "init");
    builder.process(2, 1, "sh");
    builder.snapshot.cycles = {{1, 0, CycleCause::Base, Work::User, 100, 100},
                               {2, 0, CycleCause::Base, Work::User, 200, 150},
                               {2, 1, CycleCause::DataMiss, Work::Fault, 100, 0},
                               {0, 1, CycleCause::Idle, Work::Idle, 600, 0}};
    Selection selection;
    selection.pid = 2;
    const CyclesModel model = model_cycles(builder.build(), selection);
    CHECK(model.total == 1'000);
    REQUIRE(model.rows.size() == 3);
    CHECK(model.rows[0].name == "the kernel");
    CHECK(model.rows[1].name == "sh (2)");
    CHECK(model.rows[1].cycles == 300);
    CHECK(model.rows[1].share == 0.3);
    CHECK(model.rows[1].per_instruction == 2.0);
    CHECK(model.rows[1].pinned);
    CHECK(model.rows[1].work[static_cast<std::size_t>(Work::Fault)] == 100);
    REQUIRE(model.causes.size() == 3);
    CHECK(model.causes[2].name == "data miss");
    CHECK(model.causes[2].cycles == 100);
    REQUIRE(model.works.size() == 3);
    u64 sum = 0;
    for (const Share& share : model.works) {
        sum += share.cycles;
    }
    CHECK(sum == model.total);
}

TEST_CASE("cycles: those of processes gone for long are one row", "[ui]") {
    Snapshot snapshot;
    snapshot.cycles = {{kFormerProcesses, 0, CycleCause::Base, Work::User, 100, 100},
                       {kFormerProcesses, 1, CycleCause::Base, Work::Syscall, 20, 20}};
    const CyclesModel model = model_cycles(snapshot, {});
    REQUIRE(model.rows.size() == 1);
    CHECK(model.rows[0].name == "processes gone for long");
    CHECK(model.rows[0].cycles == 120);
}

TEST_CASE("cycles: hit rates are those of cycle timing, none without it", "[ui]") {
    Snapshot snapshot;
    CHECK(model_cycles(snapshot, {}).rates.empty());
    snapshot.totals.timing.emplace();
    (*snapshot.totals.timing)[static_cast<std::size_t>(TimingUnit::L1d)] = {1'000, 50};
    const CyclesModel model = model_cycles(snapshot, {});
    REQUIRE(model.rates.size() == 5);
    CHECK(model.rates[1].name == "L1 data cache");
    CHECK(model.rates[1].hits == 0.95);
    CHECK(model.rates[0].hits == 0); // never used
}

TEST_CASE("cycles: the history of faults is drawn against its highest interval", "[ui]") {
    Snapshot snapshot;
    snapshot.cycles = {{1, 0, CycleCause::Base, Work::User, 100, 100}};
    snapshot.fault_history = {{0, 1, 0, 0, 0}, {1'000, 0, 0, 0, 0}, {2'000, 6, 3, 1, 3}};
    const CyclesModel model = model_cycles(snapshot, {});
    CHECK(model.bucket == 1'000);
    CHECK(model.history_most == 10);
    const std::string shown = text(model);
    CHECK(shown.find("faults  |. @|\n") != std::string::npos);
    CHECK(shown.find("copies  |  -|\n") != std::string::npos);
}

TEST_CASE("cycles: huge counts are added up without harm", "[ui]") {
    SnapshotBuilder builder;
    builder.snapshot.cycles = {
        {1, 0, CycleCause::Base, Work::User, ~u64{0} / 2, ~u64{0}},
        {4'000'000'000, 0, static_cast<CycleCause>(99), static_cast<Work>(99), 5, 5}};
    builder.snapshot.fault_history = {{0, ~u32{0}, ~u32{0}, 0, 5}};
    const CyclesModel model = model_cycles(builder.build(), {});
    CHECK(model.rows.size() == 2);
    CHECK_FALSE(text(model).empty());
}
