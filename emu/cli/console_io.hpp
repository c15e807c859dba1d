// The guest's console on the program's stdin and stdout.
#pragma once

#include "base/result.hpp"
#include "devices/console.hpp"

#include <chrono>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>

namespace forkscope {

// Passes bytes on to stdout, and to a file if there is one.
class ConsoleOutput final : public ConsoleSink {
public:
    // Begins to write `path`, replacing its content.
    Result<void> open(const std::filesystem::path& path);

    void put(u8 byte) override;
    // Shows what has not been shown yet.
    void flush();
    // Flushes, and ends the last line on stdout if it has no newline. Reports a
    // failed write of the file.
    Result<void> finish();

private:
    struct CloseFile {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::filesystem::path path_;
    std::unique_ptr<std::FILE, CloseFile> file_;
    bool in_line_ = false; // stdout's last byte was no newline
    bool failed_ = false;
};

// Bytes from stdin. A terminal's Ctrl-A x asks to end the run, Ctrl-A twice is
// one Ctrl-A. After the end of any other stdin there is one Ctrl-D, which ends
// a shell's input.
//
// The guest asks once for each character's time on the wire. While stdin has
// nothing, asking is held back so that the guest's time does not run ahead of the
// host's: an idle guest that waits for a key costs no host time.
class StdinSource final : public ConsoleSource {
public:
    // `before_look` is called before each look for input, `quit` for Ctrl-A x.
    StdinSource(std::function<void()> before_look, std::function<void()> quit);

    std::optional<u8> take() override;
    [[nodiscard]] bool ended() const override { return ended_ && pending_.empty(); }

private:
    using HostClock = std::chrono::steady_clock;

    [[nodiscard]] int wait_milliseconds() const;
    void read_some();
    void accept(u8 byte);

    std::function<void()> before_look_;
    std::function<void()> quit_;
    std::deque<u8> pending_;
    HostClock::time_point begin_ = HostClock::now();
    u64 asked_ = 0;
    bool is_terminal_;
    bool after_escape_ = false; // Ctrl-A was typed
    bool ended_ = false;
};

} // namespace forkscope
