#include "event/trace_file.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstring>

using namespace forkscope;
using test::TemporaryFolder;

namespace {

Event numbered(u64 number) {
    Event event;
    event.cycle = number;
    event.kind = 3;
    event.arg[5] = ~number;
    return event;
}

std::size_t readable_events(const std::filesystem::path& path) {
    Result<TraceReader> reader = TraceReader::open(path);
    REQUIRE(reader.ok());
    std::size_t count = 0;
    for (Event event; reader->next(event); ++count) {
        REQUIRE(std::memcmp(&event, std::array{numbered(count)}.data(), sizeof event) == 0);
    }
    return count;
}

} // namespace

TEST_CASE("trace file: gives back what was written", "[emu][event][trace]") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "t";
    auto writer = TraceWriter::create(path, 5);
    REQUIRE(writer.ok());
    for (u64 i = 0; i < 10'000; ++i) {
        (*writer)->on_event(numbered(i));
    }
    CHECK((*writer)->finish().ok());
    CHECK(std::filesystem::file_size(path) == 64 * 10'001);
    CHECK(readable_events(path) == 10'000);
    CHECK(TraceReader::open(path)->header().cpu_hz == 5);
    CHECK(test::text_of_file(path).starts_with("FKSCTRC\n"));
}

TEST_CASE("trace file: is readable while the run goes on, and when it was cut off",
          "[emu][event][trace]") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "t";
    auto writer = TraceWriter::create(path, 1);
    REQUIRE(writer.ok());
    CHECK(readable_events(path) == 0);
    for (u64 i = 0; i < 5000; ++i) {
        (*writer)->on_event(numbered(i));
    }
    CHECK(readable_events(path) == 4096);
    std::filesystem::resize_file(path, 64 * 11 + 7);
    CHECK(readable_events(path) == 10);
}

TEST_CASE("trace file: other files and later versions are refused by name", "[emu][event][trace]") {
    const TemporaryFolder folder;
    const auto message = [&](const std::string& content) {
        const auto path = folder.write("t", content);
        const Result<TraceReader> reader = TraceReader::open(path);
        REQUIRE_FALSE(reader.ok());
        return reader.error().message.substr(path.string().size());
    };
    CHECK(message("") == ": not a forkscope trace");
    CHECK(message(std::string(64, 'x')) == ": not a forkscope trace");
    TraceHeader header;
    header.version = 2;
    std::string content(sizeof header, '\0');
    std::memcpy(content.data(), &header, sizeof header);
    CHECK(message(content) == ": trace version 2; this program reads version 1");
    CHECK(TraceReader::open("/nowhere/t").error().message ==
          "/nowhere/t: cannot read the trace: No such file or directory");
    CHECK(TraceWriter::create("/nowhere/t", 1).error().message ==
          "/nowhere/t: cannot write the trace: No such file or directory");
}

TEST_CASE("trace file: a disk that is full is reported once, at the end", "[emu][event][trace]") {
    if (!std::filesystem::exists("/dev/full")) {
        SKIP("no /dev/full");
    }
    // The header already fails.
    CHECK(TraceWriter::create("/dev/full", 1).error().message ==
          "/dev/full: cannot write the trace: No space left on device");
}
