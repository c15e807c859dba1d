#include "machine/machine.hpp"

#include "devices/gicv2/gicv2.hpp"
#include "devices/pl011/pl011.hpp"
#include "devices/pl031/pl031.hpp"
#include "devices/virtio_mmio/virtio_mmio.hpp"
#include "machine/observers.hpp"
#include "machine/schedule.hpp"
#include "roms/reset_rom.hpp"

#include <algorithm>
#include <atomic>

namespace forkscope {

namespace {

// docs/machine.md, the addresses and interrupts of QEMU's virt board.
constexpr u64 kDistributorBase = 0x0800'0000;
constexpr u64 kCpuInterfaceBase = 0x0801'0000;
constexpr u64 kUartBase = 0x0900'0000;
constexpr u64 kRtcBase = 0x0901'0000;
constexpr u64 kVirtioBase = 0x0a00'0000;
constexpr unsigned kVirtioSlots = 32;
constexpr u64 kProbeBase = 0x0b00'0000;
constexpr u32 kVirtualTimerPpi = 27;
constexpr u32 kPhysicalTimerPpi = 30;
constexpr u32 kUartSpi = 1;
constexpr u32 kRtcSpi = 2;

// The longest that the CPU runs without looking for a request to stop.
constexpr Cycle kSlice = 20'000'000;

} // namespace

struct Machine::Parts {
    explicit Parts(const MachineSettings& given)
        : settings(given), reporter(0, given.events), console(reporter, given.console_output),
          probes(reporter) {}

    Result<void> build(const BootPlan& plan);
    Result<void> add_memory(const BootPlan& plan);
    void add_devices();

    [[nodiscard]] Cycle horizon() const {
        return std::min({schedule.earliest(), last_cycle, slice_end, cpu->now() + kSlice});
    }
    void begin(const RunLimits& limits);
    [[nodiscard]] std::optional<RunResult> before_running();
    [[nodiscard]] RunResult end(RunEndReason reason, std::string detail = {}) const;
    [[nodiscard]] RunResult finish_run(RunResult result);
    [[nodiscard]] RunResult pause(Pause cause, std::string detail) const;
    [[nodiscard]] std::optional<RunResult> wait();
    [[nodiscard]] std::optional<RunResult> act_on(CpuExit exit);
    void report_timing();

    MachineSettings settings;
    Reporter reporter;
    ConsoleRecorder console;
    ProbeRecorder probes;
    AcknowledgeRecorder acknowledged;
    Schedule schedule{[this] { return cpu->now(); },
                      [this] {
                          if (started)
                              cpu->set_horizon(horizon());
                      }};
    PhysicalMap map;
    std::unique_ptr<Cpu> cpu;
    std::unique_ptr<Gicv2> gic;
    std::unique_ptr<GenericTimer> timer;
    std::unique_ptr<Pl011> uart;
    std::unique_ptr<Pl031> rtc;
    std::unique_ptr<ProbeDevice> probe;
    VirtioMmioSlot virtio;

