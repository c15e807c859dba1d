// Failures that the config asks for, and the kernel's leak check.
#include "event/probe_text.hpp"
#include "event/trace_file.hpp"
#include "support/program.hpp"

#include <catch2/catch_test_macros.hpp>

#include <nlohmann/json.hpp>

using namespace forkscope;
using abi::ProbeId;
using test::Outcome;
using test::run_program;
using test::TemporaryFolder;

namespace {

using Json = nlohmann::json;

struct Run {
    int status;
    Json failed; // stats: forks.failed
    std::string console;
    std::vector<Event> events;
};

// Runs the guest with `setting` and the leak check.
Run run_with(const std::string& setting, const std::string& append,
             std::vector<std::string> more = {}) {
    if (!std::filesystem::exists(FORKSCOPE_BUILD_DIR "/guest/guestos.img")) {
        SKIP("the guest is not built");
    }
    const TemporaryFolder folder;
    std::vector<std::string> words = {"run",       "--append", append,      "--stats",
                                      "s.json",    "--trace",  "t",         "--console",
                                      "c.txt",     "--max-cycles", "5000000000"};
    if (!setting.empty()) {
        words.insert(words.end(), {"--set", setting});
    }
    words.insert(words.end(), more.begin(), more.end());
    Run run;
    run.status = run_program(folder, words).status;
    run.failed = Json::parse(test::text_of_file(folder.path() / "s.json"))["forks"]["failed"];
    run.console = test::text_of_file(folder.path() / "c.txt");
    Result<TraceReader> reader = TraceReader::open(folder.path() / "t");
    REQUIRE(reader.ok());
    for (Event event; reader->next(event);) {
        run.events.push_back(event);
    }
    return run;
}

std::vector<Event> of_kind(const Run& run, ProbeId id) {
    std::vector<Event> found;
    for (const Event& event : run.events) {
        if (event.kind == kind_of(id)) {
            found.push_back(event);
        }
    }
    return found;
}

bool says(const Run& run, const std::string& text) {
    return run.console.find(text) != std::string::npos;
}

constexpr const char* kClean = "leak check: nothing is left";

} // namespace

TEST_CASE("row F6: the kernel stack that the config denies makes fork fail with ENOMEM",
          "[cli][guest]") {
    // The first is for init's job, the second for the job's own child.
    const Run run = run_with("inject.uarea=2", "leakcheck job=/bin/bench-fork");
    CHECK(run.status == 1);
    CHECK(run.failed == Json{{"EAGAIN", 0}, {"EINVAL", 0}, {"ENOMEM", 1}});
    CHECK(says(run, "fork: "));
    CHECK(says(run, kClean));
}

TEST_CASE("row F7: the process number that the config denies makes fork fail with EAGAIN",
          "[cli][guest]") {
    const Run run = run_with("inject.pid=2", "leakcheck job=/bin/bench-fork");
    CHECK(run.status == 1);
    CHECK(run.failed == Json{{"EAGAIN", 1}, {"EINVAL", 0}, {"ENOMEM", 0}});
    CHECK(says(run, kClean));
}

TEST_CASE("inject: with a plus, the allocation and all after it fail", "[cli][guest]") {
    const Run run = run_with("inject.anon=40+", "leakcheck job=/bin/bench-fork");
    CHECK(run.status != 0);
    CHECK(says(run, "killed: out of memory"));
}

TEST_CASE("leak check: it fires its probe when init is left alone, and finds nothing",
          "[cli][guest]") {
    const Run run = run_with("", "leakcheck job=/bin/fork-demo");
    CHECK(run.status == 0);
    CHECK(says(run, kClean));
    const std::vector<Event> checks = of_kind(run, ProbeId::Invariant);
    REQUIRE(checks.size() == 1);
    for (unsigned i = 0; i < 5; ++i) {
        CHECK(checks[0].arg[i] == 0);
    }
}

TEST_CASE("row M5: each wired page is copied at once, from the parent's frame to another",
          "[cli][guest]") {
    const Run run = run_with(
        "", "", {"--program", FORKSCOPE_BUILD_DIR "/guest/tests/rows_vm", "--", "M5"});
    CHECK(run.status == 0);
    const std::vector<Event> copies = of_kind(run, ProbeId::EagerCopy);
    CHECK(copies.size() == 16);
    for (const Event& copy : copies) {
        CHECK(copy.arg[2] != copy.arg[3]);
    }
}
