// The device oracle's parts. Each prints what the registers say after a fixed
// sequence of accesses; forkscope and QEMU have to print the same.
#pragma once

#include "bare.hpp"

namespace oracle {

// Register addresses; see the devices' own headers for what they are.
namespace gicd {
inline constexpr u64 kBase = 0x0800'0000;
inline constexpr u64 kCtlr = kBase, kTyper = kBase + 0x004, kIgroupr = kBase + 0x080,
                     kIsenabler = kBase + 0x100, kIcenabler = kBase + 0x180,
                     kIspendr = kBase + 0x200, kIcpendr = kBase + 0x280, kIsactiver = kBase + 0x300,
                     kIcactiver = kBase + 0x380, kIpriorityr = kBase + 0x400,
                     kItargetsr = kBase + 0x800, kIcfgr = kBase + 0xc00, kSgir = kBase + 0xf00,
                     kCpendsgir = kBase + 0xf10, kSpendsgir = kBase + 0xf20;
} // namespace gicd

namespace gicc {
inline constexpr u64 kBase = 0x0801'0000;
inline constexpr u64 kCtlr = kBase, kPmr = kBase + 0x04, kBpr = kBase + 0x08, kIar = kBase + 0x0c,
                     kEoir = kBase + 0x10, kRpr = kBase + 0x14, kHppir = kBase + 0x18,
                     kAbpr = kBase + 0x1c, kApr = kBase + 0xd0, kNsapr = kBase + 0xe0,
                     kIidr = kBase + 0xfc, kDir = kBase + 0x1000;
} // namespace gicc

namespace uart {
inline constexpr u64 kDr = bare::kUart, kRsr = bare::kUart + 0x04, kFr = bare::kUart + 0x18,
                     kIlpr = bare::kUart + 0x20, kIbrd = bare::kUart + 0x24,
                     kFbrd = bare::kUart + 0x28, kLcrH = bare::kUart + 0x2c,
                     kCr = bare::kUart + 0x30, kIfls = bare::kUart + 0x34,
                     kImsc = bare::kUart + 0x38, kRis = bare::kUart + 0x3c,
                     kMis = bare::kUart + 0x40, kIcr = bare::kUart + 0x44,
                     kDmacr = bare::kUart + 0x48, kId = bare::kUart + 0xfe0;
inline constexpr u32 kIntid = 33;
inline constexpr u32 kTx = 0x20; // in the interrupt registers
} // namespace uart

namespace rtc {
inline constexpr u64 kBase = 0x0901'0000;
inline constexpr u64 kDr = kBase, kMr = kBase + 0x04, kLr = kBase + 0x08, kCr = kBase + 0x0c,
                     kImsc = kBase + 0x10, kRis = kBase + 0x14, kMis = kBase + 0x18,
                     kIcr = kBase + 0x1c, kId = kBase + 0xfe0;
inline constexpr u32 kIntid = 34;
} // namespace rtc

inline constexpr u32 kVirtualTimer = 27;
inline constexpr u32 kPhysicalTimer = 30;

// Bit `intid` of a distributor bit register.
inline void set_bit(u64 base, u32 intid) {
    bare::write32(base + intid / 32 * 4, 1U << (intid % 32));
}
inline u32 get_bit(u64 base, u32 intid) {
    return bare::read32(base + intid / 32 * 4) >> (intid % 32) & 1;
}
inline void set_priority(u32 intid, u8 priority) {
    bare::write8(gicd::kIpriorityr + intid, priority);
}

// Whether the CPU sees an IRQ (ISR_EL1.I): the wire between GIC and CPU.
inline u64 irq_wire() {
    return BARE_READ(isr_el1) >> 7 & 1;
}

// Everything off and nothing pending or active, as after reset.
void quiet_gic();
// Enables an interrupt with a priority.
void arm(u32 intid, u8 priority);
// Both enables on, no priority masked.
void open_gic(u32 gicc_ctlr);

// The UART's interrupt as a wire to play with: its TX interrupt is raised for
// good by the first byte sent; the mask switches the wire.
void uart_wire(bool high);

// Prints what the GIC says of an interrupt, and of the CPU interface.
void show(const char* what, u32 intid);

// How often IRQs were taken, and the INTIDs acknowledged, newest last.
struct Taken {
    u32 count;
    u32 intid[8];
};
extern volatile Taken taken;
void unmask_irq();
void mask_irq();

void gic_registers();
void gic_masks();
void gic_interrupts();
void gic_groups();
void gic_taken();
void uart_registers();
void uart_interrupts();
void uart_input();
void timer_registers();
void timer_interrupts();
void rtc_registers();
void virtio_slots();

} // namespace oracle
