#include "base/process.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace forkscope;

namespace {

// A file of this test's own, gone at its end.
struct OutputFile {
    std::filesystem::path path = std::filesystem::temp_directory_path() /
                                 ("forkscope-process-test-" + std::to_string(getpid()));
    OutputFile() = default;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    ~OutputFile() { std::filesystem::remove(path); }
};

} // namespace

TEST_CASE("process: output of both streams lands in the file", "[emu][base]") {
    const OutputFile output;
    const auto run = run_process({"sh", "-c", "echo out; echo err >&2; exit 7"}, output.path, 10);
    REQUIRE(run.ok());
    CHECK(run.value().status == 7);
    std::ifstream file(output.path);
    std::string first;
    std::string second;
    file >> first >> second;
    CHECK(first == "out");
    CHECK(second == "err");
}

TEST_CASE("process: one that runs too long is killed and says so", "[emu][base]") {
    const OutputFile output;
    const auto run = run_process({"sleep", "30"}, output.path, 0.05);
    REQUIRE(run.ok());
    CHECK(run.value().timed_out);
    CHECK(run.value().seconds < 10);
}

TEST_CASE("process: a program that does not exist is an error with its name", "[emu][base]") {
    const OutputFile output;
    const auto run = run_process({"no-such-program-here"}, output.path, 1);
    REQUIRE_FALSE(run.ok());
    CHECK(run.error().message.find("no-such-program-here") != std::string::npos);
}
