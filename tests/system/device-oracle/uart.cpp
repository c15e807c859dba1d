#include "oracle.hpp"

using namespace bare;

namespace oracle {

namespace {

// Writes `ones` (the bits the register has) and zero, and says what stays.
void probe_mask(const char* name, u64 address, u32 ones) {
    const u32 before = read32(address);
    write32(address, ones);
    const u32 set = read32(address);
    write32(address, 0);
    const u32 clear = read32(address);
    write32(address, before);
    line(name, set, clear);
}

} // namespace

void uart_registers() {
    section("UART: registers");
    for (u64 i = 0; i < 8; i++) {
        line("id", i, read32(uart::kId + 4 * i));
    }
    line("fr", read32(uart::kFr));
    line("rsr", read32(uart::kRsr));
    line("cr", read32(uart::kCr));
    line("ifls", read32(uart::kIfls));
    line("lcr_h", read32(uart::kLcrH));
    probe_mask("ilpr", uart::kIlpr, 0xff);
    probe_mask("ibrd", uart::kIbrd, 0xffff);
    probe_mask("fbrd", uart::kFbrd, 0x3f);
    probe_mask("lcr_h", uart::kLcrH, 0xfe);
    probe_mask("ifls", uart::kIfls, 0x24);
    probe_mask("imsc", uart::kImsc, 0x7ff);
}

void uart_interrupts() {
    section("UART: the transmit interrupt");
    write32(uart::kLcrH, 0x70);
    write32(uart::kCr, 0x301);
    write32(uart::kImsc, 0);
    write32(uart::kIcr, 0x7ff);
    const u32 quiet = read32(uart::kRis);
    line("ris before", quiet);
    write32(uart::kIcr, 0x7ff);
    const u32 cleared = read32(uart::kRis);
    put('#');
    const u32 raised = read32(uart::kRis);
    const u32 masked = read32(uart::kMis);
    write32(uart::kImsc, uart::kTx);
    const u32 unmasked = read32(uart::kMis);
    const u32 wire = get_bit(gicd::kIspendr, uart::kIntid);
    write32(uart::kIcr, uart::kTx);
    const u32 after = read32(uart::kMis);
    const u32 wire_after = get_bit(gicd::kIspendr, uart::kIntid);
    write32(uart::kImsc, 0);
    put('\n');
    line("cleared", cleared);
    line("raised", raised);
    line("masked", masked);
    line("unmasked", unmasked, wire);
    line("after", after, wire_after);
}

// Reads what the test sends, once an interrupt has told of it: "hello", a newline
// and Ctrl-D, with which forkscope ends a file's input.
void uart_input() {
    section("UART: input");
    write32(uart::kLcrH, 0x70);
    write32(uart::kCr, 0x301);
    write32(uart::kImsc, 0x50); // RX and receive timeout
    while (get_bit(gicd::kIspendr, uart::kIntid) == 0) {
    }
    line("interrupt", (read32(uart::kMis) & 0x50) != 0);
    for (u32 i = 0; i < 7; i++) {
        while ((read32(uart::kFr) & 0x10) != 0) {
        }
        const u32 data = read32(uart::kDr);
        line("data", i, data);
    }
    line("fr", read32(uart::kFr));
    line("rsr", read32(uart::kRsr));
    line("mis", read32(uart::kMis) & 0x50);
    line("wire", get_bit(gicd::kIspendr, uart::kIntid));
    write32(uart::kImsc, 0);
    write32(uart::kIcr, 0x7ff);
}

} // namespace oracle
