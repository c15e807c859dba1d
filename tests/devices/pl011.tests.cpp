#include "devices/pl011/pl011.hpp"
#include "devices/fakes.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using namespace forkscope::test;

namespace {

constexpr u64 kHz = 1'000'000'000;

constexpr u64 kDr = 0x00, kRsr = 0x04, kFr = 0x18, kIlpr = 0x20, kIbrd = 0x24, kFbrd = 0x28,
              kLcrH = 0x2c, kCr = 0x30, kIfls = 0x34, kImsc = 0x38, kRis = 0x3c, kMis = 0x40,
              kIcr = 0x44, kDmacr = 0x48;

constexpr u64 kRxe = 0x10, kRxff = 0x40, kTxfe = 0x80; // UARTFR: RXFE, RXFF, TXFE
constexpr u64 kFen = 0x10;                             // UARTLCR_H
constexpr u64 kUarten = 0x001, kLbe = 0x080, kTxEn = 0x100, kRxEn = 0x200;  // UARTCR
constexpr u64 kRx = 0x10, kTx = 0x20, kRt = 0x40, kBe = 0x200, kOe = 0x400; // interrupts

struct Fixture {
    explicit Fixture(std::string input = "", bool closed = true)
        : source(std::move(input), closed) {
        uart.reset();
    }
    u64 read(u64 offset) { return uart.read(offset, 4); }
    void write(u64 offset, u64 value) { uart.write(offset, 4, value); }
    void enable(bool fifo, u64 extra = 0) {
        write(kLcrH, fifo ? kFen | 0x60 : 0x60);
        write(kCr, kUarten | kTxEn | kRxEn | extra);
    }
    // Sends a byte to itself.
    void loop_back(u64 byte) { write(kDr, byte); }
    void run_to(Cycle when) { clock.run_to(when, uart); }
    Cycle character() const { return uart.character_cycles(); }

    FakeClock clock;
    FakeLine irq;
    FakeSink sink;
    FakeSource source;
    Pl011 uart{clock, irq, sink, &source, kHz};
};

} // namespace

TEST_CASE("pl011: after reset the registers read as the manual says", "[devices][pl011]") {
    Fixture f;
    CHECK(f.read(kFr) == (kTxfe | kRxe));
    CHECK(f.read(kCr) == 0x300);
    CHECK(f.read(kIfls) == 0x12);
    for (u64 offset : {kDr, kRsr, kIlpr, kIbrd, kFbrd, kLcrH, kImsc, kRis, kMis, kIcr, kDmacr}) {
        CHECK(f.read(offset) == 0);
    }
    CHECK_FALSE(f.irq.high);
    CHECK(f.clock.wanted == Clock::kNever);
}

