#include "event/statistics.hpp"
#include "support/event_script.hpp"

#include <catch2/catch_test_macros.hpp>

#include <nlohmann/json.hpp>

using namespace forkscope;
using abi::ProbeId;
using test::EventScript;

namespace {

using Json = nlohmann::json;

constexpr u64 kDataAbort = u64{0x24} << 26;
constexpr u64 kFork = 2;

// init (pid 1) forks pid 2, which copies a page and exits; then power off.
EventScript small_run() {
    EventScript script;
    script.machine(EventKind::RunStart, {u64{256} << 20, 1});
    script.probe(ProbeId::FrameCount, {1000, 900, 0});
    script.probe(ProbeId::ProcCreate, {1, 0, 0, 0});
    script.exec(1, "init");
    script.spend(1, CycleCause::Base, 400, 400);
    script.run(1);
    script.probe(ProbeId::SyscallEntry, {1, kFork});
    script.probe(ProbeId::ProcCreate, {2, 1, 0, 1});
    script.probe(ProbeId::SyscallReturn, {1, kFork, 0, 2, 0});
    script.spend(0, CycleCause::Base, 150, 150);
    script.spend(1, CycleCause::Base, 250, 250);
    script.run(2);
    script.machine(EventKind::Fault, {0x1000, 0x400, kDataAbort | 0x4f, 0, 0, 2}, 0);
    script.probe(ProbeId::CowCopy, {2, 0x1000, 0x4000'1000, 0x4000'2000, 2});
    script.machine(EventKind::Fault, {0x2000, 0x400, kDataAbort | 0x07, 0, 0, 2}, 0);
    script.probe(ProbeId::ZeroFill, {2, 0x2000, 0x4000'3000});
    script.probe(ProbeId::CowReuse, {2, 0x3000, 0x4000'4000});
    script.probe(ProbeId::FileFill, {2, 0x4000, 0x4000'5000, 0, 0});
    script.probe(ProbeId::ProcExit, {2, 0});
    script.spend(1, CycleCause::Base, 900, 900);
    script.spend(1, CycleCause::Idle, 400, 0);
    script.run(1);
    script.probe(ProbeId::ProcReap, {2, 1});
    script.probe(ProbeId::SyscallEntry, {1, kFork});
    script.probe(ProbeId::SyscallReturn, {1, kFork, 35, 0, 0});
    script.probe(ProbeId::FrameCount, {1000, 890, 1});
    script.probe(ProbeId::GuestStatus, {0});
    script.spend(1, CycleCause::Base, 500, 500);
    script.now = 2600;
    script.machine(EventKind::RunEnd, {static_cast<u64>(RunEndReason::PowerOff), 0});
    return script;
}

Json json_of(const EventScript& script) {
    Statistics statistics;
    script.send_to(statistics);
    return Json::parse(statistics.to_json(0.5));
}

} // namespace

TEST_CASE("statistics: count faults by kind, memory events and forks", "[emu][event][statistics]") {
    const Json json = json_of(small_run());
    CHECK(json["schema_version"] == 1);
    CHECK(json["result"] == Json{{"reason", "poweroff"}, {"guest_status", 0}});
    CHECK(json["cycles"] == 2600);
    CHECK(json["instructions"] == 2200);
    CHECK(json["faults"]["permission"] == 1);
    CHECK(json["faults"]["translation"] == 1);
    CHECK(json["faults"]["access_flag"] == 0);
    CHECK(json["faults"]["alignment"] == 0);
    CHECK(json["vm"] == Json{{"cow_copy", 1},
                             {"cow_reuse", 1},
                             {"zero_fill", 1},
                             {"file_fill", 1},
                             {"frames_total", 1000},
                             {"frames_free_at_boot", 900},
                             {"frames_free_at_end", 890}});
    CHECK(json["forks"] == Json{{"fork", 1},
                                {"vfork", 0},
                                {"vfork14", 0},
                                {"clone", 0},
                                {"failed", {{"EAGAIN", 1}, {"ENOMEM", 0}, {"EINVAL", 0}}}});
    CHECK(json["wall_seconds"] == 0.5);
    CHECK(json["mips"] == 2200 / 0.5 / 1e6);
}

TEST_CASE("statistics: each process has its cycles, its copies, its birth and its end",
          "[emu][event][statistics]") {
    const Json processes = json_of(small_run())["processes"];
    REQUIRE(processes.size() == 3);
    CHECK(processes[0]["pid"] == 0);
    CHECK(processes[0]["name"] == "system");
    CHECK(processes[1] == Json{{"pid", 1},
                               {"ppid", 0},
                               {"name", "init"},
                               {"cycles", 900},
                               {"instructions", 900},
                               {"cow_copy", 0},
                               {"born_cycle", 200},
                               {"exit_cycle", 2600},
                               {"exited", false}});
    CHECK(processes[2] == Json{{"pid", 2},
                               {"ppid", 1},
                               {"name", "init"},
                               {"cycles", 1300},
                               {"instructions", 900},
                               {"cow_copy", 1},
                               {"born_cycle", 700},
                               {"exit_cycle", 1800},
                               {"exited", true}});
}

TEST_CASE("statistics: the attribution sums to the cycles of the run", "[emu][event][statistics]") {
    const Json json = json_of(small_run());
    u64 sum = 0;
    for (const Json& part : json["attribution"]) {
        sum += part["cycles"].get<u64>();
    }
    CHECK(sum == json["cycles"]);
    CHECK(json["attribution"][0] ==
          Json{{"pid", 0}, {"el", 1}, {"cause", "base"}, {"cycles", 400}});
    CHECK(json["attribution"].back() ==
          Json{{"pid", 2}, {"el", 1}, {"cause", "idle"}, {"cycles", 400}});
}

TEST_CASE("statistics: forks are counted by the system call that made them",
          "[emu][event][statistics]") {
    EventScript script;
    u64 child = 10;
    for (const u64 call : {2, 66, 66, 282, 282, 282, 287}) {
        script.probe(ProbeId::SyscallEntry, {5, call});
        script.probe(ProbeId::ProcCreate, {child++, 5, 0, 5});
        script.probe(ProbeId::SyscallReturn, {5, call, 0, child, 0});
    }
    script.probe(ProbeId::ProcCreate, {child, 5, 0, 5}); // no system call: not a fork of anybody's
    for (const u64 error : {12, 22, 35, 35, 1}) {
        script.probe(ProbeId::SyscallEntry, {5, 287});
        script.probe(ProbeId::SyscallReturn, {5, 287, error, 0, 0});
    }
    script.probe(ProbeId::SyscallReturn, {5, 7, 10, 0, 0}); // wait4: ECHILD
    const Json forks = json_of(script)["forks"];
    CHECK(forks["fork"] == 1);
    CHECK(forks["vfork"] == 2);
    CHECK(forks["vfork14"] == 3);
    CHECK(forks["clone"] == 1);
    CHECK(forks["failed"] == Json{{"EAGAIN", 2}, {"ENOMEM", 1}, {"EINVAL", 1}, {"1", 1}});
}

TEST_CASE("statistics: a process id that comes back is another process",
          "[emu][event][statistics]") {
    EventScript script;
    script.probe(ProbeId::ProcCreate, {7, 1, 0, 1});
    script.exec(7, "first");
    script.pid = 7;
    script.spend(0, CycleCause::Base, 10, 10);
    script.probe(ProbeId::ProcExit, {7, 0});
    script.probe(ProbeId::ProcReap, {7, 1});
    script.probe(ProbeId::ProcCreate, {7, 1, 0, 1});
    script.exec(7, "second");
    script.spend(0, CycleCause::Base, 30, 30);
    const Json processes = json_of(script)["processes"];
    REQUIRE(processes.size() == 3); // pid 1 was never born
    CHECK(processes[1]["name"] == "first");
    CHECK(processes[1]["cycles"] == 10);
    CHECK(processes[2]["name"] == "second");
    CHECK(processes[2]["cycles"] == 30);
}

TEST_CASE("statistics: every reason to end has its word", "[emu][event][statistics]") {
    const auto reason = [](RunEndReason end) {
        EventScript script;
        script.machine(EventKind::RunEnd, {static_cast<u64>(end), 7});
        const Json result = json_of(script)["result"];
        CHECK(result["guest_status"] == 7);
        return result["reason"].get<std::string>();
    };
    CHECK(reason(RunEndReason::PowerOff) == "poweroff");
    CHECK(reason(RunEndReason::Panic) == "panic");
    CHECK(reason(RunEndReason::Limit) == "limit");
    CHECK(reason(RunEndReason::Stopped) == "stopped");
}
