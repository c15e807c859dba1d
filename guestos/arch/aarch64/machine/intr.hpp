// Interrupt priority on AArch64: PSTATE.I does all of it.
#pragma once

#include "sys/types.hpp"

ipl_t splraise(ipl_t ipl);
void splx(ipl_t old);
bool cpu_intr_p();

// Raw masking, for the few places that may not look at the level.
inline u64 daif_disable() {
    u64 daif;
    asm volatile("mrs %0, daif\n\tmsr daifset, #2" : "=r"(daif)::"memory");
    return daif;
}
inline void daif_enable() { asm volatile("msr daifclr, #2" ::: "memory"); }
inline void daif_restore(u64 daif) { asm volatile("msr daif, %0" ::"r"(daif) : "memory"); }
