// PL031 real time clock. Arm PrimeCell Real Time Clock (PL031) Technical
// Reference Manual, DDI 0224C.
//
// The seconds derive from the cycle count, so that a run does not depend on
// the day it is made.
#pragma once

#include "devices/device.hpp"
#include "devices/register_table.hpp"

namespace forkscope {

class Pl031 final : public Device {
public:
    static constexpr u64 kWindowSize = 0x1000;

    struct State {
        u32 offset = 0; // RTCDR = offset + seconds since reset, modulo 2^32
        u32 match = 0;
        u32 load = 0;
        u32 mask = 0;
        u32 raw_interrupt = 0;
        Cycle match_due = Clock::kNever; // when RTCDR comes to equal RTCMR
    };

    // `epoch`: seconds since 1970 at reset.
    Pl031(Clock& clock, IrqLine& irq, u64 cpu_hz, u32 epoch);

    [[nodiscard]] u64 read(u64 offset, unsigned size) override;
    void write(u64 offset, unsigned size, u64 value) override;
    void on_deadline() override;
    void reset() override;

    [[nodiscard]] const State& state() const { return state_; }

private:
    friend class RegisterTable<Pl031>;
    static const RegisterTable<Pl031>& registers();

    u32 read_data(u32);
    void write_match(u32, u32 value);
    void write_load(u32, u32 value);
    u32 read_control(u32);
    void write_mask(u32, u32 value);
    u32 read_masked_interrupt(u32);
    void clear_interrupt(u32, u32 value);
    u32 read_identification(u32 index);

    [[nodiscard]] u64 seconds_since_reset() const;
    void schedule();
    void update();

    Clock& clock_;
    IrqLine& irq_;
    u64 cpu_hz_;
    u32 epoch_;
    State state_;
};

} // namespace forkscope
