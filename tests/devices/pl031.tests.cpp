#include "devices/pl031/pl031.hpp"
#include "devices/fakes.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using namespace forkscope::test;

namespace {

constexpr u64 kHz = 1'000'000'000;
constexpr u32 kEpoch = 1'000'000;

constexpr u64 kData = 0x00, kMatch = 0x04, kLoad = 0x08, kControl = 0x0c, kMask = 0x10, kRaw = 0x14,
              kMasked = 0x18, kClear = 0x1c;

struct Fixture {
    Fixture() { rtc.reset(); }
    u64 read(u64 offset) { return rtc.read(offset, 4); }
    void write(u64 offset, u64 value) { rtc.write(offset, 4, value); }
    void run_to(Cycle when) { clock.run_to(when, rtc); }

    FakeClock clock;
    FakeLine irq;
    Pl031 rtc{clock, irq, kHz, kEpoch};
};

} // namespace

TEST_CASE("pl031: it counts seconds from the epoch, a cycle early it has not ticked",
          "[devices][pl031]") {
    Fixture f;
    CHECK(f.read(kData) == kEpoch);
    f.run_to(kHz - 1);
    CHECK(f.read(kData) == kEpoch);
    f.run_to(kHz);
    CHECK(f.read(kData) == kEpoch + 1);
    f.run_to(86'400 * kHz);
    CHECK(f.read(kData) == kEpoch + 86'400);
}

TEST_CASE("pl031: loading sets the time, and the load register keeps what was written",
          "[devices][pl031]") {
    Fixture f;
    f.run_to(5 * kHz);
    f.write(kLoad, 1000);
    CHECK(f.read(kData) == 1000);
    f.run_to(7 * kHz);
    CHECK(f.read(kData) == 1002);
    CHECK(f.read(kLoad) == 1000);
}

TEST_CASE("pl031: a match raises the interrupt at its cycle; the mask only hides it",
          "[devices][pl031]") {
    Fixture f;
    f.write(kMatch, kEpoch + 3);
    CHECK(f.read(kMatch) == kEpoch + 3);
    f.run_to(3 * kHz - 1);
    CHECK(f.read(kRaw) == 0);
    f.run_to(3 * kHz);
    CHECK(f.read(kRaw) == 1);
    CHECK(f.read(kMasked) == 0);
    CHECK_FALSE(f.irq.high);
    f.write(kMask, 0xffff'ffff);
    CHECK(f.read(kMask) == 1);
    CHECK(f.read(kMasked) == 1);
    CHECK(f.irq.high);
}

TEST_CASE("pl031: the interrupt stays until it is cleared and does not come back",
          "[devices][pl031]") {
    Fixture f;
    f.write(kMask, 1);
    f.write(kMatch, kEpoch + 1);
    f.run_to(4 * kHz);
    CHECK(f.irq.high);
    f.write(kClear, 0);
    CHECK(f.irq.high);
    f.write(kClear, 1);
    CHECK_FALSE(f.irq.high);
    CHECK(f.read(kRaw) == 0);
    f.run_to(100 * kHz);
    CHECK_FALSE(f.irq.high);
}

TEST_CASE("pl031: a match with the present second is at once", "[devices][pl031]") {
    Fixture f;
    f.write(kMask, 1);
    f.run_to(2 * kHz + 17);
    f.write(kMatch, kEpoch + 2);
    CHECK(f.irq.high);
}

TEST_CASE("pl031: loading past the match makes it wait for the wrap", "[devices][pl031]") {
    Fixture f;
    f.write(kMask, 1);
    f.write(kMatch, kEpoch + 10);
    f.write(kLoad, kEpoch + 20);
    f.run_to(60 * kHz);
    CHECK_FALSE(f.irq.high);
    f.write(kLoad, 0xffff'ffff);
    f.write(kMatch, 1);
    f.run_to(62 * kHz);
    CHECK(f.irq.high);
    CHECK(f.read(kData) == 1);
}

TEST_CASE("pl031: the counter can't be stopped, and the identification is a PL031's",
          "[devices][pl031]") {
    Fixture f;
    CHECK(f.read(kControl) == 1);
    f.write(kControl, 0);
    CHECK(f.read(kControl) == 1);
    CHECK(f.read(0xfe0) == 0x31);
    CHECK(f.read(0xfe4) == 0x10);
    CHECK(f.read(0xffc) == 0xb1);
    f.write(kData, 7);
    CHECK(f.read(kData) == kEpoch);
}

TEST_CASE("pl031: reset takes the match and the mask away", "[devices][pl031]") {
    Fixture f;
    f.write(kMask, 1);
    f.write(kMatch, kEpoch + 1);
    f.run_to(2 * kHz);
    CHECK(f.irq.high);
    f.rtc.reset();
    CHECK_FALSE(f.irq.high);
    CHECK(f.read(kMask) == 0);
    CHECK(f.read(kMatch) == 0);
    CHECK(f.clock.wanted == Clock::kNever);
}
