#include "oracle.hpp"

using namespace bare;

namespace oracle {

namespace {

u64 virtual_count() {
    asm volatile("isb");
    return BARE_READ(cntvct_el0);
}

void wait_counts(u64 counts) {
    const u64 start = virtual_count();
    while (virtual_count() - start < counts) {
    }
}

void show_timers(const char* what) {
    print(what);
    print(": cntv_ctl ");
    print_hex(BARE_READ(cntv_ctl_el0));
    print(" cntp_ctl ");
    print_hex(BARE_READ(cntp_ctl_el0));
    print(" pending ");
    print_hex(get_bit(gicd::kIspendr, kVirtualTimer));
    put(' ');
    print_hex(get_bit(gicd::kIspendr, kPhysicalTimer));
    put('\n');
}

// Whether TVAL is `expected`, or a little less: time goes on.
u64 is_near(u64 tval, u64 expected) {
    return static_cast<u32>(expected) - static_cast<u32>(tval) < 62'500'000;
}

} // namespace

void timer_registers() {
    section("timer: registers");
    line("cntfrq", BARE_READ(cntfrq_el0));
    BARE_WRITE(cntkctl_el1, 0x3ff);
    line("cntkctl", BARE_READ(cntkctl_el1));
    BARE_WRITE(cntkctl_el1, 0);
    line("cntkctl", BARE_READ(cntkctl_el1));
    const u64 first = BARE_READ(cntpct_el0);
    wait_counts(1000);
    const u64 second = BARE_READ(cntpct_el0);
    line("counts up", second - first >= 1000);
    line("counters agree", virtual_count() - second < 62'500'000);
    BARE_WRITE(cntv_cval_el0, 0x1234'5678'9abc'def0);
    line("cntv_cval", BARE_READ(cntv_cval_el0));
    BARE_WRITE(cntp_cval_el0, ~u64{0});
    line("cntp_cval", BARE_READ(cntp_cval_el0));
    show_timers("off");
    BARE_WRITE(cntv_ctl_el0, ~u64{0});
    show_timers("virtual on, masked");
    BARE_WRITE(cntv_ctl_el0, 0);

    BARE_WRITE(cntv_tval_el0, 0x7fff'ffff);
    line("tval far ahead", is_near(BARE_READ(cntv_tval_el0), 0x7fff'ffff));
    line("cval ahead", BARE_READ(cntv_cval_el0) - virtual_count() <= 0x7fff'ffff);
    BARE_WRITE(cntv_tval_el0, 0xffff'ffff'ffff'ffff);
    line("tval behind", is_near(BARE_READ(cntv_tval_el0), 0xffff'ffff));
    line("cval behind", virtual_count() - BARE_READ(cntv_cval_el0) < 62'500'000);
    BARE_WRITE(cntp_tval_el0, 0x5'0000'0000);
    line("tval upper word ignored", is_near(BARE_READ(cntp_tval_el0), 0));
}

void timer_interrupts() {
    section("timer: conditions");
    quiet_gic();
    BARE_WRITE(cntv_cval_el0, 0);
    BARE_WRITE(cntv_ctl_el0, 1);
    show_timers("virtual due");
    BARE_WRITE(cntv_ctl_el0, 3);
    show_timers("virtual masked");
    BARE_WRITE(cntv_ctl_el0, 2);
    show_timers("virtual disabled");
    BARE_WRITE(cntv_cval_el0, ~u64{0});
    BARE_WRITE(cntv_ctl_el0, 1);
    show_timers("virtual never");
    BARE_WRITE(cntv_cval_el0, u64{1} << 63);
    show_timers("virtual in half the range");
    BARE_WRITE(cntp_cval_el0, 1);
    BARE_WRITE(cntp_ctl_el0, 1);
    show_timers("physical due");
    BARE_WRITE(cntp_ctl_el0, 0);
    BARE_WRITE(cntv_tval_el0, 62'500);           // a millisecond
    while ((BARE_READ(cntv_ctl_el0) & 4) == 0) { // QEMU's ISTATUS waits for its event loop
    }
    line("condition not met early", BARE_READ(cntv_cval_el0) <= virtual_count());
    show_timers("virtual after a millisecond");
    BARE_WRITE(cntv_ctl_el0, 0);
    show_timers("off");

    section("timer: interrupts taken, waiting in WFI");
    open_gic(1);
    arm(kVirtualTimer, 0x80);
    arm(kPhysicalTimer, 0x40);
    taken.count = 0;
    const u64 start = virtual_count();
    BARE_WRITE(cntv_tval_el0, 125'000);
    BARE_WRITE(cntv_ctl_el0, 1);
    BARE_WRITE(cntp_tval_el0, 312'500);
    BARE_WRITE(cntp_ctl_el0, 1);
    while (taken.count < 2) {
        asm volatile("wfi");
        unmask_irq();
        mask_irq();
    }
    line("not early", virtual_count() - start >= 312'500);
    line("first", taken.intid[0]);
    line("second", taken.intid[1]);
    show_timers("masked by the handler");
    BARE_WRITE(cntv_ctl_el0, 0);
    BARE_WRITE(cntp_ctl_el0, 0);
    quiet_gic();
}

} // namespace oracle
