// Alignment rules of ARMv8.0: data accesses, SP, PC.
// Arm ARM DDI 0487, B2.5 "Alignment support", D1.8 "Program counter and stack
// pointer alignment".
#pragma once

#include "mmu/walker.hpp"

namespace forkscope {

// When an access must be aligned.
enum class AlignmentRule : u8 {
    Never,          // instruction fetch, cache maintenance
    IfChecked,      // with SCTLR_EL1.A = 1, and in Device memory
    Always,         // exclusives, load-acquire, store-release
    NoDeviceMemory, // DC ZVA: alignment fault in Device memory, at any address
};

// True if the access raises an alignment fault before translation: what
// SCTLR_EL1.A and the instruction decide. `alignment` is in bytes.
[[nodiscard]] constexpr bool misaligned_before_translation(u64 va, unsigned alignment,
                                                           AlignmentRule rule, u64 sctlr) {
    if (is_aligned(va, alignment))
        return false;
    return rule == AlignmentRule::Always ||
           (rule == AlignmentRule::IfChecked && Sctlr::A::test(sctlr));
}

// True if the access raises an alignment fault once translation has found
// memory of these attributes (a MAIR_EL1 byte).
[[nodiscard]] constexpr bool misaligned_in_memory(u64 va, unsigned alignment, AlignmentRule rule,
                                                  u8 attributes) {
    if (!is_device_memory(attributes))
        return false;
    if (rule == AlignmentRule::NoDeviceMemory)
        return true;
    return rule != AlignmentRule::Never && !is_aligned(va, alignment);
}

// True if a load or store with SP as its base raises an SP alignment fault
// (EC 0x26). SCTLR_EL1.SA, SA0.
[[nodiscard]] constexpr bool sp_misaligned(u64 sp, bool at_el0, u64 sctlr) {
    const bool checked = at_el0 ? Sctlr::SA0::test(sctlr) : Sctlr::SA::test(sctlr);
    return checked && !is_aligned(sp, 16);
}

// True if a jump to `pc` raises a PC alignment fault (EC 0x22).
[[nodiscard]] constexpr bool pc_misaligned(u64 pc) {
    return !is_aligned(pc, 4);
}

} // namespace forkscope
