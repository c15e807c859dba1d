// Panel 9: the CPU where it stands.
#pragma once

#include "model/selection.hpp"
#include "ui/bit_fields.hpp"

namespace forkscope {

struct RegisterRow {
    std::string name; // "x0", "TTBR0_EL1"
    u64 value = 0;
    u64 before = 0;
    bool changed = false; // since the stop before
    std::string words;    // "ASID 5, root 0x41000000"; empty for most
};

struct CodeRow {
    u64 address = 0;
    std::string word;   // "b9000020"
    std::string text;   // disassembled
    std::string symbol; // where it begins or changes, else empty
    bool current = false;
};

struct CpuModel {
    u32 pid = 0;
    std::string where; // "fork-demo (3) at EL0"
    u8 el = 0;
    std::vector<RegisterRow> general; // x0 to x30, SP, PC
    std::vector<RegisterRow> system;  // TTBR0_EL1 ... SP_EL0
    u64 pstate = 0;
    bool pstate_changed = false;
    std::string flags; // "NzCv daif"
    std::vector<BitField> pstate_fields;
    std::vector<CodeRow> code;
};

CpuModel model_cpu(const Snapshot& snapshot, const Selection& selection);
std::string text(const CpuModel& model);

} // namespace forkscope
