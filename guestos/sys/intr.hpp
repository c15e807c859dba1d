// Interrupt priority levels: spl(9).
#pragma once

#include "sys/types.hpp"

// Deviation: every level from IPL_VM up masks all interrupts.
enum ipl_t : int {
    IPL_NONE = 0,
    IPL_SOFTCLOCK = 1,
    IPL_SOFTBIO = 1,
    IPL_SOFTNET = 1,
    IPL_SOFTSERIAL = 1,
    IPL_VM = 4,
    IPL_SCHED = 6,
    IPL_HIGH = 7,
};

#include "machine/intr.hpp"
// From machine/intr.hpp:
//   ipl_t splraise(ipl_t ipl)  raises this CPU to at least ipl, returns the old level
//   void splx(ipl_t old)       goes back to it
//   bool cpu_intr_p()          in an interrupt handler?

inline ipl_t splvm() {
    return splraise(IPL_VM);
}
inline ipl_t splsched() {
    return splraise(IPL_SCHED);
}
inline ipl_t splhigh() {
    return splraise(IPL_HIGH);
}

void intr_init(); // finds the interrupt controller in the device tree

// A handler of a shared peripheral interrupt or of a private one. `irq` is the
// GIC's INTID. => runs with interrupts masked, may not sleep
using intr_handler = void (*)(void* arg);
void intr_establish(unsigned irq, ipl_t ipl, intr_handler handler, void* arg, const char* name);
