// Machine-dependent parts that know each other: start-up, traps, tables.
#pragma once

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

// --- pmap_bootstrap.cpp --------------------------------------------------------
// Memory that the final tables are made from, and what they map.
struct bootmem {
    paddr_t bm_ram_start, bm_ram_end;
    paddr_t bm_free; // first byte that nobody uses yet; moves upwards
};
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
