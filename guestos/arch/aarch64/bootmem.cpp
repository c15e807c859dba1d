// RAM at boot: which parts are taken, memory for the first tables, and the
// hand-over to the page allocator.

#include "machine/machdep.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_page.hpp"

void bootmem_take(bootmem* bm, paddr_t start, paddr_t end) {
    KASSERT(bm->bm_nused < __arraycount(bm->bm_used));
    bm->bm_used[bm->bm_nused++] = {trunc_page(start), round_page(end)};
}

paddr_t bootmem_find(const bootmem* bm, psize_t size) {
    paddr_t pa = bm->bm_free;
    for (unsigned i = 0; i < bm->bm_nused;) {
        const bootmem::range& used = bm->bm_used[i];
        if (pa < used.end && pa + size > used.start) {
            pa = used.end;
            i = 0;
        } else {
            ++i;
        }
    }
    if (pa + size > bm->bm_ram.end) {
        panic("too little RAM");
    }
    return pa;
}

paddr_t bootmem_steal(bootmem* bm, psize_t size) {
    const paddr_t pa = bootmem_find(bm, size);
    bm->bm_free = pa + size;
    return pa;
}

// Gives [start, end) to the page allocator, without the `n` ranges at `used`.
static void avail_without(paddr_t start, paddr_t end, const bootmem::range* used, unsigned n) {
    while (n > 0 && (used->end <= start || used->start >= end)) {
        ++used;
        --n;
    }
    if (n == 0) {
        uvm_page_physavail(start, end);
        return;
    }
    if (used->start > start) {
        avail_without(start, used->start, used + 1, n - 1);
    }
    if (used->end < end) {
        avail_without(used->end, end, used + 1, n - 1);
    }
}

void bootmem_load(bootmem* bm) {
    uvm_page_physload(bm->bm_ram.start, bm->bm_ram.end);
    const psize_t size = uvm_page_array_size();
    const paddr_t pages = bootmem_find(bm, size);
    bootmem_take(bm, pages, pages + size);
    bm->bm_used[0].end = bm->bm_free; // the image, and the tables behind it
    avail_without(bm->bm_ram.start, bm->bm_ram.end, bm->bm_used, bm->bm_nused);
    uvm_page_init(static_cast<vm_page*>(pmap_direct_map(pages)));
}
