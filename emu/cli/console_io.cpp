#include "cli/console_io.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <unistd.h>

namespace forkscope {

namespace {

constexpr u8 kEscape = 0x01;                        // Ctrl-A
constexpr u8 kEndOfInput = 0x04;                    // Ctrl-D
constexpr double kCharacterSeconds = 10 / 115200.0; // devices/pl011: 8N1 at 115200 baud
constexpr double kMostWaitSeconds = 0.02;

} // namespace

Result<void> ConsoleOutput::open(const std::filesystem::path& path) {
    path_ = path;
    file_.reset(std::fopen(path.c_str(), "wb"));
    if (!file_) {
        return Error{path.string() + ": cannot be written: " + std::strerror(errno)};
    }
    return {};
}

void ConsoleOutput::put(u8 byte) {
    std::fputc(byte, stdout);
    in_line_ = byte != '\n';
    if (file_ && std::fputc(byte, file_.get()) == EOF) {
        failed_ = true;
    }
    if (byte == '\n') {
        flush();
    }
}

void ConsoleOutput::flush() {
    std::fflush(stdout);
    if (file_ && std::fflush(file_.get()) != 0) {
        failed_ = true;
    }
}

Result<void> ConsoleOutput::finish() {
    if (in_line_) {
        std::fputc('\n', stdout);
        in_line_ = false;
    }
    flush();
    if (failed_) {
        return Error{path_.string() + ": the console could not be written"};
    }
    return {};
}

StdinSource::StdinSource(std::function<void()> before_look, std::function<void()> quit)
    : before_look_(std::move(before_look)), quit_(std::move(quit)),
      is_terminal_(isatty(STDIN_FILENO) != 0) {}

std::optional<u8> StdinSource::take() {
    ++asked_;
    if (pending_.empty() && !ended_) {
        read_some();
    }
    if (pending_.empty()) {
        return std::nullopt;
    }
    const u8 byte = pending_.front();
    pending_.pop_front();
    return byte;
}

// How far the guest's time is ahead of the host's.
int StdinSource::wait_milliseconds() const {
    const std::chrono::duration<double> host = HostClock::now() - begin_;
    const double ahead = static_cast<double>(asked_) * kCharacterSeconds - host.count();
    return static_cast<int>(1000 * std::clamp(ahead, 0.0, kMostWaitSeconds));
}

void StdinSource::read_some() {
    before_look_();
    pollfd input = {STDIN_FILENO, POLLIN, 0};
    if (poll(&input, 1, wait_milliseconds()) <= 0) {
        return;
    }
    u8 bytes[256];
    const ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    if (count <= 0) {
        ended_ = true;
        pending_.push_back(kEndOfInput);
        return;
    }
    std::for_each(bytes, bytes + count, [this](u8 byte) { accept(byte); });
}

void StdinSource::accept(u8 byte) {
    if (!is_terminal_) {
        pending_.push_back(byte);
        return;
    }
    if (!after_escape_ && byte == kEscape) {
        after_escape_ = true;
        return;
    }
    if (after_escape_ && (byte == 'x' || byte == 'X')) {
        quit_();
    } else {
        pending_.push_back(byte);
    }
    after_escape_ = false;
}

} // namespace forkscope
