// Timing classes of A64 instructions, and what of an instruction matters to an
// in-order pipeline: which registers it reads in which role and which it writes.
#pragma once

#include "base/types.hpp"

#include <array>
#include <span>
#include <string_view>

namespace forkscope::timing {

// One row of a timing model's "classes" object each. Grouping as in the tables of
// the Arm Cortex-A55 Software Optimization Guide, section 3.
enum class InstructionClass : u8 {
    Alu,              // arithmetic, logic, moves, conditional select
    Shift,            // shifts, bit fields, extensions, reversals, counts
    Extract,          // EXTR, ROR immediate
    Crc,              // CRC32*
    Multiply,         // MUL, MADD, SMULL, UMULH, ...
    Divide,           // SDIV, UDIV
    Branch,           // B, BL, BR, RET, CBZ, TBZ, B.cond
    Call,             // BL, BLR: a branch that writes X30
    System,           // MRS, MSR, barriers, hints, SVC and their kin
    Load,             // one general register, immediate or literal address
    LoadIndexed,      // one register, register offset
    LoadPairWord,     // LDP of W registers, LDPSW
    LoadPair,         // LDP of X registers
    LoadExclusive,    // LDXR, LDAXR, LDAR
    Prefetch,         // PRFM
    Store,            // one or two general registers
    StoreExclusive,   // STXR, STLXR
    LoadFp,           // one FP/SIMD register
    LoadFpPairSingle, // LDP of S registers
    LoadFpPair,       // LDP of D registers
    LoadFpPairQ,      // LDP of Q registers
    StoreFp,          // one or two FP/SIMD registers
    LoadStructure1,   // LD1 of one register, LD1R, single lanes
    LoadStructure2,   // two registers
    LoadStructure3,   // three registers
    LoadStructure4,   // four registers
    StoreStructure1,  // ST1 of one register, single lanes
    StoreStructure2,  // two registers
    StoreStructure3,  // three registers
    StoreStructure4,  // four registers
    FpAlu,            // scalar FADD, FSUB, FABD, FNEG, FRINT, conversions to FP, 64-bit SIMD
    FpAluQ,           // the same on 128 bits
    FpCompare,        // FCMP, FCCMP
    FpMove,           // between general and FP registers, conversions to integer, immediates
    FpDuplicate,      // DUP, XTN
    FpMultiply,       // scalar FMUL
    FpMac,            // FMADD, FMLA and their kin
    FpDivideHalf,
    FpDivideSingle,
    FpDivideDouble,
    FpSqrtHalf,
    FpSqrtSingle,
    FpSqrtDouble,
    Unknown, // allocated encodings that no row above knows: charged by the model's default
};
inline constexpr std::size_t kInstructionClasses =
    static_cast<std::size_t>(InstructionClass::Unknown) + 1;

// Name of the class as a key of a timing model's JSON: "load_pair_word".
[[nodiscard]] std::string_view class_name(InstructionClass c);

// What an operand is read for; decides how early a result can be forwarded to it.
enum class ReadRole : u8 {
    Operand,     // plain ALU operand
    Shifted,     // ALU operand that is shifted or extended first
    Multiplier,  // factor
    Accumulator, // addend of a multiply-accumulate
    Dividend,    // either operand of a division
    ExtractHigh, // first operand of EXTR
    Address,     // base or offset of an access
    Indexed,     // base and store data of an access with a register offset
    StoreData,   // of an access without a register offset
    Flags,       // NZCV
    Late,        // registers that branches test, everything else
};
inline constexpr std::size_t kReadRoles = static_cast<std::size_t>(ReadRole::Late) + 1;
[[nodiscard]] std::string_view role_name(ReadRole role);

// Register numbers: 0 to 30 are X registers, 31 is SP, 32 to 63 are V registers,
// 64 is NZCV. The zero register is nobody's.
using RegisterNumber = u8;
inline constexpr RegisterNumber kFirstVector = 32;
inline constexpr RegisterNumber kFlags = 64;
inline constexpr std::size_t kRegisters = 65;

struct RegisterRead {
    RegisterNumber reg = 0;
    ReadRole role = ReadRole::Late;
};

struct RegisterWrite {
    RegisterNumber reg = 0;
    bool address = false; // the written-back base, which is ready at once
    u8 index = 0;         // 1 for the second register of a pair
};

// One instruction as the pipeline sees it.
struct TimedInstruction {
    InstructionClass kind = InstructionClass::Unknown;
    bool loads = false;
    bool stores = false;
    u8 read_count = 0;
    u8 write_count = 0;
    std::array<RegisterRead, 8> reads{};
    std::array<RegisterWrite, 6> writes{};

    [[nodiscard]] std::span<const RegisterRead> read() const { return {reads.data(), read_count}; }
    [[nodiscard]] std::span<const RegisterWrite> written() const {
        return {writes.data(), write_count};
    }
};

// Decodes instruction words by Capstone. One decoder serves one thread.
class TimingDecoder {
public:
    TimingDecoder();
    ~TimingDecoder();
    TimingDecoder(const TimingDecoder&) = delete;
    TimingDecoder& operator=(const TimingDecoder&) = delete;

    // Unallocated words come back as Unknown with no registers.
    [[nodiscard]] TimedInstruction decode(u32 word, u64 pc) const;

private:
    struct Handle;
    Handle* handle_;
};

} // namespace forkscope::timing
