// Frames of physical memory: one vm_page each, free or owned by an anon, an
// object, a page table or the kernel.
#pragma once

#include "machine/vmparam.hpp"
#include "sys/queue.hpp"
#include "uvm/uvm_prot.hpp"

struct vm_anon;
struct uvm_object;

enum PageFlags : u16 {
    PG_FREE = 0x01,     // on the free list
    PG_ANON = 0x02,     // owner is an anon
    PG_KERN = 0x04,     // pools, U-areas
    PG_TABLE = 0x08,    // a translation table
    PG_FAKE = 0x10,     // just allocated, contents not there yet
    PG_RELEASED = 0x40, // left its object while busy
    PG_SYNCED = 0x20,   // its instructions are visible: pmap_sync_icache was done
};
template <> inline constexpr bool is_flags<PageFlags> = true;

// What pmap keeps in the frame of a translation table: how many descriptors
// are valid, and the bounds outside which none is.
struct vm_table_md {
    u16 t_count;
    u16 t_lo;
    u16 t_hi;
    u16 t_level; // 1 to 3
};

// => owned by whoever the flags say; the owner's lock guards it
struct vm_page {
    TAILQ_ENTRY<vm_page> pageq; // free list, or a pmap's list of tables
    union {
        uvm_object* uobject; // owner; nullptr: the kernel
        vm_anon* uanon;      // with PG_ANON
        vm_table_md table;   // with PG_TABLE
    };
    voff_t offset;     // place in the object, bytes; PG_TABLE: first address mapped
    vm_page_md mdpage; // pmap's: who maps the frame
    u16 flags;         // PageFlags
    u16 busy;          // copies to or from it that are under way: uvm_bio.cpp
    u32 pad;
};
static_assert(sizeof(vm_page) == 64);

// Flags of uvm_pagealloc.
enum UvmPageAllocFlags : unsigned {
    UVM_PGA_NONE = 0,
    UVM_PGA_USERESERVE = 1, // may take the pages kept for the kernel
    UVM_PGA_ZERO = 2,       // zeroed
};
template <> inline constexpr bool is_flags<UvmPageAllocFlags> = true;

// Frames that are set aside.
using uvm_pglist = TAILQ_HEAD<vm_page, &vm_page::pageq>;

struct uvmexp_t {
    u64 npages;         // frames of RAM that the page allocator manages
    u64 free;           // of these, free now
    u64 reserve_kernel; // frames only UVM_PGA_USERESERVE may take
    u64 faults, cow_copy, cow_reuse, zero_fill, file_fill, anon_map;
    u64 eager_copy, write_protected; // by forks
    u64 anons, amaps, uareas;        // in use
    u64 objpages;                    // frames in objects
};
extern uvmexp_t uvmexp;

// --- uvm_pglist.cpp: physical memory ----------------------------------------
// RAM [start, end) exists; of it [avail_start, avail_end) may be allocated.
// => before uvm_page_init; ranges that are in use (image, device tree, RAM
//    disk) are simply not given as available
void uvm_page_physload(paddr_t start, paddr_t end);
void uvm_page_physavail(paddr_t start, paddr_t end);
void uvm_page_init(vm_page* pages);
// Bytes that uvm_page_init needs for `pages`.
size_t uvm_page_array_size();

// RAM and the vm_pages of its frames, in the same order.
struct uvm_ram {
    paddr_t start, end;
    vm_page* pages;
};
extern uvm_ram physram;

// nullptr: not RAM
inline vm_page* PHYS_TO_VM_PAGE(paddr_t pa) {
    return pa - physram.start < physram.end - physram.start
               ? &physram.pages[atop(pa - physram.start)]
               : nullptr;
}
inline paddr_t VM_PAGE_TO_PHYS(const vm_page* pg) {
    return physram.start + ptoa(static_cast<u64>(pg - physram.pages));
}

// --- uvm_page.cpp ---------------------------------------------------------------
// A frame for `obj` at `off`, or for `anon`, or (both null) for the kernel.
// => nullptr if there is none: the caller waits (uvm_wait) or fails
// => the owner's lock is held; the new page is PG_FAKE until its owner fills it
[[nodiscard]] vm_page* uvm_pagealloc(uvm_object* obj, voff_t off, vm_anon* anon,
                                     UvmPageAllocFlags flags);
// Makes an anon the owner of a frame that was allocated for nobody.
void uvm_pageown(vm_page* pg, vm_anon* anon);
// Frees a frame. => nobody maps it; its owner's lock is held
void uvm_pagefree(vm_page* pg);
vm_page* uvm_pagelookup(uvm_object* obj, voff_t off);
void uvm_pagezero(vm_page* pg);
void uvm_pagecopy(const vm_page* src, vm_page* dst);
// Contents of a page as the kernel sees them.
inline void* uvm_page_kva(const vm_page* pg) {
    return pmap_direct_map(VM_PAGE_TO_PHYS(pg));
}
// A whole frame for the kernel, addressed through the direct map.
[[nodiscard]] void* uvm_kpage_alloc(UvmPageAllocFlags flags);
void uvm_kpage_free(void* va);

// Is the system so short that user allocations fail?
bool uvm_short_p();

// --- uvm_pdaemon.cpp: when frames run out -------------------------------------------
// Sleeps until frames have been freed, or a tenth of a second.
// => no locks held but the caller's own
void uvm_wait(const char* wmesg);
// Frees the frames that caches hold back. => false: there were none
bool uvm_reclaim();
