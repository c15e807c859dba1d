#include "oracle.hpp"

using namespace bare;

namespace oracle {

namespace {

// Writes ones and zeros to a register and says what stays.
void probe_mask(const char* name, u64 address) {
    const u32 before = read32(address);
    write32(address, ~0U);
    line(name, address & 0xffff, read32(address));
    write32(address, 0);
    line(name, address & 0xffff, read32(address));
    write32(address, before);
}

void raise(u32 intid) {
    set_bit(gicd::kIspendr, intid);
}

void end(u32 intid) {
    write32(gicc::kEoir, intid);
}

} // namespace

void gic_registers() {
    section("GIC: registers after reset that are not zero");
    for (u64 offset = 0; offset < 0x1000; offset += 4) {
        const u32 value = read32(gicd::kBase + offset);
        if (value != 0) {
            line("gicd", offset, value);
        }
    }
    for (u64 offset = 0; offset < 0x100; offset += 4) {
        // Excluded: GICC_AIAR, GICC_AEOIR and GICC_AHPPIR, which QEMU 7.2 lacks.
        if (offset >= 0x20 && offset <= 0x28) {
            continue;
        }
        const u32 value = read32(gicc::kBase + offset);
        if (value != 0) {
            line("gicc", offset, value);
        }
    }
}

void gic_masks() {
    section("GIC: which bits stay");
    quiet_gic();
    probe_mask("ctlr", gicd::kCtlr);
    for (u64 i = 0; i < 10; i++) {
        probe_mask("igroupr", gicd::kIgroupr + 4 * i);
        probe_mask("isenabler", gicd::kIsenabler + 4 * i);
        write32(gicd::kIcenabler + 4 * i, ~0U);
        line("icenabler", i, read32(gicd::kIsenabler + 4 * i));
        probe_mask("ispendr", gicd::kIspendr + 4 * i);
        write32(gicd::kIcpendr + 4 * i, ~0U);
        line("icpendr", i, read32(gicd::kIspendr + 4 * i));
        probe_mask("isactiver", gicd::kIsactiver + 4 * i);
        write32(gicd::kIcactiver + 4 * i, ~0U);
        line("icactiver", i, read32(gicd::kIsactiver + 4 * i));
        probe_mask("icfgr", gicd::kIcfgr + 8 * i);
        probe_mask("icfgr", gicd::kIcfgr + 8 * i + 4);
    }
    static constexpr u64 kOffsets[] = {0, 4, 16, 28, 32, 284, 288};
    for (u64 offset : kOffsets) {
        probe_mask("ipriorityr", gicd::kIpriorityr + offset);
        probe_mask("itargetsr", gicd::kItargetsr + offset);
    }
    write32(gicd::kIpriorityr + 40, 0x8040'20f1);
    for (u64 i = 0; i < 4; i++) {
        line("priority byte", i, read8(gicd::kIpriorityr + 40 + i));
    }
    write8(gicd::kIpriorityr + 42, 0x33);
    line("priority word", read32(gicd::kIpriorityr + 40));
    probe_mask("gicc ctlr", gicc::kCtlr);
    probe_mask("gicc pmr", gicc::kPmr);
    probe_mask("gicc bpr", gicc::kBpr);
    probe_mask("gicc abpr", gicc::kAbpr);
    quiet_gic();
}

namespace {

void level_wire() {
    section("GIC: a level-sensitive wire");
    quiet_gic();
    print("x\n"); // from here on the UART's TX interrupt is raised
    open_gic(1);
    arm(uart::kIntid, 0x80);
    show("low", uart::kIntid);
    uart_wire(true);
    show("high", uart::kIntid);
    set_bit(gicd::kIcpendr, uart::kIntid);
    show("cleared while high", uart::kIntid);
    line("iar", read32(gicc::kIar));
    show("acknowledged", uart::kIntid);
    line("iar again", read32(gicc::kIar));
    end(uart::kIntid);
    show("ended while high", uart::kIntid);
    line("iar", read32(gicc::kIar));
    uart_wire(false);
    show("low while active", uart::kIntid);
    end(uart::kIntid);
    show("ended", uart::kIntid);
    raise(uart::kIntid);
    show("made pending by software", uart::kIntid);
    uart_wire(true);
    uart_wire(false);
    show("after a pulse", uart::kIntid);
    line("iar", read32(gicc::kIar));
    show("acknowledged", uart::kIntid);
    end(uart::kIntid);
}

void edge_wire() {
    section("GIC: an edge-triggered wire");
    write32(gicd::kIcfgr + 8, 0x8); // INTID 33
    uart_wire(true);
    show("rising", uart::kIntid);
    uart_wire(false);
    show("falling", uart::kIntid);
    line("iar", read32(gicc::kIar));
    show("acknowledged", uart::kIntid);
    uart_wire(true);
    show("rising while active", uart::kIntid);
    line("iar", read32(gicc::kIar));
    end(uart::kIntid);
    show("ended", uart::kIntid);
    line("iar", read32(gicc::kIar));
    end(uart::kIntid);
    show("ended while high", uart::kIntid);
    uart_wire(false);
}

void enables_and_mask() {
    section("GIC: enables and mask");
    quiet_gic();
    open_gic(1);
    arm(40, 0x80);
    raise(40);
    show("open", 40);
    set_bit(gicd::kIcenabler, 40);
    show("disabled", 40);
    line("iar", read32(gicc::kIar));
    set_bit(gicd::kIsenabler, 40);
    write32(gicc::kPmr, 0x80);
    show("masked by an equal priority", 40);
    line("iar", read32(gicc::kIar));
    write32(gicc::kPmr, 0x81);
    show("not masked", 40);
    write32(gicd::kCtlr, 0);
    show("distributor off", 40);
    line("iar", read32(gicc::kIar));
    write32(gicd::kCtlr, 1);
    write32(gicc::kCtlr, 0);
    show("CPU interface off", 40);
    line("iar", read32(gicc::kIar));
    write32(gicc::kCtlr, 1);
    set_bit(gicd::kIsactiver, 40);
    show("active by software", 40);
    line("iar", read32(gicc::kIar));
    set_bit(gicd::kIcactiver, 40);
    show("inactive by software", 40);
}

void preemption() {
    section("GIC: priorities and preemption");
    for (u32 bpr = 0; bpr < 8; bpr++) {
        quiet_gic();
        open_gic(1);
        write32(gicc::kBpr, bpr);
        arm(40, 0xa8);
        arm(41, 0xa0);
        arm(42, 0x20);
        line("bpr", read32(gicc::kBpr));
        raise(40);
        line("iar", read32(gicc::kIar));
        raise(41);
        show("41 above 40", 41);
        const u32 second = read32(gicc::kIar);
        line("iar", second);
        raise(42);
        show("42 above both", 42);
        const u32 third = read32(gicc::kIar);
        line("iar", third);
        for (u64 i = 0; i < 4; i++) {
            line("apr", i, read32(gicc::kApr + 4 * i));
        }
        end(third);
        show("ended", 42);
        end(second);
        show("ended", 41);
        end(40);
        show("ended", 40);
    }
}

void order_of_equals() {
    section("GIC: order of equals");
    quiet_gic();
    open_gic(1);
    static constexpr u32 kIntids[] = {287, 45, 31, 100};
    for (u32 intid : kIntids) {
        arm(intid, 0x50);
        raise(intid);
    }
    set_priority(100, 0x4f);
    for (u32 i = 0; i < 5; i++) {
        const u32 intid = read32(gicc::kIar);
        line("iar", intid);
        end(intid);
    }
}

void eoi_mode() {
    section("GIC: EOImode");
    quiet_gic();
    open_gic(0x201);
    arm(40, 0x80);
    arm(41, 0x80);
    raise(40);
    line("iar", read32(gicc::kIar));
    raise(41);
    raise(40);
    show("active", 40);
    end(40);
    show("dropped", 40);
    line("iar", read32(gicc::kIar));
    end(41);
    write32(gicc::kDir, 40);
    show("deactivated", 40);
    line("iar", read32(gicc::kIar));
    end(40);
    write32(gicc::kDir, 40);
    write32(gicc::kDir, 41);
    show("deactivated", 41);
}

void active_priorities() {
    section("GIC: active priorities written");
    quiet_gic();
    open_gic(1);
    arm(40, 0x88);
    write32(gicc::kApr + 8, 0x10);
    line("apr", read32(gicc::kApr + 8));
    raise(40);
    show("hidden", 40);
    line("iar", read32(gicc::kIar));
    write32(gicc::kNsapr, 0x2);
    line("nsapr", read32(gicc::kNsapr));
    line("rpr", read32(gicc::kRpr));
    write32(gicc::kNsapr, 0);
    write32(gicc::kApr + 8, 0);
    show("seen", 40);
}

void eoi_of_inactive() {
    section("GIC: EOI of what is not active");
    quiet_gic();
    open_gic(1);
    end(40);
    end(1023);
    end(300);
    arm(40, 0x80);
    raise(40);
    line("iar", read32(gicc::kIar));
    end(1023);
    end(1022);
    write32(gicc::kDir, 40);
    show("still active", 40);
    end(40);
    show("ended", 40);
}

void sgis() {
    section("GIC: SGIs");
    quiet_gic();
    open_gic(1);
    set_priority(5, 0x40);
    set_priority(9, 0x30);
    write32(gicd::kSgir, 0x0001'0005);
    write32(gicd::kSgir, 0x0200'0009);
    write32(gicd::kSgir, 0x0100'0003);
    write32(gicd::kSgir, 0x0002'0004);
    line("pending", read32(gicd::kIspendr));
    for (u64 i = 0; i < 4; i++) {
        line("spendsgir", i, read32(gicd::kSpendsgir + 4 * i));
    }
    write32(gicd::kIcpendr, 0xffff);
    line("pending", read32(gicd::kIspendr));
    line("iar", read32(gicc::kIar));
    line("pending", read32(gicd::kIspendr));
    end(9);
    write8(gicd::kCpendsgir + 5, 1);
    line("pending", read32(gicd::kIspendr));
    write8(gicd::kSpendsgir + 7, 1);
    line("spendsgir", read32(gicd::kSpendsgir + 4));
    line("cpendsgir", read32(gicd::kCpendsgir + 4));
    line("iar", read32(gicc::kIar));
    show("acknowledged", 7);
    end(7);
    line("iar", read32(gicc::kIar));
}

} // namespace

void gic_interrupts() {
    level_wire();
    edge_wire();
    enables_and_mask();
    preemption();
    order_of_equals();
    eoi_mode();
    active_priorities();
    eoi_of_inactive();
    sgis();
}

void gic_groups() {
    section("GIC: Group 1");
    quiet_gic();
    open_gic(1);
    write32(gicd::kIgroupr + 4, 0x100); // INTID 40
    arm(40, 0x80);
    raise(40);
    show("Group 1 off", 40);
    write32(gicc::kCtlr, 3);
    show("Group 1 on", 40);
    line("iar", read32(gicc::kIar));
    write32(gicc::kCtlr, 7);
    show("AckCtl", 40);
    line("iar", read32(gicc::kIar));
    for (u64 i = 0; i < 4; i++) {
        line("apr", i, read32(gicc::kApr + 4 * i));
        line("nsapr", i, read32(gicc::kNsapr + 4 * i));
    }
    end(40);
    show("ended", 40);
    for (u32 abpr = 1; abpr < 8; abpr += 2) {
        static constexpr u32 kControls[] = {7, 0x17};
        for (u32 ctlr : kControls) {
            quiet_gic();
            open_gic(ctlr);
            write32(gicc::kAbpr, abpr);
            write32(gicc::kBpr, 2);
            write32(gicd::kIgroupr + 4, 0x100);
            arm(40, 0xb8);
            raise(40);
            line("abpr", abpr, read32(gicc::kIar));
            line("rpr", read32(gicc::kRpr));
            end(40);
        }
    }
    quiet_gic();
}

void gic_taken() {
    section("GIC: IRQs taken by the CPU");
    quiet_gic();
    taken.count = 0;
    open_gic(1);
    arm(uart::kIntid, 0x80);
    arm(40, 0x60);
    arm(41, 0xa0);
    unmask_irq();
    raise(41);
    mask_irq();
    uart_wire(true);
    raise(40);
    line("masked", taken.count);
    unmask_irq();
    mask_irq();
    line("taken", taken.count);
    for (u32 i = 0; i < taken.count && i < 8; i++) {
        line("intid", i, taken.intid[i]);
    }
    show("after", 40);
    quiet_gic();
}

} // namespace oracle
