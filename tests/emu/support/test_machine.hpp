// A machine around one assembled program, and what can be seen of its run.
#pragma once

#include "emu/support/assemble.hpp"
#include "event/recorder.hpp"
#include "machine/machine.hpp"

#include <optional>

namespace forkscope::test {

class TestMachine {
public:
    static constexpr u64 kRamBytes = 16 << 20;
    static constexpr Cycle kLongest = 20'000'000;

    struct Options {
        std::string input = {};
        std::optional<timing::TimingModel> timing = {};
        bool watched = true; // with an event sink
    };

    // The program lies at kProgramBase and starts there, MMU off.
    explicit TestMachine(const std::string& source, std::string input = {})
        : TestMachine(source, Options{.input = std::move(input)}) {}
    TestMachine(const std::string& source, Options options);

    RunResult run(Cycle last_cycle = kLongest);

    [[nodiscard]] const std::string& console() const { return output_.text; }
    [[nodiscard]] std::vector<Event> events() const;
    [[nodiscard]] std::vector<Event> events(EventKind kind) const;
    [[nodiscard]] Machine& machine() { return *machine_; }

private:
    struct Output final : ConsoleSink {
        void put(u8 byte) override { text.push_back(static_cast<char>(byte)); }
        std::string text;
    };
    struct Input final : ConsoleSource {
        std::optional<u8> take() override {
            return ended() ? std::nullopt : std::optional<u8>(static_cast<u8>(text[next++]));
        }
        bool ended() const override { return next == text.size(); }
        std::string text;
        std::size_t next = 0;
    };

    Output output_;
    Input input_;
    Recorder recorder_;
    std::unique_ptr<Machine> machine_;
};

// Macros for programs: the console, the end, exception vectors.
//   putc REG            writes the low byte of REG; changes x27, x28
//   puthex REG          writes REG as 16 hex digits and a newline; changes x25 to x28
//   putreg NAME         the same of a system register; changes x24 to x28
//   power_off           ends the run
//   vectors             a vector table that branches to `handler` with x20 = the offset
//   mmu_on              turns the MMU on: 2 GiB one to one, and pages from PAGES on
//   map N, DESCRIPTOR   the Nth of these; PAGE, USER, READONLY, UXN, PXN are its bits
extern const char* const kMacros;

} // namespace forkscope::test
