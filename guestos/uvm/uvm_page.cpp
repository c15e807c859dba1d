// Allocating and freeing frames, and finding the pages of objects.

#include "uvm/uvm_page.hpp"

#include "machine/cpu.hpp"
#include "sys/inject.hpp"
#include "sys/lwp.hpp"
#include "sys/proc.hpp"
#include "sys/signalvar.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_anon.hpp"
#include "uvm/uvm_object.hpp"
#include "uvm/uvm_physseg.hpp"
#include "uvm/uvm_pmap.hpp"

uvmexp_t uvmexp;

// Takes a frame: one that came back if there is any, else a fresh one. Who is being
// killed may take reserved ones: it can't end otherwise, and then gives all back.
// => nullptr if there is none, or only reserved ones
static vm_page* page_take(bool reserve) {
    mutex_spin_enter(&physseg.lock);
    vm_page* pg = nullptr;
    if (uvmexp.free > uvmexp.reserve_kernel ||
        (uvmexp.free > 0 && (reserve || proc_is_killed(curlwp->l_proc)))) {
        pg = physseg.freelist.remove_head();
        if (pg == nullptr) {
            pg = uvm_physseg_fresh();
        }
        --uvmexp.free;
    }
    mutex_spin_exit(&physseg.lock);
    return pg;
}

vm_page* uvm_pagealloc(uvm_object* obj, voff_t off, vm_anon* anon, UvmPageAllocFlags flags) {
    KASSERT(obj == nullptr || anon == nullptr);
    const bool reserve = (flags & UVM_PGA_USERESERVE) != 0;
    vm_page* pg = !reserve && inject(Inject::Page) ? nullptr : page_take(reserve);
    if (pg == nullptr) {
        return nullptr;
    }
    pg->flags = PG_FAKE;
    pg->busy = 0;
    pg->offset = off;
    pg->uobject = obj;
    if (anon != nullptr) {
        uvm_pageown(pg, anon);
    } else if (obj != nullptr) {
        if (radix_tree_insert_node(&obj->uo_pages, atop(static_cast<u64>(off)), pg) != EOK) {
            pg->uobject = nullptr;
            uvm_pagefree(pg);
            return nullptr;
        }
        ++obj->uo_npages;
        ++uvmexp.objpages;
    }
    if ((flags & UVM_PGA_ZERO) != 0) {
        uvm_pagezero(pg);
    }
    return pg;
}

void uvm_pageown(vm_page* pg, vm_anon* anon) {
    pg->flags |= PG_ANON;
    pg->uanon = anon;
    anon->an_page = pg;
}

void uvm_pagefree(vm_page* pg) {
    KASSERT(pg->mdpage.mdpg_pv.pv_pmap == nullptr && (pg->flags & PG_FREE) == 0);
    if ((pg->flags & PG_ANON) != 0) {
        pg->uanon->an_page = nullptr;
    } else if ((pg->flags & (PG_TABLE | PG_KERN)) == 0 && pg->uobject != nullptr) {
        radix_tree_remove_node(&pg->uobject->uo_pages, atop(static_cast<u64>(pg->offset)));
        --pg->uobject->uo_npages;
        --uvmexp.objpages;
    }
    pg->flags = PG_FREE;
    mutex_spin_enter(&physseg.lock);
    physseg.freelist.insert_head(pg);
    ++uvmexp.free;
    if (predict_false(physseg.waiters != 0)) {
        cv_broadcast(&physseg.freecv);
    }
    mutex_spin_exit(&physseg.lock);
}

vm_page* uvm_pagelookup(uvm_object* obj, voff_t off) {
    return static_cast<vm_page*>(
        radix_tree_lookup_node(&obj->uo_pages, atop(static_cast<u64>(off))));
}

void uvm_pagezero(vm_page* pg) {
    pmap_zero_page(VM_PAGE_TO_PHYS(pg));
    pg->flags &= static_cast<u16>(~PG_FAKE);
}

void uvm_pagecopy(const vm_page* src, vm_page* dst) {
    pmap_copy_page(VM_PAGE_TO_PHYS(src), VM_PAGE_TO_PHYS(dst));
    dst->flags &= static_cast<u16>(~PG_FAKE);
}

void* uvm_kpage_alloc(UvmPageAllocFlags flags) {
    vm_page* pg = uvm_pagealloc(nullptr, 0, nullptr, flags);
    if (pg == nullptr) {
        return nullptr;
    }
    pg->flags = PG_KERN;
    return uvm_page_kva(pg);
}

void uvm_kpage_free(void* va) {
    uvm_pagefree(PHYS_TO_VM_PAGE(pmap_direct_unmap(va)));
}

bool uvm_short_p() {
    return uvmexp.free <= uvmexp.reserve_kernel;
}
