#include "devices/timer/generic_timer.hpp"
#include "devices/fakes.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using namespace forkscope::test;
using enum TimerRegister;

namespace {

constexpr u64 kHz = 1'000'000'000; // 16 cycles a count

struct Fixture {
    explicit Fixture(u64 cpu_hz = kHz) : timer(clock, physical, virtual_, cpu_hz) { timer.reset(); }
    u64 read(TimerRegister which) { return timer.read(which); }
    void write(TimerRegister which, u64 value) { timer.write(which, value); }
    void run_to(Cycle when) { clock.run_to(when, timer); }

    FakeClock clock;
    FakeLine physical;
    FakeLine virtual_;
    GenericTimer timer;
};

constexpr u64 kEnable = 1;
constexpr u64 kImask = 2;
constexpr u64 kIstatus = 4;

} // namespace

TEST_CASE("timer: both counters are cycles over 16, rounded down", "[devices][timer]") {
    Fixture f;
    CHECK(f.read(CntfrqEl0) == 62'500'000);
    CHECK(f.read(CntpctEl0) == 0);
    f.run_to(15);
    CHECK(f.read(CntpctEl0) == 0);
    f.run_to(16);
    CHECK(f.read(CntpctEl0) == 1);
    CHECK(f.read(CntvctEl0) == 1);
    f.run_to(~u64{0} - 1);
    CHECK(f.read(CntvctEl0) == (~u64{0} - 1) / 16);
}

