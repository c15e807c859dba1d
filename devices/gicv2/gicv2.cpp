#include "devices/gicv2/gicv2.hpp"

#include "devices/gicv2/gicv2_bits.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace forkscope {

namespace {

constexpr u32 kIdle = 0x100; // running priority when no interrupt is active

constexpr u32 bit_of(u32 intid) {
    return 1U << (intid % 32);
}

// The highest priority in a set of active priority registers. IHI 0048B 4.4.12.
u32 highest_active(const std::array<u32, 4>& registers) {
    for (u32 i = 0; i < registers.size(); i++) {
        if (registers[i] != 0) {
            const u32 level = 32 * i + static_cast<u32>(std::countr_zero(registers[i]));
            return level << gic::kPriorityShift;
        }
    }
    return kIdle;
}

void set_active_priority(std::array<u32, 4>& registers, u32 priority) {
    const u32 level = priority >> gic::kPriorityShift;
    registers[level / 32] |= bit_of(level);
}

void drop_highest_active(std::array<u32, 4>& registers) {
    for (u32& word : registers) {
        if (word != 0) {
            word &= word - 1;
            return;
        }
    }
}

} // namespace

void Gicv2::Input::connect(Gicv2& gic, unsigned cpu, u32 intid) {
    gic_ = &gic;
    cpu_ = cpu;
    intid_ = intid;
}

Gicv2::Gicv2(std::span<const Outputs> outputs) : cpus_(static_cast<unsigned>(outputs.size())) {
    assert(cpus_ >= 1 && cpus_ <= kMaxCpus);
    for (unsigned cpu = 0; cpu < cpus_; cpu++) {
        assert(outputs[cpu].irq != nullptr);
        outputs_[cpu] = outputs[cpu];
        for (u32 i = 0; i < ppi_inputs_[cpu].size(); i++) {
            ppi_inputs_[cpu][i].connect(*this, cpu, kFirstPpi + i);
        }
    }
    for (u32 i = 0; i < spi_inputs_.size(); i++) {
        spi_inputs_[i].connect(*this, 0, kFirstSpi + i);
    }
    reset();
}

// The wires keep their levels: they belong to the devices.
void Gicv2::reset() {
    const State before = state_;
    state_ = State{};
    for (unsigned cpu = 0; cpu < cpus_; cpu++) {
        CpuState& own = state_.cpu[cpu];
        own.local.line = before.cpu[cpu].local.line;
        own.local.enabled = gic::kSgiMask; // SGIs can't be disabled
        own.local.edge = gic::kSgiMask;
        own.abpr = gic::kMinimumAbpr;
    }
    for (u32 i = 0; i < state_.shared.size(); i++) {
        state_.shared[i].line = before.shared[i].line;
    }
    if (cpus_ == 1) {
        state_.targets.fill(1);
    }
    update();
}

IrqLine& Gicv2::ppi(unsigned cpu, u32 intid) {
    assert(cpu < cpus_ && intid >= kFirstPpi && intid < kFirstSpi);
    return ppi_inputs_[cpu][intid - kFirstPpi];
}

IrqLine& Gicv2::spi(u32 number) {
    assert(number < spi_inputs_.size());
    return spi_inputs_[number];
}

void Gicv2::set_input(unsigned cpu, u32 intid, bool level) {
    Bank& bank = bank_of(cpu, intid);
    const u32 bit = bit_of(intid);
    if (((bank.line & bit) != 0) == level) {
        return;
    }
    bank.line ^= bit;
    if (level) {
        bank.latched |= bit & bank.edge;
    }
    update();
}

Gicv2::Bank& Gicv2::bank_of(unsigned cpu, u32 intid) {
    return intid < kFirstSpi ? state_.cpu[cpu].local : state_.shared[(intid - kFirstSpi) / 32];
}

Gicv2::Bank& Gicv2::accessed_bank(u32 index) {
    return bank_of(state_.accessing_cpu, 32 * index);
}

// IHI 0048B 3.3: of the pending interrupts that the distributor forwards, the
// one of highest priority, of equal ones the lowest INTID. An active interrupt
// is not forwarded again.
Gicv2::Candidate Gicv2::best_pending(unsigned cpu) const {
    Candidate best;
    consider(state_.cpu[cpu].local, 0, cpu, best);
    for (u32 i = 0; i < state_.shared.size(); i++) {
        consider(state_.shared[i], kFirstSpi + 32 * i, cpu, best);
    }
    return best;
}

void Gicv2::consider(const Bank& bank, u32 first, unsigned cpu, Candidate& best) const {
    u32 bits = bank.pending() & bank.enabled & ~bank.active;
    bits &= (gic::EnableGroup0::test(state_.ctlr) ? ~bank.group : 0) |
            (gic::EnableGroup1::test(state_.ctlr) ? bank.group : 0);
    for (; bits != 0; bits &= bits - 1) {
        const u32 index = static_cast<u32>(std::countr_zero(bits));
        const u32 intid = first + index;
        const bool is_target =
            intid < kFirstSpi || (state_.targets[intid - kFirstSpi] >> cpu & 1) != 0;
        if (is_target && bank.priority[index] < best.priority) {
            best = {intid, bank.priority[index], (bank.group & bit_of(intid)) != 0};
        }
    }
}

u32 Gicv2::running_priority(unsigned cpu) const {
    const CpuState& own = state_.cpu[cpu];
    return std::min(highest_active(own.apr), highest_active(own.nsapr));
}

