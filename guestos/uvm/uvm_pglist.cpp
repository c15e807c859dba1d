// Physical memory: where RAM is, and which frames have never been used.
//
// The array of vm_pages is not initialised at boot. A frame that has never
// been allocated is known only by its address being above the cursor of its
// range; its vm_page is made when it is first taken.

#include "sys/systm.hpp"
#include "uvm/uvm_page.hpp"
#include "uvm/uvm_physseg.hpp"

uvm_ram physram;
uvm_physseg physseg;

void uvm_page_physload(paddr_t start, paddr_t end) {
    KASSERT(((start | end) & PAGE_MASK) == 0);
    physram = {start, end, nullptr};
}

void uvm_page_physavail(paddr_t start, paddr_t end) {
    start = round_page(start);
    end = trunc_page(end);
    if (start >= end) {
        return;
    }
    KASSERT(physseg.nranges < __arraycount(physseg.range));
    KASSERT(start >= physram.start && end <= physram.end);
    physseg.range[physseg.nranges++] = {start, end};
    uvmexp.npages += atop(end - start);
    uvmexp.free += atop(end - start);
}

size_t uvm_page_array_size() {
    return atop(physram.end - physram.start) * sizeof(vm_page);
}

void uvm_page_init(vm_page* pages) {
    physram.pages = pages;
    mutex_init(&physseg.lock, MUTEX_DEFAULT, IPL_VM);
    cv_init(&physseg.freecv, "nomem");
    uvmexp.reserve_kernel = max(u64{64}, uvmexp.npages / 256);
}

// => physseg.lock held
vm_page* uvm_physseg_fresh() {
    while (physseg.current < physseg.nranges) {
        uvm_physseg::avail& r = physseg.range[physseg.current];
        if (r.next < r.end) {
            vm_page* pg = PHYS_TO_VM_PAGE(r.next);
            r.next += PAGE_SIZE;
            pg->mdpage = {};
            return pg;
        }
        ++physseg.current;
    }
    return nullptr;
}
