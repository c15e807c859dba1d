// Virtual memory as the rest of the kernel sees it: uvm(9).
#pragma once

#include "uvm/uvm_map.hpp"
#include "uvm/uvm_page.hpp"
#include "uvm/uvm_pmap.hpp"

struct lwp;
struct proc;

void uvm_init(); // everything below; => frames can be had
void uvm_aobj_init();

// --- uvm_map.cpp, uvm_space.cpp: address spaces -----------------------------------
extern vmspace vmspace0; // of proc0: the kernel's pmap, no user mappings

vmspace* uvmspace_alloc(vaddr_t vmin, vaddr_t vmax);
void uvmspace_addref(vmspace* vm);
// Drops a reference; with the last one every mapping, table and the ASID go.
void uvmspace_free(vmspace* vm);
// A copy as fork makes it, entry by entry after its inheritance; see M in the
// comment at the definition.
// => may sleep, never fails
vmspace* uvmspace_fork(vmspace* vm1, uvm_pglist* pages);
// Sets aside the frames that the copies of wired memory will need: ENOMEM if there
// are not enough. What a fork leaves over is released.
Errno uvm_fork_reserve(vmspace* vm1, uvm_pglist* pages);
void uvm_fork_release(uvm_pglist* pages);
// Gives the running process an empty space: its own, emptied, if no other
// process uses it, else a new one.
void uvmspace_exec(lwp* l, vaddr_t start, vaddr_t end);
// Child of fork: shares p1's space or gets a copy.
void uvm_proc_fork(proc* p1, proc* p2, bool shared, uvm_pglist* pages);
// Exit: drops the process's space; it goes on in proc0's.
void uvm_proc_exit(proc* p);
void uvmspace_share(proc* p1, proc* p2);
inline pmap_t vm_map_pmap(vm_map* map) {
    return map->pmap;
}

// --- uvm_fault.cpp ---------------------------------------------------------------------
// Resolves a fault at `vaddr` or says why it can't be: EFAULT nothing mapped
// there, EACCES protection, EINVAL beyond the object's end, ENOMEM no frame.
// => no locks held; may sleep
Errno uvm_fault(vm_map* map, vaddr_t vaddr, vm_prot_t access_type);
// The same for whom debugs the program: its protection does not count, but what
// is written must be the program's own.
Errno uvm_fault_debug(vm_map* map, vaddr_t vaddr, vm_prot_t access_type);
Errno uvm_fault_wire(vm_map* map, vaddr_t start, vaddr_t end, vm_prot_t access_type);
void uvm_fault_unwire_locked(vm_map* map, vaddr_t start, vaddr_t end);
// Pages around a read fault that are mapped in with it, a power of two; 0 turns
// it off. Boot option `faultaround=N`.
extern unsigned uvm_fault_around;
// Fork leaves the parent's stale TLB entries where they are: wrong, and only there
// to show what the TLBI is for. sysctl debug.skip_tlbi
extern bool uvm_fork_skip_tlbi;

// --- uvm_glue.cpp: U-areas ---------------------------------------------------------------
// A kernel stack with its guard; 0 if out of memory. The value is its lowest
// usable address; USPACE bytes.
[[nodiscard]] vaddr_t uvm_uarea_alloc();
void uvm_uarea_free(vaddr_t uaddr);
void uvm_uarea_drain(); // empties the cache of unused ones
void uvm_glue_init();
// Attaches it to an LWP: sets l_addr (the pcb) and l_md.md_utf.
void uvm_lwp_setuarea(lwp* l, vaddr_t uaddr);
vaddr_t uvm_lwp_getuarea(lwp* l);
// Copies between the kernel and another process's space (ptrace, ps).
Errno uvm_io(vm_map* map, vaddr_t va, void* buf, size_t len, vm_prot_t access);

// --- uvm_km.cpp: kernel address space --------------------------------------------
void uvm_km_init();
// `size` bytes of wired kernel memory, page aligned or better; 0: none.
// => with can_sleep it waits for frames; address space may still run out
[[nodiscard]] vaddr_t uvm_km_alloc(vsize_t size, vsize_t align, bool zero, bool can_sleep);
void uvm_km_free(vaddr_t addr, vsize_t size);
// Address space alone, and frames for a part of it.
[[nodiscard]] vaddr_t uvm_km_va_alloc(vsize_t size, vsize_t align);
void uvm_km_va_free(vaddr_t addr, vsize_t size);
[[nodiscard]] Errno uvm_km_populate(vaddr_t addr, vsize_t size, bool can_sleep);
void uvm_km_unpopulate(vaddr_t addr, vsize_t size);

// --- uvm_mmap.cpp: what the system calls do -------------------------------------
// mmap of anonymous memory or of an object (one reference consumed). `prot`,
// `flags` as in abi/mman.hpp; `*addr` a hint or, with MAP_FIXED, the place.
Errno uvm_mmap(vm_map* map, vaddr_t* addr, vsize_t size, vm_prot_t prot, vm_prot_t maxprot,
               int flags, uvm_object* uobj, voff_t foff, vsize_t locklimit);
Errno uvm_mmap_munmap(vm_map* map, vaddr_t addr, vsize_t size);
Errno uvm_mmap_mprotect(vm_map* map, vaddr_t addr, vsize_t size, vm_prot_t prot);
Errno uvm_mmap_minherit(vm_map* map, vaddr_t addr, vsize_t size, int inherit);
Errno uvm_mmap_madvise(vm_map* map, vaddr_t addr, vsize_t size, int advice);
Errno uvm_mmap_msync(vm_map* map, vaddr_t addr, vsize_t size, int flags);
Errno uvm_mmap_mincore(vm_map* map, vaddr_t addr, vsize_t size, char* vec);
// The break: `nsize` is the new end of the data segment. => process's own map
Errno uvm_obreak(vmspace* vm, vaddr_t newend, vsize_t limit);

// --- uvm_stat.cpp
// --------------------------------------------------------------------------------- Everything that
// fork and exit must leave as it was.
struct uvm_leak_counts {
    u64 frames_used, anons, amaps, spaces, tablepages, uareas, map_entries;
};
uvm_leak_counts uvm_leak_snapshot(); // empties caches first