// The part of the priority that decides on preemption. IHI 0048B 3.3.2.
u32 Gicv2::group_priority(unsigned cpu, const Candidate& candidate) const {
    const CpuState& own = state_.cpu[cpu];
    const bool uses_abpr = candidate.group1 && !gic::Cbpr::test(own.ctlr);
    const u32 binary_point = uses_abpr ? own.abpr - 1 : own.bpr;
    return candidate.priority & ~u32{0} << (binary_point + 1);
}

// Whether the CPU interface would interrupt its CPU for `candidate`. IHI 0048B 3.3.
bool Gicv2::signals(unsigned cpu, const Candidate& candidate) const {
    const CpuState& own = state_.cpu[cpu];
    const bool enabled =
        candidate.group1 ? gic::EnableGroup1::test(own.ctlr) : gic::EnableGroup0::test(own.ctlr);
    return enabled && candidate.priority < own.pmr && candidate.priority < running_priority(cpu);
}

Gicv2::Candidate Gicv2::acknowledgeable(unsigned cpu) const {
    const Candidate best = best_pending(cpu);
    return signals(cpu, best) ? best : Candidate{};
}

// What GICC_HPPIR reports. Where IHI 0048B 4.4.7 is silent we do as QEMU does:
// the priority mask counts, the running priority does not, nor which of the
// two groups the CPU interface has enabled, but one of them it must have.
Gicv2::Candidate Gicv2::highest_pending(unsigned cpu) const {
    const CpuState& own = state_.cpu[cpu];
    const Candidate best = best_pending(cpu);
    const bool on = gic::EnableGroup0::test(own.ctlr) || gic::EnableGroup1::test(own.ctlr);
    return on && best.priority < own.pmr ? best : Candidate{};
}

bool Gicv2::is_group1(unsigned cpu, u32 intid) const {
    const Bank& bank =
        intid < kFirstSpi ? state_.cpu[cpu].local : state_.shared[(intid - kFirstSpi) / 32];
    return (bank.group & bit_of(intid)) != 0;
}

// As GICC_IAR and GICC_HPPIR name it: an SGI with the CPU that sent it.
u32 Gicv2::describe(unsigned cpu, const Candidate& candidate) const {
    u32 source = 0;
    if (candidate.intid < kFirstPpi) {
        source = static_cast<u32>(std::countr_zero(state_.cpu[cpu].sgi_sources[candidate.intid]));
    }
    return gic::IarIntid::make(candidate.intid) | gic::IarCpuid::make(source);
}

// Pending becomes active. An SGI is pending once for each CPU that sent it.
// IHI 0048B 3.2.4 and 4.4.4.
u32 Gicv2::acknowledge(unsigned cpu, const Candidate& candidate) {
    const u32 described = describe(cpu, candidate);
    const u32 bit = bit_of(candidate.intid);
    CpuState& own = state_.cpu[cpu];
    Bank& bank = bank_of(cpu, candidate.intid);
    bank.latched &= ~bit;
    if (candidate.intid < kFirstPpi) {
        u8& sources = own.sgi_sources[candidate.intid];
        sources &= static_cast<u8>(sources - 1);
        bank.latched |= sources != 0 ? bit : 0;
    }
    bank.active |= bit;
    set_active_priority(candidate.group1 ? own.nsapr : own.apr, group_priority(cpu, candidate));
    update();
    if (observer_ != nullptr) {
        observer_->on_acknowledge(cpu, candidate.intid);
    }
    return described;
}

// Priority drop, and deactivation unless GICC_CTLR.EOImode splits them. With
// nothing active the write is UNPREDICTABLE; it is ignored. IHI 0048B 4.4.5.
void Gicv2::end_of_interrupt(unsigned cpu, u32 intid) {
    if (intid >= kInterrupts || running_priority(cpu) == kIdle) {
        return;
    }
    CpuState& own = state_.cpu[cpu];
    drop_highest_active(is_group1(cpu, intid) ? own.nsapr : own.apr);
    if (!gic::EoiMode::test(own.ctlr)) {
        bank_of(cpu, intid).active &= ~bit_of(intid);
    }
    update();
}

// IHI 0048B 4.4.15: UNPREDICTABLE unless EOImode is set; then ignored.
void Gicv2::deactivate(unsigned cpu, u32 intid) {
    if (intid >= kInterrupts || !gic::EoiMode::test(state_.cpu[cpu].ctlr)) {
        return;
    }
    bank_of(cpu, intid).active &= ~bit_of(intid);
    update();
}

void Gicv2::send_sgi(u32 sgi, unsigned from, u32 targets) {
    for (unsigned cpu = 0; cpu < cpus_; cpu++) {
        if ((targets >> cpu & 1) != 0) {
            state_.cpu[cpu].sgi_sources[sgi] |= static_cast<u8>(1U << from);
            state_.cpu[cpu].local.latched |= bit_of(sgi);
        }
    }
    update();
}

void Gicv2::update() {
    for (unsigned cpu = 0; cpu < cpus_; cpu++) {
        const Candidate best = best_pending(cpu);
        const bool signalled = signals(cpu, best);
        const bool as_fiq = !best.group1 && gic::FiqEnable::test(state_.cpu[cpu].ctlr);
        outputs_[cpu].irq->set(signalled && !as_fiq);
        if (outputs_[cpu].fiq != nullptr) {
            outputs_[cpu].fiq->set(signalled && as_fiq);
        }
    }
}

} // namespace forkscope
