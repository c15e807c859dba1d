// What pmap keeps in every vm_page, and the direct map.
#pragma once

#include "sys/param.hpp"

struct pmap;

// One mapping of a frame. The first is part of the vm_page, more come from a
// pool.
struct pv_entry {
    pmap* pv_pmap; // nullptr in the embedded entry: no mapping
    vaddr_t pv_va;
    pv_entry* pv_next;
};

struct vm_page_md {
    pv_entry mdpg_pv;
};

// All of RAM is mapped at a fixed distance.
inline void* pmap_direct_map(paddr_t pa) {
    return reinterpret_cast<void*>(AARCH64_DIRECTMAP_START + pa);
}
inline paddr_t pmap_direct_unmap(const void* va) {
    return reinterpret_cast<vaddr_t>(va) - AARCH64_DIRECTMAP_START;
}
