// User translation tables: entering, removing, protecting, copying. pmap(9).
// The tables themselves are in pmap_table.cpp.

#include "machine/pmap.hpp"

#include "machine/armreg.hpp"
#include "machine/machdep.hpp"
#include "sys/lwp.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

kmutex_t pmap_lock;
pmap kernel_pmap_store;
pmap_counts pmap_count;

extern "C" u8 empty_table[];

namespace {

pool_cache pmap_cache;

// Calls f(pte, va, table's page) for every valid descriptor in a range.
template <typename F> void for_each_pte(pmap* pm, vaddr_t sva, vaddr_t eva, F f) {
    for (vaddr_t next; sva < eva; sva = next) {
        const pt_entry_t l1e = pm->pm_l1[l1_index(sva)];
        if (l1e == 0) {
            next = rounddown2(sva, L1_SIZE) + L1_SIZE;
            continue;
        }
        next = rounddown2(sva, L2_SIZE) + L2_SIZE;
        const pt_entry_t l2e = pmap_table_at(l1e)[l2_index(sva)];
        if (l2e == 0) {
            continue;
        }
        pt_entry_t* l3 = pmap_table_at(l2e);
        vm_page* pg = pmap_table_page(l3);
        const unsigned last = min<unsigned>(l3_index(min(next, eva) - 1), pg->table.t_hi);
        const vaddr_t base = rounddown2(sva, L2_SIZE);
        for (unsigned i = max<unsigned>(l3_index(sva), pg->table.t_lo); i <= last; ++i) {
            if (l3[i] != 0) {
                f(&l3[i], base + ptoa(i), pg);
            }
        }
    }
}

// --- descriptors ------------------------------------------------------------------------

pt_entry_t pte_make(paddr_t pa, vm_prot_t prot, PmapFlags flags) {
    pt_entry_t pte = pa | L3_PAGE | LX_ATTR_NORMAL | LX_SH_INNER | LX_AF | LX_NG | LX_PXN;
    if ((prot & VM_PROT_ALL) != VM_PROT_NONE) {
        pte |= LX_AP_EL0;
    }
    if ((prot & VM_PROT_WRITE) == 0) {
        pte |= LX_AP_RO;
    }
    if ((prot & VM_PROT_EXECUTE) == 0) {
        pte |= LX_UXN;
    }
    if ((flags & PMAP_WIRED) != 0) {
        pte |= LX_OS_WIRED;
    }
    return pte;
}

vm_prot_t pte_prot(pt_entry_t pte) {
    vm_prot_t prot = VM_PROT_READ;
    if ((pte & LX_AP_RO) == 0) {
        prot = prot | VM_PROT_WRITE;
    }
    if ((pte & LX_UXN) == 0) {
        prot = prot | VM_PROT_EXECUTE;
    }
    return prot;
}

void pte_clear(pmap* pm, pt_entry_t* pte, vaddr_t va, vm_page* tablepg) {
    const pt_entry_t old = *pte;
    *pte = 0;
    --tablepg->table.t_count;
    pmap_pte_gone(pm, old, va);
}

pt_entry_t* pte_find(const pmap* pm, vaddr_t va) {
    pt_entry_t* l3 = pmap_l3_table(pm, va);
    return l3 == nullptr || l3[l3_index(va)] == 0 ? nullptr : &l3[l3_index(va)];
}

// Takes the space out of TTBR0_EL1 of this CPU. The register keeps the ASID: a
// change of it makes software TLBs forget everything, and under an empty table
// nothing is entered.
void leave_space(cpu_info* ci) {
    const paddr_t empty = reinterpret_cast<vaddr_t>(empty_table) - kern_vtopdiff;
    reg_ttbr0_el1_write(empty | (ci->ci_asid << 48));
    ci->ci_pmap = nullptr;
}

} // namespace

void pmap_init() {
    mutex_init(&pmap_lock, MUTEX_DEFAULT, IPL_NONE);
    pmap_table_init();
    pmap_pv_init();
    pool_cache_bootstrap(&pmap_cache, sizeof(pmap), 16, "pmappl", IPL_NONE);
}

pmap_t pmap_kernel() {
    return &kernel_pmap_store;
}

// --- life -------------------------------------------------------------------------------

// => may sleep; never fails
pmap_t pmap_create() {
    pmap* pm = pool_cache_get<pmap>(&pmap_cache, PR_WAITOK);
    memset(static_cast<void*>(pm), 0, sizeof(*pm));
    pm->pm_tables.init();
    pm->pm_refs = 1;
    mutex_enter(&pmap_lock);
    while (!pmap_table_create(pm)) {
        mutex_exit(&pmap_lock);
        uvm_wait("pmap");
        mutex_enter(&pmap_lock);
    }
    ++pmap_count.spaces;
    mutex_exit(&pmap_lock);
    return pm;
}

void pmap_reference(pmap_t pm) {
    mutex_enter(&pmap_lock);
    ++pm->pm_refs;
    mutex_exit(&pmap_lock);
}

