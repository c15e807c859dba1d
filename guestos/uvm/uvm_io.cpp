// Access to another process's memory, page by page through its own faults. What
// the program itself may do with the memory does not count: a tracer writes
// breakpoints into text, and the program gets its own copy of the page.

#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

// => EFAULT where nothing is mapped, or others would see the write; EINVAL: behind
//    the end of the file that is mapped; may sleep
Errno uvm_io(vm_map* map, vaddr_t va, void* buf, size_t len, vm_prot_t access) {
    auto* p = static_cast<u8*>(buf);
    while (len > 0) {
        const size_t within = va & PAGE_MASK;
        const size_t n = min(len, size_t{PAGE_SIZE} - within);
        paddr_t pa;
        const Errno error = uvm_fault_debug(map, trunc_page(va), access);
        if (error != EOK || !pmap_extract(map->pmap, trunc_page(va), &pa)) {
            return error == EINVAL ? EINVAL : EFAULT;
        }
        u8* kva = static_cast<u8*>(pmap_direct_map(pa)) + within;
        if ((access & VM_PROT_WRITE) != 0) {
            memcpy(kva, p, n);
            pmap_sync_icache(trunc_page(pa)); // it may be a breakpoint
        } else {
            memcpy(p, kva, n);
        }
        va += n;
        p += n;
        len -= n;
    }
    return EOK;
}
