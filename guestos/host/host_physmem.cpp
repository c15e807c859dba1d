// Physical memory of the fake machine, and kernel address space.

#include "host/host_physmem.hpp"

#include "host/host.hpp"
#include "machine/cpu.hpp"
#include "sys/kmem.hpp"
#include "sys/pool.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_physseg.hpp"

#include <memory>
#include <set>

namespace {

constexpr paddr_t RAM_START = 0x40000000;

struct AlignedFree {
    void operator()(u8* p) const { std::free(p); }
};
std::unique_ptr<u8, AlignedFree> memory;
std::vector<vm_page> pages;
std::vector<void*> hidden; // frames taken away
std::set<void*> large;     // large allocations in use

} // namespace

void* pmap_direct_map(paddr_t pa) {
    return memory.get() + (pa - RAM_START);
}

paddr_t pmap_direct_unmap(const void* va) {
    return RAM_START + static_cast<paddr_t>(static_cast<const u8*>(va) - memory.get());
}

void pmap_zero_page(paddr_t pa) {
    memset(pmap_direct_map(pa), 0, PAGE_SIZE);
}

void pmap_copy_page(paddr_t src, paddr_t dst) {
    memcpy(pmap_direct_map(dst), pmap_direct_map(src), PAGE_SIZE);
}

void pmap_sync_icache(paddr_t) {}

// Large allocations come from the host's heap, so that its sanitizer sees them.
vaddr_t uvm_km_alloc(vsize_t size, vsize_t, bool zero, bool) {
    void* p = std::malloc(size);
    if (zero) {
        memset(p, 0, size);
    }
    large.insert(p);
    return reinterpret_cast<vaddr_t>(p);
}

void uvm_km_free(vaddr_t addr, vsize_t) {
    auto* p = reinterpret_cast<void*>(addr);
    KASSERT(large.erase(p) == 1);
    std::free(p);
}

void uvm_uarea_drain() {}

namespace host {

// Memory that has never been used holds rubbish, as a machine's may.
void physmem_start(unsigned frames) {
    const size_t size = frames * PAGE_SIZE;
    memory.reset(static_cast<u8*>(std::aligned_alloc(PAGE_SIZE, size)));
    memset(memory.get(), 0xa5, size);
    pages.assign(frames, vm_page{});
    memset(static_cast<void*>(&physseg), 0, sizeof(physseg));
    physseg.freelist.init();
    uvmexp = {};
    tlb_reset();
    uvm_page_physload(RAM_START, RAM_START + size);
    uvm_page_physavail(RAM_START, RAM_START + size);
    uvm_page_init(pages.data());
    uvmexp.reserve_kernel = 8;
    pool_subsystem_init();
    pmap_init();
    mutex_obj_init();
    kmem_init();
    radix_tree_init();
    uvm_anon_init();
    uvm_amap_init();
    uvm_map_init();
    uvm_aobj_init();
}

// What a kernel that stops still holds of the host's heap goes with it.
void physmem_stop() {
    for (void* p : large) {
        std::free(p);
    }
    large.clear();
    hidden.clear();
    pages.clear();
    memory.reset();
}

u64 Kernel::frames_used() const {
    pool_reclaim_all();
    return uvmexp.npages - uvmexp.free;
}

void Kernel::leave_frames(u64 n) {
    while (uvmexp.free > n) {
        hidden.push_back(uvm_kpage_alloc(UVM_PGA_USERESERVE));
    }
}

void Kernel::give_frames_back() {
    for (void* va : hidden) {
        uvm_kpage_free(va);
    }
    hidden.clear();
}

} // namespace host
