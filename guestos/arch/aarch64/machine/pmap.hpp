// Inside of the pmap module. What others use is uvm/uvm_pmap.hpp.
#pragma once

#include "machine/pte.hpp"
#include "sys/cdefs.hpp"
#include "sys/mutex.hpp"
#include "sys/param.hpp"
#include "sys/queue.hpp"
#include "uvm/uvm_page.hpp"
#include "uvm/uvm_pmap.hpp"

// Invalidations put off until pmap_update; more of them become one by ASID.
inline constexpr unsigned PMAP_NPENDING = 4;

// => pmap_lock guards it
struct pmap {
    pt_entry_t* pm_l1; // level 1 table
    paddr_t pm_l1_pa;
    u64 pm_asid; // generation << 16 | ASID; 0: never had one
    u32 pm_refs;
    u32 pm_npending;                   // invalidations put off
    vaddr_t pm_pending[PMAP_NPENDING]; // their addresses, as far as they fit
    u64 pm_resident;                   // mappings
    u64 pm_resident_max;               // the most there have been
    u64 pm_wired;
    TAILQ_HEAD<vm_page, &vm_page::pageq> pm_tables; // every table, level 1 first
};

struct cpu_info;

extern kmutex_t pmap_lock; // every table and pv list
extern pmap kernel_pmap_store;
extern pmap_counts pmap_count;

// --- pmap_table.cpp: tables of user spaces ----------------------------------------
// A table's vm_page counts its valid descriptors and bounds them, so that walks
// look only where something is. Tables that become empty are freed.

inline pt_entry_t* pmap_table_at(pt_entry_t descriptor) {
    return static_cast<pt_entry_t*>(pmap_direct_map(descriptor & LX_ADDRESS));
}
inline vm_page* pmap_table_page(const pt_entry_t* table) {
    return PHYS_TO_VM_PAGE(pmap_direct_unmap(table));
}
// What was written into tables is seen by the next walk.
inline void pmap_ptes_visible() {
    asm volatile("dsb ishst" ::: "memory");
}

// Notes that entry `index` of the table has become valid.
inline void pmap_table_note(vm_page* pg, unsigned index) {
    vm_table_md& t = pg->table;
    ++t.t_count;
    t.t_lo = static_cast<u16>(min<unsigned>(t.t_lo, index));
    t.t_hi = static_cast<u16>(max<unsigned>(t.t_hi, index));
}

void pmap_table_init();
// The level 1 table of a new space; false: no frame.
[[nodiscard]] bool pmap_table_create(pmap* pm);
// The level 3 table that maps `va`, or nullptr.
pt_entry_t* pmap_l3_table(const pmap* pm, vaddr_t va);
// The same, made if need be; nullptr: no frame.
pt_entry_t* pmap_l3_table_make(pmap* pm, vaddr_t va);
// Frees the tables of a range that have become empty, and invalidates.
void pmap_table_free_empty(pmap* pm, vaddr_t sva, vaddr_t eva);
// Removes every mapping and every table but the first, and with `all` that too.
// => the space is active nowhere
void pmap_table_free_all(pmap* pm, bool all);

// --- pmap_pv.cpp: from frames to their mappings ----------------------------------
extern pv_entry* pmap_pv_free; // entries without use
void pmap_pv_init();
bool pmap_pv_refill();  // false: no memory
void pmap_pv_reclaim(); // gives them all back

// ENOMEM: no entry to be had.
[[nodiscard]] inline Errno pmap_pv_enter(vm_page* pg, pmap* pm, vaddr_t va) {
    pv_entry* first = &pg->mdpage.mdpg_pv;
    ++pmap_count.pv_entries;
    if (first->pv_pmap == nullptr) {
        first->pv_pmap = pm;
        first->pv_va = va;
        return EOK;
    }
    if (predict_false(pmap_pv_free == nullptr) && !pmap_pv_refill()) {
        --pmap_count.pv_entries;
        return ENOMEM;
    }
    pv_entry* pv = pmap_pv_free;
    pmap_pv_free = pv->pv_next;
    pv->pv_pmap = pm;
    pv->pv_va = va;
    pv->pv_next = first->pv_next;
    first->pv_next = pv;
    return EOK;
}

// => the mapping is on the frame's list
inline void pmap_pv_remove(vm_page* pg, const pmap* pm, vaddr_t va) {
    pv_entry* first = &pg->mdpage.mdpg_pv;
    pv_entry* gone = first->pv_next;
    --pmap_count.pv_entries;
    if (first->pv_pmap == pm && first->pv_va == va) {
        if (gone == nullptr) {
            first->pv_pmap = nullptr;
            return;
        }
        *first = *gone; // the second moves up
    } else {
        pv_entry** link = &first->pv_next;
        while (gone->pv_pmap != pm || gone->pv_va != va) {
            link = &gone->pv_next;
            gone = *link;
        }
        *link = gone->pv_next;
    }
    gone->pv_next = pmap_pv_free;
    pmap_pv_free = gone;
}

// A mapping comes (n = 1) or goes (n = -1): the space's counts.
inline void pmap_count_mapping(pmap* pm, pt_entry_t pte, i64 n) {
    pm->pm_resident += static_cast<u64>(n);
    if (n > 0) {
        pm->pm_resident_max = max(pm->pm_resident_max, pm->pm_resident);
    }
    if (predict_false((pte & LX_OS_WIRED) != 0)) {
        pm->pm_wired += static_cast<u64>(n);
    }
}

// Books out a mapping whose descriptor has just been cleared.
inline void pmap_pte_gone(pmap* pm, pt_entry_t old, vaddr_t va) {
    pmap_count_mapping(pm, old, -1);
    if (predict_true((old & LX_OS_UNMANAGED) == 0)) {
        pmap_pv_remove(PHYS_TO_VM_PAGE(old & LX_ADDRESS), pm, va);
    }
}

// --- pmap_asid.cpp: address space identifiers and the TLB ------------------------
void pmap_asid_init();
bool pmap_asid_current(const pmap* pm); // may the TLB hold entries of it?
void pmap_asid_assign(cpu_info* ci, pmap* pm);
// => tables have been changed; completes before it returns
void pmap_tlb_invalidate_va(const pmap* pm, vaddr_t va);
void pmap_tlb_invalidate_asid(const pmap* pm);
void pmap_tlb_invalidate_kernel(vaddr_t va, unsigned npages);
void pmap_tlb_flush_pending(pmap* pm);
// Notes that `va` lost a permission or its page.
inline void pmap_tlb_defer(pmap* pm, vaddr_t va) {
    if (pm->pm_npending < PMAP_NPENDING) {
        pm->pm_pending[pm->pm_npending] = va;
    }
    ++pm->pm_npending;
}
