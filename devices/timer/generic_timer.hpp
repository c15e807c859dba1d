// One CPU's generic timer: the physical and virtual counter and the EL1
// physical and virtual timers. Arm ARM DDI 0487, chapter D12 "The Generic
// Timer in AArch64 state". There is no EL2, so CNTVOFF is 0 and both counters
// read alike.
#pragma once

#include "devices/device.hpp"

#include <optional>

namespace forkscope {

// The timer's system registers. The value is bits 20:5 of MRS and MSR
// (register): op0, op1, CRn, CRm, op2.
enum class TimerRegister : u16 {
    CntkctlEl1 = 0xc708,  // S3_0_C14_C1_0
    CntfrqEl0 = 0xdf00,   // S3_3_C14_C0_0
    CntpctEl0 = 0xdf01,   // S3_3_C14_C0_1
    CntvctEl0 = 0xdf02,   // S3_3_C14_C0_2
    CntpTvalEl0 = 0xdf10, // S3_3_C14_C2_0
    CntpCtlEl0 = 0xdf11,  // S3_3_C14_C2_1
    CntpCvalEl0 = 0xdf12, // S3_3_C14_C2_2
    CntvTvalEl0 = 0xdf18, // S3_3_C14_C3_0
    CntvCtlEl0 = 0xdf19,  // S3_3_C14_C3_1
    CntvCvalEl0 = 0xdf1a, // S3_3_C14_C3_2
};

class GenericTimer final : public DeadlineOwner {
public:
    // What CNTFRQ_EL0 says at reset, and the rate at which the counter counts.
    static constexpr u64 kCounterHz = 62'500'000;

    // Where an access is allowed, and where it traps to.
    enum class Access { Allowed, TrapToEl1, Undefined };

    struct Comparator {
        u64 cval = 0; // CNTx_CVAL
        u32 ctl = 0;  // CNTx_CTL: ENABLE and IMASK; ISTATUS is worked out when read
    };
    struct State {
        Comparator physical;
        Comparator virtual_;
        u32 cntkctl = 0;
        u32 cntfrq = kCounterHz;
    };

    GenericTimer(Clock& clock, IrqLine& physical_irq, IrqLine& virtual_irq, u64 cpu_hz);

    // The register that `encoding` (see TimerRegister) names, if it is one of ours.
    [[nodiscard]] static std::optional<TimerRegister> find(u16 encoding);

    // What the architecture does with an access from `el` (0 or 1): TrapToEl1
    // is the trap of CNTKCTL_EL1 (EC 0x18), Undefined is EC 0x00 (a write to a
    // read-only register, CNTKCTL_EL1 from EL0).
    [[nodiscard]] Access check(TimerRegister which, unsigned el, bool is_write) const;

    // These don't check; call check() first.
    [[nodiscard]] u64 read(TimerRegister which) const;
    void write(TimerRegister which, u64 value);

    // CNTPCT_EL0 now: cycles * kCounterHz / cpu_hz, rounded down, exact.
    [[nodiscard]] u64 count() const;

    void on_deadline() override;
    void reset();

    [[nodiscard]] const State& state() const { return state_; }

private:
    [[nodiscard]] bool condition_met(const Comparator& timer) const;
    [[nodiscard]] u64 read_ctl(const Comparator& timer) const;
    [[nodiscard]] u64 read_tval(const Comparator& timer) const;
    [[nodiscard]] bool asserted(const Comparator& timer) const;
    void write_ctl(Comparator& timer, u64 value);
    void write_cval(Comparator& timer, u64 value);
    void write_tval(Comparator& timer, u64 value);
    [[nodiscard]] Cycle deadline_of(const Comparator& timer) const;
    [[nodiscard]] Cycle first_cycle_of(u64 count) const;
    void update(); // drives both lines and asks for the next moment that matters

    Clock& clock_;
    IrqLine& physical_irq_;
    IrqLine& virtual_irq_;
    u64 cpu_hz_;
    State state_;
};

} // namespace forkscope