TEST_CASE("pl011: plain registers keep the bits they have", "[devices][pl011]") {
    Fixture f;
    for (const auto& [offset, mask] : {std::pair{kIlpr, 0xff},
                                       {kIbrd, 0xffff},
                                       {kFbrd, 0x3f},
                                       {kLcrH, 0xff},
                                       {kCr, 0xff87},
                                       {kIfls, 0x3f},
                                       {kImsc, 0x7ff},
                                       {kDmacr, 0x7}}) {
        f.write(offset, 0xffff'ffff);
        CHECK(f.read(offset) == static_cast<u64>(mask));
        f.write(offset, 0);
        CHECK(f.read(offset) == 0);
    }
    f.write(kFr, 0);
    CHECK(f.read(kFr) == (kTxfe | kRxe));
}

TEST_CASE("pl011: the identification is a PL011's", "[devices][pl011]") {
    Fixture f;
    const std::array<u64, 8> expected{0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};
    for (u64 i = 0; i < expected.size(); i++) {
        CHECK(f.read(0xfe0 + 4 * i) == expected[i]);
    }
}

TEST_CASE("pl011: what is written to DR comes out, before the UART is set up too",
          "[devices][pl011]") {
    Fixture f;
    f.write(kDr, 'h');
    f.enable(true);
    f.write(kDr, 0xffff'ff00 | 'i');
    f.uart.write(kDr, 1, '!');
    CHECK(f.sink.text == "hi!");
    CHECK((f.read(kFr) & kTxfe) != 0);
}

TEST_CASE("pl011: each transmission raises TX, which the mask and ICR take away",
          "[devices][pl011]") {
    Fixture f;
    f.write(kImsc, kTx);
    CHECK_FALSE(f.irq.high);
    f.write(kDr, 'x');
    CHECK(f.irq.high);
    CHECK(f.read(kMis) == kTx);
    f.write(kIcr, kTx);
    CHECK_FALSE(f.irq.high);
    f.write(kDr, 'y');
    CHECK(f.irq.high);
    f.write(kImsc, 0);
    CHECK_FALSE(f.irq.high);
    CHECK(f.read(kRis) == kTx);
    CHECK(f.read(kMis) == 0);
}

TEST_CASE("pl011: nothing is received before UARTEN and RXE are set", "[devices][pl011]") {
    Fixture f("a");
    f.run_to(100 * f.character());
    CHECK(f.source.asked == 0);
    f.write(kCr, kUarten);
    f.run_to(200 * f.character());
    CHECK(f.source.asked == 0);
    f.write(kCr, kRxEn);
    CHECK(f.clock.wanted == Clock::kNever);
    f.write(kCr, kUarten | kRxEn);
    f.run_to(200 * f.character() + 1);
    CHECK(f.read(kDr) == 'a');
}

TEST_CASE("pl011: without the FIFO a character raises RX, and reading DR clears it",
          "[devices][pl011]") {
    Fixture f("ab");
    f.enable(false);
    f.write(kImsc, kRx);
    f.run_to(0);
    CHECK(f.irq.high);
    CHECK((f.read(kFr) & (kRxe | kRxff)) == kRxff);
    f.run_to(50 * f.character());
    CHECK(f.source.given == 1); // there is room for one
    CHECK(f.read(kDr) == 'a');
    CHECK_FALSE(f.irq.high);
    CHECK((f.read(kFr) & kRxe) != 0);
    f.run_to(50 * f.character() + 1);
    CHECK(f.irq.high);
    CHECK(f.read(kDr) == 'b');
    CHECK(f.read(kDr) == 0);
    CHECK_FALSE(f.irq.high);
}

TEST_CASE("pl011: characters arrive one character time apart, to the cycle", "[devices][pl011]") {
    Fixture f("abc");
    CHECK(f.character() == 86'805);
    f.run_to(1000);
    f.enable(true);
    CHECK(f.clock.wanted <= 1000);
    f.run_to(1000);
    CHECK(f.uart.state().rx_count == 1);
    f.run_to(1000 + f.character() - 1);
    CHECK(f.uart.state().rx_count == 1);
    f.run_to(1000 + f.character());
    CHECK(f.uart.state().rx_count == 2);
    f.run_to(1000 + 2 * f.character());
    CHECK(f.uart.state().rx_count == 3);
}

TEST_CASE("pl011: RX is raised at each trigger level and cleared below it", "[devices][pl011]") {
    constexpr std::array<u32, 5> levels{2, 4, 8, 12, 14};
    for (u64 select = 0; select < levels.size(); select++) {
        Fixture f;
        f.enable(true, kLbe);
        f.write(kIfls, select << 3);
        for (u32 i = 1; i < levels[select]; i++) {
            f.loop_back(i);
        }
        CHECK((f.read(kRis) & kRx) == 0);
        f.loop_back(levels[select]);
        CHECK((f.read(kRis) & kRx) == kRx);
        CHECK(f.read(kDr) == 1);
        CHECK((f.read(kRis) & kRx) == 0);
    }
}

TEST_CASE("pl011: reading DR clears RX when the FIFO drains", "[devices][pl011]") {
    Fixture f("0123456789abcdef");
    f.enable(true);
    f.write(kIfls, 2 << 3); // half full
    f.write(kImsc, kRx);
    f.run_to(15 * f.character());
    CHECK(f.irq.high);
    CHECK((f.read(kFr) & kRxff) != 0);
    for (unsigned i = 0; i < 8; i++) {
        CHECK(f.irq.high);
        CHECK(f.read(kDr) == static_cast<u64>("0123456789abcdef"[i]));
    }
    CHECK(f.irq.high); // eight are left
    CHECK(f.read(kDr) == '8');
    CHECK_FALSE(f.irq.high);
    while ((f.read(kFr) & kRxe) == 0) {
        CHECK(f.read(kDr) != 0);
    }
    CHECK(f.source.ended());
}

TEST_CASE("pl011: a full FIFO makes the source wait, nothing is lost", "[devices][pl011]") {
    std::string input;
    for (char c = 'A'; c <= 'Z'; c++) {
        input += c;
    }
    Fixture f(input);
    f.enable(true);
    f.run_to(100 * f.character());
    CHECK(f.source.given == 16);
    std::string got;
    for (u64 step = 0; step < 40; step++) {
        if ((f.read(kFr) & kRxe) == 0) {
            got += static_cast<char>(f.read(kDr));
        }
        f.run_to((101 + step) * f.character());
    }
    CHECK(got == input);
    CHECK((f.read(kRis) & kOe) == 0);
    CHECK(f.clock.wanted == Clock::kNever);
}

TEST_CASE("pl011: two runs of the same input are the same, to the cycle", "[devices][pl011]") {
    const auto arrivals = [] {
        Fixture f("some input that is longer than the FIFO is deep");
        f.enable(true);
        std::vector<Cycle> moments;
        std::size_t seen = 0;
        for (Cycle now = 0; now < 60 * f.character(); now += 997) {
            f.run_to(now);
            if (f.source.given != seen) {
                seen = f.source.given;
                moments.push_back(now);
                if (seen % 3 == 0) {
                    (void)f.read(kDr);
                }
            }
        }
        return moments;
    };
    CHECK(arrivals() == arrivals());
}

TEST_CASE("pl011: a few characters below the trigger raise RT after 32 bit periods",
          "[devices][pl011]") {
    Fixture f("ab");
    f.enable(true);
    f.write(kImsc, kRt);
    const Cycle last = f.character();
    const Cycle due = last + f.character() * 32 / 10;
    f.run_to(due - 1);
    CHECK((f.read(kRis) & (kRt | kRx)) == 0);
    f.run_to(due);
    CHECK(f.read(kMis) == kRt);
    CHECK(f.irq.high);
    CHECK(f.read(kDr) == 'a');
    CHECK(f.irq.high);
    CHECK(f.read(kDr) == 'b');
    CHECK_FALSE(f.irq.high); // empty
}

TEST_CASE("pl011: RT that was cleared by ICR comes back only after another character",
          "[devices][pl011]") {
    Fixture f("a", false);
    f.enable(true);
    f.run_to(10 * f.character());
    CHECK((f.read(kRis) & kRt) == kRt);
    f.write(kIcr, kRt);
    f.run_to(100 * f.character());
    CHECK((f.read(kRis) & kRt) == 0);
    f.source.text += "b";
    f.run_to(110 * f.character());
    CHECK((f.read(kRis) & kRt) == kRt);
}

TEST_CASE("pl011: a source that may get more is asked again each character time",
          "[devices][pl011]") {
    Fixture f("", false);
    f.enable(true);
    f.run_to(10 * f.character());
    CHECK(f.source.asked == 11);
    f.source.text = "k";
    f.run_to(11 * f.character());
    CHECK(f.read(kDr) == 'k');
}

TEST_CASE("pl011: a source that has ended is not asked", "[devices][pl011]") {
    Fixture f("");
    f.enable(true);
    f.run_to(10 * f.character());
    CHECK(f.source.asked == 0);
    CHECK(f.clock.wanted == Clock::kNever);
}

TEST_CASE("pl011: loopback receives what is sent and keeps it from the line", "[devices][pl011]") {
    Fixture f("x");
    f.enable(true, kLbe);
    f.loop_back('l');
    CHECK(f.sink.text.empty());
    CHECK(f.read(kDr) == 'l');
    f.run_to(10 * f.character());
    CHECK(f.source.asked == 0); // nor is the line heard
    f.write(kCr, kUarten | kTxEn | kRxEn);
    f.run_to(10 * f.character() + 1);
    CHECK(f.read(kDr) == 'x');
}

TEST_CASE("pl011: a full FIFO loses the character, OE says so", "[devices][pl011]") {
    Fixture f;
    f.enable(true, kLbe);
    f.write(kImsc, kOe);
    for (u64 i = 0; i < 16; i++) {
        f.loop_back('a' + i);
    }
    CHECK_FALSE(f.irq.high);
    CHECK((f.read(kFr) & kRxff) != 0);
    f.loop_back('!');
    CHECK(f.irq.high);
    CHECK(f.read(kRsr) == 8);
    CHECK(f.read(kDr) == 'a'); // what was there is unharmed
    CHECK(f.read(kRsr) == 8);
    f.loop_back('?');
    for (u64 i = 1; i < 16; i++) {
        CHECK(f.read(kDr) == 'a' + i);
    }
    CHECK(f.read(kDr) == (0x800 | '?')); // the first one stored after the loss
    f.write(kRsr, 0);
    CHECK(f.read(kRsr) == 0);
    f.write(kIcr, kOe);
    CHECK_FALSE(f.irq.high);
    f.loop_back('z');
    CHECK(f.read(kDr) == 'z');
}

TEST_CASE("pl011: a break in loopback arrives as a zero with BE", "[devices][pl011]") {
    Fixture f;
    f.enable(true, kLbe);
    f.write(kLcrH, kFen | 1);
    CHECK((f.read(kRis) & kBe) == kBe);
    CHECK(f.read(kDr) == 0x400);
    CHECK(f.read(kRsr) == 4);
    f.write(kLcrH, kFen);
    CHECK((f.read(kFr) & kRxe) != 0);
}

TEST_CASE("pl011: in loopback the modem outputs are the inputs, and changes interrupt",
          "[devices][pl011]") {
    Fixture f;
    CHECK((f.read(kFr) & 0x107) == 0);
    f.write(kCr, 0xc00); // RTS, DTR without loopback
    CHECK((f.read(kFr) & 0x107) == 0);
    CHECK(f.read(kRis) == 0);
    f.write(kCr, kLbe | 0x0c00);
    CHECK((f.read(kFr) & 0x107) == 0x003);
    CHECK(f.read(kRis) == 0x0a); // CTS, DSR
    f.write(kIcr, 0x7ff);
    f.write(kCr, kLbe | 0x3000); // Out1, Out2
    CHECK((f.read(kFr) & 0x107) == 0x104);
    CHECK(f.read(kRis) == 0x0f);
}

TEST_CASE("pl011: switching the FIFO empties it", "[devices][pl011]") {
    Fixture f;
    f.enable(true, kLbe);
    f.loop_back('a');
    f.loop_back('b');
    f.write(kLcrH, 0);
    CHECK((f.read(kFr) & kRxe) != 0);
    f.loop_back('c');
    CHECK((f.read(kFr) & kRxff) != 0);
    CHECK(f.read(kDr) == 'c');
}

TEST_CASE("pl011: reset silences the line and forgets everything", "[devices][pl011]") {
    Fixture f("abc");
    f.enable(true);
    f.write(kImsc, 0x7ff);
    f.write(kDr, 'x');
    f.run_to(2 * f.character());
    CHECK(f.irq.high);
    f.uart.reset();
    CHECK_FALSE(f.irq.high);
    CHECK(f.read(kRis) == 0);
    CHECK(f.read(kFr) == (kTxfe | kRxe));
    CHECK(f.clock.wanted == Clock::kNever);
}
