// The code around the PC of a stopped machine, disassembled.
#pragma once

#include "machine/inspection.hpp"
#include "session/symbols.hpp"
#include "snapshot/snapshot.hpp"

namespace forkscope {

class Disassembler {
public:
    Disassembler();
    ~Disassembler();
    Disassembler(const Disassembler&) = delete;
    Disassembler& operator=(const Disassembler&) = delete;

    // Up to `before` instructions before the PC, and `after` from it on, as far as
    // memory is mapped. `program` is that of the process on the CPU.
    [[nodiscard]] std::vector<CodeLine> around(const Inspection& machine, const Symbols& symbols,
                                               std::string_view program, unsigned before = 16,
                                               unsigned after = 24) const;

    // "ldr w0, [x1]"; ".inst" for what is no instruction.
    [[nodiscard]] std::string text(u64 address, u32 word) const;

private:
    std::size_t capstone_ = 0; // csh
};

// The instruction at `va`, as the tables are; nothing where none is mapped.
[[nodiscard]] std::optional<u32> instruction_at(const Inspection& machine, u64 va);

} // namespace forkscope
