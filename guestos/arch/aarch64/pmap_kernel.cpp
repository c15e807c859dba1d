// Kernel address space: mappings of kernel_map, which are unmanaged and wired.

#include "machine/pmap.hpp"
#include "sys/systm.hpp"

Errno pmap_growkernel(vaddr_t sva, vaddr_t eva) {
    Errno error = EOK;
    pt_entry_t* l1 = kernel_pmap_store.pm_l1;
    const auto grow = [&](pt_entry_t* slot) {
        if (*slot != 0) {
            return;
        }
        vm_page* pg = uvm_pagealloc(nullptr, 0, nullptr, UVM_PGA_USERESERVE | UVM_PGA_ZERO);
        if (pg == nullptr) {
            error = ENOMEM;
            return;
        }
        pg->flags = PG_KERN;
        ++pmap_count.kerneltables;
        *slot = VM_PAGE_TO_PHYS(pg) | LX_TABLE;
        pmap_ptes_visible();
    };
    mutex_enter(&pmap_lock);
    for (vaddr_t va = rounddown2(sva, L2_SIZE); va < eva && error == EOK; va += L2_SIZE) {
        grow(&l1[l1_index(va)]);
        if (error == EOK) {
            grow(&pmap_table_at(l1[l1_index(va)])[l2_index(va)]);
        }
    }
    mutex_exit(&pmap_lock);
    return error;
}

void pmap_kenter_pa(vaddr_t va, paddr_t pa, vm_prot_t prot) {
    pt_entry_t* l3 = pmap_l3_table(&kernel_pmap_store, va);
    KASSERT(l3 != nullptr && l3[l3_index(va)] == 0);
    l3[l3_index(va)] = pa | L3_PAGE | ((prot & VM_PROT_WRITE) != 0 ? LX_KERNEL_RW : LX_KERNEL_RO);
    asm volatile("dsb ishst\n\tisb" ::: "memory");
}

void pmap_kremove(vaddr_t va, vsize_t len) {
    for (vaddr_t at = va; at < va + len; at += PAGE_SIZE) {
        pt_entry_t* l3 = pmap_l3_table(&kernel_pmap_store, at);
        if (l3 != nullptr) {
            l3[l3_index(at)] = 0;
        }
    }
    pmap_tlb_invalidate_kernel(va, static_cast<unsigned>(atop(len)));
}
