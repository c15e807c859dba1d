// A GIC with one or more CPUs, and names for its registers.
#pragma once

#include "devices/fakes.hpp"
#include "devices/gicv2/gicv2.hpp"

#include <array>

namespace forkscope::test::gic {

// Distributor
constexpr u64 kCtlr = 0x000, kTyper = 0x004, kGroup = 0x080, kSetEnable = 0x100,
              kClearEnable = 0x180, kSetPending = 0x200, kClearPending = 0x280, kSetActive = 0x300,
              kClearActive = 0x380, kPriority = 0x400, kTargets = 0x800, kConfig = 0xc00,
              kSgir = 0xf00, kClearSgi = 0xf10, kSetSgi = 0xf20;
// CPU interface
constexpr u64 kCpuCtlr = 0x00, kPmr = 0x04, kBpr = 0x08, kIar = 0x0c, kEoir = 0x10, kRpr = 0x14,
              kHppir = 0x18, kAbpr = 0x1c, kAiar = 0x20, kAeoir = 0x24, kAhppir = 0x28, kApr = 0xd0,
              kNsapr = 0xe0, kDir = 0x1000;
// GICC_CTLR
constexpr u64 kGroup0 = 1, kGroup1 = 2, kAckCtl = 4, kFiqEn = 8, kCbpr = 16, kEoiMode = 0x200;

struct Fixture {
    explicit Fixture(unsigned cpus = 1)
        : outputs(wires()), gic(std::span<const Gicv2::Outputs>(outputs).first(cpus)) {}

    u64 dist(u64 offset, unsigned size = 4) { return gic.distributor().read(offset, size); }
    void dist(u64 offset, unsigned size, u64 value) {
        gic.distributor().write(offset, size, value);
    }
    u64 cpu(u64 offset) { return gic.cpu_interface().read(offset, 4); }
    void cpu_write(u64 offset, u64 value) { gic.cpu_interface().write(offset, 4, value); }

    // Everything on, no priority masked.
    void open(u64 cpu_ctlr = kGroup0) {
        dist(kCtlr, 4, 3);
        cpu_write(kPmr, 0xff);
        cpu_write(kCpuCtlr, cpu_ctlr);
    }
    void set_bit(u64 base, u32 intid) { dist(base + intid / 32 * 4, 4, u64{1} << (intid % 32)); }
    bool bit(u64 base, u32 intid) { return (dist(base + intid / 32 * 4) >> (intid % 32) & 1) != 0; }
    void priority(u32 intid, u64 value) { dist(kPriority + intid, 1, value); }
    void make_edge(u32 intid) {
        const u64 offset = kConfig + intid / 16 * 4;
        dist(offset, 4, dist(offset) | u64{2} << (intid % 16 * 2));
    }
    // Enables an interrupt with a priority.
    void arm(u32 intid, u64 its_priority) {
        priority(intid, its_priority);
        set_bit(kSetEnable, intid);
    }
    void wire(u32 intid, bool level) { gic.spi(intid - 32).set(level); }
    void pulse(u32 intid) {
        wire(intid, true);
        wire(intid, false);
    }

    std::array<FakeLine, 8> irq;
    std::array<FakeLine, 8> fiq;
    std::array<Gicv2::Outputs, 8> outputs;
    Gicv2 gic;

private:
    std::array<Gicv2::Outputs, 8> wires() {
        std::array<Gicv2::Outputs, 8> all;
        for (unsigned i = 0; i < all.size(); i++) {
            all[i] = {&irq[i], &fiq[i]};
        }
        return all;
    }
};

} // namespace forkscope::test::gic
