// The bundled guest through the program, and what the event record says of it.
#include "event/esr.hpp"
#include "event/probe_text.hpp"
#include "event/trace_file.hpp"
#include "support/program.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <nlohmann/json.hpp>

using namespace forkscope;
using abi::ProbeId;
using test::Outcome;
using test::run_program;
using test::TemporaryFolder;

namespace {

using Json = nlohmann::json;

void need_guest() {
    if (!std::filesystem::exists(FORKSCOPE_BUILD_DIR "/guest/guestos.img")) {
        SKIP("the guest is not built");
    }
}

std::vector<Event> events_of(const std::filesystem::path& trace) {
    Result<TraceReader> reader = TraceReader::open(trace);
    REQUIRE(reader.ok());
    std::vector<Event> events;
    for (Event event; reader->next(event);) {
        events.push_back(event);
    }
    return events;
}

// Compiles `source` with build/guest-cc to `name` in `folder`.
void compile(const TemporaryFolder& folder, const std::string& name, const std::string& source) {
    const auto file = folder.write(name + ".c", source);
    const std::string command =
        FORKSCOPE_BUILD_DIR "/guest-cc " + file.string() + " -o " + (folder.path() / name).string();
    REQUIRE(std::system(command.c_str()) == 0);
}

constexpr u64 page_of(u64 address) {
    return address & ~u64{4095};
}

} // namespace

TEST_CASE("guest: the demo ends well, and its statistics add up", "[cli][guest]") {
    need_guest();
    const TemporaryFolder folder;
    const Outcome outcome = run_program(folder, {"run", "--stats", "s.json"});
    CHECK(outcome.status == 0);
    CHECK(outcome.err.empty());
    const Json stats = Json::parse(test::text_of_file(folder.path() / "s.json"));
    u64 sum = 0;
    for (const Json& part : stats["attribution"]) {
        sum += part["cycles"].get<u64>();
    }
    CHECK(sum == stats["cycles"]);
    CHECK(stats["result"] == Json{{"reason", "poweroff"}, {"guest_status", 0}});
    CHECK(stats["forks"]["fork"] >= 3);
    CHECK(stats["vm"]["cow_copy"] > 0);
    CHECK(stats["vm"]["cow_reuse"] > 0);
    CHECK(stats["faults"]["permission"].get<u64>() ==
          stats["vm"]["cow_copy"].get<u64>() + stats["vm"]["cow_reuse"].get<u64>());
    u64 copies = 0;
    u64 instructions = 0;
    for (const Json& process : stats["processes"]) {
        copies += process["cow_copy"].get<u64>();
        instructions += process["instructions"].get<u64>();
        CHECK(process["born_cycle"] <= process["exit_cycle"]);
    }
    CHECK(copies == stats["vm"]["cow_copy"]);
    CHECK(instructions == stats["instructions"]);
}

TEST_CASE("guest: the same run twice gives the same record, byte for byte", "[cli][guest]") {
    need_guest();
    const TemporaryFolder folder;
    for (const char* name : {"a", "b"}) {
        REQUIRE(run_program(folder,
                            {"run", "--trace", name, "--console", std::string(name) + ".console"})
                    .status == 0);
    }
    CHECK(test::bytes_of_file(folder.path() / "a") == test::bytes_of_file(folder.path() / "b"));
    CHECK(test::text_of_file(folder.path() / "a.console") ==
          test::text_of_file(folder.path() / "b.console"));
}

TEST_CASE("guest: machine and kernel agree: every copy and reuse follows exactly one write "
          "permission fault of that process on that page",
          "[cli][guest]") {
    need_guest();
    const TemporaryFolder folder;
    REQUIRE(run_program(folder, {"run", "--trace", "t"}).status == 0);
    std::map<u64, u64> fault_page; // pid -> page of its permission fault that waits for an answer
    u64 answered = 0;
    for (const Event& event : events_of(folder.path() / "t")) {
        if (event.kind == static_cast<u16>(EventKind::Fault) &&
            fault_class(event.arg[2]) == FaultClass::Permission) {
            CHECK(is_write_fault(event.arg[2]));
            CHECK(fault_page.emplace(event.pid, page_of(event.arg[0])).second);
        } else if (event.kind == kind_of(ProbeId::CowCopy) ||
                   event.kind == kind_of(ProbeId::CowReuse)) {
            CHECK(event.pid == event.arg[0]);
            REQUIRE(fault_page.contains(event.pid));
            CHECK(fault_page[event.pid] == page_of(event.arg[1]));
            fault_page.erase(event.pid);
            ++answered;
        }
    }
    CHECK(fault_page.empty());
    CHECK(answered > 10);
}

