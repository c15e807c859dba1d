// Translation table descriptors of VMSAv8-64, stage 1, 4 KiB granule. Arm ARM
// DDI 0487, D5.3.
#pragma once

#include "sys/types.hpp"

using pt_entry_t = u64;

// Indices: level 1 has 1 GiB entries, level 2 2 MiB, level 3 pages.
inline constexpr unsigned Ln_ENTRIES = 512;
inline constexpr unsigned L1_SHIFT = 30;
inline constexpr unsigned L2_SHIFT = 21;
inline constexpr unsigned L3_SHIFT = 12;
inline constexpr u64 L2_SIZE = u64{1} << L2_SHIFT;
inline constexpr u64 L1_SIZE = u64{1} << L1_SHIFT;
constexpr unsigned l1_index(u64 va) {
    return (va >> L1_SHIFT) & (Ln_ENTRIES - 1);
}
constexpr unsigned l2_index(u64 va) {
    return (va >> L2_SHIFT) & (Ln_ENTRIES - 1);
}
constexpr unsigned l3_index(u64 va) {
    return (va >> L3_SHIFT) & (Ln_ENTRIES - 1);
}

// Kind of a descriptor.
inline constexpr pt_entry_t LX_VALID = 1;
inline constexpr pt_entry_t LX_BLOCK = 1; // levels 1 and 2
inline constexpr pt_entry_t LX_TABLE = 3; // levels 1 and 2
inline constexpr pt_entry_t L3_PAGE = 3;
constexpr bool l12_is_table(pt_entry_t d) {
    return (d & 3) == LX_TABLE;
}
inline constexpr pt_entry_t LX_ADDRESS = 0x0000'ffff'ffff'f000;

// Attributes of blocks and pages.
inline constexpr pt_entry_t LX_ATTR_NORMAL = u64{0} << 2; // index into MAIR_EL1
inline constexpr pt_entry_t LX_ATTR_DEVICE = u64{1} << 2;
inline constexpr pt_entry_t LX_AP_EL0 = u64{1} << 6; // AP[1]: user mode may access
inline constexpr pt_entry_t LX_AP_RO = u64{1} << 7;  // AP[2]: nobody may write
inline constexpr pt_entry_t LX_SH_INNER = u64{3} << 8;
inline constexpr pt_entry_t LX_AF = u64{1} << 10;
inline constexpr pt_entry_t LX_NG = u64{1} << 11; // belongs to an ASID
inline constexpr pt_entry_t LX_PXN = u64{1} << 53;
inline constexpr pt_entry_t LX_UXN = u64{1} << 54;
// For software, bits 55 to 58.
inline constexpr pt_entry_t LX_OS_WIRED = u64{1} << 55;
inline constexpr pt_entry_t LX_OS_UNMANAGED = u64{1} << 56; // no pv entry

inline constexpr pt_entry_t LX_KERNEL =
    LX_ATTR_NORMAL | LX_SH_INNER | LX_AF | LX_UXN; // and AP, PXN
inline constexpr pt_entry_t LX_KERNEL_RW = LX_KERNEL | LX_PXN;
inline constexpr pt_entry_t LX_KERNEL_RO = LX_KERNEL | LX_PXN | LX_AP_RO;
inline constexpr pt_entry_t LX_KERNEL_RX = LX_KERNEL | LX_AP_RO;
inline constexpr pt_entry_t LX_KERNEL_DEVICE =
    LX_ATTR_DEVICE | LX_SH_INNER | LX_AF | LX_UXN | LX_PXN;
