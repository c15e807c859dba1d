#include "event/trace_file.hpp"

#include <bit>
#include <cerrno>
#include <cstring>

namespace forkscope {

static_assert(std::endian::native == std::endian::little, "the file is little endian");

namespace {

Error file_error(const std::filesystem::path& path, const char* what, int number) {
    return {path.string() + ": " + what + ": " + std::strerror(number)};
}

} // namespace

Result<std::unique_ptr<TraceWriter>> TraceWriter::create(const std::filesystem::path& path,
                                                         u64 cpu_hz) {
    FileHandle file(std::fopen(path.c_str(), "wb"));
    if (!file) {
        return file_error(path, "cannot write the trace", errno);
    }
    TraceHeader header;
    header.cpu_hz = cpu_hz;
    if (std::fwrite(&header, sizeof header, 1, file.get()) != 1 || std::fflush(file.get()) != 0) {
        return file_error(path, "cannot write the trace", errno);
    }
    return std::unique_ptr<TraceWriter>(new TraceWriter(path, std::move(file)));
}

TraceWriter::TraceWriter(std::filesystem::path path, FileHandle file)
    : path_(std::move(path)), file_(std::move(file)) {
    std::setvbuf(file_.get(), nullptr, _IONBF, 0); // buffer_ is the only buffer
    buffer_.reserve(kBuffered);
}

TraceWriter::~TraceWriter() {
    flush();
}

void TraceWriter::on_event(const Event& event) {
    buffer_.push_back(event);
    if (buffer_.size() == kBuffered) {
        flush();
    }
}

void TraceWriter::flush() {
    if (first_errno_ == 0 && !buffer_.empty() &&
        std::fwrite(buffer_.data(), sizeof(Event), buffer_.size(), file_.get()) != buffer_.size()) {
        first_errno_ = errno;
    }
    buffer_.clear();
}

Result<void> TraceWriter::finish() {
    flush();
    if (first_errno_ != 0) {
        return file_error(path_, "cannot write the trace", first_errno_);
    }
    return {};
}

TraceReader::TraceReader(FileHandle file, const TraceHeader& header)
    : file_(std::move(file)), header_(header) {}

Result<TraceReader> TraceReader::open(const std::filesystem::path& path) {
    FileHandle file(std::fopen(path.c_str(), "rb"));
    if (!file) {
        return file_error(path, "cannot read the trace", errno);
    }
    TraceHeader header;
    const TraceHeader expected;
    if (std::fread(&header, sizeof header, 1, file.get()) != 1 || header.magic != expected.magic) {
        return Error{path.string() + ": not a forkscope trace"};
    }
    if (header.version != expected.version || header.event_size != expected.event_size) {
        return Error{path.string() + ": trace version " + std::to_string(header.version) +
                     "; this program reads version " + std::to_string(expected.version)};
    }
    return TraceReader(std::move(file), header);
}

bool TraceReader::next(Event& event) {
    return std::fread(&event, sizeof event, 1, file_.get()) == 1;
}

} // namespace forkscope
