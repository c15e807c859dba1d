// PL011 UART. Arm PrimeCell UART (PL011) Technical Reference Manual, DDI 0183G.
//
// Deviation: transmission takes no time and does not wait for UARTEN and TXE,
// as in QEMU. SIR and DMA have registers but no effect; nothing is connected
// to the modem lines. Characters arrive at 115200 baud whatever UARTIBRD says.
#pragma once

#include "devices/console.hpp"
#include "devices/device.hpp"
#include "devices/register_table.hpp"

#include <array>

namespace forkscope {

class Pl011 final : public Device {
public:
    static constexpr u64 kWindowSize = 0x1000;
    static constexpr u32 kFifoDepth = 16;

    struct State {
        std::array<u16, kFifoDepth> rx_fifo{}; // data and its error bits 11:8, DDI 0183G 3.3.1
        u32 rx_head = 0;                       // index of the oldest entry
        u32 rx_count = 0;
        u32 receive_status = 0; // UARTRSR
        u32 overrun = 0;        // 1 if a character was lost since the last one stored
        u32 ilpr = 0;
        u32 ibrd = 0;
        u32 fbrd = 0;
        u32 lcr_h = 0;
        u32 cr = 0;
        u32 ifls = 0;
        u32 imsc = 0;
        u32 raw_interrupts = 0; // UARTRIS
        u32 dmacr = 0;
        Cycle next_receive = 0;                // no byte arrives before this
        Cycle receive_timeout = Clock::kNever; // when UARTRTINTR is due
    };

    // `source` may be null: nothing is ever received.
    Pl011(Clock& clock, IrqLine& irq, ConsoleSink& sink, ConsoleSource* source, u64 cpu_hz);

    [[nodiscard]] u64 read(u64 offset, unsigned size) override;
    void write(u64 offset, unsigned size, u64 value) override;
    void on_deadline() override;
    void reset() override;

    [[nodiscard]] const State& state() const { return state_; }
    // Cycles that a character takes on the wire at 115200 baud, 8N1.
    [[nodiscard]] Cycle character_cycles() const { return character_cycles_; }

private:
    friend class RegisterTable<Pl011>;
    static const RegisterTable<Pl011>& registers();

    u32 read_data(u32);
    void write_data(u32, u32 value);
    void clear_errors(u32, u32 value);
    u32 read_flags(u32);
    void write_line_control(u32, u32 value);
    void write_control(u32, u32 value);
    void write_mask(u32, u32 value);
    u32 read_masked_interrupts(u32);
    void clear_interrupts(u32, u32 value);
    u32 read_identification(u32 index);

    [[nodiscard]] u32 fifo_depth() const;
    [[nodiscard]] u32 receive_trigger() const;
    [[nodiscard]] bool receiver_enabled() const;
    [[nodiscard]] u32 modem_status() const;
    void receive(u32 character); // with its error bits
    [[nodiscard]] Cycle next_arrival() const;
    void update();   // drives the interrupt line from state
    void schedule(); // asks the clock for the next moment that matters

    Clock& clock_;
    IrqLine& irq_;
    ConsoleSink& sink_;
    ConsoleSource* source_;
    Cycle character_cycles_;
    State state_;
};

} // namespace forkscope
