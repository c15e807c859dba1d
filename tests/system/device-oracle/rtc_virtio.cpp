#include "oracle.hpp"

using namespace bare;

namespace oracle {

namespace {

// Waits until the RTC ticks, asleep but for a millisecond's timer, so that
// what follows is done within one second.
void wait_for_tick() {
    const u32 before = read32(rtc::kDr);
    while (read32(rtc::kDr) == before) {
        BARE_WRITE(cntv_tval_el0, 62'500);
        BARE_WRITE(cntv_ctl_el0, 1);
        asm volatile("wfi");
    }
    BARE_WRITE(cntv_ctl_el0, 0);
}

void show_rtc(const char* what) {
    print(what);
    print(": ris ");
    print_hex(read32(rtc::kRis));
    print(" mis ");
    print_hex(read32(rtc::kMis));
    print(" pending ");
    print_hex(get_bit(gicd::kIspendr, rtc::kIntid));
    put('\n');
}

} // namespace

void rtc_registers() {
    section("RTC");
    quiet_gic();
    open_gic(1);
    set_bit(gicd::kIsenabler, kVirtualTimer); // wakes WFI
    for (u64 i = 0; i < 8; i++) {
        line("id", i, read32(rtc::kId + 4 * i));
    }
    line("cr", read32(rtc::kCr));
    line("imsc", read32(rtc::kImsc));
    line("mr", read32(rtc::kMr));
    line("lr", read32(rtc::kLr));
    wait_for_tick();
    write32(rtc::kLr, 1000);
    line("lr", read32(rtc::kLr));
    line("dr", read32(rtc::kDr));
    write32(rtc::kCr, 0);
    line("cr", read32(rtc::kCr));
    write32(rtc::kMr, 5000);
    line("mr", read32(rtc::kMr));
    show_rtc("no match");
    write32(rtc::kMr, 1000);
    show_rtc("match, masked");
    write32(rtc::kImsc, 1);
    line("imsc", read32(rtc::kImsc));
    show_rtc("match");
    write32(rtc::kIcr, 0);
    show_rtc("not cleared");
    write32(rtc::kIcr, 1);
    show_rtc("cleared");
    write32(rtc::kMr, 1001);
    show_rtc("a second to go");
    wait_for_tick();
    line("dr", read32(rtc::kDr));
    write32(rtc::kImsc, 0);
}

void virtio_slots() {
    section("virtio-mmio slots");
    for (u64 i = 0; i < 32; i++) {
        const u64 slot = 0x0a00'0000 + 0x200 * i;
        line("magic", i, read32(slot));
        line("version", i, read32(slot + 4));
        line("device", i, read32(slot + 8));
        line("vendor", i, read32(slot + 12));
    }
}

} // namespace oracle
