#include "oracle.hpp"

using namespace bare;

namespace oracle {

volatile Taken taken;

void quiet_gic() {
    write32(gicc::kCtlr, 0);
    write32(gicd::kCtlr, 0);
    for (u64 i = 0; i < 9; i++) {
        write32(gicd::kIcenabler + 4 * i, ~0U);
        write32(gicd::kIcactiver + 4 * i, ~0U);
        write32(gicd::kIgroupr + 4 * i, 0);
        if (i > 0) {
            write32(gicd::kIcfgr + 8 * i, 0);
            write32(gicd::kIcfgr + 8 * i + 4, 0);
        }
        write32(gicd::kIcpendr + 4 * i, ~0U);
    }
    write32(gicd::kIcfgr + 4, 0);
    for (u64 i = 0; i < 288; i += 4) {
        write32(gicd::kIpriorityr + i, 0);
    }
    for (u64 i = 0; i < 4; i++) {
        write32(gicd::kCpendsgir + 4 * i, ~0U);
    }
    write32(gicc::kBpr, 0);
    write32(gicc::kAbpr, 0);
    write32(gicc::kPmr, 0);
}

void arm(u32 intid, u8 priority) {
    set_priority(intid, priority);
    set_bit(gicd::kIsenabler, intid);
}

void open_gic(u32 gicc_ctlr) {
    write32(gicd::kCtlr, 3);
    write32(gicc::kPmr, 0xff);
    write32(gicc::kCtlr, gicc_ctlr);
}

void uart_wire(bool high) {
    write32(uart::kImsc, high ? uart::kTx : 0);
}

void show(const char* what, u32 intid) {
    print(what);
    print(": pending ");
    print_hex(get_bit(gicd::kIspendr, intid));
    print(" active ");
    print_hex(get_bit(gicd::kIsactiver, intid));
    print(" wire ");
    print_hex(irq_wire());
    print(" hppir ");
    print_hex(read32(gicc::kHppir));
    print(" rpr ");
    print_hex(read32(gicc::kRpr));
    put('\n');
}

void unmask_irq() {
    asm volatile("msr daifclr, #2\n isb" ::: "memory");
}
void mask_irq() {
    asm volatile("msr daifset, #2\n isb" ::: "memory");
}

} // namespace oracle

// An IRQ is acknowledged, its source silenced, and ended; anything else is an
// error of the image or of the machine and ends it.
void bare_on_exception(Frame& frame, u64 vector) {
    using namespace oracle;
    if (vector != 5) {
        line("unexpected exception", vector, BARE_READ(esr_el1));
        line("elr", frame.elr);
        bare_power_off();
    }
    const u32 iar = read32(gicc::kIar);
    if (iar == uart::kIntid) {
        uart_wire(false);
    } else if (iar == kVirtualTimer) {
        BARE_WRITE(cntv_ctl_el0, 3);
    } else if (iar == kPhysicalTimer) {
        BARE_WRITE(cntp_ctl_el0, 3);
    } else if (iar == rtc::kIntid) {
        write32(rtc::kIcr, 1);
    }
    taken.intid[taken.count % 8] = iar;
    taken.count = taken.count + 1;
    write32(gicc::kEoir, iar);
}

void bare_main() {
    oracle::gic_registers();
    oracle::gic_masks();
    oracle::gic_interrupts();
    oracle::gic_groups();
    oracle::gic_taken();
    oracle::uart_registers();
    oracle::uart_interrupts();
    oracle::uart_input();
    oracle::timer_registers();
    oracle::timer_interrupts();
    oracle::rtc_registers();
    oracle::virtio_slots();
    section("end");
}
