// GICv2: distributor and CPU interface. Arm IHI 0048B.

#include "dev/drivers.hpp"
#include "dev/fdt.hpp"
#include "dev/mmio.hpp"
#include "machine/machdep.hpp"
#include "sys/intr.hpp"
#include "sys/systm.hpp"

namespace {

// IHI 0048B, 4.3; arrays start at the offset given
enum class Gicd : u32 {
    CTLR = 0x000,
    TYPER = 0x004,
    ISENABLER = 0x100, // a bit for each INTID
    ICENABLER = 0x180,
    IPRIORITYR = 0x400, // a byte
    ITARGETSR = 0x800,  // a byte
    SGIR = 0xf00,
};
// IHI 0048B, 4.4
enum class Gicc : u32 { CTLR = 0x000, PMR = 0x004, IAR = 0x00c, EOIR = 0x010 };

constexpr u32 kSpurious = 1020; // this and the following INTIDs are no interrupts
constexpr unsigned kMaxIrq = 128;
constexpr u32 kPriority = 0x80;

mmio distributor;
mmio cpu_interface;

struct handler {
    intr_handler ih_func;
    void* ih_arg;
    const char* ih_name;
};
handler handlers[kMaxIrq];

constexpr Gicd word(Gicd array, u32 index) {
    return static_cast<Gicd>(static_cast<u32>(array) + index * 4);
}

// Writes byte `irq` of an array of bytes.
void write_byte(Gicd array, unsigned irq, u32 value) {
    const Gicd reg = word(array, irq / 4);
    const unsigned shift = irq % 4 * 8;
    distributor.write(reg, (distributor.read(reg) & ~(u32{0xff} << shift)) | (value << shift));
}

void dispatch(u32 irq) {
    const handler& h = handlers[irq];
    if (irq < kMaxIrq && h.ih_func != nullptr) {
        h.ih_func(h.ih_arg);
    }
}

} // namespace

void intr_init() {
    fdt_node node = fdt_find_compatible("arm,cortex-a15-gic");
    if (node < 0) {
        node = fdt_find_compatible("arm,gic-400");
    }
    paddr_t dist_pa, cpu_pa;
    psize_t dist_size, cpu_size;
    if (node < 0 || !fdt_get_reg(node, 0, &dist_pa, &dist_size) ||
        !fdt_get_reg(node, 1, &cpu_pa, &cpu_size)) {
        panic("no GICv2 in the device tree");
    }
    distributor.base = pmap_mapdev(dist_pa, 0x1000);
    cpu_interface.base = pmap_mapdev(cpu_pa, 0x1000);

    distributor.write(Gicd::CTLR, 0);
    const u32 lines = min(((distributor.read(Gicd::TYPER) & 0x1f) + 1) * 32, u32{kMaxIrq});
    for (u32 i = 0; i < lines / 32; ++i) {
        distributor.write(word(Gicd::ICENABLER, i), ~u32{0});
    }
    distributor.write(Gicd::CTLR, 1);
    cpu_interface.write(Gicc::PMR, 0xff);
    cpu_interface.write(Gicc::CTLR, 1);
}

void intr_establish(unsigned irq, ipl_t, intr_handler func, void* arg, const char* name) {
    KASSERT(irq < kMaxIrq && handlers[irq].ih_func == nullptr);
    handlers[irq] = {func, arg, name};
    write_byte(Gicd::IPRIORITYR, irq, kPriority);
    if (irq >= 32) {
        write_byte(Gicd::ITARGETSR, irq, 1); // the first CPU takes shared ones
    }
    distributor.write(word(Gicd::ISENABLER, irq / 32), u32{1} << irq % 32);
}

// All that is pending, one after the other.
void gic_irq_handler(trapframe*) {
    for (;;) {
        const u32 iar = cpu_interface.read(Gicc::IAR);
        const u32 irq = iar & 0x3ff;
        if (irq >= kSpurious) {
            return;
        }
        dispatch(irq);
        cpu_interface.write(Gicc::EOIR, iar);
    }
}

void gic_send_sgi(unsigned cpu, unsigned sgi) {
    distributor.write(Gicd::SGIR, (u32{1} << (16 + cpu)) | sgi);
}
