// One access, from virtual address to physical address or fault: the TLB, the
// walk on a miss, the permission check, the new entry.
#pragma once

#include "mmu/tlb.hpp"

namespace forkscope {

struct Translated {
    std::optional<Fault> fault;
    // The rest holds if there is no fault.
    u64 physical = 0; // of the byte at `va`
    Permissions permissions;
    u8 attributes = 0;         // MAIR_EL1 byte
    TlbEntry* entry = nullptr; // nullptr with translation off; holds until the next insert
    bool inserted = false;     // `entry` is new
};

// Translates `va` (tagged or not) for `access`.
//   => a live TLB entry decides alone, permission faults included: without a
//      TLBI nobody looks at the tables again.
//   => a walk that ends in a fault, or whose result refuses this access,
//      leaves no entry.
//   => alignment is not looked at: see mmu/alignment.hpp.
[[nodiscard]] Translated translate(const TranslationRegime& regime, Tlb& tlb,
                                   DescriptorSource& memory, u64 va, Access access);

// PAR_EL1 for AT S1E1R, S1E1W, S1E0R and S1E0W, from the tables as they are now,
// and the fault in case it must be taken as an exception (ExternalOnWalk).
struct AddressTranslation {
    u64 par = 0;
    std::optional<Fault> fault;
};
[[nodiscard]] AddressTranslation address_translate(const TranslationRegime& regime,
                                                   DescriptorSource& memory, u64 va, Access access);

} // namespace forkscope
