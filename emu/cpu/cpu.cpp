#include "cpu/cpu.hpp"

#include <sys/mman.h>

#include <algorithm>

namespace forkscope {

namespace {

constexpr u64 kUpperHalf = u64{1} << 63;
constexpr u64 kMisaligned = 3;

// PSTATE as SPSR_EL1 has it. Arm ARM, C5.2.18 SPSR_EL1.
using PstateLevel = Field<u64, 3, 2>;
using PstateFiqMask = Field<u64, 6>;
using PstateIrqMask = Field<u64, 7>;
using PstateIllegal = Field<u64, 20>;

constexpr u64 kSctlrReset = 0x00c5'0838; // Cortex-A57 on QEMU

} // namespace

Cpu::Cpu(unsigned index, const Surroundings& surroundings)
    : index_(index), bus_(*surroundings.bus), reporter_(*surroundings.reporter) {
    state_.regime.sctlr = kSctlrReset;
    if (surroundings.timing != nullptr)
        timing_ = std::make_unique<CycleTimer>(*surroundings.timing, surroundings.seed, code_);
}

Cpu::~Cpu() {
    engine_.reset();
    if (shadows_.data() != nullptr)
        munmap(shadows_.data(), shadows_.size());
}

Result<std::unique_ptr<Cpu>> Cpu::create(unsigned index, const Surroundings& surroundings) {
    std::unique_ptr<Cpu> cpu(new Cpu(index, surroundings));
    if (Result<void> opened = cpu->open(); !opened)
        return opened.error();
    return cpu;
}

Result<void> Cpu::open() {
    Result<std::unique_ptr<Engine>> engine = Engine::create(
        *this, timing_ ? std::optional(timing_->watch()) : std::nullopt);
    if (!engine)
        return engine.error();
    engine_ = std::move(*engine);
    if (timing_)
        timing_->set_engine(*engine_);
    soft_tlb_.emplace(*engine_, tlb_);

    void* shadows = mmap(nullptr, CodeFrames::kShadowSize, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (shadows == MAP_FAILED)
        return Error{"no memory for code shadows", ExitStatus::Internal};
    shadows_ = {static_cast<u8*>(shadows), CodeFrames::kShadowSize};
    return engine_->map_memory(CodeFrames::kShadowBase, shadows_.size(), shadows_.data());
}

// Device windows are rounded to pages.
Result<void> Cpu::attach(GenericTimer& timer) {
    timer_ = &timer;
    u64 mapped_until = 0;
    for (const Region& region : bus_.regions()) {
        Result<void> mapped;
        if (region.kind == RegionKind::Device) {
            const u64 base = std::max(mapped_until, align_down(region.base, kPageSize));
            const u64 end = align_down(region.base + region.size + kPageSize - 1, kPageSize);
            if (base < end)
                mapped = engine_->map_device(base, end - base);
            mapped_until = end;
        } else {
            mapped = engine_->map_memory(region.base, region.size, region.host,
                                         !timing_ || region.kind != RegionKind::Ram);
            mapped_until = region.base + region.size;
        }
        if (!mapped)
            return mapped;
        if (region.kind == RegionKind::Ram && ram_.empty()) {
            ram_base_ = region.base;
            ram_ = {region.host, region.size};
        }
    }
    frames_.emplace(ram_base_, ram_, shadows_, *soft_tlb_, timing_ != nullptr);
    if (timing_)
        timing_->set_ram(ram_base_, ram_.size());
    return {};
}

// --- The run loop

CpuExit Cpu::run(Cycle horizon) {
    horizon_ = horizon;
    for (;;) {
        if (const std::optional<CpuExit> exit = before_running())
            return *exit;
        if (const std::optional<CpuExit> exit = after_running(engine_->run()))
            return *exit;
    }
}

// Within the block there is a stop after its first instruction; what a branch or an
// exception leads to begins another block.
CpuExit Cpu::step(Cycle horizon) {
    engine_->set_stops({engine_->pc() + 4});
    stepping_ = Stepping::ToBegin;
    CpuExit exit = run(horizon);
    if (stepping_ == Stepping::ToEnd && (exit == CpuExit::Left || exit == CpuExit::Horizon))
        exit = CpuExit::Stopped;
    stepping_ = Stepping::No;
    engine_->set_stops(stops_);
    return exit;
}

void Cpu::set_stops(std::vector<u64> addresses) {
    stops_ = std::move(addresses);
    engine_->set_stops(stops_);
}

void Cpu::set_horizon(Cycle horizon) {
    horizon_ = horizon;
    set_due();
}

void Cpu::request_exit() {
    exit_requested_ = true;
    engine_->counter().watch_all();
}

// What a block boundary brings, until the next block may be executed.
std::optional<CpuExit> Cpu::before_running() {
    for (;;) {
        stamp();
        const u64 pc = engine_->pc();
        observe_level(pc);
        const u64 pstate = engine_->pstate();
        if (exit_)
            return std::exchange(exit_, std::nullopt);
        if (exit_requested_.exchange(false))
            return CpuExit::Left;
        if (grants_due())
            clean_up_grants();
        else if (deferred_)
            take_deferred();
        else if (engine_->counter().cycles() >= horizon_)
            return CpuExit::Horizon;
        else if ((pc & kMisaligned) != 0)
            take_pc_alignment(pc);
        else if (PstateIllegal::test(pstate))
            take_illegal_state(pc);
        else if (state_.fiq_line && !PstateFiqMask::test(pstate))
            take_interrupt(VectorKind::Fiq, pc);
        else if (state_.irq_line && !PstateIrqMask::test(pstate))
            take_interrupt(VectorKind::Irq, pc);
        else
            break;
    }
    set_due();
    return std::nullopt;
}

std::optional<CpuExit> Cpu::after_running(RunExit exit) {
    switch (exit) {
    case RunExit::Left:
        return std::nullopt;
    case RunExit::WaitForInterrupt:
        return after_waiting();
    case RunExit::AtStop:
        if (ended_in_wfi())
            return after_waiting();
        stamp();
        return CpuExit::Stopped;
    case RunExit::Refused:
        take_refused();
        if (stepping_ != Stepping::No && let_through_)
            stepping_ = Stepping::ToBegin; // it is tried again
        else if (stepping_ != Stepping::No)
            exit_ = CpuExit::Stopped;
        return std::nullopt;
    case RunExit::Broken:
        break;
    }
    stamp();
    message_ = "the instruction engine failed: " + engine_->message();
    return CpuExit::Broken;
}

std::optional<CpuExit> Cpu::after_waiting() {
    stamp();
    wfi_instructions_ = instructions();
    if (interrupt_pending())
        return std::nullopt;
    return CpuExit::Idle;
}

void Cpu::sleep_until(Cycle moment) {
    stamp();
    charge_level();
    if (moment <= now())
        return;
    const Cycle idle = moment - now();
    state_.idle_cycles += idle;
    if (timing_) {
        timing_->model().sleep_until(moment);
        stamp();
        return charge_level();
    }
    engine_->counter().pass(idle);
    stamp();
    ledger_.charge(static_cast<u8>(state_.level), Work::Idle, CycleCause::Idle, idle, 0);
    state_.charged_until = moment;
}

// --- Block boundaries

bool Cpu::at_boundary(u64 pc) {
    stamp();
    observe_level(pc);
    if (must_leave(pc))
        return false;
    if (stepping_ == Stepping::ToEnd) {
        exit_ = CpuExit::Stopped;
        return false;
    }
    if (stepping_ == Stepping::ToBegin)
        stepping_ = Stepping::ToEnd;
    set_due();
    return true;
}

bool Cpu::must_leave(u64 pc) const {
    if (exit_ || exit_requested_ || deferred_ || grants_due() ||
        engine_->counter().cycles() >= horizon_ || (pc & kMisaligned) != 0)
        return true;
    if (!watch_illegal_ && !interrupt_pending())
        return false;
    const u64 pstate = engine_->pstate();
    return PstateIllegal::test(pstate) || (state_.fiq_line && !PstateFiqMask::test(pstate)) ||
           (state_.irq_line && !PstateIrqMask::test(pstate));
}

// True if clean_up_grants() must be called before another block is executed.
bool Cpu::grants_due() const {
    return frames_->due() || tlb_.soft_flush_due() || soft_tlb_->due();
}

void Cpu::set_due() {
    const bool now = exit_ || exit_requested_ || deferred_ || grants_due() ||
                     interrupt_pending() || stepping_ != Stepping::No;
    engine_->counter().set_due(now ? 0 : horizon_);
}

// Nothing tells of an ERET but the block after it. Where the level can be read
// off the half that the block lies in, a change of half is the sign.
void Cpu::observe_level(u64 pc) {
    const u32 level = static_cast<u32>(PstateLevel::get(engine_->pstate()));
    if (level != state_.level) {
        charge_level();
        state_.level = level;
        if (level == 0)
            work_.reach_user();
    }
    watch_level(pc);
}

void Cpu::watch_level(u64 pc) {
    BlockCounter& counter = engine_->counter();
    const u64 half = pc & kUpperHalf;
    const bool ambiguous = half == 0 ? state_.level != 0 : state_.upper_el0;
    if (watch_illegal_ || ambiguous)
        counter.watch_all();
    else
        counter.watch_half_of(pc);
}

// --- Time

void Cpu::move_to(Cycle moment) {
    state_.latest_moment = std::max(state_.latest_moment, moment);
}

// The block begun last, or none, has run to its end: now is after it.
void Cpu::stamp() {
    if (timing_) {
        timing_->end_block();
        engine_->counter().set_now(timing_->model().now());
    }
    move_to(engine_->counter().cycles());
}

// The block begun last was left before the instruction at `pc`.
void Cpu::cut_block(u64 pc) {
    BlockCounter& counter = engine_->counter();
    if (!timing_)
        return counter.cut_off(pc);
    timing_->model().leave_block(static_cast<u32>((pc - counter.block_begin()) / 4));
    counter.shorten(pc);
    counter.set_now(timing_->model().now());
}

// Within a block the engine does not say where it is; even its PC may be an
// earlier block's. The block's beginning is the moment, and the place.
void Cpu::move_to_block() {
    const BlockCounter& counter = engine_->counter();
    move_to(timing_ ? timing_->model().now()
                    : counter.cycles() - counter.from(counter.block_begin()));
}

void Cpu::move_to_instruction(u64 pc) {
    const BlockCounter& counter = engine_->counter();
    const u32 index = static_cast<u32>((pc - counter.block_begin()) / 4);
    move_to(timing_ ? timing_->model().moment_of(index) : counter.cycles() - counter.from(pc));
}

// Charges the cycles since the last charge to the level they were spent at.
void Cpu::charge_level() {
    if (timing_)
        return charge_causes();
    const Cycle spent = state_.latest_moment - state_.charged_until;
    ledger_.charge(static_cast<u8>(state_.level), work_now(), CycleCause::Base, spent, spent);
    state_.charged_until = state_.latest_moment;
}

void Cpu::charge_causes() {
    const u8 level = static_cast<u8>(state_.level);
    const auto charges = timing_->model().take_charges();
    for (std::size_t cause = 0; cause < kCycleCauses; ++cause)
        if (charges[cause] != 0)
            ledger_.charge(level, work_now(), static_cast<CycleCause>(cause), charges[cause], 0);
    ledger_.charge(level, work_now(), CycleCause::Base, 0, timing_->model().take_instructions());
}

// An ERET ends what its exception began.
void Cpu::note_return() {
    charge_causes();
    work_.leave();
}

// Functional timing does not see ERETs.
Work Cpu::work_now() const {
    if (state_.level == 0)
        return Work::User;
    return timing_ ? work_.current() : Work::Kernel;
}

void Cpu::settle() {
    charge_level();
    if (reporter_.sink() == nullptr)
        return;
    const Event event = reporter_.stamp(now(), 0, static_cast<u8>(state_.level));
    ledger_.flush(event, *reporter_.sink());
}

// --- Interrupt lines

void Cpu::Line::set(bool level) {
    cpu_.state_.*level_ = level;
    cpu_.set_due();
}

void Cpu::note_acknowledge(u32 intid) {
    reporter_.report(now(), EventKind::InterruptTaken, static_cast<u8>(state_.level),
                     {intid, interrupted_pc_, 0, 0, 0, 0});
}

} // namespace forkscope
