// Inside of the pmap module. What others use is uvm/uvm_pmap.hpp.
#pragma once

#include "machine/pte.hpp"
#include "sys/mutex.hpp"
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
    u64 pm_wired;
    TAILQ_HEAD<vm_page, &vm_page::pageq> pm_tables; // every table, level 1 first
};

struct cpu_info;

extern kmutex_t pmap_lock; // every table and pv list
extern pmap kernel_pmap_store;
extern pmap_counts pmap_count;

// The level 3 table that maps `va`, or nullptr.
pt_entry_t* pmap_l3_table(const pmap* pm, vaddr_t va);

// --- pmap_pv.cpp: from frames to their mappings ----------------------------------
void pmap_pv_init();
[[nodiscard]] Errno pmap_pv_enter(vm_page* pg, pmap* pm, vaddr_t va); // ENOMEM
void pmap_pv_remove(vm_page* pg, pmap* pm, vaddr_t va);

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