TEST_CASE("guest: the record is in cycle order, and the descriptor changes to the new frame",
          "[cli][guest]") {
    need_guest();
    const TemporaryFolder folder;
    REQUIRE(run_program(folder, {"run", "--trace", "t"}).status == 0);
    Cycle last = 0;
    std::map<std::pair<u64, u64>, u64> new_frame; // pid and page -> frame of the copy
    u64 confirmed = 0;
    for (const Event& event : events_of(folder.path() / "t")) {
        CHECK(event.cycle >= last);
        last = event.cycle;
        if (event.kind == kind_of(ProbeId::CowCopy)) {
            CHECK(event.arg[2] != event.arg[3]);
            CHECK(event.arg[4] >= 2);
            new_frame[{event.arg[0], page_of(event.arg[1])}] = event.arg[3];
        } else if (event.kind == static_cast<u16>(EventKind::DescriptorChange)) {
            const auto copied = new_frame.find({event.pid, page_of(event.arg[0])});
            if (copied != new_frame.end()) {
                CHECK((event.arg[3] & 0x0000'ffff'ffff'f000) == copied->second);
                new_frame.erase(copied);
                ++confirmed;
            }
        }
    }
    CHECK(confirmed > 5);
}

TEST_CASE("guest: --program runs with its arguments, and its status is the run's", "[cli][guest]") {
    need_guest();
    const TemporaryFolder folder;
    compile(folder, "tell", R"(
        #include <stdio.h>
        #include <stdlib.h>
        int main(int argc, char **argv) {
            for (int i = 0; i < argc; i++)
                printf("[%s]", argv[i]);
            printf("\n");
            return atoi(argv[1]);
        })");
    const Outcome good = run_program(
        folder, {"run", "--program", "tell", "--stats", "s.json", "--", "0", "a b", ""});
    CHECK(good.status == 0);
    CHECK(good.out.find("[/job/tell][0][a b][]\r\n") != std::string::npos);
    const Outcome bad =
        run_program(folder, {"run", "--program", "tell", "--stats", "s.json", "--", "42"});
    CHECK(bad.status == 1);
    const Json stats = Json::parse(test::text_of_file(folder.path() / "s.json"));
    CHECK(stats["result"]["guest_status"] == 42);
}

TEST_CASE("guest: the kernel's ELF file boots like its Image", "[cli][guest]") {
    need_guest();
    const TemporaryFolder folder;
    const auto console = [&](const std::string& kernel) {
        CHECK(run_program(folder, {"run", "--kernel", FORKSCOPE_BUILD_DIR "/guest/" + kernel,
                                   "--console", kernel})
                  .status == 0);
        return test::text_of_file(folder.path() / kernel);
    };
    CHECK(console("guestos.elf") == console("guestos.img"));
}

TEST_CASE("guest: a shell takes its commands from stdin and ends with them", "[cli][guest]") {
    need_guest();
    const TemporaryFolder folder;
    const auto input = folder.write("commands", "echo one | cat\nexit 5\n");
    const std::string config = FORKSCOPE_SOURCE_DIR "/configs/shell.json";
    const Outcome outcome = run_program(folder, {"run", config, "--stats", "s.json"}, input);
    CHECK(outcome.status == 1);
    CHECK(outcome.out.find("one\r\n") != std::string::npos);
    const Json stats = Json::parse(test::text_of_file(folder.path() / "s.json"));
    CHECK(stats["result"]["guest_status"] == 5);
}
