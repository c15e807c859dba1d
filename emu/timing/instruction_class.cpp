#include "timing/instruction_class.hpp"

#include <capstone/capstone.h>

#include <algorithm>

namespace forkscope::timing {

namespace {

using enum InstructionClass;

constexpr std::array<std::string_view, kInstructionClasses> kClassNames = {"alu",
                                                                           "shift",
                                                                           "extract",
                                                                           "crc",
                                                                           "multiply",
                                                                           "divide",
                                                                           "branch",
                                                                           "call",
                                                                           "system",
                                                                           "load",
                                                                           "load_indexed",
                                                                           "load_pair_word",
                                                                           "load_pair",
                                                                           "load_exclusive",
                                                                           "prefetch",
                                                                           "store",
                                                                           "store_exclusive",
                                                                           "load_fp",
                                                                           "load_fp_pair_single",
                                                                           "load_fp_pair",
                                                                           "load_fp_pair_q",
                                                                           "store_fp",
                                                                           "load_structure_1",
                                                                           "load_structure_2",
                                                                           "load_structure_3",
                                                                           "load_structure_4",
                                                                           "store_structure_1",
                                                                           "store_structure_2",
                                                                           "store_structure_3",
                                                                           "store_structure_4",
                                                                           "fp_alu",
                                                                           "fp_alu_q",
                                                                           "fp_compare",
                                                                           "fp_move",
                                                                           "fp_duplicate",
                                                                           "fp_multiply",
                                                                           "fp_mac",
                                                                           "fp_divide_half",
                                                                           "fp_divide_single",
                                                                           "fp_divide_double",
                                                                           "fp_sqrt_half",
                                                                           "fp_sqrt_single",
                                                                           "fp_sqrt_double",
                                                                           "unknown"};

constexpr std::array<std::string_view, kReadRoles> kRoleNames = {
    "operand", "shifted", "multiplier", "accumulator", "dividend", "extract_high",
    "address", "indexed", "store_data", "flags",       "late"};

// What the mnemonic alone says. Sizes and register files refine it later.
struct MnemonicRow {
    InstructionClass kind;
    std::initializer_list<arm64_insn> mnemonics;
};

const MnemonicRow kMnemonics[] = {
    {Alu, {ARM64_INS_ADC,   ARM64_INS_ADCS,  ARM64_INS_ADD,   ARM64_INS_ADDS, ARM64_INS_ADR,
           ARM64_INS_ADRP,  ARM64_INS_AND,   ARM64_INS_ANDS,  ARM64_INS_BIC,  ARM64_INS_BICS,
           ARM64_INS_CCMN,  ARM64_INS_CCMP,  ARM64_INS_CINC,  ARM64_INS_CINV, ARM64_INS_CMN,
           ARM64_INS_CMP,   ARM64_INS_CNEG,  ARM64_INS_CSEL,  ARM64_INS_CSET, ARM64_INS_CSETM,
           ARM64_INS_CSINC, ARM64_INS_CSINV, ARM64_INS_CSNEG, ARM64_INS_EON,  ARM64_INS_EOR,
           ARM64_INS_MOV,   ARM64_INS_MOVK,  ARM64_INS_MOVN,  ARM64_INS_MOVZ, ARM64_INS_MVN,
           ARM64_INS_NEG,   ARM64_INS_NEGS,  ARM64_INS_NGC,   ARM64_INS_NGCS, ARM64_INS_ORN,
           ARM64_INS_ORR,   ARM64_INS_SBC,   ARM64_INS_SBCS,  ARM64_INS_SUB,  ARM64_INS_SUBS,
           ARM64_INS_TST}},
    {Shift, {ARM64_INS_ASR,   ARM64_INS_BFI,   ARM64_INS_BFM,   ARM64_INS_BFXIL, ARM64_INS_CLS,
             ARM64_INS_CLZ,   ARM64_INS_LSL,   ARM64_INS_LSR,   ARM64_INS_RBIT,  ARM64_INS_REV,
             ARM64_INS_REV16, ARM64_INS_REV32, ARM64_INS_SBFIZ, ARM64_INS_SBFM,  ARM64_INS_SBFX,
             ARM64_INS_SXTB,  ARM64_INS_SXTH,  ARM64_INS_SXTW,  ARM64_INS_UBFIZ, ARM64_INS_UBFM,
             ARM64_INS_UBFX,  ARM64_INS_UXTB,  ARM64_INS_UXTH,  ARM64_INS_UXTW}},
    {Extract, {ARM64_INS_EXTR, ARM64_INS_ROR}},
    {Crc,
     {ARM64_INS_CRC32B, ARM64_INS_CRC32CB, ARM64_INS_CRC32CH, ARM64_INS_CRC32CW, ARM64_INS_CRC32CX,
      ARM64_INS_CRC32H, ARM64_INS_CRC32W, ARM64_INS_CRC32X}},
    {Multiply,
     {ARM64_INS_MADD, ARM64_INS_MNEG, ARM64_INS_MSUB, ARM64_INS_MUL, ARM64_INS_SMADDL,
      ARM64_INS_SMNEGL, ARM64_INS_SMSUBL, ARM64_INS_SMULH, ARM64_INS_SMULL, ARM64_INS_UMADDL,
      ARM64_INS_UMNEGL, ARM64_INS_UMSUBL, ARM64_INS_UMULH, ARM64_INS_UMULL}},
    {Divide, {ARM64_INS_SDIV, ARM64_INS_UDIV}},
    {Branch,
     {ARM64_INS_B, ARM64_INS_BR, ARM64_INS_RET, ARM64_INS_CBZ, ARM64_INS_CBNZ, ARM64_INS_TBZ,
      ARM64_INS_TBNZ, ARM64_INS_ERET}},
    {Call, {ARM64_INS_BL, ARM64_INS_BLR}},
    {System, {ARM64_INS_MRS, ARM64_INS_MSR, ARM64_INS_SYS,  ARM64_INS_SYSL, ARM64_INS_DMB,
              ARM64_INS_DSB, ARM64_INS_ISB, ARM64_INS_HINT, ARM64_INS_NOP,  ARM64_INS_YIELD,
              ARM64_INS_WFE, ARM64_INS_WFI, ARM64_INS_SEV,  ARM64_INS_SEVL, ARM64_INS_SVC,
              ARM64_INS_HVC, ARM64_INS_SMC, ARM64_INS_BRK,  ARM64_INS_HLT,  ARM64_INS_CLREX,
              ARM64_INS_DC,  ARM64_INS_IC,  ARM64_INS_AT,   ARM64_INS_TLBI, ARM64_INS_CFINV}},
    {Load,
     {ARM64_INS_LDR, ARM64_INS_LDRB, ARM64_INS_LDRH, ARM64_INS_LDRSB, ARM64_INS_LDRSH,
      ARM64_INS_LDRSW, ARM64_INS_LDUR, ARM64_INS_LDURB, ARM64_INS_LDURH, ARM64_INS_LDURSB,
      ARM64_INS_LDURSH, ARM64_INS_LDURSW, ARM64_INS_LDTR, ARM64_INS_LDTRB, ARM64_INS_LDTRH,
      ARM64_INS_LDTRSB, ARM64_INS_LDTRSH, ARM64_INS_LDTRSW}},
    {LoadPair, {ARM64_INS_LDP, ARM64_INS_LDNP, ARM64_INS_LDPSW}},
    {LoadExclusive,
     {ARM64_INS_LDXR, ARM64_INS_LDXRB, ARM64_INS_LDXRH, ARM64_INS_LDXP, ARM64_INS_LDAXR,
      ARM64_INS_LDAXRB, ARM64_INS_LDAXRH, ARM64_INS_LDAXP, ARM64_INS_LDAR, ARM64_INS_LDARB,
      ARM64_INS_LDARH}},
    {Prefetch, {ARM64_INS_PRFM, ARM64_INS_PRFUM}},
    {Store,
     {ARM64_INS_STR, ARM64_INS_STRB, ARM64_INS_STRH, ARM64_INS_STUR, ARM64_INS_STURB,
      ARM64_INS_STURH, ARM64_INS_STTR, ARM64_INS_STTRB, ARM64_INS_STTRH, ARM64_INS_STP,
      ARM64_INS_STNP, ARM64_INS_STLR, ARM64_INS_STLRB, ARM64_INS_STLRH}},
    {StoreExclusive,
     {ARM64_INS_STXR, ARM64_INS_STXRB, ARM64_INS_STXRH, ARM64_INS_STXP, ARM64_INS_STLXR,
      ARM64_INS_STLXRB, ARM64_INS_STLXRH, ARM64_INS_STLXP}},
    {LoadStructure1, {ARM64_INS_LD1, ARM64_INS_LD1R}},
    {LoadStructure2, {ARM64_INS_LD2, ARM64_INS_LD2R}},
    {LoadStructure3, {ARM64_INS_LD3, ARM64_INS_LD3R}},
    {LoadStructure4, {ARM64_INS_LD4, ARM64_INS_LD4R}},
    {StoreStructure1, {ARM64_INS_ST1}},
    {StoreStructure2, {ARM64_INS_ST2}},
    {StoreStructure3, {ARM64_INS_ST3}},
    {StoreStructure4, {ARM64_INS_ST4}},
    {FpCompare, {ARM64_INS_FCMP, ARM64_INS_FCMPE, ARM64_INS_FCCMP, ARM64_INS_FCCMPE}},
    {FpMultiply, {ARM64_INS_FMUL, ARM64_INS_FNMUL, ARM64_INS_FMULX}},
    {FpMac,
     {ARM64_INS_FMADD, ARM64_INS_FMSUB, ARM64_INS_FNMADD, ARM64_INS_FNMSUB, ARM64_INS_FMLA,
      ARM64_INS_FMLS}},
    {FpMove,
     {ARM64_INS_FCVTAS, ARM64_INS_FCVTAU, ARM64_INS_FCVTMS, ARM64_INS_FCVTMU, ARM64_INS_FCVTNS,
      ARM64_INS_FCVTNU, ARM64_INS_FCVTPS, ARM64_INS_FCVTPU, ARM64_INS_FCVTZS, ARM64_INS_FCVTZU,
      ARM64_INS_FMOV}},
    {FpDuplicate, {ARM64_INS_DUP, ARM64_INS_XTN, ARM64_INS_XTN2}},
    {FpDivideSingle, {ARM64_INS_FDIV}},
    {FpSqrtSingle, {ARM64_INS_FSQRT}},
};

// Class by mnemonic; Unknown where the rows above say nothing.
const std::array<InstructionClass, ARM64_INS_ENDING>& mnemonic_table() {
    static const auto table = [] {
        std::array<InstructionClass, ARM64_INS_ENDING> t;
        t.fill(Unknown);
        for (const MnemonicRow& row : kMnemonics)
            for (arm64_insn m : row.mnemonics)
                t[m] = row.kind;
        return t;
    }();
    return table;
}

enum class RegisterFile { None, General32, General64, Half, Single, Double, Quad };

struct RegisterRange {
    int first, last; // Capstone's numbers
    RegisterFile file;
    RegisterNumber base;
};

constexpr RegisterRange kRanges[] = {
    {ARM64_REG_W0, ARM64_REG_W30, RegisterFile::General32, 0},
    {ARM64_REG_X0, ARM64_REG_X28, RegisterFile::General64, 0},
    {ARM64_REG_FP, ARM64_REG_FP, RegisterFile::General64, 29},
    {ARM64_REG_LR, ARM64_REG_LR, RegisterFile::General64, 30},
    {ARM64_REG_SP, ARM64_REG_SP, RegisterFile::General64, 31},
    {ARM64_REG_WSP, ARM64_REG_WSP, RegisterFile::General32, 31},
    {ARM64_REG_B0, ARM64_REG_B31, RegisterFile::Half, kFirstVector},
    {ARM64_REG_H0, ARM64_REG_H31, RegisterFile::Half, kFirstVector},
    {ARM64_REG_S0, ARM64_REG_S31, RegisterFile::Single, kFirstVector},
    {ARM64_REG_D0, ARM64_REG_D31, RegisterFile::Double, kFirstVector},
    {ARM64_REG_Q0, ARM64_REG_Q31, RegisterFile::Quad, kFirstVector},
    {ARM64_REG_V0, ARM64_REG_V31, RegisterFile::Quad, kFirstVector},
};

struct Register {
    RegisterFile file = RegisterFile::None;
    RegisterNumber number = 0;
};

Register to_register(unsigned reg) {
    for (const RegisterRange& r : kRanges) {
        if (static_cast<int>(reg) >= r.first && static_cast<int>(reg) <= r.last)
            return {r.file,
                    static_cast<RegisterNumber>(r.base + (static_cast<int>(reg) - r.first))};
    }
    return {};
}

bool is_vector(RegisterFile file) {
    return file >= RegisterFile::Half;
}

bool is_64_bit_arrangement(arm64_vas vas) {
    return vas == ARM64_VAS_8B || vas == ARM64_VAS_4H || vas == ARM64_VAS_2S || vas == ARM64_VAS_1D;
}

// The width an FP/SIMD instruction works in: the widest of its operands.
RegisterFile widest(const cs_arm64& detail) {
    RegisterFile file = RegisterFile::None;
    for (int i = 0; i < detail.op_count; ++i) {
        const cs_arm64_op& op = detail.operands[i];
        if (op.type != ARM64_OP_REG)
            continue;
        RegisterFile f = to_register(static_cast<unsigned>(op.reg)).file;
        if (f == RegisterFile::Quad && is_64_bit_arrangement(op.vas))
            f = RegisterFile::Double;
        file = std::max(file, f);
    }
    return file;
}

bool touches(const cs_arm64& detail, bool vector) {
    for (int i = 0; i < detail.op_count; ++i) {
        const cs_arm64_op& op = detail.operands[i];
        if (op.type != ARM64_OP_REG)
            continue;
        const RegisterFile f = to_register(static_cast<unsigned>(op.reg)).file;
        if (f != RegisterFile::None && is_vector(f) == vector)
            return true;
    }
    return false;
}

InstructionClass by_width(RegisterFile width, InstructionClass half, InstructionClass single,
                          InstructionClass full) {
    if (width == RegisterFile::Half)
        return half;
    return width == RegisterFile::Single ? single : full;
}

InstructionClass with_q(RegisterFile width, InstructionClass narrow, InstructionClass wide) {
    return width == RegisterFile::Quad ? wide : narrow;
}

const cs_arm64_op* memory_operand(const cs_arm64& detail) {
    for (int i = 0; i < detail.op_count; ++i)
        if (detail.operands[i].type == ARM64_OP_MEM)
            return &detail.operands[i];
    return nullptr;
}

InstructionClass refine_load(const cs_arm64& detail, RegisterFile width) {
    if (detail.op_count > 0 && detail.operands[0].type != ARM64_OP_REG)
        return Prefetch;
    const cs_arm64_op* mem = memory_operand(detail);
    if (mem != nullptr && mem->mem.index != ARM64_REG_INVALID)
        return LoadIndexed;
    return is_vector(width) ? LoadFp : Load;
}

InstructionClass refine_load_pair(unsigned id, RegisterFile width) {
    if (width == RegisterFile::Quad)
        return LoadFpPairQ;
    if (width == RegisterFile::Single)
        return LoadFpPairSingle;
    if (is_vector(width))
        return LoadFpPair;
    return id == ARM64_INS_LDPSW || width == RegisterFile::General32 ? LoadPairWord : LoadPair;
}

InstructionClass structure_by_registers(const cs_arm64& detail, InstructionClass one) {
    unsigned registers = 0;
    for (int i = 0; i < detail.op_count; ++i)
        if (detail.operands[i].type == ARM64_OP_REG &&
            is_vector(to_register(static_cast<unsigned>(detail.operands[i].reg)).file))
            ++registers;
    const unsigned extra = std::clamp(registers, 1u, 4u) - 1;
    return static_cast<InstructionClass>(static_cast<unsigned>(one) + extra);
}

// Instructions on FP/SIMD registers that no row names: arithmetic of the vector unit.
InstructionClass vector_default(const cs_insn& insn, RegisterFile width) {
    const bool conversion = insn.id == ARM64_INS_SCVTF || insn.id == ARM64_INS_UCVTF;
    return conversion ? FpAlu : with_q(width, FpAlu, FpAluQ);
}

// True for SIMD forms, false for scalar ones.
bool is_arrangement(const cs_arm64& detail) {
    return detail.op_count > 0 && detail.operands[0].vas != ARM64_VAS_INVALID;
}

// True if the source is an FP/SIMD register, not an immediate.
bool copies_vector(const cs_arm64& detail) {
    return detail.op_count > 1 && detail.operands[1].type == ARM64_OP_REG;
}

bool shifts(unsigned id) {
    return id == ARM64_INS_LSL || id == ARM64_INS_LSR || id == ARM64_INS_ASR || id == ARM64_INS_ROR;
}

InstructionClass classify(const cs_insn& insn) {
    const cs_arm64& detail = insn.detail->arm64;
    const InstructionClass kind = mnemonic_table()[insn.id];
    const RegisterFile width = widest(detail);
    const bool vector = is_vector(width);
    switch (kind) {
    case Load:
        return refine_load(detail, width);
    case LoadPair:
        return refine_load_pair(insn.id, width);
    case Store:
        return vector ? StoreFp : Store;
    case LoadStructure1:
        return structure_by_registers(detail, LoadStructure1);
    case StoreStructure1:
        return structure_by_registers(detail, StoreStructure1);
    case FpMultiply:
        return is_arrangement(detail) ? with_q(width, FpAlu, FpAluQ) : kind;
    case FpMove:
        return touches(detail, false) || !copies_vector(detail) ? kind : FpAlu;
    case FpDivideSingle:
        return by_width(width, FpDivideHalf, FpDivideSingle, FpDivideDouble);
    case FpSqrtSingle:
        return by_width(width, FpSqrtHalf, FpSqrtSingle, FpSqrtDouble);
    case Extract:
        return detail.operands[2].type == ARM64_OP_REG && shifts(insn.id) ? Shift : kind;
    case Alu:
    case Shift:
    case Multiply:
    case Unknown:
        return vector ? vector_default(insn, width) : kind;
    default:
        return kind;
    }
}

bool loads_memory(InstructionClass kind) {
    return (kind >= Load && kind <= LoadExclusive) || (kind >= LoadFp && kind <= LoadFpPairQ) ||
           (kind >= LoadStructure1 && kind <= LoadStructure4);
}

bool stores_memory(InstructionClass kind) {
    return kind == Store || kind == StoreExclusive || kind == StoreFp ||
           (kind >= StoreStructure1 && kind <= StoreStructure4);
}

// Instructions whose only result is the flags.
bool only_compares(const cs_insn& insn, InstructionClass kind) {
    return kind == FpCompare || insn.id == ARM64_INS_CMP || insn.id == ARM64_INS_CMN ||
           insn.id == ARM64_INS_TST || insn.id == ARM64_INS_CCMP || insn.id == ARM64_INS_CCMN;
}

// True for loads and stores with a register offset.
bool indexes(const cs_insn& insn) {
    const cs_arm64_op* mem = memory_operand(insn.detail->arm64);
    return mem != nullptr && mem->mem.index != ARM64_REG_INVALID && !insn.detail->arm64.writeback;
}

// ADD, SUB and their kin with an extended register. UXTB by nothing counts as a
// plain operand, as in LLVM's model. Arm ARM, C4.1.95.
bool extends(const cs_insn& insn) {
    const u32 word = u32{insn.bytes[0]} | u32{insn.bytes[1]} << 8 | u32{insn.bytes[2]} << 16 |
                     u32{insn.bytes[3]} << 24;
    return (word & 0x1fe00000) == 0x0b200000 && (word >> 10 & 0x3f) != 0;
}

// The role in which an instruction reads its operand number `index`.
ReadRole read_role(const cs_insn& insn, InstructionClass kind, int index) {
    const cs_arm64_op& op = insn.detail->arm64.operands[index];
    switch (kind) {
    case Multiply:
        return index == 3 ? ReadRole::Accumulator : ReadRole::Multiplier;
    case Divide:
        return ReadRole::Dividend;
    case Extract: // ROR reads one register as both
        return index == 1 && insn.id == ARM64_INS_EXTR ? ReadRole::ExtractHigh : ReadRole::Late;
    case Crc:
        return ReadRole::Operand;
    case Alu:
    case Shift:
        break;
    case Store:
    case StoreFp:
        return index == 0 && indexes(insn) ? ReadRole::Indexed : ReadRole::StoreData;
    default:
        return ReadRole::Late;
    }
    const bool shift_by_register = index == 2 && shifts(insn.id);
    const bool inserted =
        (insn.id == ARM64_INS_BFI || insn.id == ARM64_INS_BFXIL || insn.id == ARM64_INS_BFM) &&
        index == 1;
    if (shift_by_register || inserted)
        return ReadRole::Late;
    const bool shifted = op.shift.type != ARM64_SFT_INVALID && op.shift.value != 0;
    const bool extended = extends(insn) && index == insn.detail->arm64.op_count - 1;
    return shifted || extended ? ReadRole::Shifted : ReadRole::Operand;
}

void add_read(TimedInstruction& t, unsigned reg, ReadRole role) {
    const Register r = to_register(reg);
    if (r.file != RegisterFile::None && t.read_count < t.reads.size())
        t.reads[t.read_count++] = {r.number, role};
}

void add_write(TimedInstruction& t, unsigned reg, bool address) {
    const Register r = to_register(reg);
    if (r.file == RegisterFile::None || t.write_count >= t.writes.size())
        return;
    const u8 index = t.write_count;
    t.writes[t.write_count++] = {r.number, address, address ? u8{0} : index};
}

void add_flags_read(TimedInstruction& t) {
    if (t.read_count < t.reads.size())
        t.reads[t.read_count++] = {kFlags, ReadRole::Flags};
}

void add_flags_write(TimedInstruction& t) {
    if (t.write_count < t.writes.size())
        t.writes[t.write_count++] = {kFlags, false, 0};
}

bool writes_flags(const cs_insn& insn, InstructionClass kind) {
    return insn.detail->arm64.update_flags || only_compares(insn, kind);
}

bool reads_flags(const cs_insn& insn) {
    const cs_arm64& d = insn.detail->arm64;
    const bool carry = insn.id == ARM64_INS_ADC || insn.id == ARM64_INS_ADCS ||
                       insn.id == ARM64_INS_SBC || insn.id == ARM64_INS_SBCS ||
                       insn.id == ARM64_INS_NGC || insn.id == ARM64_INS_NGCS;
    return carry || (d.cc != ARM64_CC_INVALID && d.cc != ARM64_CC_AL && d.cc != ARM64_CC_NV);
}

// Whether operand `index` is a destination. Capstone's access flags are right
// for most instructions; loads and stores are decided here.
bool is_destination(const cs_insn& insn, const TimedInstruction& t, int index) {
    const cs_arm64_op& op = insn.detail->arm64.operands[index];
    if (t.kind == StoreExclusive)
        return index == 0;
    if (t.stores || only_compares(insn, t.kind))
        return false;
    if (t.loads)
        return true;
    return (op.access & CS_AC_WRITE) != 0;
}

bool is_source(const cs_insn& insn, const TimedInstruction& t, int index) {
    const cs_arm64_op& op = insn.detail->arm64.operands[index];
    if (t.kind == StoreExclusive)
        return index != 0;
    if (t.stores || only_compares(insn, t.kind))
        return true;
    if (t.loads)
        return op.vector_index >= 0; // a lane load keeps the other lanes
    const bool merges = insn.id == ARM64_INS_MOVK || insn.id == ARM64_INS_BFI ||
                        insn.id == ARM64_INS_BFXIL || insn.id == ARM64_INS_BFM ||
                        insn.id == ARM64_INS_FMLA || insn.id == ARM64_INS_FMLS ||
                        insn.id == ARM64_INS_MLA || insn.id == ARM64_INS_MLS;
    if (index == 0 && (t.kind == Alu || t.kind == Shift || insn.id == ARM64_INS_FMOV) &&
        op.vector_index < 0)
        return merges; // Capstone names some destinations as sources too
    return (op.access & CS_AC_READ) != 0 || (index == 0 && merges);
}

void collect_registers(const cs_insn& insn, TimedInstruction& t) {
    const cs_arm64& d = insn.detail->arm64;
    for (int i = 0; i < d.op_count; ++i) {
        const cs_arm64_op& op = d.operands[i];
        if (op.type == ARM64_OP_REG) {
            const unsigned reg = static_cast<unsigned>(op.reg);
            if (is_source(insn, t, i))
                add_read(t, reg, read_role(insn, t.kind, i));
            if (is_destination(insn, t, i))
                add_write(t, reg, false);
        } else if (op.type == ARM64_OP_MEM) {
            const bool early = indexes(insn) && t.kind != Prefetch;
            add_read(t, static_cast<unsigned>(op.mem.base),
                     early ? ReadRole::Indexed : ReadRole::Address);
            if (op.mem.index != ARM64_REG_INVALID)
                add_read(t, static_cast<unsigned>(op.mem.index), ReadRole::Address);
            if (d.writeback)
                add_write(t, static_cast<unsigned>(op.mem.base), true);
        }
    }
    if (reads_flags(insn))
        add_flags_read(t);
    if (writes_flags(insn, t.kind))
        add_flags_write(t);
    if (t.kind == Call)
        add_write(t, ARM64_REG_LR, false);
    if (insn.id == ARM64_INS_RET && d.op_count == 0)
        add_read(t, ARM64_REG_LR, ReadRole::Late);
}

} // namespace

std::string_view class_name(InstructionClass c) {
    return kClassNames[static_cast<std::size_t>(c)];
}

std::string_view role_name(ReadRole role) {
    return kRoleNames[static_cast<std::size_t>(role)];
}

struct TimingDecoder::Handle {
    csh engine = 0;
    cs_insn* insn = nullptr;
};

TimingDecoder::TimingDecoder() : handle_(new Handle) {
    cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &handle_->engine);
    cs_option(handle_->engine, CS_OPT_DETAIL, CS_OPT_ON);
    handle_->insn = cs_malloc(handle_->engine);
}

TimingDecoder::~TimingDecoder() {
    cs_free(handle_->insn, 1);
    cs_close(&handle_->engine);
    delete handle_;
}

TimedInstruction TimingDecoder::decode(u32 word, u64 pc) const {
    const u8 bytes[4] = {static_cast<u8>(word), static_cast<u8>(word >> 8),
                         static_cast<u8>(word >> 16), static_cast<u8>(word >> 24)};
    const u8* code = bytes;
    std::size_t size = sizeof bytes;
    uint64_t address = pc;
    TimedInstruction t;
    if (!cs_disasm_iter(handle_->engine, &code, &size, &address, handle_->insn))
        return t;
    const cs_insn& insn = *handle_->insn;
    t.kind = classify(insn);
    t.loads = loads_memory(t.kind);
    t.stores = stores_memory(t.kind);
    collect_registers(insn, t);
    return t;
}

} // namespace forkscope::timing
