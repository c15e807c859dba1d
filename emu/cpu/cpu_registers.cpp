#include "cpu/system_registers.hpp"

namespace forkscope {

namespace {

using Op0 = Field<SystemEncoding, 15, 14>;
using Op1 = Field<SystemEncoding, 13, 11>;
using Crn = Field<SystemEncoding, 10, 7>;
using Crm = Field<SystemEncoding, 6, 3>;
using Op2 = Field<SystemEncoding, 2, 0>;

constexpr SystemEncoding kSctlr = system_encoding(3, 0, 1, 0, 0);
constexpr SystemEncoding kTtbr0 = system_encoding(3, 0, 2, 0, 0);
constexpr SystemEncoding kTcr = system_encoding(3, 0, 2, 0, 2);
constexpr SystemEncoding kSpsr = system_encoding(3, 0, 4, 0, 0);
constexpr SystemEncoding kCntkctl = system_encoding(3, 0, 14, 1, 0);
constexpr SystemEncoding kClaimSet = system_encoding(2, 0, 7, 8, 6);
constexpr SystemEncoding kIvac = system_encoding(1, 0, 7, 6, 1);

// SCTLR_EL1 bits of big-endian data, which is not there: ID_AA64MMFR0_EL1.BigEnd.
constexpr u64 kSctlrBigEndian = 0x0300'0000; // EE, E0E
// CPACR_EL1.FPEN; the other fields belong to SVE, tracing and SME.
constexpr u64 kCpacrBits = 0x0030'0000;
constexpr u64 kOsLockModel = 8; // OSLSR_EL1.OSLM: the OS lock is there
constexpr u64 kClaimTags = 0xff;

// SPSR_EL1 for AArch64. Arm ARM, C5.2.18; "Illegal return events", D1.
using SpsrMode = Field<u64, 4, 0>;
using SpsrIllegal = Field<u64, 20>;
constexpr u64 kModeEl0 = 0, kModeEl1t = 4, kModeEl1h = 5;
constexpr u64 kModeEl2h = 9; // which no EL1 may return to, here as in the engine

bool is_legal_return(u64 spsr) {
    const u64 mode = SpsrMode::get(spsr);
    return mode == kModeEl0 || mode == kModeEl1t || mode == kModeEl1h;
}

// CCSIDR_EL1 of the Cortex-A57 by CSSELR_EL1.
constexpr std::array<u64, 3> kCacheSizes = {
    0x701f'e00a, // L1 data: 32 KiB
    0x201f'e012, // L1 instruction: 48 KiB
    0x70ff'e07a, // L2: 2 MiB
};

// ISS of EC 0x18. Arm ARM, ESR_EL1, "exception from MSR, MRS, or System instruction".
u64 register_syndrome(SystemEncoding encoding, u64 rt, bool is_read) {
    return u64{Op0::get(encoding)} << 20 | u64{Op2::get(encoding)} << 17 |
           u64{Op1::get(encoding)} << 14 | u64{Crn::get(encoding)} << 10 | rt << 5 |
           u64{Crm::get(encoding)} << 1 | is_read;
}

} // namespace

SystemAction Cpu::system_instruction(const SystemInstruction& instruction, u64& result) {
    const SystemRegister* row = SystemRegisterTable::find(instruction.encoding);
    if (row == nullptr)
        return unlisted(instruction, result);
    if (row->kind == SystemRegister::Kind::Native)
        return SystemAction::Native;
    // What is refused here the engine refuses too, and raises Trap::Undefined.
    if (!may_use(*row, instruction.is_read))
        return SystemAction::Native;
    switch (row->kind) {
    case SystemRegister::Kind::Native:
        break;
    case SystemRegister::Kind::Constant:
        result = row->value;
        return SystemAction::Done;
    case SystemRegister::Kind::Stored:
        if (instruction.is_read)
            result = state_.system.*row->word;
        else
            state_.system.*row->word = instruction.value & row->value;
        return SystemAction::Done;
    case SystemRegister::Kind::Handled:
        return (this->*row->handler)(instruction, result);
    }
    return SystemAction::Native;
}

// Registers that are not in the table are undefined. Deviation: those of them
// that the engine has at EL1 (breakpoints, AArch32's identification, the
// Cortex-A57's own) read as zero and ignore writes.
SystemAction Cpu::unlisted(const SystemInstruction& instruction, u64& result) {
    constexpr unsigned kPerformanceMonitors = 9; // CRn; the engine traps them
    const SystemEncoding encoding = instruction.encoding;
    const bool el1 = Op1::get(encoding) <= 3;
    if (Op0::get(encoding) == 1 || !el1 || Crn::get(encoding) == kPerformanceMonitors ||
        state_.level == 0 || !engine_->knows(encoding))
        return SystemAction::Native;
    result = 0;
    return SystemAction::Done;
}

bool Cpu::may_use(const SystemRegister& row, bool is_read) const {
    if (state_.level != 0)
        return (row.access & (is_read ? SystemRegister::kReadEl1 : SystemRegister::kWriteEl1)) != 0;
    const u8 needed = is_read ? SystemRegister::kReadEl0 : SystemRegister::kWriteEl0;
    return (row.access & needed) != 0 && gate_open(row, is_read);
}

// Whether the control bit lets EL0 use a register that it may be let use.
bool Cpu::gate_open(const SystemRegister& row, bool is_read) const {
    switch (row.gate) {
    case SystemRegister::Gate::None:
        return true;
    case SystemRegister::Gate::Timer:
        return timer_->check(static_cast<TimerRegister>(row.encoding), 0, !is_read) ==
               GenericTimer::Access::Allowed;
    case SystemRegister::Gate::Uct:
    case SystemRegister::Gate::Uci:
    case SystemRegister::Gate::Dze:
    case SystemRegister::Gate::Uma:
        break;
    }
    return (state_.regime.sctlr >> static_cast<u8>(row.gate) & 1) != 0;
}

// The ISS of EC 0x18 if `instruction`, refused at EL0, is one that a control bit
// could allow.
std::optional<u64> Cpu::register_trap_syndrome(u32 instruction) const {
    constexpr u32 kMask = 0xffc0'0000, kSystem = 0xd500'0000;
    constexpr u32 kDaifMask = 0xffff'f0df, kDaifSet = 0xd503'40df; // MSR DAIFSet, DAIFClr
    if (state_.level != 0 || (instruction & kMask) != kSystem)
        return std::nullopt;
    const SystemEncoding encoding = static_cast<SystemEncoding>(instruction >> 5);
    const u64 rt = instruction & 31;
    const bool is_read = (instruction >> 21 & 1) != 0;
    if ((instruction & kDaifMask) == kDaifSet)
        return register_syndrome(encoding, rt, is_read);
    const SystemRegister* row = SystemRegisterTable::find(encoding);
    const u8 needed = is_read ? SystemRegister::kReadEl0 : SystemRegister::kWriteEl0;
    if (row == nullptr || (row->access & needed) == 0 || gate_open(*row, is_read))
        return std::nullopt;
    return register_syndrome(encoding, rt, is_read);
}

// --- Translation

SystemAction Cpu::sctlr(const SystemInstruction& instruction, u64& result) {
    result = state_.regime.sctlr;
    if (instruction.is_read)
        return SystemAction::Done;
    state_.regime.sctlr = instruction.value & ~kSctlrBigEndian;
    engine_->set_system_register(kSctlr, state_.regime.sctlr);
    soft_tlb_->flush();
    return SystemAction::Done;
}

SystemAction Cpu::tcr(const SystemInstruction& instruction, u64& result) {
    result = state_.regime.tcr;
    if (instruction.is_read)
        return SystemAction::Done;
    state_.regime.tcr = instruction.value;
    engine_->set_system_register(kTcr, instruction.value);
    soft_tlb_->flush();
    return SystemAction::Done;
}

SystemAction Cpu::mair(const SystemInstruction& instruction, u64& result) {
    result = state_.regime.mair;
    if (!instruction.is_read)
        state_.regime.mair = instruction.value;
    return SystemAction::Done;
}

// The soft TLB knows no ASIDs: it holds entries of the current one and global ones,
// and is flushed if the current one changes and had any, or where an entry of the
// new one may hide a global one.
SystemAction Cpu::ttbr(const SystemInstruction& instruction, u64& result) {
    u64& ttbr =
        instruction.encoding == kTtbr0 ? state_.regime.ttbr0 : state_.regime.ttbr1;
    result = ttbr;
    if (instruction.is_read)
        return SystemAction::Done;
    const u16 before = state_.regime.asid();
    ttbr = instruction.value;
    if (state_.regime.asid() == before)
        return SystemAction::Done;
    if (tlb_.mixes_spaces())
        soft_tlb_->flush();
    else if (tlb_.granted_in(before))
        soft_tlb_->flush_space(before);
    return SystemAction::Done;
}

SystemAction Cpu::tlbi(const SystemInstruction& instruction, u64&) {
    const std::optional<TlbiOperation> operation =
        decode_tlbi(Op1::get(instruction.encoding), Crm::get(instruction.encoding),
                    Op2::get(instruction.encoding));
    if (!operation)
        return SystemAction::Native;
    if (!tlb_.invalidate(operation->scope, instruction.value, state_.regime.asid_mask()))
        return SystemAction::Done;
    const bool by_address =
        operation->scope == TlbiScope::Va || operation->scope == TlbiScope::VaAllAsids;
    if (operation->scope == TlbiScope::All || tlb_.soft_flush_due() ||
        (by_address && tlb_.removed_block()))
        soft_tlb_->flush();
    else if (by_address)
        soft_tlb_->flush_page(instruction.value << kPageShift);
    else // what is granted of a space is granted of the current one
        soft_tlb_->flush_space(state_.regime.asid());
    return SystemAction::Done;
}

SystemAction Cpu::address_translation(const SystemInstruction& instruction, u64&) {
    const unsigned op2 = Op2::get(instruction.encoding);
    const Access access{(op2 & 1) != 0 ? AccessType::Write : AccessType::Read, (op2 & 2) == 0};
    const AddressTranslation found =
        address_translate(state_.regime, descriptors_, instruction.value, access);
    if (found.fault && found.fault->kind == FaultKind::ExternalOnWalk)
        defer(instruction.value,
              address_translation_abort_syndrome(*found.fault, state_.level == 0), *found.fault);
    else
        state_.system.par = found.par;
    return SystemAction::Done;
}

// DC and IC by address do nothing but fault. The engine traps those that are left
// to it.
SystemAction Cpu::cache_by_address(const SystemInstruction& instruction, u64&) {
    const AccessType type = instruction.encoding == kIvac ? AccessType::CacheInvalidate
                                                          : AccessType::CacheMaintenance;
    const Translated found = translate(state_.regime, tlb_, descriptors_, instruction.value,
                                       {type, state_.level != 0});
    if (found.fault) {
        defer(instruction.value, data_abort_syndrome(*found.fault, type, state_.level == 0),
              *found.fault);
        return SystemAction::Native;
    }
    if (tlb_.soft_flush_due())
        set_due();
    return SystemAction::Done;
}

// The exception of a system instruction waits for the end of its block, which is
// AT itself, or for the trap of the instruction.
void Cpu::defer(u64 far, u64 esr, const Fault& fault) {
    deferred_ = Deferred{engine_->pc(), esr, far, fault};
    set_due();
}

// --- Others

SystemAction Cpu::cpacr(const SystemInstruction& instruction, u64& result) {
    result = state_.system.cpacr;
    if (instruction.is_read)
        return SystemAction::Done;
    const bool denied0 = fp_denied(0), denied1 = fp_denied(1);
    state_.system.cpacr = instruction.value & kCpacrBits;
    if (fp_denied(0) != denied0 || fp_denied(1) != denied1)
        frames_->fp_changed();
    return SystemAction::Done;
}

// The engine would return to levels and states that are not there. It is given
// a value that it refuses, and PSTATE.IL is looked for.
SystemAction Cpu::spsr(const SystemInstruction& instruction, u64& result) {
    SystemState& system = state_.system;
    if (instruction.is_read) {
        result = system.spsr;
        return system.spsr_illegal ? SystemAction::Done : SystemAction::Native;
    }
    system.spsr_illegal = !is_legal_return(instruction.value);
    watch_illegal_ = system.spsr_illegal || SpsrIllegal::test(instruction.value);
    watch_level(engine_->pc());
    if (!system.spsr_illegal)
        return SystemAction::Native;
    system.spsr = instruction.value;
    engine_->set_system_register(kSpsr, SpsrMode::set(instruction.value, kModeEl2h));
    return SystemAction::Done;
}

SystemAction Cpu::timer(const SystemInstruction& instruction, u64& result) {
    const auto which = static_cast<TimerRegister>(instruction.encoding);
    move_to(engine_->counter().cycles - unexecuted(engine_->pc()));
    if (instruction.is_read) {
        result = timer_->read(which);
        return SystemAction::Done;
    }
    timer_->write(which, instruction.value);
    if (instruction.encoding == kCntkctl)
        engine_->set_system_register(kCntkctl, instruction.value);
    return SystemAction::Done;
}

SystemAction Cpu::mpidr(const SystemInstruction&, u64& result) {
    constexpr u64 kRes1 = u64{1} << 31;
    result = kRes1 | index_;
    return SystemAction::Done;
}

SystemAction Cpu::isr(const SystemInstruction&, u64& result) {
    result = u64{state_.irq_line} << 7 | u64{state_.fiq_line} << 6;
    return SystemAction::Done;
}

SystemAction Cpu::ccsidr(const SystemInstruction&, u64& result) {
    const u64 which = state_.system.csselr;
    result = which < kCacheSizes.size() ? kCacheSizes[which] : 0;
    return SystemAction::Done;
}

SystemAction Cpu::oslar(const SystemInstruction& instruction, u64&) {
    state_.system.oslock = instruction.value & 1;
    return SystemAction::Done;
}

SystemAction Cpu::oslsr(const SystemInstruction&, u64& result) {
    result = kOsLockModel | state_.system.oslock << 1;
    return SystemAction::Done;
}

SystemAction Cpu::dbgclaim(const SystemInstruction& instruction, u64& result) {
    u64& claim = state_.system.dbgclaim;
    const bool set = instruction.encoding == kClaimSet;
    if (instruction.is_read)
        result = set ? kClaimTags : claim;
    else
        claim = set ? claim | (instruction.value & kClaimTags) : claim & ~instruction.value;
    return SystemAction::Done;
}

} // namespace forkscope
