// One CPU: Cortex-A57 as far as software can tell, ARMv8.0-A with EL1 and EL0
// in AArch64. The engine executes its instructions; translations, system
// registers, exceptions, interrupts and time are decided here.
//
//   cpu.cpp               the run loop, block boundaries, time and its ledger
//   cpu_memory.cpp        fills and devices
//   cpu_exceptions.cpp    entry, and what each trap of the engine means
//   cpu_registers.cpp     system registers with side effects
//   system_registers.cpp  the table of all of them
#pragma once

#include "bus/physical_map.hpp"
#include "cpu/code_frames.hpp"
#include "cpu/cycle_timer.hpp"
#include "cpu/cpu_state.hpp"
#include "cpu/fault_watch.hpp"
#include "cpu/psci.hpp"
#include "cpu/register_file.hpp"
#include "cpu/work_tracker.hpp"
#include "devices/timer/generic_timer.hpp"
#include "engine/engine.hpp"
#include "event/cycle_ledger.hpp"
#include "event/reporter.hpp"
#include "mmu/translate.hpp"

#include <atomic>

namespace forkscope {

struct MemoryAccess;
struct SystemInstruction;
struct SystemRegister;

// Why Cpu::run returned. All but Horizon, Idle and Left end the run.
enum class CpuExit : u8 {
    Horizon,  // the cycle that run was given has come
    Idle,     // in WFI with no interrupt pending: Cpu::sleep_until passes the time
    Left,     // request_exit
    Stopped,  // at one of set_stops' addresses; or step() has done its work
    PowerOff, // PSCI SYSTEM_OFF
    Reset,    // PSCI SYSTEM_RESET
    CpuOff,   // PSCI CPU_OFF
    Stuck,    // exceptions without end, and no instruction executed between them
    Broken,   // the engine failed
};

class Cpu final : private EngineHost {
public:
    // All borrowed.
    struct Surroundings {
        PhysicalMap* bus = nullptr;
        Reporter* reporter = nullptr;
        const timing::TimingModel* timing = nullptr; // null: one cycle an instruction
        u64 seed = 1;
    };

    static Result<std::unique_ptr<Cpu>> create(unsigned index, const Surroundings& surroundings);
    ~Cpu() override;

    // Before the first run, when the bus is complete: gives the CPU its timer,
    // and the engine the bus.
    [[nodiscard]] Result<void> attach(GenericTimer& timer);

    // Executes until a block begins at or after `horizon`.
    [[nodiscard]] CpuExit run(Cycle horizon);
    // Executes one instruction, or takes an exception in its place. Stopped: that has
    // been done. Any other exit means what it means after run(), and nothing was
    // executed but, with Idle, a WFI.
    [[nodiscard]] CpuExit step(Cycle horizon);
    // Addresses before which run() returns Stopped. An interrupt that is pending
    // there is taken first. See Engine::set_stops.
    void set_stops(std::vector<u64> addresses);
    // Brings the horizon of the current run to `horizon`; from device callbacks.
    void set_horizon(Cycle horizon);
    // After CpuExit::Idle: nothing happened until `moment`.
    void sleep_until(Cycle moment);
    // Makes run() return Left at the next block boundary; from any callback, and
    // from a signal handler of the same thread.
    void request_exit();

    // The interrupt wires.
    [[nodiscard]] IrqLine& irq() { return irq_; }
    [[nodiscard]] IrqLine& fiq() { return fiq_; }
    [[nodiscard]] bool interrupt_pending() const { return state_.irq_line || state_.fiq_line; }

    // Cycles since reset, idle ones included: the present moment for devices
    // and events. Never goes back.
    [[nodiscard]] Cycle now() const { return state_.latest_moment; }
    [[nodiscard]] u64 instructions() const {
        return timing_ ? timing_->model().instructions()
                       : engine_->counter().cycles() - state_.idle_cycles;
    }
    [[nodiscard]] unsigned level() const { return state_.level; }

    // Charges all cycles up to now.
    void charge() { charge_level(); }
    // The same, and reports the ledger for the current pid.
    void settle();
    [[nodiscard]] const CycleLedger& ledger() const { return ledger_; }

    // Null with functional timing.
    [[nodiscard]] const timing::CycleModel* cycle_model() const {
        return timing_ ? &timing_->model() : nullptr;
    }

    // What the guest's probes tell of its LWPs.
    [[nodiscard]] WorkTracker& work() { return work_; }

    // Says which interrupt the guest has acknowledged.
    void note_acknowledge(u32 intid);

