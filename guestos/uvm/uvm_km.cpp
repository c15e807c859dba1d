// Kernel address space: a range of it with frames behind, for what must be
// contiguous but larger than a page, or needs a guard.

#include "machine/param.hpp"
#include "sys/pool.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

// A free range. They are kept in order of address, none touching the next.
struct kva_range {
    TAILQ_ENTRY<kva_range> link;
    vaddr_t start;
    vsize_t size;
};

kmutex_t kva_lock;
TAILQ_HEAD<kva_range, &kva_range::link> kva_free;
pool kva_pool;

kva_range* range_create(vaddr_t start, vsize_t size) {
    auto* r = pool_get<kva_range>(&kva_pool, PR_NOWAIT | PR_RESERVE);
    if (r != nullptr) {
        r->start = start;
        r->size = size;
    }
    return r;
}

void range_destroy(kva_range* r) {
    kva_free.remove(r);
    pool_put(&kva_pool, r);
}

// Cuts [start, start + size) out of `r`. False: no memory for the second part.
bool range_cut(kva_range* r, vaddr_t start, vsize_t size) {
    const vsize_t before = start - r->start;
    const vsize_t after = r->size - before - size;
    if (before != 0 && after != 0) {
        kva_range* rest = range_create(start + size, after);
        if (rest == nullptr) {
            return false;
        }
        kva_free.insert_after(r, rest);
        r->size = before;
    } else if (before != 0) {
        r->size = before;
    } else if (after != 0) {
        r->start = start + size;
        r->size = after;
    } else {
        range_destroy(r);
    }
    return true;
}

// The last free range that begins before `addr`, or nullptr.
kva_range* range_before(vaddr_t addr) {
    kva_range* found = nullptr;
    for (kva_range& r : kva_free) {
        if (r.start >= addr) {
            break;
        }
        found = &r;
    }
    return found;
}

} // namespace

void uvm_km_init() {
    mutex_init(&kva_lock, MUTEX_DEFAULT, IPL_NONE);
    kva_free.init();
    pool_init(&kva_pool, sizeof(kva_range), 0, "kvarange", IPL_NONE);
    kva_free.insert_head(
        range_create(VM_MIN_KERNEL_ADDRESS, VM_MAX_KERNEL_ADDRESS - VM_MIN_KERNEL_ADDRESS));
}

vaddr_t uvm_km_va_alloc(vsize_t size, vsize_t align) {
    align = max(align, PAGE_SIZE);
    vaddr_t found = 0;
    mutex_enter(&kva_lock);
    for (kva_range& r : kva_free) {
        const vaddr_t start = roundup2(r.start, align);
        if (start + size <= r.start + r.size) {
            found = range_cut(&r, start, size) ? start : 0;
            break;
        }
    }
    mutex_exit(&kva_lock);
    return found;
}

void uvm_km_va_free(vaddr_t addr, vsize_t size) {
    mutex_enter(&kva_lock);
    kva_range* prev = range_before(addr);
    kva_range* next = prev == nullptr ? kva_free.first() : kva_free.next(prev);
    if (prev != nullptr && prev->start + prev->size == addr) {
        prev->size += size;
        if (next != nullptr && prev->start + prev->size == next->start) {
            prev->size += next->size;
            range_destroy(next);
        }
    } else if (next != nullptr && addr + size == next->start) {
        next->start = addr;
        next->size += size;
    } else {
        kva_range* r = range_create(addr, size);
        if (r == nullptr) {
            panic("uvm_km_va_free: no memory");
        }
        if (prev == nullptr) {
            kva_free.insert_head(r);
        } else {
            kva_free.insert_after(prev, r);
        }
    }
    mutex_exit(&kva_lock);
}

// Who can fail gets no frames of the reserve: its failure is a program's ENOMEM.
Errno uvm_km_populate(vaddr_t addr, vsize_t size, bool can_sleep) {
    while (pmap_growkernel(addr, addr + size) != EOK) {
        if (!can_sleep) {
            return ENOMEM;
        }
        uvm_wait("kmgrow");
    }
    for (vsize_t off = 0; off < size;) {
        vm_page* pg =
            uvm_pagealloc(nullptr, 0, nullptr, can_sleep ? UVM_PGA_USERESERVE : UVM_PGA_NONE);
        if (pg == nullptr) {
            if (!can_sleep) {
                uvm_km_unpopulate(addr, off);
                return ENOMEM;
            }
            uvm_wait("kmpage");
            continue;
        }
        pg->flags = PG_KERN;
        pmap_kenter_pa(addr + off, VM_PAGE_TO_PHYS(pg), VM_PROT_RW);
        off += PAGE_SIZE;
    }
    return EOK;
}

void uvm_km_unpopulate(vaddr_t addr, vsize_t size) {
    for (vaddr_t va = addr; va < addr + size; va += PAGE_SIZE) {
        paddr_t pa;
        if (pmap_extract(pmap_kernel(), va, &pa)) {
            pmap_kremove(va, PAGE_SIZE);
            uvm_pagefree(PHYS_TO_VM_PAGE(pa));
        }
    }
}

vaddr_t uvm_km_alloc(vsize_t size, vsize_t align, bool zero, bool can_sleep) {
    const vaddr_t va = uvm_km_va_alloc(size, align);
    if (va == 0) {
        return 0;
    }
    if (uvm_km_populate(va, size, can_sleep) != EOK) {
        uvm_km_va_free(va, size);
        return 0;
    }
    if (zero) {
        memset(reinterpret_cast<void*>(va), 0, size);
    }
    return va;
}

void uvm_km_free(vaddr_t addr, vsize_t size) {
    uvm_km_unpopulate(addr, size);
    uvm_km_va_free(addr, size);
}