void pmap_destroy(pmap_t pm) {
    mutex_enter(&pmap_lock);
    KASSERT(pm != pmap_kernel() && pm->pm_refs > 0);
    if (--pm->pm_refs > 0) {
        mutex_exit(&pmap_lock);
        return;
    }
    KASSERT(pm->pm_resident == 0);
    if (curcpu()->ci_pmap == pm) {
        leave_space(curcpu());
    }
    pmap_table_free_all(pm, true);
    --pmap_count.spaces;
    mutex_exit(&pmap_lock);
    pool_cache_put(&pmap_cache, pm);
}

// --- mappings ------------------------------------------------------------------------------

// The mapping of `va` changes from `old` to `pte`, both of the same frame.
static void pte_replace(pmap* pm, pt_entry_t* slot, vaddr_t va, pt_entry_t pte) {
    const pt_entry_t old = *slot;
    if (old == pte) {
        return;
    }
    pmap_count_mapping(pm, old, -1);
    pmap_count_mapping(pm, pte, 1);
    *slot = pte;
    pmap_tlb_invalidate_va(pm, va);
}

// Entering a frame where another one is mapped: the old descriptor goes and the
// TLB is told before the new one is written (break before make, D5.10.1).
Errno pmap_enter(pmap_t pm, vaddr_t va, paddr_t pa, vm_prot_t prot, PmapFlags flags) {
    KASSERT(pm != pmap_kernel() && va < VM_MAXUSER_ADDRESS && ((va | pa) & PAGE_MASK) == 0);
    vm_page* pg = PHYS_TO_VM_PAGE(pa);
    pt_entry_t pte = pte_make(pa, prot, flags);
    if ((prot & VM_PROT_EXECUTE) != 0 && pg != nullptr && (pg->flags & PG_SYNCED) == 0) {
        pmap_sync_icache(pa);
        pg->flags |= PG_SYNCED;
    }

    mutex_enter(&pmap_lock);
    pt_entry_t* l3 = pmap_l3_table_make(pm, va);
    Errno error = l3 == nullptr ? ENOMEM : EOK;
    if (error == EOK) {
        pt_entry_t* slot = &l3[l3_index(va)];
        if (*slot != 0 && (*slot & LX_ADDRESS) == pa) {
            pte_replace(pm, slot, va, pte | (*slot & LX_OS_UNMANAGED));
            mutex_exit(&pmap_lock);
            return EOK;
        }
        if (*slot != 0) {
            pte_clear(pm, slot, va, pmap_table_page(l3));
            pmap_tlb_invalidate_va(pm, va);
        }
        if (pg == nullptr) {
            pte |= LX_OS_UNMANAGED;
        } else {
            error = pmap_pv_enter(pg, pm, va);
        }
        if (error == EOK) {
            *slot = pte;
            pmap_ptes_visible();
            pmap_count_mapping(pm, pte, 1);
            pmap_table_note(pmap_table_page(l3), l3_index(va));
        }
    }
    mutex_exit(&pmap_lock);
    if (error != EOK && (flags & PMAP_CANFAIL) == 0) {
        panic("pmap_enter: no memory for a table");
    }
    return error;
}

void pmap_remove(pmap_t pm, vaddr_t sva, vaddr_t eva) {
    mutex_enter(&pmap_lock);
    bool some = false;
    for_each_pte(pm, sva, eva, [&](pt_entry_t* pte, vaddr_t va, vm_page* tablepg) {
        pte_clear(pm, pte, va, tablepg);
        pmap_tlb_defer(pm, va);
        some = true;
    });
    if (some) {
        pmap_table_free_empty(pm, sva, eva);
    }
    mutex_exit(&pmap_lock);
}

void pmap_remove_all(pmap_t pm) {
    mutex_enter(&pmap_lock);
    cpu_info* ci = curcpu();
    if (ci->ci_pmap == pm) {
        leave_space(ci);
    }
    pm->pm_asid = 0; // what the TLB holds under the old one is never looked at again
    pm->pm_npending = 0;
    pmap_table_free_all(pm, false);
    KASSERT(pm->pm_resident == 0);
    mutex_exit(&pmap_lock);
}

size_t pmap_protect(pmap_t pm, vaddr_t sva, vaddr_t eva, vm_prot_t prot) {
    if ((prot & VM_PROT_READ) == 0) {
        pmap_remove(pm, sva, eva);
        return 0;
    }
    const pt_entry_t taken =
        ((prot & VM_PROT_WRITE) == 0 ? LX_AP_RO : 0) | ((prot & VM_PROT_EXECUTE) == 0 ? LX_UXN : 0);
    size_t nwrite = 0;
    mutex_enter(&pmap_lock);
    for_each_pte(pm, sva, eva, [&](pt_entry_t* pte, vaddr_t va, vm_page*) {
        const pt_entry_t old = *pte;
        if ((old | taken) != old) {
            nwrite += (old & LX_AP_RO) == 0 && (taken & LX_AP_RO) != 0;
            *pte = old | taken;
            pmap_tlb_defer(pm, va);
        }
    });
    mutex_exit(&pmap_lock);
    return nwrite;
}