    [[nodiscard]] const CpuState& state() const { return state_; }
    // Outside run().
    [[nodiscard]] RegisterFile registers() const;
    [[nodiscard]] const Tlb& tlb() const { return tlb_; }
    [[nodiscard]] Engine& engine() { return *engine_; }
    // What Broken or Stuck means this time.
    [[nodiscard]] const std::string& message() const { return message_; }

private:
    friend class SystemRegisterTable;
    class Line final : public IrqLine {
    public:
        Line(Cpu& cpu, bool CpuState::* level) : cpu_(cpu), level_(level) {}
        void set(bool level) override;

    private:
        Cpu& cpu_;
        bool CpuState::* level_;
    };
    class Descriptors final : public DescriptorSource {
    public:
        explicit Descriptors(Cpu& cpu) : cpu_(cpu) {}
        [[nodiscard]] std::optional<u64> read_descriptor(u64 physical) override;

    private:
        Cpu& cpu_;
    };
    class Code final : public TimedCpu {
    public:
        explicit Code(Cpu& cpu) : cpu_(cpu) {}
        [[nodiscard]] u64 code_address(u64 pc) override;
        void read_code(u64 physical, std::span<u32> words) override;
        void exception_returned() override { cpu_.note_return(); }

    private:
        Cpu& cpu_;
    };
    class Registers; // AddressRegisters of the engine

    // The groups of the vector table. Arm ARM, D1.3.1.5 "Exception vectors".
    enum class VectorKind : u64 { Synchronous = 0, Irq = 0x80, Fiq = 0x100 };

    // An exception that a system instruction at `pc` raises, taken at the next
    // boundary: an abort, or else what Trap::Undefined there would raise.
    struct Deferred {
        struct Abort {
            u64 esr = 0;
            u64 far = 0;
            Fault fault;
        };
        u64 pc = 0;
        std::optional<Abort> abort;
    };
    // What the last refused fill was about.
    struct Refusal {
        u64 page = 0;
        PageAccess access = PageAccess::Read;
        std::optional<Fault> fault; // none: it may be an LDTR's or STTR's
    };

    Cpu(unsigned index, const Surroundings& surroundings);
    Result<void> open();

    // --- cpu.cpp: EngineHost
    [[nodiscard]] bool at_boundary(u64 pc) override;
    [[nodiscard]] bool fill(u64 page, PageAccess access, PageGrant& grant) override;
    void trap(Trap trap) override;
    [[nodiscard]] SystemAction system_write(SystemEncoding encoding, unsigned rt,
                                            u64 value) override;
    [[nodiscard]] u64 device_read(u64 physical, unsigned size) override;
    void device_write(u64 physical, unsigned size, u64 value) override;

    // --- cpu.cpp: boundaries and time
    [[nodiscard]] std::optional<CpuExit> before_running();
    [[nodiscard]] std::optional<CpuExit> after_running(RunExit exit);
    void observe_level(u64 pc);
    void watch_level(u64 pc);
    void set_due();
    [[nodiscard]] std::optional<CpuExit> after_waiting();
    [[nodiscard]] bool ended_in_wfi();
    [[nodiscard]] bool grants_due() const;
    [[nodiscard]] bool must_leave(u64 pc) const;
    void move_to(Cycle moment);
    void stamp();
    void cut_block(u64 pc);
    void move_to_block();
    void move_to_instruction(u64 pc);
    void charge_level();
    void charge_causes();
    void note_return();
    [[nodiscard]] Work work_now() const;

    // --- cpu_memory.cpp
    [[nodiscard]] Translated look_up(u64 va, Access access);
    void note_walk(u64 va, Access access);
    [[nodiscard]] bool grant_ram(const Translated& found, u64 page, u32 level, PageAccess access,
                                 PageGrant& grant);
    [[nodiscard]] bool grant_other(PageAccess access, const Rights& rights, PageGrant& grant);
    [[nodiscard]] bool refuse(u64 page, PageAccess access, const std::optional<Fault>& fault);
    void note_change(u64 page, const TlbEntry& entry);
    void report_bus_error(u64 physical, unsigned size, bool write, u64 pc);
    [[nodiscard]] bool in_ram(u64 physical) const { return physical - ram_base_ < ram_.size(); }
    [[nodiscard]] bool block_is_unprivileged();
    [[nodiscard]] std::optional<u32> instruction_at(u64 pc);
    void clean_up_grants();
    [[nodiscard]] bool fp_denied(u32 level) const;

