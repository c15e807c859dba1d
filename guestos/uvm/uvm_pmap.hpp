// The machine-dependent layer of virtual memory: pmap(9). A pmap holds the
// translations of one address space; it may forget any of them that is not
// wired, uvm_fault makes them again.
//
// Invalidations may be put off until pmap_update(): whoever takes a
// permission or a page away calls that before anyone may rely on it.
#pragma once

#include "sys/flags.hpp"
#include "sys/param.hpp"
#include "uvm/uvm_prot.hpp"

struct lwp;
struct vm_page;
struct pmap;
using pmap_t = pmap*;

// Flags of pmap_enter, in the place of `flags`.
enum PmapFlags : unsigned {
    PMAP_NONE = 0,
    PMAP_WIRED = 0x10,   // the mapping may not be forgotten
    PMAP_CANFAIL = 0x20, // ENOMEM rather than panic when there is no table page
};
template <> inline constexpr bool is_flags<PmapFlags> = true;

void pmap_init();
pmap_t pmap_kernel();

// A new, empty address space with one reference.
pmap_t pmap_create();
void pmap_reference(pmap_t pm);
// Drops a reference; with the last one tables and ASID are freed.
// => no mapping is left
void pmap_destroy(pmap_t pm);

// Enters or replaces the mapping of `va`, managed if `pa` is a frame of RAM.
// => ENOMEM only with PMAP_CANFAIL
Errno pmap_enter(pmap_t pm, vaddr_t va, paddr_t pa, vm_prot_t prot, PmapFlags flags);
void pmap_remove(pmap_t pm, vaddr_t sva, vaddr_t eva);
// Removes every mapping of a space, fast: stale TLB entries are left behind
// under an ASID that is not used again. The space is active nowhere afterwards.
// => no page of it is wired
void pmap_remove_all(pmap_t pm);
// Takes permissions away from what is mapped.
// => returns how many descriptors lost write permission
// Deviation: pmap(9) returns nothing; fork's probe reports the number.
size_t pmap_protect(pmap_t pm, vaddr_t sva, vaddr_t eva, vm_prot_t prot);
void pmap_unwire(pmap_t pm, vaddr_t va);
// The frame behind `va`; false if nothing is mapped.
bool pmap_extract(pmap_t pm, vaddr_t va, paddr_t* pa);
// As pmap_extract, with the permissions the descriptor grants to user mode.
bool pmap_extract_prot(pmap_t pm, vaddr_t va, paddr_t* pa, vm_prot_t* prot);
// Copies src's mappings of a range into dst, without write permission: fork.
// Mappings that dst has no room for are left to faults.
void pmap_copy(pmap_t dst, pmap_t src, vaddr_t dst_addr, vsize_t len, vaddr_t src_addr);
// Completes invalidations that were put off.
void pmap_update(pmap_t pm);

// Takes permissions of a frame away in every space; VM_PROT_NONE unmaps it.
// => completes the invalidations itself
void pmap_page_protect(vm_page* pg, vm_prot_t prot);
// Number of mappings of a frame.
unsigned pmap_page_mappings(const vm_page* pg);

// Makes tables for kernel mappings of a range. ENOMEM: none, nothing changed
// that matters.
Errno pmap_growkernel(vaddr_t sva, vaddr_t eva);
// Unmanaged kernel mappings. => the range has been grown
void pmap_kenter_pa(vaddr_t va, paddr_t pa, vm_prot_t prot);
void pmap_kremove(vaddr_t va, vsize_t len);

// Puts the LWP's space into TTBR0_EL1; a kernel thread keeps what is there.
// => l is curlwp, interrupts masked or no switch possible
void pmap_activate(lwp* l);
void pmap_deactivate(lwp* l);

void pmap_zero_page(paddr_t pa);
void pmap_copy_page(paddr_t src, paddr_t dst);
// Makes instructions just written through another mapping visible.
void pmap_sync_icache(paddr_t pa);

// The kernel's own view of a frame, through the direct map, is
// pmap_direct_map() of machine/vmparam.hpp.

u64 pmap_resident_count(pmap_t pm);
u64 pmap_resident_max(pmap_t pm); // the most there have been
u64 pmap_wired_count(pmap_t pm);
// ASID in use by the space, 0 if it has none at present.
unsigned pmap_asid(pmap_t pm);

// How many ASIDs may be given out, 0 among them; sets the number if n is not 0,
// within what the CPU has. Fewer mean that they are used again sooner.
unsigned pmap_asid_limit(unsigned n);

// For leak checks.
struct pmap_counts {
    u64 spaces;       // pmaps that exist, the kernel's excepted
    u64 tablepages;   // frames used as translation tables of users
    u64 pv_entries;   // mappings of managed frames
    u64 kerneltables; // frames used as tables of the kernel since boot
};
pmap_counts pmap_get_counts();
u64 pmap_table_count(pmap_t pm); // tables of one user space
// Gives cached table pages back; returns how many.
unsigned pmap_reclaim();
