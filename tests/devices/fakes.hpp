// Stand-ins for the world that a device sees.
#pragma once

#include "devices/console.hpp"
#include "devices/device.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace forkscope::test {

struct FakeLine final : IrqLine {
    void set(bool level) override { high = level; }
    bool high = false;
};

// A clock that a test moves by hand; advancing it answers requests in order.
struct FakeClock final : Clock {
    [[nodiscard]] Cycle now() const override { return time; }
    void request(Cycle when) override { wanted = when; }

    // Lets the time be `when`, calling `owner` at each moment it asked for.
    void run_to(Cycle when, DeadlineOwner& owner) {
        while (wanted <= when) {
            time = std::max(time, wanted);
            wanted = kNever;
            owner.on_deadline();
        }
        time = when;
    }

    Cycle time = 0;
    Cycle wanted = kNever;
};

struct FakeSink final : ConsoleSink {
    void put(u8 byte) override { text += static_cast<char>(byte); }
    std::string text;
};

// Has all its bytes beforehand, or is given them while the test runs.
struct FakeSource final : ConsoleSource {
    explicit FakeSource(std::string bytes = "", bool closed = true)
        : text(std::move(bytes)), ends(closed) {}
    std::optional<u8> take() override {
        asked++;
        if (given == text.size()) {
            return std::nullopt;
        }
        return static_cast<u8>(text[given++]);
    }
    [[nodiscard]] bool ended() const override { return ends && given == text.size(); }

    std::string text;
    bool ends;
    std::size_t given = 0;
    unsigned asked = 0;
};

// RAM at an address of its own.
struct FakeMemory final : GuestMemory {
    FakeMemory(u64 address, std::size_t size) : base(address), bytes(size) {}
    [[nodiscard]] bool read(u64 physical, std::span<u8> out) const override {
        if (!holds(physical, out.size())) {
            return false;
        }
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(physical - base), out.size(),
                    out.begin());
        return true;
    }
    [[nodiscard]] bool write(u64 physical, std::span<const u8> in) override {
        if (!holds(physical, in.size())) {
            return false;
        }
        std::copy(in.begin(), in.end(),
                  bytes.begin() + static_cast<std::ptrdiff_t>(physical - base));
        return true;
    }
    [[nodiscard]] bool holds(u64 physical, std::size_t size) const {
        return physical >= base && physical - base <= bytes.size() &&
               size <= bytes.size() - (physical - base);
    }

    u64 base;
    std::vector<u8> bytes;
};

} // namespace forkscope::test
