#include "event/spans.hpp"
#include "support/event_script.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using abi::ProbeId;
using test::EventScript;

namespace {

constexpr u64 kExit = 1, kFork = 2, kExecve = 59, kWrite = 4;
constexpr u64 kEagain = 35;
constexpr u64 kDataAbort = u64{0x24} << 26;

Spans spans_of(const EventScript& script) {
    Spans spans;
    script.send_to(spans);
    return spans;
}

u64 cause_of(const SpanSummary& summary, CycleCause cause) {
    return summary.causes[static_cast<std::size_t>(cause)];
}

EventScript process_one() {
    EventScript script;
    script.probe(ProbeId::ProcCreate, {1, 0, 0, 0});
    script.run(1);
    return script;
}

} // namespace

TEST_CASE("spans: a fork takes what its process spends from call to return", "[event][spans]") {
    EventScript script = process_one();
    script.spend(0, CycleCause::Base, 1000, 1000);
    script.probe(ProbeId::SyscallEntry, {1, kFork});
    script.spend(1, CycleCause::Base, 40, 40);
    script.spend(1, CycleCause::DataMiss, 60, 0);
    script.run(2);
    script.spend(0, CycleCause::Base, 7000, 7000); // another process's
    script.run(1);
    script.spend(1, CycleCause::Base, 5, 5);
    script.probe(ProbeId::SyscallReturn, {1, kFork, 0, 2, 0});
    script.spend(0, CycleCause::Base, 1000, 1000);
    const Spans spans = spans_of(script);
    const SpanSummary& forks = spans.of(SpanKind::Fork);
    CHECK(forks.cycles == std::vector<u64>{105});
    CHECK(cause_of(forks, CycleCause::Base) == 45);
    CHECK(cause_of(forks, CycleCause::DataMiss) == 60);
}

TEST_CASE("spans: calls that fail and other calls are none", "[event][spans]") {
    EventScript script = process_one();
    for (const u64 call : {kFork, kExecve, kWrite}) {
        script.probe(ProbeId::SyscallEntry, {1, call});
        script.spend(1, CycleCause::Base, 10, 10);
        script.probe(ProbeId::SyscallReturn, {1, call, call == kWrite ? 0 : kEagain, 0, 0});
    }
    const Spans spans = spans_of(script);
    for (std::size_t kind = 0; kind < kSpanKinds; ++kind)
        CHECK(spans.of(static_cast<SpanKind>(kind)).cycles.empty());
}

TEST_CASE("spans: a page fault that copies is a copy too", "[event][spans]") {
    EventScript script = process_one();
    const auto fault = [&](bool copies, u64 cycles) {
        script.machine(EventKind::Fault, {0x1000, 0x400, kDataAbort | 0x4f, 0, 0, 1}, 0);
        script.spend(1, CycleCause::ExceptionEntry, 10, 0);
        if (copies)
            script.probe(ProbeId::CowCopy, {1, 0x1000, 0x4000'1000, 0x4000'2000, 2});
        script.spend(1, CycleCause::Base, cycles, cycles);
        script.probe(ProbeId::FaultDone, {1});
    };
    fault(true, 200);
    fault(false, 90);
    const Spans spans = spans_of(script);
    CHECK(spans.of(SpanKind::PageFault).cycles == std::vector<u64>{210, 100});
    CHECK(spans.of(SpanKind::CowCopy).cycles == std::vector<u64>{210});
    CHECK(cause_of(spans.of(SpanKind::PageFault), CycleCause::ExceptionEntry) == 20);
    CHECK(cause_of(spans.of(SpanKind::CowCopy), CycleCause::ExceptionEntry) == 10);
}

TEST_CASE("spans: execve ends with the new program, exit when the CPU is another's",
          "[event][spans]") {
    EventScript script = process_one();
    script.probe(ProbeId::SyscallEntry, {1, kExecve});
    script.spend(1, CycleCause::Base, 300, 300);
    script.exec(1, "program");
    script.spend(0, CycleCause::Base, 50, 50);
    script.probe(ProbeId::SyscallEntry, {1, kExit});
    script.spend(1, CycleCause::Base, 400, 400);
    script.probe(ProbeId::ProcExit, {1, 0});
    script.spend(1, CycleCause::Base, 20, 20);
    script.run(2);
    script.spend(0, CycleCause::Base, 50, 50);
    const Spans spans = spans_of(script);
    CHECK(spans.of(SpanKind::Execve).cycles == std::vector<u64>{300});
    CHECK(spans.of(SpanKind::Exit).cycles == std::vector<u64>{420});
}

TEST_CASE("spans: a pid used again begins anew", "[event][spans]") {
    EventScript script = process_one();
    script.probe(ProbeId::SyscallEntry, {1, kFork});
    script.spend(1, CycleCause::Base, 10, 10);
    script.probe(ProbeId::ProcCreate, {1, 0, 0, 0});
    script.probe(ProbeId::SyscallReturn, {1, kFork, 0, 0, 0});
    CHECK(spans_of(script).of(SpanKind::Fork).cycles.empty());
}

TEST_CASE("spans: percentiles are values that occurred", "[event][spans]") {
    SpanSummary summary;
    for (u64 value = 100; value > 0; --value)
        summary.cycles.push_back(value);
    CHECK(summary.percentile(0) == 1);
    CHECK(summary.percentile(0.5) == 50);
    CHECK(summary.percentile(0.99) == 99);
    CHECK(summary.percentile(1) == 100);
    summary.cycles = {7};
    CHECK(summary.percentile(0.5) == 7);
}
