#include "devices/timer/generic_timer.hpp"

#include "base/field.hpp"

#include <algorithm>
#include <cassert>

namespace forkscope {

namespace {

__extension__ using u128 = unsigned __int128;

// CNTP_CTL_EL0, CNTV_CTL_EL0
using CtlEnable = Field<u32, 0>;
using CtlImask = Field<u32, 1>;
using CtlIstatus = Field<u32, 2>;

// CNTKCTL_EL1
using El0PhysicalCounter = Field<u32, 0>; // EL0PCTEN
using El0VirtualCounter = Field<u32, 1>;  // EL0VCTEN
using El0VirtualTimer = Field<u32, 8>;    // EL0VTEN
using El0PhysicalTimer = Field<u32, 9>;   // EL0PTEN
// Of the event stream (bits 7:2) only the register is there: WFE never waits.
constexpr u32 kCntkctlBits = 0x3ff;

} // namespace

GenericTimer::GenericTimer(Clock& clock, IrqLine& physical_irq, IrqLine& virtual_irq, u64 cpu_hz)
    : clock_(clock), physical_irq_(physical_irq), virtual_irq_(virtual_irq), cpu_hz_(cpu_hz) {
    assert(cpu_hz > 0);
}

std::optional<TimerRegister> GenericTimer::find(u16 encoding) {
    using enum TimerRegister;
    switch (const auto which = static_cast<TimerRegister>(encoding)) {
    case CntkctlEl1:
    case CntfrqEl0:
    case CntpctEl0:
    case CntvctEl0:
    case CntpTvalEl0:
    case CntpCtlEl0:
    case CntpCvalEl0:
    case CntvTvalEl0:
    case CntvCtlEl0:
    case CntvCvalEl0:
        return which;
    }
    return std::nullopt;
}

GenericTimer::Access GenericTimer::check(TimerRegister which, unsigned el, bool is_write) const {
    using enum TimerRegister;
    const bool is_counter = which == CntpctEl0 || which == CntvctEl0;
    if (is_write && (is_counter || (which == CntfrqEl0 && el == 0))) {
        return Access::Undefined;
    }
    if (el != 0) {
        return Access::Allowed;
    }
    bool open = false;
    switch (which) {
    case CntkctlEl1:
        return Access::Undefined;
    case CntfrqEl0:
        open = El0PhysicalCounter::test(state_.cntkctl) || El0VirtualCounter::test(state_.cntkctl);
        break;
    case CntpctEl0:
        open = El0PhysicalCounter::test(state_.cntkctl);
        break;
    case CntvctEl0:
        open = El0VirtualCounter::test(state_.cntkctl);
        break;
    case CntpTvalEl0:
    case CntpCtlEl0:
    case CntpCvalEl0:
        open = El0PhysicalTimer::test(state_.cntkctl);
        break;
    case CntvTvalEl0:
    case CntvCtlEl0:
    case CntvCvalEl0:
        open = El0VirtualTimer::test(state_.cntkctl);
        break;
    }
    return open ? Access::Allowed : Access::TrapToEl1;
}

u64 GenericTimer::read(TimerRegister which) const {
    using enum TimerRegister;
    switch (which) {
    case CntkctlEl1:
        return state_.cntkctl;
    case CntfrqEl0:
        return state_.cntfrq;
    case CntpctEl0:
    case CntvctEl0:
        return count();
    case CntpTvalEl0:
        return read_tval(state_.physical);
    case CntpCtlEl0:
        return read_ctl(state_.physical);
    case CntpCvalEl0:
        return state_.physical.cval;
    case CntvTvalEl0:
        return read_tval(state_.virtual_);
    case CntvCtlEl0:
        return read_ctl(state_.virtual_);
    case CntvCvalEl0:
        return state_.virtual_.cval;
    }
    return 0;
}

void GenericTimer::write(TimerRegister which, u64 value) {
    using enum TimerRegister;
    switch (which) {
    case CntkctlEl1:
        state_.cntkctl = static_cast<u32>(value) & kCntkctlBits;
        return;
    case CntfrqEl0:
        state_.cntfrq = static_cast<u32>(value);
        return;
    case CntpctEl0:
    case CntvctEl0:
        return;
    case CntpTvalEl0:
        return write_tval(state_.physical, value);
    case CntpCtlEl0:
        return write_ctl(state_.physical, value);
    case CntpCvalEl0:
        return write_cval(state_.physical, value);
    case CntvTvalEl0:
        return write_tval(state_.virtual_, value);
    case CntvCtlEl0:
        return write_ctl(state_.virtual_, value);
    case CntvCvalEl0:
        return write_cval(state_.virtual_, value);
    }
}

u64 GenericTimer::count() const {
    return static_cast<u64>(u128{clock_.now()} * kCounterHz / cpu_hz_);
}

// The first cycle at which count() is at least `count`; kNever if there is none.
Cycle GenericTimer::first_cycle_of(u64 count) const {
    const u128 cycle = (u128{count} * cpu_hz_ + (kCounterHz - 1)) / kCounterHz;
    return cycle < Clock::kNever ? static_cast<Cycle>(cycle) : Clock::kNever;
}

// Arm ARM DDI 0487, CNTx_CVAL: the comparison is of unsigned 64-bit numbers.
bool GenericTimer::condition_met(const Comparator& timer) const {
    return count() >= timer.cval;
}

u64 GenericTimer::read_ctl(const Comparator& timer) const {
    const bool met = CtlEnable::test(timer.ctl) && condition_met(timer);
    return timer.ctl | CtlIstatus::make(met);
}

u64 GenericTimer::read_tval(const Comparator& timer) const {
    return (timer.cval - count()) & low_mask(32);
}

void GenericTimer::write_ctl(Comparator& timer, u64 value) {
    timer.ctl = static_cast<u32>(value) & (CtlEnable::mask | CtlImask::mask);
    update();
}

void GenericTimer::write_cval(Comparator& timer, u64 value) {
    timer.cval = value;
    update();
}

void GenericTimer::write_tval(Comparator& timer, u64 value) {
    write_cval(timer, count() + static_cast<u64>(sign_extend(value, 32)));
}

bool GenericTimer::asserted(const Comparator& timer) const {
    return CtlEnable::test(timer.ctl) && !CtlImask::test(timer.ctl) && condition_met(timer);
}

Cycle GenericTimer::deadline_of(const Comparator& timer) const {
    const bool waits =
        CtlEnable::test(timer.ctl) && !CtlImask::test(timer.ctl) && !condition_met(timer);
    return waits ? first_cycle_of(timer.cval) : Clock::kNever;
}

void GenericTimer::update() {
    physical_irq_.set(asserted(state_.physical));
    virtual_irq_.set(asserted(state_.virtual_));
    clock_.request(std::min(deadline_of(state_.physical), deadline_of(state_.virtual_)));
}

void GenericTimer::on_deadline() {
    update();
}

void GenericTimer::reset() {
    state_ = State{};
    update();
}

} // namespace forkscope
