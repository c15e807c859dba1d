// Interrupt priority levels without interrupts.
#pragma once

struct cpu_intr_state {
    ipl_t ci_cpl;
    int ci_intr_depth;
};
cpu_intr_state* curcpu_intr();

inline ipl_t splraise(ipl_t ipl) {
    cpu_intr_state* ci = curcpu_intr();
    const ipl_t old = ci->ci_cpl;
    if (ipl > old) {
        ci->ci_cpl = ipl;
    }
    return old;
}
inline void splx(ipl_t old) {
    curcpu_intr()->ci_cpl = old;
}
inline void spl0() {
    curcpu_intr()->ci_cpl = IPL_NONE;
}
inline bool cpu_intr_p() {
    return curcpu_intr()->ci_intr_depth != 0;
}
