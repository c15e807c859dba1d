// Checks of the translation tables, asked of the MMU itself: AT instructions
// say what it would do with an address, stale TLB entries included.

#include "machine/armreg.hpp"
#include "machine/machdep.hpp"
#include "machine/pmap.hpp"
#include "sys/lwp.hpp"
#include "sys/selftest.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

extern "C" u8 _start_of_image[], __etext[], lwp0_guard[];

namespace {

constexpr vaddr_t kVa = 0x12345000;

// PAR_EL1 after an AT instruction. Arm ARM D12.2.109
u64 par() {
    u64 v;
    asm volatile("isb\n\tmrs %0, par_el1" : "=r"(v)::"memory");
    return v;
}
bool allowed() {
    return (par() & 1) == 0;
}

bool user_reads(vaddr_t va) {
    asm volatile("at s1e0r, %0" ::"r"(va) : "memory");
    return allowed();
}
bool user_writes(vaddr_t va) {
    asm volatile("at s1e0w, %0" ::"r"(va) : "memory");
    return allowed();
}
bool kernel_reads(const void* va) {
    asm volatile("at s1e1r, %0" ::"r"(va) : "memory");
    return allowed();
}
bool kernel_writes(const void* va) {
    asm volatile("at s1e1w, %0" ::"r"(va) : "memory");
    return allowed();
}
paddr_t user_frame(vaddr_t va) {
    asm volatile("at s1e0r, %0" ::"r"(va) : "memory");
    return par() & LX_ADDRESS;
}

// Puts a space into TTBR0_EL1, as pmap_activate does for an LWP's.
void activate(pmap* pm) {
    cpu_info* ci = curcpu();
    pmap_asid_assign(ci, pm);
    ci->ci_pmap = pm;
    reg_ttbr0_el1_write(pm->pm_l1_pa | (ci->ci_asid << 48));
}

void test_kernel_map(selftest_check check) {
    check(kernel_reads(_start_of_image) && !kernel_writes(_start_of_image),
          "the kernel can read its text and can't write it");
    const void* alias = pmap_direct_map(reinterpret_cast<vaddr_t>(_start_of_image) - kern_vtopdiff);
    check(kernel_reads(alias) && !kernel_writes(alias), "nor through the direct map");
    check(!kernel_reads(lwp0_guard), "below the first stack nothing is mapped");
    const vaddr_t uaddr = uvm_uarea_alloc();
    check(kernel_writes(reinterpret_cast<void*>(uaddr)) &&
              !kernel_reads(reinterpret_cast<void*>(uaddr - 8)),
          "nor below a new one");
    uvm_uarea_free(uaddr);
}

void test_enter(selftest_check check, pmap* pm, vm_page* a, vm_page* b) {
    const paddr_t pa = VM_PAGE_TO_PHYS(a);
    check(!user_reads(kVa), "an address that was not entered does not translate");
    check(pmap_enter(pm, kVa, pa, VM_PROT_RW, PMAP_CANFAIL) == EOK && user_writes(kVa) &&
              user_frame(kVa) == pa,
          "an address that was entered does");
    pmap_protect(pm, kVa, kVa + PAGE_SIZE, VM_PROT_READ);
    pmap_update(pm);
    check(user_reads(kVa) && !user_writes(kVa), "write permission can be taken away");
    check(pmap_enter(pm, kVa, VM_PAGE_TO_PHYS(b), VM_PROT_RW, PMAP_CANFAIL) == EOK &&
              user_frame(kVa) == VM_PAGE_TO_PHYS(b) && user_writes(kVa),
          "another frame can take the place of the first");
    check(pmap_page_mappings(a) == 0 && pmap_page_mappings(b) == 1,
          "and the frames know who maps them");
}

void test_copy(selftest_check check, pmap* pm, vm_page* pg) {
    pmap* child = pmap_create();
    pmap_copy(child, pm, kVa, PAGE_SIZE, kVa);
    check(pmap_page_mappings(pg) == 2, "a copied mapping is one more of its frame");
    activate(child);
    check(user_reads(kVa) && !user_writes(kVa), "and can't be written");
    activate(pm);
    check(user_writes(kVa), "the original can, under its own ASID");
    pmap_page_protect(pg, VM_PROT_READ);
    check(!user_writes(kVa), "a frame can be made read-only everywhere");
    pmap_page_protect(pg, VM_PROT_NONE);
    check(!user_reads(kVa) && pmap_page_mappings(pg) == 0, "and be unmapped everywhere");
    pmap_destroy(child);
}

// Spaces are made until ASIDs come round again; none may see another's page.
void test_asids(selftest_check check, vm_page* pg) {
    pmap* first = pmap_create();
    (void)pmap_enter(first, kVa, VM_PAGE_TO_PHYS(pg), VM_PROT_RW, PMAP_CANFAIL);
    activate(first);
    bool clean = user_reads(kVa);
    pmap* other = pmap_create();
    for (unsigned i = 0; i < 600; ++i) {
        other->pm_asid = 0; // as a space that has just been made
        activate(other);
        clean = clean && !user_reads(kVa);
    }
    activate(first);
    check(clean && user_reads(kVa), "600 spaces with one ASID after the other see only their own");
    pmap_remove_all(first);
    pmap_destroy(first);
    pmap_destroy(other);
}

} // namespace

void pmap_selftest(selftest_check check) {
    test_kernel_map(check);
    const pmap_counts before = pmap_get_counts();
    vm_page* a = uvm_pagealloc(nullptr, 0, nullptr, UVM_PGA_ZERO);
    vm_page* b = uvm_pagealloc(nullptr, 0, nullptr, UVM_PGA_ZERO);
    pmap* pm = pmap_create();
    activate(pm);
    test_enter(check, pm, a, b);
    test_copy(check, pm, b);
    (void)pmap_enter(pm, kVa, VM_PAGE_TO_PHYS(a), VM_PROT_RW, PMAP_CANFAIL);
    pmap_remove(pm, kVa, kVa + PAGE_SIZE);
    pmap_update(pm);
    check(!user_reads(kVa) && pmap_get_counts().tablepages == before.tablepages + 1,
          "tables without entries are freed");
    test_asids(check, a);
    pmap_destroy(pm);
    uvm_pagefree(a);
    uvm_pagefree(b);
    const pmap_counts after = pmap_get_counts();
    check(after.spaces == before.spaces && after.tablepages == before.tablepages &&
              after.pv_entries == before.pv_entries,
          "spaces, tables and mappings are all gone");
}
