#include "cpu/access_decode.hpp"
#include "cpu/cpu.hpp"
#include "event/esr.hpp"

#include <cstdio>

namespace forkscope {

namespace {

constexpr u64 kVectorFromEl0 = 0x400; // lower level, AArch64
constexpr u64 kVectorOwnSp = 0x200;   // same level, SP_EL1; 0 is the same with SP_EL0
constexpr u64 kVectorsSize = 0x800;

using PstateSp = Field<u64, 0>;
using PstateIllegal = Field<u64, 20>;

// ISS of conditional traps whose instruction is unconditional: CV = 1, COND = 0b1110.
constexpr u64 kConditionAlways = 0x1e0'0000;

// Instruction words. Arm ARM, C4.1.94 "Exception generation", "Hints".
using Imm16 = Field<u32, 20, 5>;
constexpr u32 kHvcMask = 0xffe0'001f;
constexpr u32 kHvc = 0xd400'0002;
constexpr u32 kWfe = 0xd503'205f;
constexpr u32 kWfi = 0xd503'207f;

// As many exceptions in a row without an instruction executed, or as many taken
// from the vectors themselves, mean that the guest can't get anywhere.
constexpr u32 kMostBarrenExceptions = 64;
constexpr u32 kMostVectorFaults = 4096;

} // namespace

// The general registers as the decoder of accesses wants them.
class Cpu::Registers final : public AddressRegisters {
public:
    explicit Registers(const Engine& engine) : engine_(engine) {}
    [[nodiscard]] u64 x(unsigned index) const override { return engine_.x(index); }
    [[nodiscard]] u64 sp() const override { return engine_.sp(); }

private:
    const Engine& engine_;
};

// --- Entry. Arm ARM, pseudocode AArch64.TakeException.

void Cpu::enter(const Exception& exception) {
    stamp();
    charge_level();
    let_through_ = false;
    const u64 spsr = engine_->pstate();
    u64 vector = static_cast<u64>(exception.kind);
    if (state_.level == 0)
        vector += kVectorFromEl0;
    else if (PstateSp::test(spsr))
        vector += kVectorOwnSp;
    engine_->enter_exception({exception.elr, spsr, vector});
    if (exception.kind == VectorKind::Synchronous)
        engine_->set_esr(exception.esr);
    if (exception.far)
        engine_->set_far(*exception.far);
    watch_illegal_ = PstateIllegal::test(spsr);

    const u64 pc = engine_->pc();
    watch_progress(exception, pc - vector);
    state_.level = 1;
    watch_level(pc);
    if (timing_) {
        timing_->model().exception_entry();
        work_.enter(work_of(exception));
    }
}

Work Cpu::work_of(const Exception& exception) {
    if (exception.kind != VectorKind::Synchronous)
        return Work::Interrupt;
    return exception_class(exception.esr) == static_cast<u64>(ExceptionClass::Svc) ? Work::Syscall
                                                                                  : Work::Fault;
}

// Ends a run in which nothing but exceptions can follow.
void Cpu::watch_progress(const Exception& exception, u64 vectors) {
    const u64 executed = instructions();
    barren_exceptions_ = executed == last_exception_instructions_ ? barren_exceptions_ + 1 : 0;
    last_exception_instructions_ = executed;
    const bool from_vectors = state_.level != 0 && exception.kind == VectorKind::Synchronous &&
                              exception.elr - vectors < kVectorsSize;
    vector_faults_ = from_vectors ? vector_faults_ + 1 : 0;
    if (barren_exceptions_ < kMostBarrenExceptions && vector_faults_ < kMostVectorFaults)
        return;
    char text[160];
    std::snprintf(text, sizeof text,
                  "the guest is stuck: its exception vectors at 0x%llx raise exceptions "
                  "themselves (ELR_EL1 0x%llx, ESR_EL1 0x%llx)",
                  static_cast<unsigned long long>(vectors),
                  static_cast<unsigned long long>(exception.elr),
                  static_cast<unsigned long long>(exception.esr));
    message_ = text;
    exit_ = CpuExit::Stuck;
    set_due();
}

void Cpu::take_interrupt(VectorKind kind, u64 pc) {
    interrupted_pc_ = pc;
    enter({.kind = kind, .esr = 0, .elr = pc, .far = {}});
}

// A synchronous exception that is neither an abort nor an SVC.
void Cpu::raise(ExceptionClass ec, u64 iss, u64 elr) {
    const u64 esr = Syndrome::make(ec, iss);
    const u8 level = static_cast<u8>(state_.level);
    enter({.kind = VectorKind::Synchronous, .esr = esr, .elr = elr, .far = {}});
    const u64 vector = engine_->pc() & (kVectorsSize - 1);
    reporter_.report(now(), EventKind::Exception, level, {elr, esr, vector, 0, 0, 0});
}

// --- Memory faults

void Cpu::report_fault(u64 far, u64 pc, u64 esr, const Fault& fault, u32 instruction) {
    stamp();
    if (timing_)
        settle(); // a span begins
    const u16 asid = state_.regime.asid();
    reporter_.report(now(), EventKind::Fault, static_cast<u8>(state_.level),
                     {far, pc, esr, fault.descriptor, instruction, asid});
    if (fault.kind == FaultKind::Translation || fault.kind == FaultKind::Permission ||
        fault.kind == FaultKind::AccessFlag)
        fault_watch_.add(state_.regime.untag(far), asid, fault.descriptor);
}

void Cpu::take_instruction_abort(u64 pc, const Fault& fault) {
    const u64 esr = instruction_abort_syndrome(fault, state_.level == 0);
    report_fault(pc, pc, esr, fault, 0);
    enter({.kind = VectorKind::Synchronous, .esr = esr, .elr = pc, .far = pc});
}

void Cpu::take_data_abort(u64 pc, u32 instruction, u64 far, AccessType type, const Fault& fault) {
    const u64 esr = data_abort_syndrome(fault, type, state_.level == 0);
    report_fault(far, pc, esr, fault, instruction);
    enter({.kind = VectorKind::Synchronous, .esr = esr, .elr = pc, .far = far});
}

void Cpu::take_pc_alignment(u64 pc) {
    const u64 esr = Syndrome::make(ExceptionClass::PcAlignment);
    report_fault(pc, pc, esr, {FaultKind::Alignment, 0, 0, 0}, 0);
    enter({.kind = VectorKind::Synchronous, .esr = esr, .elr = pc, .far = pc});
}

void Cpu::take_sp_alignment(u64 pc, u32 instruction) {
    const u64 esr = Syndrome::make(ExceptionClass::SpAlignment);
    report_fault(engine_->sp(), pc, esr, {FaultKind::Alignment, 0, 0, 0}, instruction);
    enter({.kind = VectorKind::Synchronous, .esr = esr, .elr = pc, .far = {}});
}

void Cpu::take_illegal_state(u64 pc) {
    raise(ExceptionClass::IllegalState, 0, pc);
}

// What a system instruction met. It was the last of its block.
void Cpu::take_deferred() {
    const Deferred deferred = *deferred_;
    deferred_.reset();
    if (!deferred.abort)
        return undefined(deferred.pc);
    const auto& [esr, far, fault] = *deferred.abort;
    cut_block(deferred.pc);
    report_fault(far, deferred.pc, esr, fault, instruction_at(deferred.pc).value_or(0));
    enter({.kind = VectorKind::Synchronous, .esr = esr, .elr = deferred.pc, .far = far});
}

// The engine wanted something that fill() refused.
void Cpu::take_refused() {
    const u64 pc = engine_->pc();
    if (refusal_.access == PageAccess::Fetch) {
        stamp();
        observe_level(pc);
        if (!is_aligned(pc, 4))
            return take_pc_alignment(pc);
        return take_instruction_abort(pc, *refusal_.fault);
    }
    cut_block(pc);
    take_refused_data(pc);
}

// Finds out what the instruction at `pc` accesses, and which of its accesses
// faults: the engine knows the page only.
void Cpu::take_refused_data(u64 pc) {
    const u32 instruction = instruction_at(pc).value_or(0);
    const AccessList accesses = decode_accesses(instruction, pc, Registers(*engine_));
    if (accesses.sp_based && sp_misaligned(engine_->sp(), state_.level == 0, state_.regime.sctlr))
        return take_sp_alignment(pc, instruction);
    const auto check = [this](u64 va, const MemoryAccess& access) { return check_access(va, access); };
    if (const auto found = first_fault(accesses, check)) {
        if (found->fault.kind == FaultKind::External)
            report_external(found->far, found->access);
        return take_data_abort(pc, instruction, found->far, found->type, found->fault);
    }
    if (!let_through_ && !refusal_.fault) {
        let_through_ = true;
        return;
    }
    let_through_ = false;
    const bool write = refusal_.access == PageAccess::Write;
    take_data_abort(pc, instruction, refusal_.page, write ? AccessType::Write : AccessType::Read,
                    refusal_.fault.value_or(Fault{}));
}

// What the architecture says to (the part in one page of) an access.
std::optional<Fault> Cpu::check_access(u64 va, const MemoryAccess& access) {
    const bool is_first = va == access.first_byte();
    if (is_first && misaligned_before_translation(access.address, access.alignment, access.rule,
                                                  state_.regime.sctlr))
        return Fault{FaultKind::Alignment, 0, 0, 0};
    const bool privileged = state_.level != 0 && !access.unprivileged;
    const Translated found =
        look_up(va, {access.type, privileged});
    if (found.fault)
        return found.fault;
    if (state_.regime.enabled() && is_first &&
        misaligned_in_memory(access.address, access.alignment, access.rule, found.attributes))
        return Fault{FaultKind::Alignment, 0, 0, 0};
    const Region* region = bus_.find(found.physical);
    if (region == nullptr ||
        (region->kind == RegionKind::Rom && access.type == AccessType::Write))
        return Fault{FaultKind::External, 0, 0, 0};
    return std::nullopt;
}

void Cpu::report_external(u64 far, const MemoryAccess& access) {
    const bool privileged = state_.level != 0 && !access.unprivileged;
    const Translated found =
        look_up(far, {access.type, privileged});
    stamp();
    report_bus_error(found.physical, access.size, access.type == AccessType::Write,
                     engine_->pc());
}

// A misaligned exclusive, or another access that the engine wants aligned.
void Cpu::take_unaligned() {
    const u64 pc = engine_->pc();
    cut_block(pc);
    const u32 instruction = instruction_at(pc).value_or(0);
    const AccessList accesses = decode_accesses(instruction, pc, Registers(*engine_));
    const u64 far = accesses.empty() ? 0 : accesses.accesses[0].address;
    const AccessType type = accesses.empty() ? AccessType::Read : accesses.accesses[0].type;
    take_data_abort(pc, instruction, far, type, {FaultKind::Alignment, 0, 0, 0});
}

// --- Traps of the engine

void Cpu::trap(Trap trap) {
    const u64 pc = engine_->pc();
    switch (trap) {
    case Trap::SupervisorCall:
        return supervisor_call(pc);
    case Trap::Breakpoint:
        cut_block(pc);
        return raise(ExceptionClass::Brk, Imm16::get(instruction_at(pc).value_or(0)), pc);
    case Trap::MonitorCall: // no EL3: SMC is undefined
        cut_block(pc - 4);
        return raise(ExceptionClass::Unknown, 0, pc - 4);
    case Trap::Undefined:
        return undefined(pc);
    case Trap::Unaligned:
        return take_unaligned();
    case Trap::Unexpected:
        break;
    }
    message_ = "the instruction engine raised an exception of an unknown kind";
    exit_ = CpuExit::Broken;
    engine_->leave();
}

// At a stop: was a WFI before it executed? The engine does not tell.
bool Cpu::ended_in_wfi() {
    stamp();
    const u64 pc = engine_->pc();
    return instructions() != wfi_instructions_ && engine_->counter().block_end() == pc &&
           instruction_at(pc - 4) == kWfi;
}

void Cpu::supervisor_call(u64 pc) {
    const u64 esr =
        Syndrome::make(ExceptionClass::Svc, Imm16::get(instruction_at(pc - 4).value_or(0)));
    enter({.kind = VectorKind::Synchronous, .esr = esr, .elr = pc, .far = {}});
}

void Cpu::undefined(u64 pc) {
    const u32 instruction = instruction_at(pc).value_or(0);
    if ((instruction & kHvcMask) == kHvc && state_.level == 1)
        return hypervisor_call(pc);
    cut_block(pc);
    if (is_fp_instruction(instruction) && fp_denied(state_.level))
        return raise(ExceptionClass::FpAccess, kConditionAlways, pc);
    if (instruction == kWfi || instruction == kWfe)
        return raise(ExceptionClass::Wfx, kConditionAlways | (instruction == kWfe), pc);
    if (const std::optional<u64> iss = register_trap_syndrome(instruction))
        return raise(ExceptionClass::SystemRegister, *iss, pc);
    raise(ExceptionClass::Unknown, 0, pc);
}

// The conduit of PSCI. SMC Calling Convention, DEN 0028: the result is in X0.
void Cpu::hypervisor_call(u64 pc) {
    stamp();
    std::array<u64, 4> arguments{};
    for (unsigned i = 0; i < arguments.size(); ++i)
        arguments[i] = engine_->x(i);
    const auto [function, x1, x2, x3] = arguments;
    const PsciReply reply = psci_call(static_cast<u32>(function), x1, x2, x3, index_);
    reporter_.report(now(), EventKind::HypervisorCall, 1, {function, x1, x2, x3, reply.x0, 0});
    engine_->set_x(0, reply.x0);
    engine_->set_pc(pc + 4);
    switch (reply.request) {
    case PowerRequest::None:
        return;
    case PowerRequest::PowerOff:
        exit_ = CpuExit::PowerOff;
        break;
    case PowerRequest::Reset:
        exit_ = CpuExit::Reset;
        break;
    case PowerRequest::CpuOff:
        exit_ = CpuExit::CpuOff;
        break;
    }
    engine_->leave();
}

} // namespace forkscope
