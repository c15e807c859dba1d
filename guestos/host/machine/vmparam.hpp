// What the fake pmap keeps in every vm_page: as much as the real one.
#pragma once

#include "sys/param.hpp"

struct pmap;

struct pv_entry {
    pmap* pv_pmap;
    vaddr_t pv_va;
    pv_entry* pv_next;
};

struct vm_page_md {
    pv_entry mdpg_pv;
};

void* pmap_direct_map(paddr_t pa);
paddr_t pmap_direct_unmap(const void* va);
