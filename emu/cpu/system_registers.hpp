// The system registers and instructions of ARMv8.0-A's EL1 and EL0 that the CPU
// has, as a table: a row each. What is not in it is not there.
#pragma once

#include "cpu/cpu.hpp"

#include <span>
#include <string_view>

namespace forkscope {

// An MRS, MSR (register), SYS or SYSL.
struct SystemInstruction {
    SystemEncoding encoding = 0;
    bool is_read = false; // MRS and SYSL
    unsigned rt = 31;     // 31: XZR
    u64 value = 0;        // Xt of MSR and SYS

    // From an instruction word; Xt is not filled in.
    [[nodiscard]] static std::optional<SystemInstruction> decode(u32 instruction);
};

struct SystemRegister {
    // From which level it may be read and written at most.
    enum Access : u8 {
        kReadEl1 = 1,
        kWriteEl1 = 2,
        kReadEl0 = 4,
        kWriteEl0 = 8,
    };
    // The SCTLR_EL1 bit that lets EL0 in; without it the access traps (EC 0x18).
    enum class Gate : u8 { None, Uct = 15, Uci = 26, Dze = 14, Uma = 9, Timer = 64 };
    enum class Kind : u8 {
        Native,   // the engine keeps it and does what it does
        Watched,  // the same, but a write is shown to `handler`
        Constant, // reads `value`, ignores writes
        Stored,   // a word of SystemState; writes keep the bits in `value`
        Handled,  // by `handler`
    };
    using Handler = SystemAction (Cpu::*)(const SystemInstruction&, u64&);

    SystemEncoding encoding = 0;
    std::string_view name;
    u8 access = 0;
    Kind kind = Kind::Native;
    u64 value = 0;
    u64 SystemState::* word = nullptr;
    Handler handler = nullptr;
    Gate gate = Gate::None;
};

// True for system instructions that the engine must not execute: all but the
// Native ones (and writes of Watched ones, which it shows before).
[[nodiscard]] bool needs_stand_in(u32 instruction);

class SystemRegisterTable {
public:
    // The row of `encoding`, or nullptr.
    [[nodiscard]] static const SystemRegister* find(SystemEncoding encoding);
    [[nodiscard]] static std::span<const SystemRegister> rows();
};

} // namespace forkscope
