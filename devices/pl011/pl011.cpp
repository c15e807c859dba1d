#include "devices/pl011/pl011.hpp"

#include "base/field.hpp"

#include <algorithm>

namespace forkscope {

namespace {

using Bits = RegisterBits;
using enum RegisterBits::Kind;

// UARTDR, DDI 0183G 3.3.1
using DrData = Field<u32, 7, 0>;
using DrErrors = Field<u32, 10, 8>; // BE, PE, FE: in UARTRSR bits 2:0
using DrBreak = Field<u32, 10>;
using DrOverrun = Field<u32, 11>;
constexpr Bits kDataBits[] = {
    {11, 11, "OE"}, {10, 10, "BE"}, {9, 9, "PE"}, {8, 8, "FE"}, {7, 0, "DATA"}};

// UARTRSR/UARTECR, 3.3.2
using RsrOverrun = Field<u32, 3>;
constexpr Bits kStatusBits[] = {{3, 3, "OE"}, {2, 2, "BE"}, {1, 1, "PE"}, {0, 0, "FE"}};

// UARTFR, 3.3.3
using FrRxfe = Field<u32, 4>;
using FrRxff = Field<u32, 6>;
using FrTxfe = Field<u32, 7>;
using FrCts = Field<u32, 0>;
using FrDsr = Field<u32, 1>;
using FrDcd = Field<u32, 2>;
using FrRi = Field<u32, 8>;
constexpr Bits kFlagBits[] = {{8, 8, "RI"},   {7, 7, "TXFE"}, {6, 6, "RXFF"},
                              {5, 5, "TXFF"}, {4, 4, "RXFE"}, {3, 3, "BUSY"},
                              {2, 2, "DCD"},  {1, 1, "DSR"},  {0, 0, "CTS"}};

// UARTLCR_H, 3.3.7
using LcrBreak = Field<u32, 0>;
using LcrFifoEnable = Field<u32, 4>;
constexpr Bits kLineControlBits[] = {{7, 7, "SPS", Unimplemented},
                                     {6, 5, "WLEN", Unimplemented},
                                     {4, 4, "FEN"},
                                     {3, 3, "STP2", Unimplemented},
                                     {2, 2, "EPS", Unimplemented},
                                     {1, 1, "PEN", Unimplemented},
                                     {0, 0, "BRK"}};

// UARTCR, 3.3.8
using CrEnable = Field<u32, 0>;
using CrLoopback = Field<u32, 7>;
using CrReceiveEnable = Field<u32, 9>;
using CrDtr = Field<u32, 10>;
using CrRts = Field<u32, 11>;
using CrOut1 = Field<u32, 12>;
using CrOut2 = Field<u32, 13>;
constexpr Bits kControlBits[] = {{15, 15, "CTSEn", Unimplemented},
                                 {14, 14, "RTSEn", Unimplemented},
                                 {13, 13, "Out2"},
                                 {12, 12, "Out1"},
                                 {11, 11, "RTS"},
                                 {10, 10, "DTR"},
                                 {9, 9, "RXE"},
                                 {8, 8, "TXE", Unimplemented},
                                 {7, 7, "LBE"},
                                 {6, 3, "", Reserved},
                                 {2, 2, "SIRLP", Unimplemented},
                                 {1, 1, "SIREN", Unimplemented},
                                 {0, 0, "UARTEN"}};
constexpr u32 kControlMask = 0xff87;

// UARTIFLS, 3.3.9
using IflsReceive = Field<u32, 5, 3>;
constexpr Bits kTriggerBits[] = {{5, 3, "RXIFLSEL"}, {2, 0, "TXIFLSEL", Unimplemented}};

// UARTIMSC, UARTRIS, UARTMIS and UARTICR, 3.3.10 to 3.3.13
using IntRi = Field<u32, 0>;
using IntCts = Field<u32, 1>;
using IntDcd = Field<u32, 2>;
using IntDsr = Field<u32, 3>;
using IntReceive = Field<u32, 4>;
using IntTransmit = Field<u32, 5>;
using IntReceiveTimeout = Field<u32, 6>;
using IntErrors = Field<u32, 9, 7>; // BE, PE, FE
using IntOverrun = Field<u32, 10>;
constexpr Bits kInterruptBits[] = {{10, 10, "OE"}, {9, 9, "BE"},  {8, 8, "PE"}, {7, 7, "FE"},
                                   {6, 6, "RT"},   {5, 5, "TX"},  {4, 4, "RX"}, {3, 3, "DSR"},
                                   {2, 2, "DCD"},  {1, 1, "CTS"}, {0, 0, "RI"}};
constexpr u32 kInterruptMask = 0x7ff;

constexpr Bits kIlprBits[] = {{7, 0, "ILPDVSR", Unimplemented}};
constexpr Bits kIbrdBits[] = {{15, 0, "BAUD DIVINT", Unimplemented}};
constexpr Bits kFbrdBits[] = {{5, 0, "BAUD DIVFRAC", Unimplemented}};
constexpr Bits kDmaBits[] = {{2, 2, "DMAONERR", Unimplemented},
                             {1, 1, "TXDMAE", Unimplemented},
                             {0, 0, "RXDMAE", Unimplemented}};

// UARTPeriphID0-3 and UARTPCellID0-3, 3.3.15 and 3.3.16
constexpr std::array<u8, 8> kIdentification{0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

// 8N1 at 115200 baud: ten bits a character.
constexpr u64 kCharactersPerSecond = 11520;
// The receive timeout is 32 bit periods, DDI 0183G, UARTRTINTR.
constexpr Cycle timeout_of(Cycle character_cycles) {
    return character_cycles * 32 / 10;
}

} // namespace

// DDI 0183G table 3-1
const RegisterTable<Pl011>& Pl011::registers() {
    using enum RegisterAccess;
    using P = Pl011;
    // clang-format off
    static constexpr std::array<Register<P>, 15> kEntries{{
        {.offset = 0x000, .name = "UARTDR", .mask = 0xfff,
         .on_read = &P::read_data, .on_write = &P::write_data, .bits = kDataBits},
        {.offset = 0x004, .name = "UARTRSR/UARTECR", .mask = 0xff,
         .storage = &State::receive_status, .on_write = &P::clear_errors, .bits = kStatusBits},
        {.offset = 0x018, .name = "UARTFR", .access = ReadOnly,
         .reset = 0x90, .mask = 0x1ff, .on_read = &P::read_flags, .bits = kFlagBits},
        {.offset = 0x020, .name = "UARTILPR", .mask = 0xff,
         .storage = &State::ilpr, .bits = kIlprBits},
        {.offset = 0x024, .name = "UARTIBRD", .mask = 0xffff,
         .storage = &State::ibrd, .bits = kIbrdBits},
        {.offset = 0x028, .name = "UARTFBRD", .mask = 0x3f,
         .storage = &State::fbrd, .bits = kFbrdBits},
        {.offset = 0x02c, .name = "UARTLCR_H", .mask = 0xff, .storage = &State::lcr_h,
         .on_write = &P::write_line_control, .bits = kLineControlBits},
        {.offset = 0x030, .name = "UARTCR", .reset = 0x300, .mask = kControlMask,
         .storage = &State::cr, .on_write = &P::write_control, .bits = kControlBits},
        {.offset = 0x034, .name = "UARTIFLS", .reset = 0x12, .mask = 0x3f,
         .storage = &State::ifls, .bits = kTriggerBits},
        {.offset = 0x038, .name = "UARTIMSC", .mask = kInterruptMask, .storage = &State::imsc,
         .on_write = &P::write_mask, .bits = kInterruptBits},
        {.offset = 0x03c, .name = "UARTRIS", .access = ReadOnly, .mask = kInterruptMask,
         .storage = &State::raw_interrupts, .bits = kInterruptBits},
        {.offset = 0x040, .name = "UARTMIS", .access = ReadOnly, .mask = kInterruptMask,
         .on_read = &P::read_masked_interrupts, .bits = kInterruptBits},
        {.offset = 0x044, .name = "UARTICR", .access = WriteOnly, .mask = kInterruptMask,
         .on_write = &P::clear_interrupts, .bits = kInterruptBits},
        {.offset = 0x048, .name = "UARTDMACR", .mask = 0x7,
         .storage = &State::dmacr, .bits = kDmaBits},
        {.offset = 0xfe0, .name = "UARTPeriphID0-3, UARTPCellID0-3", .access = ReadOnly,
         .count = kIdentification.size(), .on_read = &P::read_identification},
    }};
    // clang-format on
    static constexpr RegisterTable<P> kTable{kEntries};
    return kTable;
}

Pl011::Pl011(Clock& clock, IrqLine& irq, ConsoleSink& sink, ConsoleSource* source, u64 cpu_hz)
    : clock_(clock), irq_(irq), sink_(sink), source_(source),
      character_cycles_(std::max<Cycle>(cpu_hz / kCharactersPerSecond, 1)) {
    registers().reset(state_);
}

u64 Pl011::read(u64 offset, unsigned size) {
    return registers().read(*this, offset, size);
}

void Pl011::write(u64 offset, unsigned size, u64 value) {
    registers().write(*this, offset, size, value);
}

void Pl011::reset() {
    state_ = State{};
    registers().reset(state_);
    update();
    schedule();
}

u32 Pl011::read_data(u32) {
    if (state_.rx_count == 0) {
        return 0;
    }
    const u32 entry = state_.rx_fifo[state_.rx_head];
    state_.rx_head = (state_.rx_head + 1) % kFifoDepth;
    state_.rx_count--;
    state_.receive_status = (state_.receive_status & RsrOverrun::mask) | DrErrors::get(entry);
    if (state_.rx_count < receive_trigger()) {
        state_.raw_interrupts &= ~IntReceive::mask;
    }
    if (state_.rx_count == 0) {
        state_.raw_interrupts &= ~IntReceiveTimeout::mask;
        state_.receive_timeout = Clock::kNever;
    }
    update();
    schedule();
    return entry;
}

// The transmitter is done before the store is, so its FIFO is empty again.
void Pl011::write_data(u32, u32 value) {
    const u32 character = DrData::get(value);
    if (!CrLoopback::test(state_.cr)) {
        sink_.put(static_cast<u8>(character));
    } else if (receiver_enabled()) {
        receive(character);
    }
    state_.raw_interrupts |= IntTransmit::mask;
    update();
    schedule();
}

void Pl011::clear_errors(u32, u32) {
    state_.receive_status = 0;
}

u32 Pl011::read_flags(u32) {
    u32 flags = FrTxfe::mask | modem_status();
    flags |= FrRxfe::make(state_.rx_count == 0);
    flags |= FrRxff::make(state_.rx_count == fifo_depth());
    return flags;
}

// Changing the depth empties the FIFO, as in QEMU; DDI 0183G leaves it open.
void Pl011::write_line_control(u32, u32 value) {
    const u32 changed = state_.lcr_h ^ value;
    state_.lcr_h = value;
    if (LcrFifoEnable::test(changed)) {
        state_.rx_head = 0;
        state_.rx_count = 0;
        state_.receive_timeout = Clock::kNever;
    }
    const bool break_begins = LcrBreak::test(changed) && LcrBreak::test(value);
    if (break_begins && CrLoopback::test(state_.cr) && receiver_enabled()) {
        receive(DrBreak::mask);
    }
    update();
    schedule();
}

void Pl011::write_control(u32, u32 value) {
    const u32 before = modem_status();
    state_.cr = value;
    const u32 changed = before ^ modem_status();
    state_.raw_interrupts |= IntCts::make(FrCts::get(changed)) | IntDsr::make(FrDsr::get(changed)) |
                             IntDcd::make(FrDcd::get(changed)) | IntRi::make(FrRi::get(changed));
    update();
    schedule();
}

void Pl011::write_mask(u32, u32 value) {
    state_.imsc = value;
    update();
}

u32 Pl011::read_masked_interrupts(u32) {
    return state_.raw_interrupts & state_.imsc;
}

void Pl011::clear_interrupts(u32, u32 value) {
    state_.raw_interrupts &= ~value;
    update();
}

u32 Pl011::read_identification(u32 index) {
    return kIdentification[index];
}

u32 Pl011::fifo_depth() const {
    return LcrFifoEnable::test(state_.lcr_h) ? kFifoDepth : 1;
}

// DDI 0183G 3.3.9: 1/8, 1/4, 1/2, 3/4 and 7/8 full; the other values are
// reserved and taken as the last.
u32 Pl011::receive_trigger() const {
    if (!LcrFifoEnable::test(state_.lcr_h)) {
        return 1;
    }
    constexpr std::array<u32, 8> kLevels{2, 4, 8, 12, 14, 14, 14, 14};
    return kLevels[IflsReceive::get(state_.ifls)];
}

bool Pl011::receiver_enabled() const {
    return CrEnable::test(state_.cr) && CrReceiveEnable::test(state_.cr);
}

// The modem inputs as UARTFR shows them: the outputs in loopback, DDI 0183G
// 3.3.8 "LBE", else unconnected.
u32 Pl011::modem_status() const {
    if (!CrLoopback::test(state_.cr)) {
        return 0;
    }
    return FrCts::make(CrRts::get(state_.cr)) | FrDsr::make(CrDtr::get(state_.cr)) |
           FrDcd::make(CrOut1::get(state_.cr)) | FrRi::make(CrOut2::get(state_.cr));
}

// A character that finds the FIFO full is lost; the next one that is stored
// says so in its OE bit. DDI 0183G, "Overrun bit".
void Pl011::receive(u32 character) {
    if (state_.rx_count == fifo_depth()) {
        state_.overrun = 1;
        state_.receive_status |= RsrOverrun::mask;
        state_.raw_interrupts |= IntOverrun::mask;
        return;
    }
    const u32 entry = character | DrOverrun::make(state_.overrun);
    state_.overrun = 0;
    state_.rx_fifo[(state_.rx_head + state_.rx_count) % kFifoDepth] = static_cast<u16>(entry);
    state_.rx_count++;
    state_.raw_interrupts |= IntErrors::make(DrErrors::get(entry));
    if (state_.rx_count >= receive_trigger()) {
        state_.raw_interrupts |= IntReceive::mask;
    }
    state_.receive_timeout = clock_.now() + timeout_of(character_cycles_);
}

void Pl011::on_deadline() {
    const Cycle now = clock_.now();
    if (now >= next_arrival()) {
        if (const auto byte = source_->take()) {
            receive(*byte);
        }
        state_.next_receive = now + character_cycles_;
    }
    if (now >= state_.receive_timeout) {
        state_.raw_interrupts |= IntReceiveTimeout::mask;
        state_.receive_timeout = Clock::kNever;
    }
    update();
    schedule();
}

void Pl011::update() {
    irq_.set((state_.raw_interrupts & state_.imsc) != 0);
}

// When the source is to be asked for a byte; kNever while none could be taken.
Cycle Pl011::next_arrival() const {
    const bool listens =
        receiver_enabled() && !CrLoopback::test(state_.cr) && state_.rx_count < fifo_depth();
    const bool has_more = source_ != nullptr && !source_->ended();
    return listens && has_more ? state_.next_receive : Clock::kNever;
}

void Pl011::schedule() {
    clock_.request(std::min(next_arrival(), state_.receive_timeout));
}

} // namespace forkscope