    Cycle last_cycle = Clock::kNever;
    Cycle slice_end = Clock::kNever;
    bool waiting = false; // in WFI
    u64 ram_bytes = 0;
    std::atomic<bool> stop_requested = false;
    std::optional<RunEndReason> ended; // of the last run
    bool started = false;
    bool finished = false;
};

// --- Building

Result<std::unique_ptr<Machine>> Machine::create(const BootPlan& plan,
                                                 const MachineSettings& settings) {
    auto parts = std::make_unique<Parts>(settings);
    if (Result<void> built = parts->build(plan); !built)
        return built.error();
    return std::unique_ptr<Machine>(new Machine(std::move(parts)));
}

Machine::Machine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Machine::~Machine() = default;

Result<void> Machine::Parts::build(const BootPlan& plan) {
    if (Result<void> added = add_memory(plan); !added)
        return added;
    Result<std::unique_ptr<Cpu>> made = Cpu::create(
        0, {&map, &reporter, settings.timing ? &*settings.timing : nullptr, settings.seed});
    if (!made)
        return made.error();
    cpu = std::move(*made);
    console.connect(*cpu);
    probes.connect(*cpu);
    add_devices();
    return cpu->attach(*timer);
}

Result<void> Machine::Parts::add_memory(const BootPlan& plan) {
    ram_bytes = plan.ram_bytes;
    if (!map.add_rom(kResetRomBase, kResetRomSize, make_reset_rom(plan.entry, plan.device_tree)) ||
        !map.add_ram(kRamBase, plan.ram_bytes))
        return Error{"the host has no memory for the guest's RAM", ExitStatus::Internal};
    for (const Segment& segment : plan.segments)
        if (!map.write(segment.address, segment.bytes))
            return Error{"a boot segment lies outside RAM", ExitStatus::Internal};
    return {};
}

void Machine::Parts::add_devices() {
    const std::array outputs = {Gicv2::Outputs{&cpu->irq(), &cpu->fiq()}};
    gic = std::make_unique<Gicv2>(outputs);
    acknowledged.connect(*cpu);
    gic->set_observer(&acknowledged);

    Schedule::Slot& timer_clock = schedule.add();
    timer = std::make_unique<GenericTimer>(timer_clock, gic->ppi(0, kPhysicalTimerPpi),
                                           gic->ppi(0, kVirtualTimerPpi), settings.cpu_hz);
    Schedule::connect(timer_clock, *timer);
    Schedule::Slot& uart_clock = schedule.add();
    uart = std::make_unique<Pl011>(uart_clock, gic->spi(kUartSpi), console, settings.console_input,
                                   settings.cpu_hz);
    Schedule::connect(uart_clock, *uart);
    Schedule::Slot& rtc_clock = schedule.add();
    rtc =
        std::make_unique<Pl031>(rtc_clock, gic->spi(kRtcSpi), settings.cpu_hz, settings.rtc_epoch);
    Schedule::connect(rtc_clock, *rtc);
    probe = std::make_unique<ProbeDevice>(map, probes);

    map.add_device(kDistributorBase, Gicv2::kDistributorSize, gic->distributor(), "gicd");
    map.add_device(kCpuInterfaceBase, Gicv2::kCpuInterfaceSize, gic->cpu_interface(), "gicc");
    map.add_device(kUartBase, Pl011::kWindowSize, *uart, "uart");
    map.add_device(kRtcBase, Pl031::kWindowSize, *rtc, "rtc");
    for (unsigned i = 0; i < kVirtioSlots; ++i)
        map.add_device(kVirtioBase + i * VirtioMmioSlot::kWindowSize, VirtioMmioSlot::kWindowSize,
                       virtio, "virtio");
    map.add_device(kProbeBase, ProbeDevice::kWindowSize, *probe, "probe");

    gic->reset();
    timer->reset();
    uart->reset();
    rtc->reset();
}

// --- Running

void Machine::Parts::begin(const RunLimits& limits) {
    last_cycle = limits.last_cycle;
    slice_end = limits.slice_end;
    if (started)
        return;
    started = true;
    reporter.report(0, EventKind::RunStart, 1,
                    {ram_bytes, settings.seed, settings.timing.has_value(), 0, 0, 0});
}

// What ends or pauses a run before anything else is executed.
std::optional<RunResult> Machine::Parts::before_running() {
    if (stop_requested.exchange(false))
        return pause(Pause::StopRequest, "stopped on request");
    if (cpu->now() >= last_cycle)
        return end(RunEndReason::Limit);
    if (cpu->now() >= slice_end)
        return pause(Pause::Slice, "the slice is over");
    return std::nullopt;
}

RunResult Machine::run(const RunLimits& limits) {
    Parts& parts = *parts_;
    parts.begin(limits);
    std::optional<RunResult> result;
    while (!result) {
        result = parts.before_running();
        if (!result)
            result = parts.waiting ? parts.wait() : parts.act_on(parts.cpu->run(parts.horizon()));
    }
    return parts.finish_run(*result);
}

RunResult Machine::step(const RunLimits& limits) {
    Parts& parts = *parts_;
    parts.begin(limits);
    parts.slice_end = Clock::kNever;
    std::optional<RunResult> result;
    while (!result) {
        result = parts.before_running();
        if (result)
            break;
        const bool waited = parts.waiting;
        result = waited ? parts.wait() : parts.act_on(parts.cpu->step(parts.horizon()));
        if (!result && waited && !parts.waiting)
            result = parts.pause(Pause::Address, "the wait is over");
    }
    return parts.finish_run(*result);
}

RunResult Machine::Parts::finish_run(RunResult result) {
    cpu->charge();
    ended = result.reason;
    return result;
}

void Machine::set_stops(std::vector<u64> addresses) {
    parts_->cpu->set_stops(std::move(addresses));
}

bool Machine::at_stop() const {
    return parts_->cpu->engine().at_stop();
}

Inspection Machine::inspect() const {
    const Parts& parts = *parts_;
    Inspection result{.cycle = parts.cpu->now(),
                      .instructions = parts.cpu->instructions(),
                      .pid = parts.reporter.pid(),
                      .registers = parts.cpu->registers(),
                      .regime = parts.cpu->state().regime,
                      .unreported = {},
                      .ram_base = kRamBase,
                      .ram = {parts.map.ram(kRamBase, parts.ram_bytes), parts.ram_bytes}};
    parts.cpu->ledger().for_each(
        [&](u8 el, Work work, CycleCause cause, Cycle cycles, u64 instructions) {
            result.unreported.push_back({el, work, cause, cycles, instructions});
        });
    return result;
}

// What follows from the CPU's leaving its loop; a result ends the run.
std::optional<RunResult> Machine::Parts::act_on(CpuExit exit) {
    switch (exit) {
    case CpuExit::Horizon:
        schedule.run_due(cpu->now());
        return std::nullopt;
    case CpuExit::Idle:
        waiting = true;
        return std::nullopt;
    case CpuExit::Left:
        return std::nullopt;
    case CpuExit::Stopped:
        return pause(Pause::Address, "stopped at an address");
    case CpuExit::PowerOff:
        return end(probes.panicked() ? RunEndReason::Panic : RunEndReason::PowerOff);
    case CpuExit::Reset:
        return end(RunEndReason::Stopped, "the guest asked for a reset");
    case CpuExit::CpuOff:
        return end(RunEndReason::Stopped, "the guest turned its last CPU off");
    case CpuExit::Stuck:
    case CpuExit::Broken:
        break;
    }
    return end(RunEndReason::Stopped, cpu->message());
}

// The CPU waits for an interrupt: on to the next moment at which one can come. It
// goes on when one has, however often others have been looked after meanwhile.
std::optional<RunResult> Machine::Parts::wait() {
    schedule.run_due(cpu->now());
    if (cpu->interrupt_pending()) {
        waiting = false;
        return std::nullopt;
    }
    const Cycle next = schedule.earliest();
    if (next == Clock::kNever && last_cycle == Clock::kNever)
        return end(RunEndReason::Stopped,
                   "the CPU waits for an interrupt, and nothing is left that could raise one");
    cpu->sleep_until(std::min(next, last_cycle));
    return std::nullopt;
}

RunResult Machine::Parts::end(RunEndReason reason, std::string detail) const {
    return {.reason = reason,
            .pause = Pause::None,
            .waiting = waiting,
            .guest_status = probes.guest_status(),
            .detail = std::move(detail),
            .cycles = cpu->now(),
            .idle_cycles = cpu->state().idle_cycles,
            .instructions = cpu->instructions()};
}

RunResult Machine::Parts::pause(Pause cause, std::string detail) const {
    RunResult result = end(RunEndReason::Stopped, std::move(detail));
    result.pause = cause;
    return result;
}

void Machine::Parts::report_timing() {
    const timing::CycleModel* model = cpu->cycle_model();
    if (model == nullptr)
        return;
    const auto report = [&](TimingUnit unit, u64 uses, u64 misses, u64 splits = 0) {
        reporter.report(cpu->now(), EventKind::TimingTotal, static_cast<u8>(cpu->level()),
                        {static_cast<u64>(unit), uses, misses, splits, 0, 0});
    };
    const auto report_cache = [&](TimingUnit unit, const timing::Cache& cache, u64 splits = 0) {
        report(unit, cache.state().accesses, cache.state().misses, splits);
    };
    report_cache(TimingUnit::L1i, model->l1i());
    report_cache(TimingUnit::L1d, model->l1d(), model->line_splits());
    report_cache(TimingUnit::L2, model->l2());
    report(TimingUnit::Tlb, model->tlb().accesses, model->tlb().misses);
    const timing::BranchPredictor::State& branches = model->branches().state();
    report(TimingUnit::Branches, branches.executed, branches.mispredicted);
    report(TimingUnit::UnknownInstructions, model->unknown_instructions(), 0);
}

void Machine::request_stop() {
    parts_->stop_requested = true;
    parts_->cpu->request_exit();
}

void Machine::finish() {
    Parts& parts = *parts_;
    if (parts.finished || !parts.ended)
        return;
    parts.finished = true;
    parts.console.flush();
    parts.cpu->settle();
    parts.report_timing();
    parts.reporter.report(
        parts.cpu->now(), EventKind::RunEnd, static_cast<u8>(parts.cpu->level()),
        {static_cast<u64>(*parts.ended), parts.probes.guest_status(), 0, 0, 0, 0});
}

} // namespace forkscope
