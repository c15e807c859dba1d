#include "cpu/system_registers.hpp"

namespace forkscope {

RegisterFile Cpu::registers() const {
    RegisterFile file;
    for (unsigned i = 0; i < file.x.size(); ++i)
        file.x[i] = engine_->x(i);
    file.sp = engine_->sp();
    file.pc = engine_->pc();
    file.pstate = engine_->pstate();
    file.el = static_cast<u8>(file.pstate >> 2 & 3);
    const auto el1 = [&](unsigned crn, unsigned crm, unsigned op2) {
        return engine_->system_register(system_encoding(3, 0, crn, crm, op2));
    };
    file.vbar = el1(12, 0, 0);
    file.esr = el1(5, 2, 0);
    file.far = el1(6, 0, 0);
    file.elr = el1(4, 0, 1);
    file.spsr = el1(4, 0, 0);
    const bool own_sp = (file.pstate & 1) != 0;
    file.sp_el0 = own_sp ? el1(4, 1, 0) : file.sp;
    return file;
}

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
constexpr u64 kModeUser32 = 0x10, kModeSystem32 = 0x1f; // AArch32, EL0 and EL1

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

// The engine is about to execute an MSR. All that concern the emulator come as
// kStandIn, but for those of Watched registers.
SystemAction Cpu::system_write(SystemEncoding encoding, unsigned rt, u64 value) {
    constexpr SystemEncoding kStandInFor = static_cast<SystemEncoding>(kStandIn >> 5);
    if (encoding == kStandInFor)
        return stand_in(rt, value);
    const SystemRegister* row = SystemRegisterTable::find(encoding);
    if (row == nullptr || row->kind != SystemRegister::Kind::Watched || !may_use(*row, false))
        return SystemAction::Native;
    u64 unused = 0;
    return (this->*row->handler)({encoding, false, rt, value}, unused);
}

// What stands in memory where the engine has found kStandIn?
SystemAction Cpu::stand_in(unsigned rt, u64 value) {
    const u64 pc = engine_->pc();
    const u32 word = instruction_at(pc).value_or(0);
    if (word == (kStandIn | rt))
        return SystemAction::Native;
    std::optional<SystemInstruction> instruction = SystemInstruction::decode(word);
    u64 result = 0;
    if (instruction)
        instruction->value = value;
    if (!instruction || !execute(*instruction, result)) {
        // Undefined, or trapped, once the engine has come to its end.
        deferred_ = Deferred{pc, std::nullopt};
        set_due();
    } else if (instruction->is_read && rt != 31) {
        engine_->set_x(rt, result);
    }
    return SystemAction::Done;
}

// False if there is no such register, or not at this level.
bool Cpu::execute(const SystemInstruction& instruction, u64& result) {
    const SystemRegister* row = SystemRegisterTable::find(instruction.encoding);
    if (row == nullptr) {
        // Identification registers that are not in the table read as zero.
        const SystemEncoding encoding = instruction.encoding;
        return state_.level != 0 && instruction.is_read && Op0::get(encoding) == 3 &&
               Op1::get(encoding) == 0 && Crn::get(encoding) == 0 && Crm::get(encoding) != 0 &&
               Crm::get(encoding) < 8;
    }
    if (!may_use(*row, instruction.is_read))
        return false;
    switch (row->kind) {
    case SystemRegister::Kind::Native:
    case SystemRegister::Kind::Watched:
        return false; // SYSL of a SYS
    case SystemRegister::Kind::Constant:
        result = row->value;
        break;
    case SystemRegister::Kind::Stored:
        if (instruction.is_read)
            result = state_.system.*row->word;
        else
            state_.system.*row->word = instruction.value & row->value;
        break;
    case SystemRegister::Kind::Handled:
        (this->*row->handler)(instruction, result);
        break;
    }
    return true;
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
    constexpr u32 kDaifMask = 0xffff'f0df, kDaifSet = 0xd503'40df; // MSR DAIFSet, DAIFClr
    if (state_.level != 0)
        return std::nullopt;
    if ((instruction & kDaifMask) == kDaifSet)
        return register_syndrome(static_cast<SystemEncoding>(instruction >> 5), 31, false);
    const std::optional<SystemInstruction> system = SystemInstruction::decode(instruction);
    if (!system)
        return std::nullopt;
    const SystemRegister* row = SystemRegisterTable::find(system->encoding);
    const u8 needed = system->is_read ? SystemRegister::kReadEl0 : SystemRegister::kWriteEl0;
    if (row == nullptr || (row->access & needed) == 0 || gate_open(*row, system->is_read))
        return std::nullopt;
    return register_syndrome(system->encoding, system->rt, system->is_read);
}

// --- Translation

SystemAction Cpu::sctlr(const SystemInstruction& instruction, u64& result) {
    result = state_.regime.sctlr;
    if (instruction.is_read)
        return SystemAction::Done;
    state_.regime.sctlr = instruction.value & ~kSctlrBigEndian;
    engine_->set_system_register(kSctlr, state_.regime.sctlr);
    if (timing_)
        timing_->forget_translations();
    soft_tlb_->flush();
    return SystemAction::Done;
}

SystemAction Cpu::tcr(const SystemInstruction& instruction, u64& result) {
    result = state_.regime.tcr;
    if (instruction.is_read)
        return SystemAction::Done;
    state_.regime.tcr = instruction.value;
    if (timing_)
        timing_->forget_translations();
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
    if (timing_)
        timing_->use_space(state_.regime.asid());
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
        return SystemAction::Done;
    if (timing_)
        time_tlbi(operation->scope, instruction.value);
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

// What the TLBI costs, and what the timing model's TLB loses. `xt` is its operand.
void Cpu::time_tlbi(TlbiScope scope, u64 xt) {
    const u64 va = static_cast<u64>(sign_extend(xt << kPageShift, 56));
    const u16 asid = static_cast<u16>(xt >> 48 & state_.regime.asid_mask());
    std::optional<u64> physical;
    if (scope == TlbiScope::Va || scope == TlbiScope::VaAllAsids)
        if (const TlbEntry* entry = tlb_.lookup(va, asid))
            physical = entry->physical_of(va);
    timing_->invalidate(scope, va, asid, physical);
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

// DC and IC by address do nothing but fault.
SystemAction Cpu::cache_by_address(const SystemInstruction& instruction, u64&) {
    const AccessType type = instruction.encoding == kIvac ? AccessType::CacheInvalidate
                                                          : AccessType::CacheMaintenance;
    const Translated found = look_up(instruction.value, {type, state_.level != 0});
    if (found.fault)
        defer(instruction.value, data_abort_syndrome(*found.fault, type, state_.level == 0),
              *found.fault);
    else if (tlb_.soft_flush_due())
        set_due();
    return SystemAction::Done;
}

// The exception of a system instruction waits for the end of its block, which is
// the instruction itself.
void Cpu::defer(u64 far, u64 esr, const Fault& fault) {
    deferred_ = Deferred{engine_->pc(), Deferred::Abort{esr, far, fault}};
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

// The engine refuses an ERET to EL2, EL3 and reserved modes, and sets PSTATE.IL,
// as it must. AArch32 at EL0 it would not refuse, so it is given another AArch32
// mode. Deviation: SPSR_EL1.M then reads as that.
SystemAction Cpu::spsr(const SystemInstruction& instruction, u64&) {
    const u64 mode = SpsrMode::get(instruction.value);
    const bool legal = mode == kModeEl0 || mode == kModeEl1t || mode == kModeEl1h;
    watch_illegal_ = !legal || SpsrIllegal::test(instruction.value);
    watch_level(engine_->pc());
    if (mode != kModeUser32)
        return SystemAction::Native;
    engine_->set_system_register(kSpsr, SpsrMode::set(instruction.value, kModeSystem32));
    return SystemAction::Done;
}

SystemAction Cpu::timer(const SystemInstruction& instruction, u64& result) {
    const auto which = static_cast<TimerRegister>(instruction.encoding);
    move_to_instruction(engine_->pc());
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
