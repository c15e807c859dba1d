#include "event/cycle_ledger.hpp"
#include "event/esr.hpp"
#include "event/probe_text.hpp"
#include "event/recorder.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <regex>
#include <set>
#include <string>

using namespace forkscope;

namespace {

// The numbers that `path` gives to the enumerators of `name`.
std::set<u32> enumerators(const std::string& path, const std::string& name) {
    std::ifstream file(std::string(FORKSCOPE_SOURCE_DIR) + "/" + path);
    REQUIRE(file);
    std::set<u32> numbers;
    bool inside = false;
    const std::regex entry(R"(^\s+\w+ = (\d+),)");
    for (std::string line; std::getline(file, line);) {
        inside = inside ? !line.starts_with("};") : line.starts_with("enum class " + name + " ");
        std::smatch match;
        if (inside && std::regex_search(line, match, entry)) {
            numbers.insert(static_cast<u32>(std::stoul(match[1])));
        }
    }
    return numbers;
}

} // namespace

TEST_CASE("event: every kind of event and every probe has a name", "[emu][event]") {
    std::set<u32> expected = enumerators("emu/event/event.hpp", "EventKind");
    const std::set<u32> probes = enumerators("guestos/abi/probe.hpp", "ProbeId");
    const u32 base = static_cast<u32>(EventKind::ProbeBase);
    REQUIRE(expected.erase(base) == 1);
    REQUIRE(probes.size() >= 30);
    for (const u32 probe : probes) {
        expected.insert(base + probe);
    }
    std::set<u32> named;
    std::set<std::string_view> names;
    for (const EventInfo& info : event_infos()) {
        named.insert(info.kind);
        names.insert(info.name);
        CHECK(event_info(info.kind) == &info);
    }
    CHECK(named == expected);
    CHECK(names.size() == event_infos().size());
    CHECK(event_info(0) == nullptr);
    CHECK(event_info(255) == nullptr);
    CHECK(event_info(0xffff) == nullptr);
}

TEST_CASE("event: text in arguments ends at NUL and holds no control characters", "[emu][event]") {
    const std::array<u64, 2> words = {0x6f6c6c65'68616269, 0x0000'0021'1b7a'7978};
    CHECK(text_of(words) == "ibahello"
                            "xyz?!");
    CHECK(text_of(std::array<u64, 1>{0x6161'6161'6161'6161}) == "aaaaaaaa");
    CHECK(text_of(std::array<u64, 1>{0}).empty());
}

TEST_CASE("recorder: keeps events in order over many chunks and never moves them", "[emu][event]") {
    Recorder recorder;
    Event event;
    recorder.on_event(event);
    const Event* first = &recorder[0];
    const std::size_t count = 3 * Recorder::kChunk + 5;
    for (std::size_t i = 1; i < count; ++i) {
        event.cycle = i;
        recorder.on_event(event);
    }
    CHECK(recorder.size() == count);
    CHECK(&recorder[0] == first);
    bool in_order = true;
    for (std::size_t i = 0; i < count; ++i) {
        in_order = in_order && recorder[i].cycle == i;
    }
    CHECK(in_order);
}

TEST_CASE("fanout: passes every event to every sink", "[emu][event]") {
    Recorder one;
    Recorder two;
    Fanout fanout;
    fanout.add(one);
    fanout.add(two);
    fanout.on_event({});
    CHECK(one.size() == 1);
    CHECK(two.size() == 1);
}

TEST_CASE("cycle ledger: reports what was charged since the last flush, and nothing else",
          "[emu][event]") {
    CycleLedger ledger;
    Recorder events;
    Event stamp;
    stamp.cycle = 1000;
    stamp.pid = 3;
    ledger.charge(0, Work::User, CycleCause::Base, 5, 5);
    ledger.charge(1, Work::Kernel, CycleCause::Base, 10, 10);
    ledger.charge(0, Work::User, CycleCause::Base, 2, 2);
    ledger.charge(1, Work::Kernel, CycleCause::Idle, 100, 0);
    ledger.flush(stamp, events);
    REQUIRE(events.size() == 3);
    CHECK(events[0].arg == std::array<u64, 6>{0, 0, 7, 7, 0, 0});
    CHECK(events[0].el == 0);
    CHECK(events[1].arg == std::array<u64, 6>{1, 0, 10, 10, 4, 0});
    CHECK(events[2].arg == std::array<u64, 6>{1, 1, 100, 0, 5, 0});
    CHECK(events[2].cycle == 1000);
    CHECK(events[2].pid == 3);
    CHECK(events[2].kind == static_cast<u16>(EventKind::CyclesSpent));
    ledger.flush(stamp, events);
    CHECK(events.size() == 3);
}

TEST_CASE("esr: the fault status codes of data and instruction aborts fall into their classes",
          "[emu][event]") {
    constexpr u64 kDataAbort = u64{0x24} << 26;
    CHECK(fault_class(kDataAbort | 0x04) == FaultClass::Translation);
    CHECK(fault_class(kDataAbort | 0x07) == FaultClass::Translation);
    CHECK(fault_class(kDataAbort | 0x0b) == FaultClass::AccessFlag);
    CHECK(fault_class(kDataAbort | 0x0f) == FaultClass::Permission);
    CHECK(fault_class(kDataAbort | 0x21) == FaultClass::Alignment);
    CHECK(fault_class(kDataAbort | 0x00) == FaultClass::AddressSize);
    CHECK(fault_class(kDataAbort | 0x10) == FaultClass::Other);
    CHECK(fault_class(u64{0x22} << 26) == FaultClass::Alignment); // PC
    CHECK(fault_class(u64{0x26} << 26) == FaultClass::Alignment); // SP
    CHECK(is_write_fault(kDataAbort | 0x40));
    CHECK_FALSE(is_write_fault(kDataAbort));
    CHECK_FALSE(is_write_fault((u64{0x20} << 26) | 0x40));
}
