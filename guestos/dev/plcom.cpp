// PL011 UART: the console. Arm DDI 0183G. Output is polled, input comes by
// interrupt. The line's speed is left as the firmware set it.

#include "dev/cons.hpp"
#include "dev/drivers.hpp"
#include "dev/fdt.hpp"
#include "dev/mmio.hpp"
#include "machine/machdep.hpp"
#include "sys/intr.hpp"
#include "sys/systm.hpp"

namespace {

// DDI 0183G, table 3-1
enum class Reg : u32 {
    DR = 0x00,
    FR = 0x18,
    LCR_H = 0x2c,
    CR = 0x30,
    IMSC = 0x38,
    MIS = 0x40,
    ICR = 0x44,
};
constexpr u32 FR_TXFF = 1 << 5;
constexpr u32 FR_RXFE = 1 << 4;
constexpr u32 LCR_H_FEN = 1 << 4;
constexpr u32 LCR_H_WLEN8 = 3 << 5;
constexpr u32 CR_UARTEN = 1 << 0;
constexpr u32 CR_TXE = 1 << 8;
constexpr u32 CR_RXE = 1 << 9;
constexpr u32 INT_RX = 1 << 4;
constexpr u32 INT_RT = 1 << 6; // characters wait below the FIFO's trigger level

mmio uart;
unsigned uart_irq;

void plcom_putc(int c) {
    while ((uart.read(Reg::FR) & FR_TXFF) != 0) {
    }
    uart.write(Reg::DR, static_cast<u8>(c));
}

void plcom_intr(void*) {
    while ((uart.read(Reg::FR) & FR_RXFE) == 0) {
        cn_input(static_cast<int>(uart.read(Reg::DR) & 0xff));
    }
    uart.write(Reg::ICR, INT_RX | INT_RT);
}

void plcom_intr_on() {
    intr_establish(uart_irq, IPL_VM, plcom_intr, nullptr, "plcom0");
    uart.write(Reg::IMSC, INT_RX | INT_RT);
}

const consdev plcom_cons = {plcom_putc, plcom_intr_on};

} // namespace

void plcom_attach() {
    const fdt_node node = fdt_find_compatible("arm,pl011");
    paddr_t pa;
    psize_t size;
    if (node < 0 || !fdt_get_reg(node, 0, &pa, &size) || !fdt_get_interrupt(node, 0, &uart_irq)) {
        return;
    }
    uart.base = pmap_mapdev(pa, size);
    uart.write(Reg::IMSC, 0);
    uart.write(Reg::LCR_H, LCR_H_FEN | LCR_H_WLEN8);
    uart.write(Reg::CR, CR_UARTEN | CR_TXE | CR_RXE);
    cninit(&plcom_cons);
}