void pmap_unwire(pmap_t pm, vaddr_t va) {
    mutex_enter(&pmap_lock);
    pt_entry_t* pte = pte_find(pm, va);
    if (pte != nullptr && (*pte & LX_OS_WIRED) != 0) {
        *pte &= ~LX_OS_WIRED; // software's bit: the TLB does not know it
        --pm->pm_wired;
    }
    mutex_exit(&pmap_lock);
}

bool pmap_extract_prot(pmap_t pm, vaddr_t va, paddr_t* pa, vm_prot_t* prot) {
    mutex_enter(&pmap_lock);
    const pt_entry_t* pte = pte_find(pm, va);
    const pt_entry_t value = pte == nullptr ? 0 : *pte;
    mutex_exit(&pmap_lock);
    if (value == 0) {
        return false;
    }
    *pa = (value & LX_ADDRESS) | (va & PAGE_MASK);
    *prot = pte_prot(value);
    return true;
}

bool pmap_extract(pmap_t pm, vaddr_t va, paddr_t* pa) {
    vm_prot_t prot;
    return pmap_extract_prot(pm, va, pa, &prot);
}

void pmap_copy(pmap_t dst, pmap_t src, vaddr_t dst_addr, vsize_t len, vaddr_t src_addr) {
    KASSERT(dst_addr == src_addr && dst->pm_asid == 0);
    mutex_enter(&pmap_lock);
    pt_entry_t* to = nullptr;
    vm_page* to_page = nullptr;
    vaddr_t to_base = 0;
    for_each_pte(src, src_addr, src_addr + len, [&](pt_entry_t* pte, vaddr_t va, vm_page*) {
        if (to == nullptr || rounddown2(va, L2_SIZE) != to_base) {
            to = pmap_l3_table_make(dst, va);
            to_page = to == nullptr ? nullptr : pmap_table_page(to);
            to_base = rounddown2(va, L2_SIZE);
        }
        const pt_entry_t copy = (*pte | LX_AP_RO) & ~LX_OS_WIRED;
        if (to == nullptr || (copy & LX_OS_UNMANAGED) != 0 ||
            pmap_pv_enter(PHYS_TO_VM_PAGE(copy & LX_ADDRESS), dst, va) != EOK) {
            return; // a fault will make it
        }
        to[l3_index(va)] = copy;
        pmap_table_note(to_page, l3_index(va));
        ++dst->pm_resident;
    });
    dst->pm_resident_max = max(dst->pm_resident_max, dst->pm_resident);
    pmap_ptes_visible();
    mutex_exit(&pmap_lock);
}

void pmap_update(pmap_t pm) {
    if (pm->pm_npending != 0) {
        mutex_enter(&pmap_lock);
        pmap_tlb_flush_pending(pm);
        mutex_exit(&pmap_lock);
    }
}

void pmap_page_protect(vm_page* pg, vm_prot_t prot) {
    if ((prot & VM_PROT_WRITE) != 0 || pg->mdpage.mdpg_pv.pv_pmap == nullptr) {
        return; // the owner's lock keeps new mappings away
    }
    mutex_enter(&pmap_lock);
    const pv_entry* pv = &pg->mdpage.mdpg_pv;
    if ((prot & VM_PROT_READ) == 0) {
        while (pv->pv_pmap != nullptr) {
            pmap* pm = pv->pv_pmap;
            const vaddr_t va = pv->pv_va;
            pt_entry_t* l3 = pmap_l3_table(pm, va);
            pte_clear(pm, &l3[l3_index(va)], va, pmap_table_page(l3));
            pmap_tlb_invalidate_va(pm, va);
        }
    } else {
        for (; pv != nullptr && pv->pv_pmap != nullptr; pv = pv->pv_next) {
            pt_entry_t* pte = pte_find(pv->pv_pmap, pv->pv_va);
            if ((*pte & LX_AP_RO) == 0) {
                *pte |= LX_AP_RO;
                pmap_tlb_invalidate_va(pv->pv_pmap, pv->pv_va);
            }
        }
    }
    mutex_exit(&pmap_lock);
}

// --- the running space -----------------------------------------------------------------------

void pmap_activate(lwp* l) {
    pmap* pm = l->l_proc->p_vmspace->vm_map_.pmap;
    cpu_info* ci = curcpu();
    if (pm == pmap_kernel() || (ci->ci_pmap == pm && pmap_asid_current(pm))) {
        return;
    }
    pmap_asid_assign(ci, pm);
    ci->ci_pmap = pm;
    reg_ttbr0_el1_write(pm->pm_l1_pa | (ci->ci_asid << 48));
}

// The space stays in TTBR0_EL1 until another one is needed.
void pmap_deactivate(lwp*) {}

u64 pmap_resident_count(pmap_t pm) {
    return pm->pm_resident;
}

u64 pmap_resident_max(pmap_t pm) {
    return pm->pm_resident_max;
}

u64 pmap_wired_count(pmap_t pm) {
    return pm->pm_wired;
}

pmap_counts pmap_get_counts() {
    return pmap_count;
}
