// Where the kernel keeps what it knows of address spaces, for a host that looks
// into a stopped machine's memory. A debugger reads such things from debugging
// information; this table holds the few that the panel shows, and costs the
// running kernel nothing. The probe kernel:::layout tells its address.
//
// Addresses are the kernel's virtual ones, offsets and sizes are bytes.
#pragma once

#include "abi/abi.hpp"

namespace abi {

inline constexpr uint32_t kLayoutVersion = 1;

struct KernelLayout {
    uint32_t version; // kLayoutVersion

    // vm_map
    uint16_t map_pmap;    // pmap*
    uint16_t map_entries; // vm_map_entry*: the first one, in order of address

    // pmap
    uint16_t pmap_root; // 64 bits: physical address of the level 1 table
    uint16_t pmap_asid; // 64 bits: ASID in 15:0; 0: never had one

    // vm_map_entry
    uint16_t entry_next;        // vm_map_entry*, null in the last
    uint16_t entry_start;       // 64 bits
    uint16_t entry_end;         // 64 bits, past the last byte
    uint16_t entry_object;      // uvm_object*; null: no object under the amap
    uint16_t entry_offset;      // 64 bits: of start, in the object
    uint16_t entry_protection;  // 8 bits: VM_PROT_*
    uint16_t entry_inheritance; // 8 bits: MAP_INHERIT_*
    uint16_t entry_flags;       // 8 bits: kEntryCopyOnWrite, kEntryNeedsCopy
    uint16_t entry_wired;       // 16 bits: 0: not wired

    // uvm_object
    uint16_t object_anonymous; // 8 bits: 1: shared memory without a file

    // uvm_ram and vm_page: frames of RAM
    uint16_t ram_start; // 64 bits: physical address of the first frame
    uint16_t ram_pages; // vm_page*: one for each frame
    uint16_t page_size;
    uint16_t page_flags; // 16 bits: kPageAnonymous

    uint64_t ram;         // uvm_ram*
    uint64_t image_start; // the kernel's image, one piece of RAM
    uint64_t image_end;
};

inline constexpr uint8_t kEntryCopyOnWrite = 1;
inline constexpr uint8_t kEntryNeedsCopy = 2;
inline constexpr uint16_t kPageAnonymous = 2;

} // namespace abi