TEST_CASE("timer: a clock that is no multiple of the counter's has no drift", "[devices][timer]") {
    constexpr u64 hz = 1'200'000'007;
    Fixture f(hz);
    for (u64 second : {1, 59, 86'400, 31'536'000}) {
        f.clock.time = second * hz;
        CHECK(f.timer.count() == second * GenericTimer::kCounterHz);
        f.clock.time = second * hz - 1;
        CHECK(f.timer.count() == second * GenericTimer::kCounterHz - 1);
    }
}

TEST_CASE("timer: the deadline is the very cycle in which the counter gets there",
          "[devices][timer]") {
    for (u64 hz : {kHz, u64{1'200'000'007}, u64{62'500'000}, u64{50'000'000}, u64{1'999'999'999}}) {
        for (u64 count : {u64{1}, u64{2}, u64{1000}, u64{12'345'678}, u64{1} << 40}) {
            Fixture f(hz);
            f.write(CntvCvalEl0, count);
            f.write(CntvCtlEl0, kEnable);
            const Cycle deadline = f.clock.wanted;
            REQUIRE(deadline != Clock::kNever);
            f.clock.time = deadline - 1;
            CHECK(f.timer.count() < count);
            f.clock.time = deadline;
            CHECK(f.timer.count() >= count);
        }
    }
}

TEST_CASE("timer: the line rises at CVAL and follows ENABLE and IMASK", "[devices][timer]") {
    Fixture f;
    f.write(CntvCvalEl0, 100);
    f.run_to(1599);
    CHECK_FALSE(f.virtual_.high);
    f.write(CntvCtlEl0, kEnable);
    CHECK(f.read(CntvCtlEl0) == kEnable);
    CHECK(f.clock.wanted == 1600);
    f.run_to(1600);
    CHECK(f.virtual_.high);
    CHECK_FALSE(f.physical.high);
    CHECK(f.read(CntvCtlEl0) == (kEnable | kIstatus));
    f.write(CntvCtlEl0, kEnable | kImask);
    CHECK_FALSE(f.virtual_.high);
    CHECK(f.read(CntvCtlEl0) == (kEnable | kImask | kIstatus));
    f.write(CntvCtlEl0, 0);
    CHECK(f.read(CntvCtlEl0) == 0);
    f.write(CntvCtlEl0, kEnable | 0xfff0);
    CHECK(f.virtual_.high);
    f.write(CntvCvalEl0, 101);
    CHECK_FALSE(f.virtual_.high);
    CHECK(f.clock.wanted == 1616);
}

TEST_CASE("timer: the two timers are independent and share one deadline", "[devices][timer]") {
    Fixture f;
    f.write(CntvCvalEl0, 300);
    f.write(CntvCtlEl0, kEnable);
    f.write(CntpCvalEl0, 200);
    f.write(CntpCtlEl0, kEnable);
    CHECK(f.clock.wanted == 3200);
    f.run_to(3200);
    CHECK(f.physical.high);
    CHECK_FALSE(f.virtual_.high);
    CHECK(f.clock.wanted == 4800);
    f.run_to(4800);
    CHECK(f.virtual_.high);
    CHECK(f.clock.wanted == Clock::kNever);
}

TEST_CASE("timer: TVAL is a signed distance from now", "[devices][timer]") {
    Fixture f;
    f.run_to(16'000);
    f.write(CntpTvalEl0, 500);
    CHECK(f.read(CntpCvalEl0) == 1500);
    CHECK(f.read(CntpTvalEl0) == 500);
    f.run_to(16 * 1600);
    CHECK(f.read(CntpTvalEl0) == 0xffff'ff9c);   // -100
    f.write(CntpTvalEl0, 0xdead'beef'ffff'fff6); // -10; the upper word is ignored
    CHECK(f.read(CntpCvalEl0) == 1590);
    f.write(CntpCtlEl0, kEnable);
    CHECK(f.physical.high);
}

TEST_CASE("timer: the comparison is unsigned and TVAL wraps with CVAL", "[devices][timer]") {
    Fixture f;
    f.run_to(160);
    f.write(CntvCtlEl0, kEnable);
    CHECK(f.virtual_.high);
    f.write(CntvTvalEl0, 0xffff'ffec); // -20 from 10
    CHECK(f.read(CntvCvalEl0) == ~u64{0} - 9);
    CHECK_FALSE(f.virtual_.high);
    CHECK(f.clock.wanted == Clock::kNever); // beyond the last cycle
    CHECK(f.read(CntvTvalEl0) == 0xffff'ffec);
    f.write(CntvCvalEl0, ~u64{0});
    CHECK_FALSE(f.virtual_.high);
    f.write(CntvCvalEl0, u64{1} << 63);
    CHECK_FALSE(f.virtual_.high);
}

TEST_CASE("timer: near the last cycle deadlines are still exact", "[devices][timer]") {
    Fixture f;
    const u64 last = (~u64{0} - 1) / 16;
    f.clock.time = (last - 2) * 16;
    f.write(CntvCvalEl0, last);
    f.write(CntvCtlEl0, kEnable);
    CHECK(f.clock.wanted == last * 16);
    f.run_to(last * 16);
    CHECK(f.virtual_.high);
    f.write(CntvCvalEl0, last + 1);
    CHECK_FALSE(f.virtual_.high);
    CHECK(f.clock.wanted == Clock::kNever);
}

TEST_CASE("timer: a masked or disabled timer asks for no deadline", "[devices][timer]") {
    Fixture f;
    f.write(CntvCvalEl0, 100);
    CHECK(f.clock.wanted == Clock::kNever);
    f.write(CntvCtlEl0, kEnable | kImask);
    CHECK(f.clock.wanted == Clock::kNever);
    f.run_to(1600);
    CHECK(f.read(CntvCtlEl0) == (kEnable | kImask | kIstatus));
    CHECK_FALSE(f.virtual_.high);
}

TEST_CASE("timer: EL0 gets what CNTKCTL_EL1 opens and traps otherwise", "[devices][timer]") {
    using enum GenericTimer::Access;
    Fixture f;
    const auto el0 = [&f](TimerRegister which, bool is_write = false) {
        return f.timer.check(which, 0, is_write);
    };
    for (auto which : {CntfrqEl0, CntpctEl0, CntvctEl0, CntpTvalEl0, CntpCtlEl0, CntpCvalEl0,
                       CntvTvalEl0, CntvCtlEl0, CntvCvalEl0}) {
        CHECK(el0(which) == TrapToEl1);
        CHECK(f.timer.check(which, 1, false) == Allowed);
    }
    f.write(CntkctlEl1, 1);
    CHECK(el0(CntpctEl0) == Allowed);
    CHECK(el0(CntfrqEl0) == Allowed);
    CHECK(el0(CntvctEl0) == TrapToEl1);
    f.write(CntkctlEl1, 2);
    CHECK(el0(CntvctEl0) == Allowed);
    CHECK(el0(CntfrqEl0) == Allowed);
    CHECK(el0(CntpctEl0) == TrapToEl1);
    f.write(CntkctlEl1, 0x100);
    CHECK(el0(CntvCvalEl0, true) == Allowed);
    CHECK(el0(CntvTvalEl0) == Allowed);
    CHECK(el0(CntpCtlEl0) == TrapToEl1);
    CHECK(el0(CntfrqEl0) == TrapToEl1);
    f.write(CntkctlEl1, 0x200);
    CHECK(el0(CntpCtlEl0, true) == Allowed);
    CHECK(el0(CntvCtlEl0) == TrapToEl1);
    f.write(CntkctlEl1, ~u64{0});
    CHECK(f.read(CntkctlEl1) == 0x3ff);
}

TEST_CASE("timer: counters are read-only, and CNTKCTL_EL1 is not for EL0", "[devices][timer]") {
    using enum GenericTimer::Access;
    Fixture f;
    f.write(CntkctlEl1, 0x3ff);
    CHECK(f.timer.check(CntpctEl0, 1, true) == Undefined);
    CHECK(f.timer.check(CntvctEl0, 0, true) == Undefined);
    CHECK(f.timer.check(CntkctlEl1, 0, false) == Undefined);
    CHECK(f.timer.check(CntkctlEl1, 1, true) == Allowed);
    CHECK(f.timer.check(CntfrqEl0, 0, true) == Undefined);
    CHECK(f.timer.check(CntfrqEl0, 1, true) == Allowed);
    f.write(CntfrqEl0, 12'345);
    CHECK(f.read(CntfrqEl0) == 12'345);
    f.run_to(16);
    CHECK(f.timer.count() == 1);
}

TEST_CASE("timer: registers are found by their encoding", "[devices][timer]") {
    // mrs x0, cntvct_el0 = 0xd53be040
    CHECK(GenericTimer::find((0xd53b'e040 >> 5) & 0xffff) == CntvctEl0);
    // msr cntv_ctl_el0, x0 = 0xd51be320
    CHECK(GenericTimer::find((0xd51b'e320 >> 5) & 0xffff) == CntvCtlEl0);
    // mrs x0, cntkctl_el1 = 0xd538e100
    CHECK(GenericTimer::find((0xd538'e100 >> 5) & 0xffff) == CntkctlEl1);
    // mrs x0, cntfrq_el0 = 0xd53be000
    CHECK(GenericTimer::find((0xd53b'e000 >> 5) & 0xffff) == CntfrqEl0);
    // mrs x0, ttbr0_el1 = 0xd5382000
    CHECK_FALSE(GenericTimer::find((0xd538'2000 >> 5) & 0xffff).has_value());
}
