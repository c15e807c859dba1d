// The native trace file: a 64-byte header, then 64-byte events, little endian.
// The file is written as the run goes, so that a run that is cut short leaves
// every event up to the last flush readable.
#pragma once

#include "base/result.hpp"
#include "event/event.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

namespace forkscope {

struct TraceHeader {
    std::array<char, 8> magic = {'F', 'K', 'S', 'C', 'T', 'R', 'C', '\n'};
    u32 version = 1;
    u32 event_size = sizeof(Event);
    u64 cpu_hz = 0; // cycles in a second of the machine's time
    std::array<u64, 5> reserved{};
};
static_assert(sizeof(TraceHeader) == 64);

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using FileHandle = std::unique_ptr<std::FILE, CloseFile>;

class TraceWriter final : public EventSink {
public:
    // Opens `path` for writing and writes the header.
    static Result<std::unique_ptr<TraceWriter>> create(const std::filesystem::path& path,
                                                       u64 cpu_hz);
    ~TraceWriter() override;

    void on_event(const Event& event) override;

    // Writes what is buffered. Reports the first write that failed.
    Result<void> finish();

private:
    TraceWriter(std::filesystem::path path, FileHandle file);
    void flush();

    static constexpr std::size_t kBuffered = 4096; // events
    std::filesystem::path path_;
    FileHandle file_;
    std::vector<Event> buffer_;
    int first_errno_ = 0;
};

// Reads events one after another.
class TraceReader {
public:
    static Result<TraceReader> open(const std::filesystem::path& path);

    [[nodiscard]] const TraceHeader& header() const { return header_; }

    // False at the end. An event that is cut off counts as the end.
    [[nodiscard]] bool next(Event& event);

private:
    TraceReader(FileHandle file, const TraceHeader& header);

    FileHandle file_;
    TraceHeader header_;
};

} // namespace forkscope
