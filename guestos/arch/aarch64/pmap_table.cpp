// Tables of user spaces: making, finding, freeing. => pmap_lock held throughout

#include "machine/pmap.hpp"
#include "sys/inject.hpp"
#include "sys/systm.hpp"

namespace {

// Tables without use, all zero, kept for the next space.
constexpr unsigned TABLE_CACHE = 32;
TAILQ_HEAD<vm_page, &vm_page::pageq> table_cache;
unsigned table_cached;

// A zeroed table of `level` for addresses from `va`. nullptr: no frame.
vm_page* table_alloc(pmap* pm, vaddr_t va, u16 level) {
    if (inject(Inject::Table)) {
        return nullptr;
    }
    vm_page* pg = table_cache.remove_head();
    if (pg != nullptr) {
        --table_cached;
    } else {
        pg = uvm_pagealloc(nullptr, 0, nullptr, UVM_PGA_USERESERVE | UVM_PGA_ZERO);
        if (pg == nullptr) {
            return nullptr;
        }
        pg->flags = PG_TABLE;
    }
    pg->offset = static_cast<voff_t>(va);
    pg->table = {0, Ln_ENTRIES, 0, level};
    pm->pm_tables.insert_tail(pg);
    ++pmap_count.tablepages;
    return pg;
}

// => every descriptor is zero; on no list
void table_free(vm_page* pg) {
    --pmap_count.tablepages;
    if (table_cached < TABLE_CACHE) {
        table_cache.insert_head(pg);
        ++table_cached;
    } else {
        uvm_pagefree(pg);
    }
}

// Unlinks a table of level 2 or 3 from the one above it.
void table_unlink(pmap* pm, vm_page* pg) {
    const auto va = static_cast<vaddr_t>(pg->offset);
    pt_entry_t* above = pm->pm_l1;
    unsigned index = l1_index(va);
    if (pg->table.t_level == 3) {
        above = pmap_table_at(above[index]);
        index = l2_index(va);
    }
    KASSERT((above[index] & LX_ADDRESS) == VM_PAGE_TO_PHYS(pg));
    above[index] = 0;
    --pmap_table_page(above)->table.t_count;
    pm->pm_tables.remove(pg);
}

// The table that entry `index` of `table` points to, made if need be.
pt_entry_t* next_table(pmap* pm, pt_entry_t* table, unsigned index, vaddr_t va, u16 level) {
    if (predict_true(table[index] != 0)) {
        return pmap_table_at(table[index]);
    }
    vm_page* pg = table_alloc(pm, va, level);
    if (pg == nullptr) {
        return nullptr;
    }
    table[index] = VM_PAGE_TO_PHYS(pg) | LX_TABLE;
    pmap_table_note(pmap_table_page(table), index);
    return pmap_table_at(table[index]);
}

// Unlinks the empty tables on the way to `va`; the caller frees them after the
// TLB has been invalidated.
void unlink_empty(pmap* pm, vaddr_t va, TAILQ_HEAD<vm_page, &vm_page::pageq>* empty) {
    const pt_entry_t l1e = pm->pm_l1[l1_index(va)];
    if (l1e == 0) {
        return;
    }
    const pt_entry_t l2e = pmap_table_at(l1e)[l2_index(va)];
    vm_page* l3pg = l2e == 0 ? nullptr : pmap_table_page(pmap_table_at(l2e));
    if (l3pg != nullptr && l3pg->table.t_count == 0) {
        table_unlink(pm, l3pg);
        empty->insert_tail(l3pg);
    }
    vm_page* l2pg = pmap_table_page(pmap_table_at(l1e));
    if (l2pg->table.t_count == 0) {
        table_unlink(pm, l2pg);
        empty->insert_tail(l2pg);
    }
}

// Books out every mapping of a level 3 table.
void l3_remove_all(pmap* pm, vm_page* pg) {
    auto* l3 = static_cast<pt_entry_t*>(uvm_page_kva(pg));
    vm_table_md& t = pg->table;
    for (unsigned i = t.t_lo; t.t_count > 0; ++i) {
        const pt_entry_t pte = l3[i];
        if (pte != 0) {
            l3[i] = 0;
            --t.t_count;
            pmap_pte_gone(pm, pte, static_cast<vaddr_t>(pg->offset) + ptoa(i));
        }
    }
}

} // namespace

void pmap_table_init() {
    table_cache.init();
}

bool pmap_table_create(pmap* pm) {
    vm_page* l1 = table_alloc(pm, 0, 1);
    if (l1 == nullptr) {
        return false;
    }
    pm->pm_l1_pa = VM_PAGE_TO_PHYS(l1);
    pm->pm_l1 = static_cast<pt_entry_t*>(pmap_direct_map(pm->pm_l1_pa));
    return true;
}

pt_entry_t* pmap_l3_table(const pmap* pm, vaddr_t va) {
    const pt_entry_t l1e = pm->pm_l1[l1_index(va)];
    if (!l12_is_table(l1e)) {
        return nullptr;
    }
    const pt_entry_t l2e = pmap_table_at(l1e)[l2_index(va)];
    return l12_is_table(l2e) ? pmap_table_at(l2e) : nullptr;
}

pt_entry_t* pmap_l3_table_make(pmap* pm, vaddr_t va) {
    pt_entry_t* l3 = pmap_l3_table(pm, va);
    if (predict_true(l3 != nullptr)) {
        return l3;
    }
    pt_entry_t* l2 = next_table(pm, pm->pm_l1, l1_index(va), rounddown2(va, L1_SIZE), 2);
    return l2 == nullptr ? nullptr : next_table(pm, l2, l2_index(va), rounddown2(va, L2_SIZE), 3);
}

void pmap_table_free_empty(pmap* pm, vaddr_t sva, vaddr_t eva) {
    TAILQ_HEAD<vm_page, &vm_page::pageq> empty;
    for (vaddr_t va = rounddown2(sva, L2_SIZE); va < eva;) {
        const bool present = pm->pm_l1[l1_index(va)] != 0;
        unlink_empty(pm, va, &empty);
        va = present ? va + L2_SIZE : rounddown2(va, L1_SIZE) + L1_SIZE;
    }
    if (empty.empty()) {
        return;
    }
    // Walk caches may hold the tables: all of the space is invalidated.
    pmap_tlb_invalidate_asid(pm);
    pm->pm_npending = 0;
    while (vm_page* pg = empty.remove_head()) {
        table_free(pg);
    }
}

// A table stands in the list behind the one that it hangs in: the last goes
// first.
void pmap_table_free_all(pmap* pm, bool all) {
    vm_page* pg;
    while ((pg = pm->pm_tables.last())->table.t_level != 1) {
        if (pg->table.t_level == 3) {
            l3_remove_all(pm, pg);
        }
        table_unlink(pm, pg);
        table_free(pg);
    }
    if (all) {
        table_free(pm->pm_tables.remove_head());
    }
}

unsigned pmap_reclaim() {
    mutex_enter(&pmap_lock);
    const unsigned n = table_cached;
    while (vm_page* pg = table_cache.remove_head()) {
        uvm_pagefree(pg);
    }
    table_cached = 0;
    pmap_pv_reclaim();
    mutex_exit(&pmap_lock);
    return n;
}

u64 pmap_table_count(pmap_t pm) {
    u64 n = 0;
    mutex_enter(&pmap_lock);
    for ([[maybe_unused]] const vm_page& pg : pm->pm_tables) {
        n++;
    }
    mutex_exit(&pmap_lock);
    return n;
}
