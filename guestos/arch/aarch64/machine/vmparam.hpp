// What pmap keeps in every vm_page.
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
