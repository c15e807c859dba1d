// Interrupt priority on AArch64: PSTATE.I does all of it, ci_cpl remembers.
#pragma once

#include "sys/types.hpp"

// First part of cpu_info, so that levels can be changed inline.
struct cpu_intr_state {
    ipl_t ci_cpl;      // current interrupt priority level
    int ci_intr_depth; // interrupts being handled
};

inline cpu_intr_state* curcpu_intr() {
    cpu_intr_state* ci;
    asm volatile("mrs %0, tpidr_el1" : "=r"(ci));
    return ci;
}

// Raw masking, for the few places that may not look at the level.
inline u64 daif_disable() {
    u64 daif;
    asm volatile("mrs %0, daif\n\tmsr daifset, #2" : "=r"(daif)::"memory");
    return daif;
}
inline void intr_mask() {
    asm volatile("msr daifset, #2" ::: "memory");
}
inline void intr_unmask() {
    asm volatile("msr daifclr, #2" ::: "memory");
}
inline void daif_restore(u64 daif) {
    asm volatile("msr daif, %0" ::"r"(daif) : "memory");
}

inline ipl_t splraise(ipl_t ipl) {
    cpu_intr_state* ci = curcpu_intr();
    const ipl_t old = ci->ci_cpl;
    if (ipl > old) {
        if (ipl >= IPL_VM && old < IPL_VM) {
            intr_mask();
        }
        ci->ci_cpl = ipl;
    }
    return old;
}

inline void splx(ipl_t old) {
    cpu_intr_state* ci = curcpu_intr();
    const ipl_t now = ci->ci_cpl;
    ci->ci_cpl = old;
    if (old < IPL_VM && now >= IPL_VM) {
        intr_unmask();
    }
}

inline void spl0() {
    curcpu_intr()->ci_cpl = IPL_NONE;
    intr_unmask();
}

inline bool cpu_intr_p() {
    return curcpu_intr()->ci_intr_depth != 0;
}
