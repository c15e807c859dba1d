#include "session/code_lines.hpp"

#include "snapshot/kernel_memory.hpp"

#include <capstone/capstone.h>

namespace forkscope {

std::optional<u32> instruction_at(const Inspection& machine, u64 va) {
    const std::optional<u64> physical = GuestTables(machine).physical(va);
    return physical ? machine.read<u32>(*physical) : std::nullopt;
}

Disassembler::Disassembler() {
    static_assert(sizeof(csh) == sizeof capstone_);
    if (cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &capstone_) != CS_ERR_OK)
        capstone_ = 0;
}

Disassembler::~Disassembler() {
    if (capstone_ != 0)
        cs_close(&capstone_);
}

std::string Disassembler::text(u64 address, u32 word) const {
    cs_insn* instruction = nullptr;
    u8 bytes[sizeof word];
    std::memcpy(bytes, &word, sizeof word);
    if (capstone_ == 0 || cs_disasm(capstone_, bytes, sizeof bytes, address, 1, &instruction) != 1)
        return ".inst"; // the word says the rest
    std::string result = instruction->mnemonic;
    if (instruction->op_str[0] != '\0')
        result += std::string(" ") + instruction->op_str;
    cs_free(instruction, 1);
    return result;
}

std::vector<CodeLine> Disassembler::around(const Inspection& machine, const Symbols& symbols,
                                           std::string_view program, unsigned before,
                                           unsigned after) const {
    std::vector<CodeLine> lines;
    const u64 pc = machine.registers.pc & ~u64{3};
    for (u64 address = pc - 4 * before; address != pc + 4 * after; address += 4) {
        const std::optional<u32> word = instruction_at(machine, address);
        if (!word) {
            if (address < pc)
                lines.clear(); // a hole: what is before it does not lead here
            continue;
        }
        lines.push_back({address, *word, text(address, *word), symbols.describe(address, program)});
    }
    return lines;
}

} // namespace forkscope
