// Machine-dependent parts that know each other: start-up, traps, tables.
#pragma once

#include "abi/layout.hpp"
#include "machine/cpu.hpp"
#include "machine/frame.hpp"
#include "machine/pcb.hpp"
#include "sys/types.hpp"

inline pcb* lwp_getpcb_at(vaddr_t uarea) {
    return reinterpret_cast<pcb*>(uarea + USPACE - sizeof(pcb));
}
pcb* lwp_getpcb(lwp* l);

// Virtual minus physical address of the kernel's image.
extern vaddr_t kern_vtopdiff;

extern const abi::KernelLayout kernel_layout; // layout.cpp

// --- bootmem.cpp: RAM before there is an allocator ----------------------------------
struct bootmem {
    struct range {
        paddr_t start, end;
    };
    range bm_ram;
    range bm_used[4]; // parts that are taken: image, device tree, RAM disk, page array
    unsigned bm_nused;
    paddr_t bm_free; // tables come from here upwards
};
void bootmem_take(bootmem* bm, paddr_t start, paddr_t end);
// Where `size` bytes lie free at or above bm_free. Panics if nowhere.
paddr_t bootmem_find(const bootmem* bm, psize_t size);
paddr_t bootmem_steal(bootmem* bm, psize_t size); // and moves bm_free behind them
void bootmem_load(bootmem* bm);                   // gives what is left to the page allocator

// --- pmap_bootstrap.cpp --------------------------------------------------------------
void pmap_bootstrap(bootmem* bm);
// Maps registers of a device; the mapping stays. Page granular.
vaddr_t pmap_mapdev(paddr_t pa, psize_t size);

// --- fpu.cpp ----------------------------------------------------------------------
void fpu_switch_out(cpu_info* ci, lwp* l);
void fpu_trap(lwp* l); // user mode wants FP
void fpu_forget(lwp* l);

// --- trap.cpp -----------------------------------------------------------------------
void dump_trapframe(const trapframe* tf);
void backtrace(vaddr_t frame_pointer, vaddr_t pc);

extern "C" {
[[noreturn]] void aarch64_init(paddr_t fdt, paddr_t image);
lwp* cpu_switch(pcb* from, pcb* to, lwp* prev);
void lwp_trampoline();
void lwp_to_user(lwp* l);
void fpreg_save(fpreg* fp);
void fpreg_load(const fpreg* fp);
void pmap_switch_kernel(paddr_t l1, vaddr_t offset);
}

[[noreturn]] void kernel_main(); // kern/init_main.cpp
