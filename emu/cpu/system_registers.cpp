#include "cpu/system_registers.hpp"

#include <array>

namespace forkscope {

namespace {

using R = SystemRegister;

constexpr u8 kRo = R::kReadEl1;
constexpr u8 kWo = R::kWriteEl1;
constexpr u8 kRw = R::kReadEl1 | R::kWriteEl1;
constexpr u8 kRoAll = kRo | R::kReadEl0;
constexpr u8 kWoAll = kWo | R::kWriteEl0;
constexpr u8 kRwAll = kRw | R::kReadEl0 | R::kWriteEl0;

constexpr SystemEncoding reg(unsigned op1, unsigned crn, unsigned crm, unsigned op2) {
    return system_encoding(3, op1, crn, crm, op2);
}
constexpr SystemEncoding debug(unsigned op1, unsigned crn, unsigned crm, unsigned op2) {
    return system_encoding(2, op1, crn, crm, op2);
}
constexpr SystemEncoding sys(unsigned op1, unsigned crn, unsigned crm, unsigned op2) {
    return system_encoding(1, op1, crn, crm, op2);
}

constexpr R native(SystemEncoding encoding, std::string_view name, u8 access,
                   R::Gate gate = R::Gate::None) {
    return {.encoding = encoding, .name = name, .access = access, .gate = gate};
}
constexpr R constant(SystemEncoding encoding, std::string_view name, u64 value, u8 access = kRo,
                     R::Gate gate = R::Gate::None) {
    return {.encoding = encoding,
            .name = name,
            .access = access,
            .kind = R::Kind::Constant,
            .value = value,
            .gate = gate};
}
constexpr R stored(SystemEncoding encoding, std::string_view name, u64 SystemState::* word,
                   u64 writable = ~u64{0}) {
    return {.encoding = encoding,
            .name = name,
            .access = kRw,
            .kind = R::Kind::Stored,
            .value = writable,
            .word = word};
}
constexpr R watched(SystemEncoding encoding, std::string_view name, R::Handler handler) {
    return {.encoding = encoding,
            .name = name,
            .access = kRw,
            .kind = R::Kind::Watched,
            .handler = handler};
}
constexpr R handled(SystemEncoding encoding, std::string_view name, u8 access, R::Handler handler,
                    R::Gate gate = R::Gate::None) {
    return {.encoding = encoding,
            .name = name,
            .access = access,
            .kind = R::Kind::Handled,
            .handler = handler,
            .gate = gate};
}

// Identification. Arm ARM, D17.2; values of the Cortex-A57 (DDI 0488, 4.3) but
// for what this machine lacks: AArch32, EL2, EL3, big-endian data, 64 KiB pages,
// performance monitors, and of the debug registers all beyond the least allowed.
constexpr u64 kMidr = 0x411f'd070;
constexpr u64 kPfr0 = 0x0000'0011;  // EL1, EL0: AArch64 only; FP, AdvSIMD
constexpr u64 kDfr0 = 0x0010'1006;  // ARMv8 debug: 2 breakpoints, 2 watchpoints
constexpr u64 kIsar0 = 0x0001'1120; // AES, PMULL, SHA1, SHA256, CRC32
constexpr u64 kMmfr0 = 0x0f00'0022; // 40-bit addresses, 16-bit ASIDs, 4 KiB granule only
constexpr u64 kCtr = 0x8444'c004;
constexpr u64 kClidr = 0x0a20'0023;

} // namespace

std::optional<SystemInstruction> SystemInstruction::decode(u32 instruction) {
    // Arm ARM, C4.1 "System instructions with register argument" and "System
    // register move": op0 = 0 is hints, barriers and PSTATE.
    constexpr u32 kMask = 0xffc0'0000, kSystem = 0xd500'0000, kOp0 = 0x0018'0000;
    if ((instruction & kMask) != kSystem || (instruction & kOp0) == 0)
        return std::nullopt;
    return SystemInstruction{.encoding = static_cast<SystemEncoding>(instruction >> 5),
                             .is_read = (instruction >> 21 & 1) != 0,
                             .rt = instruction & 31,
                             .value = 0};
}

bool needs_stand_in(u32 instruction) {
    const std::optional<SystemInstruction> decoded = SystemInstruction::decode(instruction);
    if (!decoded)
        return false;
    const SystemRegister* row = SystemRegisterTable::find(decoded->encoding);
    if (row == nullptr || (decoded->is_read && decoded->encoding >> 14 == 1)) // SYSL
        return true;
    return row->kind != R::Kind::Native && row->kind != R::Kind::Watched;
}

std::span<const SystemRegister> SystemRegisterTable::rows() {
    using Gate = R::Gate;
    static constexpr std::array kRows = {
        // Identification
        constant(reg(0, 0, 0, 0), "MIDR_EL1", kMidr),
        handled(reg(0, 0, 0, 5), "MPIDR_EL1", kRo, &Cpu::mpidr),
        constant(reg(0, 0, 0, 6), "REVIDR_EL1", 0),
        constant(reg(0, 0, 4, 0), "ID_AA64PFR0_EL1", kPfr0),
        constant(reg(0, 0, 5, 0), "ID_AA64DFR0_EL1", kDfr0),
        constant(reg(0, 0, 6, 0), "ID_AA64ISAR0_EL1", kIsar0),
        constant(reg(0, 0, 7, 0), "ID_AA64MMFR0_EL1", kMmfr0),
        constant(reg(1, 0, 0, 1), "CLIDR_EL1", kClidr),
        constant(reg(1, 0, 0, 7), "AIDR_EL1", 0),
        stored(reg(2, 0, 0, 0), "CSSELR_EL1", &SystemState::csselr, 0xf),
        handled(reg(1, 0, 0, 0), "CCSIDR_EL1", kRo, &Cpu::ccsidr),
        constant(reg(3, 0, 0, 1), "CTR_EL0", kCtr, kRoAll, Gate::Uct),
        native(reg(3, 0, 0, 7), "DCZID_EL0", kRoAll),

        // Control and translation
        handled(reg(0, 1, 0, 0), "SCTLR_EL1", kRw, &Cpu::sctlr),
        constant(reg(0, 1, 0, 1), "ACTLR_EL1", 0, kRw),
        handled(reg(0, 1, 0, 2), "CPACR_EL1", kRw, &Cpu::cpacr),
        handled(reg(0, 2, 0, 0), "TTBR0_EL1", kRw, &Cpu::ttbr),
        handled(reg(0, 2, 0, 1), "TTBR1_EL1", kRw, &Cpu::ttbr),
        handled(reg(0, 2, 0, 2), "TCR_EL1", kRw, &Cpu::tcr),
        handled(reg(0, 10, 2, 0), "MAIR_EL1", kRw, &Cpu::mair),
        stored(reg(0, 10, 3, 0), "AMAIR_EL1", &SystemState::amair, 0),
        stored(reg(0, 7, 4, 0), "PAR_EL1", &SystemState::par),
        native(reg(0, 13, 0, 1), "CONTEXTIDR_EL1", kRw),

        // Exceptions
        watched(reg(0, 4, 0, 0), "SPSR_EL1", &Cpu::spsr),
        native(reg(0, 4, 0, 1), "ELR_EL1", kRw),
        native(reg(0, 4, 1, 0), "SP_EL0", kRw),
        native(reg(0, 4, 2, 0), "SPSel", kRw),
        native(reg(0, 4, 2, 2), "CurrentEL", kRo),
        native(reg(0, 5, 2, 0), "ESR_EL1", kRw),
        stored(reg(0, 5, 1, 0), "AFSR0_EL1", &SystemState::afsr0, 0),
        stored(reg(0, 5, 1, 1), "AFSR1_EL1", &SystemState::afsr1, 0),
        native(reg(0, 6, 0, 0), "FAR_EL1", kRw),
        native(reg(0, 12, 0, 0), "VBAR_EL1", kRw),
        constant(reg(0, 12, 0, 1), "RVBAR_EL1", 0),
        handled(reg(0, 12, 1, 0), "ISR_EL1", kRo, &Cpu::isr),
        native(reg(3, 4, 2, 0), "NZCV", kRwAll),
        native(reg(3, 4, 2, 1), "DAIF", kRwAll, Gate::Uma),
        native(reg(3, 4, 4, 0), "FPCR", kRwAll),
        native(reg(3, 4, 4, 1), "FPSR", kRwAll),

        // Software's own
        native(reg(3, 13, 0, 2), "TPIDR_EL0", kRwAll),
        native(reg(3, 13, 0, 3), "TPIDRRO_EL0", kRw | R::kReadEl0),
        native(reg(0, 13, 0, 4), "TPIDR_EL1", kRw),

        // Generic timer
        handled(reg(0, 14, 1, 0), "CNTKCTL_EL1", kRw, &Cpu::timer),
        handled(reg(3, 14, 0, 0), "CNTFRQ_EL0", kRw | R::kReadEl0, &Cpu::timer, Gate::Timer),
        handled(reg(3, 14, 0, 1), "CNTPCT_EL0", kRoAll, &Cpu::timer, Gate::Timer),
        handled(reg(3, 14, 0, 2), "CNTVCT_EL0", kRoAll, &Cpu::timer, Gate::Timer),
        handled(reg(3, 14, 2, 0), "CNTP_TVAL_EL0", kRwAll, &Cpu::timer, Gate::Timer),
        handled(reg(3, 14, 2, 1), "CNTP_CTL_EL0", kRwAll, &Cpu::timer, Gate::Timer),
        handled(reg(3, 14, 2, 2), "CNTP_CVAL_EL0", kRwAll, &Cpu::timer, Gate::Timer),
        handled(reg(3, 14, 3, 0), "CNTV_TVAL_EL0", kRwAll, &Cpu::timer, Gate::Timer),
        handled(reg(3, 14, 3, 1), "CNTV_CTL_EL0", kRwAll, &Cpu::timer, Gate::Timer),
        handled(reg(3, 14, 3, 2), "CNTV_CVAL_EL0", kRwAll, &Cpu::timer, Gate::Timer),

        // Debug: kept or zero, without effect.
        constant(debug(0, 0, 0, 2), "OSDTRRX_EL1", 0, kRw),
        constant(debug(0, 0, 3, 2), "OSDTRTX_EL1", 0, kRw),
        constant(debug(0, 0, 6, 2), "OSECCR_EL1", 0, kRw),
        constant(debug(0, 0, 0, 4), "DBGBVR0_EL1", 0, kRw),
        constant(debug(0, 0, 0, 5), "DBGBCR0_EL1", 0, kRw),
        constant(debug(0, 0, 0, 6), "DBGWVR0_EL1", 0, kRw),
        constant(debug(0, 0, 0, 7), "DBGWCR0_EL1", 0, kRw),
        constant(debug(0, 0, 1, 4), "DBGBVR1_EL1", 0, kRw),
        constant(debug(0, 0, 1, 5), "DBGBCR1_EL1", 0, kRw),
        constant(debug(0, 0, 1, 6), "DBGWVR1_EL1", 0, kRw),
        constant(debug(0, 0, 1, 7), "DBGWCR1_EL1", 0, kRw),
        constant(debug(3, 0, 4, 0), "DBGDTR_EL0", 0, kRwAll),
        constant(debug(3, 0, 5, 0), "DBGDTRRX_EL0", 0, kRwAll), // and DBGDTRTX_EL0
        stored(debug(0, 0, 2, 0), "MDCCINT_EL1", &SystemState::mdccint, 0x6000'0000),
        stored(debug(0, 0, 2, 2), "MDSCR_EL1", &SystemState::mdscr, 0x0420'b041),
        constant(debug(3, 0, 1, 0), "MDCCSR_EL0", 0, kRoAll),
        constant(debug(0, 1, 0, 0), "MDRAR_EL1", 0),
        handled(debug(0, 1, 0, 4), "OSLAR_EL1", kWo, &Cpu::oslar),
        handled(debug(0, 1, 1, 4), "OSLSR_EL1", kRo, &Cpu::oslsr),
        stored(debug(0, 1, 3, 4), "OSDLR_EL1", &SystemState::osdlr, 1),
        stored(debug(0, 1, 4, 4), "DBGPRCR_EL1", &SystemState::dbgprcr, 1),
        handled(debug(0, 7, 8, 6), "DBGCLAIMSET_EL1", kRw, &Cpu::dbgclaim),
        handled(debug(0, 7, 9, 6), "DBGCLAIMCLR_EL1", kRw, &Cpu::dbgclaim),
        constant(debug(0, 7, 14, 6), "DBGAUTHSTATUS_EL1", 0),

        // TLB maintenance
        handled(sys(0, 8, 3, 0), "TLBI VMALLE1IS", kWo, &Cpu::tlbi),
        handled(sys(0, 8, 3, 1), "TLBI VAE1IS", kWo, &Cpu::tlbi),
        handled(sys(0, 8, 3, 2), "TLBI ASIDE1IS", kWo, &Cpu::tlbi),
        handled(sys(0, 8, 3, 3), "TLBI VAAE1IS", kWo, &Cpu::tlbi),
        handled(sys(0, 8, 3, 5), "TLBI VALE1IS", kWo, &Cpu::tlbi),
        handled(sys(0, 8, 3, 7), "TLBI VAALE1IS", kWo, &Cpu::tlbi),
        handled(sys(0, 8, 7, 0), "TLBI VMALLE1", kWo, &Cpu::tlbi),
        handled(sys(0, 8, 7, 1), "TLBI VAE1", kWo, &Cpu::tlbi),
        handled(sys(0, 8, 7, 2), "TLBI ASIDE1", kWo, &Cpu::tlbi),
        handled(sys(0, 8, 7, 3), "TLBI VAAE1", kWo, &Cpu::tlbi),
        handled(sys(0, 8, 7, 5), "TLBI VALE1", kWo, &Cpu::tlbi),
        handled(sys(0, 8, 7, 7), "TLBI VAALE1", kWo, &Cpu::tlbi),

        // Caches and address translation. There are no caches, and CodeFrames
        // sees every change of code: maintenance is nothing, but for the
        // faults that its address may raise.
        constant(sys(0, 7, 1, 0), "IC IALLUIS", 0, kWo),
        constant(sys(0, 7, 5, 0), "IC IALLU", 0, kWo),
        handled(sys(3, 7, 5, 1), "IC IVAU", kWoAll, &Cpu::cache_by_address, Gate::Uci),
        handled(sys(0, 7, 6, 1), "DC IVAC", kWo, &Cpu::cache_by_address),
        native(sys(0, 7, 6, 2), "DC ISW", kWo),
        native(sys(0, 7, 10, 2), "DC CSW", kWo),
        native(sys(0, 7, 14, 2), "DC CISW", kWo),
        native(sys(3, 7, 4, 1), "DC ZVA", kWoAll, Gate::Dze),
        handled(sys(3, 7, 10, 1), "DC CVAC", kWoAll, &Cpu::cache_by_address, Gate::Uci),
        handled(sys(3, 7, 11, 1), "DC CVAU", kWoAll, &Cpu::cache_by_address, Gate::Uci),
        handled(sys(3, 7, 14, 1), "DC CIVAC", kWoAll, &Cpu::cache_by_address, Gate::Uci),
        handled(sys(0, 7, 8, 0), "AT S1E1R", kWo, &Cpu::address_translation),
        handled(sys(0, 7, 8, 1), "AT S1E1W", kWo, &Cpu::address_translation),
        handled(sys(0, 7, 8, 2), "AT S1E0R", kWo, &Cpu::address_translation),
        handled(sys(0, 7, 8, 3), "AT S1E0W", kWo, &Cpu::address_translation),
    };
    return kRows;
}

const SystemRegister* SystemRegisterTable::find(SystemEncoding encoding) {
    // By encoding: 1 + row, or 0.
    static const std::array<u8, 1u << 16> kIndex = [] {
        std::array<u8, 1u << 16> index{};
        u8 row = 0;
        for (const SystemRegister& entry : rows())
            index[entry.encoding] = ++row;
        return index;
    }();
    const u8 row = kIndex[encoding];
    return row == 0 ? nullptr : &rows()[row - 1u];
}

} // namespace forkscope