    // --- cpu_exceptions.cpp
    struct Exception {
        VectorKind kind = VectorKind::Synchronous;
        u64 esr = 0;
        u64 elr = 0;
        std::optional<u64> far;
    };
    void enter(const Exception& exception);
    [[nodiscard]] static Work work_of(const Exception& exception);
    void take_interrupt(VectorKind kind, u64 pc);
    void take_refused();
    void take_refused_data(u64 pc);
    [[nodiscard]] std::optional<Fault> check_access(u64 va, const MemoryAccess& access);
    void report_external(u64 far, const MemoryAccess& access);
    void take_sp_alignment(u64 pc, u32 instruction);
    void take_instruction_abort(u64 pc, const Fault& fault);
    void take_data_abort(u64 pc, u32 instruction, u64 far, AccessType type, const Fault& fault);
    void take_unaligned();
    void take_deferred();
    void take_pc_alignment(u64 pc);
    void take_illegal_state(u64 pc);
    void raise(ExceptionClass ec, u64 iss, u64 elr);
    void report_fault(u64 far, u64 pc, u64 esr, const Fault& fault, u32 instruction);
    void supervisor_call(u64 pc);
    void undefined(u64 pc);
    void hypervisor_call(u64 pc);
    void watch_progress(const Exception& exception, u64 vectors);

    // --- cpu_registers.cpp: handlers of the table
    SystemAction mair(const SystemInstruction&, u64& result);
    SystemAction sctlr(const SystemInstruction&, u64& result);
    SystemAction tcr(const SystemInstruction&, u64& result);
    SystemAction ttbr(const SystemInstruction&, u64& result);
    SystemAction cpacr(const SystemInstruction&, u64& result);
    SystemAction spsr(const SystemInstruction&, u64& result);
    SystemAction timer(const SystemInstruction&, u64& result);
    SystemAction isr(const SystemInstruction&, u64& result);
    SystemAction ccsidr(const SystemInstruction&, u64& result);
    SystemAction oslar(const SystemInstruction&, u64& result);
    SystemAction oslsr(const SystemInstruction&, u64& result);
    SystemAction dbgclaim(const SystemInstruction&, u64& result);
    SystemAction mpidr(const SystemInstruction&, u64& result);
    SystemAction tlbi(const SystemInstruction&, u64& result);
    SystemAction address_translation(const SystemInstruction&, u64& result);
    SystemAction cache_by_address(const SystemInstruction&, u64& result);
    [[nodiscard]] SystemAction stand_in(unsigned rt, u64 value);
    [[nodiscard]] bool execute(const SystemInstruction& instruction, u64& result);
    void time_tlbi(TlbiScope scope, u64 xt);
    void defer(u64 far, u64 esr, const Fault& fault);
    [[nodiscard]] bool may_use(const SystemRegister& row, bool is_read) const;
    [[nodiscard]] bool gate_open(const SystemRegister& row, bool is_read) const;
    [[nodiscard]] std::optional<u64> register_trap_syndrome(u32 instruction) const;

    unsigned index_;
    PhysicalMap& bus_;
    Reporter& reporter_;
    GenericTimer* timer_ = nullptr;
    std::unique_ptr<Engine> engine_;
    Descriptors descriptors_{*this};
    Code code_{*this};
    std::unique_ptr<CycleTimer> timing_; // null: one cycle an instruction
    Tlb tlb_;
    std::optional<SoftTlb> soft_tlb_;
    CpuState state_;
    CycleLedger ledger_;
    WorkTracker work_;
    FaultWatch fault_watch_;
    Line irq_{*this, &CpuState::irq_line};
    Line fiq_{*this, &CpuState::fiq_line};

    u64 ram_base_ = 0;
    std::span<u8> ram_;
    std::span<u8> shadows_;
    std::optional<CodeFrames> frames_;

    // What step() waits for: the block of its instruction to begin, then to end.
    enum class Stepping : u8 { No, ToBegin, ToEnd };
    Stepping stepping_ = Stepping::No;
    std::vector<u64> stops_;
    u64 wfi_instructions_ = ~u64{0}; // that were executed when the last WFI was

    Cycle horizon_ = 0;
    std::optional<CpuExit> exit_; // asked for, at the next boundary
    std::atomic<bool> exit_requested_ = false;
    std::optional<Deferred> deferred_;
    Refusal refusal_;
    bool let_through_ = false; // the next access is granted although it may be LDTR's
    bool watch_illegal_ = false;     // PSTATE.IL may be set
    std::string message_;

    // Progress between exceptions (watch_progress).
    u64 last_exception_instructions_ = ~u64{0};
    u32 barren_exceptions_ = 0;
    u32 vector_faults_ = 0;
    u64 interrupted_pc_ = 0; // of the last IRQ or FIQ
};

} // namespace forkscope
