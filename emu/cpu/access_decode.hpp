// Which memory accesses an A64 instruction makes, in order: used after a fault
// whose address the engine knows only roughly, and for alignment checks.
// Arm ARM DDI 0487, C4.1 "A64 instruction set encoding", Loads and Stores and
// "System instructions".
#pragma once

#include "mmu/alignment.hpp"

#include <array>
#include <optional>
#include <span>

namespace forkscope {

// One access of an instruction. It may cross a page.
struct MemoryAccess {
    u64 address = 0;   // as the register has it: tag and misalignment included
    u32 size = 0;      // bytes
    u32 alignment = 1; // bytes: natural alignment that a check asks for
    AccessType type = AccessType::Read;
    AlignmentRule rule = AlignmentRule::IfChecked;
    bool unprivileged = false; // LDTR, STTR: checked as EL0
    bool exclusive = false;
    bool ordered = false;    // acquire or release
    bool zero_block = false; // DC ZVA: `address` is what FAR reports, the block is around it

    // First byte touched.
    [[nodiscard]] u64 first_byte() const {
        return zero_block ? align_down(address, size) : address;
    }
};

// What an instruction does to memory.
struct AccessList {
    // Two for pairs but LDXP and STXP; a SIMD structure is one contiguous range.
    std::array<MemoryAccess, 2> accesses{};
    unsigned count = 0;
    bool sp_based = false; // the base register is SP: SP alignment is checked first

    [[nodiscard]] std::span<const MemoryAccess> span() const { return {accesses.data(), count}; }
    [[nodiscard]] bool empty() const { return count == 0; }
};

// The register values an address depends on.
class AddressRegisters {
public:
    virtual ~AddressRegisters() = default;
    // X0 to X30; index 31 is never asked for.
    [[nodiscard]] virtual u64 x(unsigned index) const = 0;
    [[nodiscard]] virtual u64 sp() const = 0;
};

// The accesses of the ARMv8.0 instruction at `pc`, with the registers as they are
// before it. Empty for instructions that access no memory by address: prefetches,
// maintenance of everything or by set and way, and unallocated encodings among
// them. AT instructions are not accesses.
[[nodiscard]] AccessList decode_accesses(u32 instruction, u64 pc,
                                         const AddressRegisters& registers);

// True if `instruction` is an LDTR or STTR form: at EL1 it accesses as EL0.
[[nodiscard]] bool is_unprivileged_access(u32 instruction);

// One refused access, with the address that FAR_EL1 reports.
template <typename Fault> struct FirstFault {
    u64 far = 0;
    AccessType type = AccessType::Read;
    Fault fault{};
    MemoryAccess access;
};

// Finds the first access that `check` refuses. Accesses are cut at pages:
//   check(u64 va, const MemoryAccess&) -> std::optional<Fault>
// is asked once for the first byte in each page, in order; FAR is the address
// of the access, or the second page's base if only that part is refused.
template <typename Check>
[[nodiscard]] auto first_fault(const AccessList& list, Check&& check)
    -> std::optional<FirstFault<typename decltype(check(u64{}, MemoryAccess{}))::value_type>> {
    for (const MemoryAccess& access : list.span()) {
        const u64 first = access.first_byte();
        if (auto fault = check(first, access))
            return {{access.address, access.type, *fault, access}};
        const u64 last = first + access.size - 1;
        if (align_down(last, kPageSize) == align_down(first, kPageSize))
            continue;
        const u64 second = align_down(last, kPageSize);
        if (auto fault = check(second, access))
            return {{second, access.type, *fault, access}};
    }
    return std::nullopt;
}

} // namespace forkscope
