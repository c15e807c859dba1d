// The generic timer: the virtual timer of each CPU calls hardclock() `hz`
// times a second. Arm ARM D10.

#include "dev/drivers.hpp"
#include "dev/fdt.hpp"
#include "machine/armreg.hpp"
#include "machine/cpu.hpp"
#include "sys/intr.hpp"
#include "sys/sched.hpp"
#include "sys/systm.hpp"

namespace {

constexpr u64 CNTV_CTL_ENABLE = 1;
constexpr u64 CNTKCTL_EL0VCTEN = 2; // user mode may read CNTVCT_EL0

unsigned gtmr_irq;
u64 frequency;
u64 period;            // counts from tick to tick
u64 deadline[MAXCPUS]; // count of the next tick

// One call for the tick; ticks that were missed meanwhile are dropped, time
// itself comes from the counter.
void gtmr_intr(void*) {
    u64& next = deadline[curcpu()->ci_index];
    const u64 now = reg_cntvct_el0_read();
    do {
        next += period;
    } while (next <= now);
    reg_cntv_cval_el0_write(next);
    hardclock(curcpu()->ci_intr_usermode);
}

} // namespace

void gtmr_attach() {
    const fdt_node node = fdt_find_compatible("arm,armv8-timer");
    // Entries: secure, non-secure physical, virtual, hypervisor.
    if (node < 0 || !fdt_get_interrupt(node, 2, &gtmr_irq)) {
        panic("no generic timer in the device tree");
    }
    frequency = reg_cntfrq_el0_read();
    period = frequency / hz;
    reg_cntkctl_el1_write(CNTKCTL_EL0VCTEN);
    intr_establish(gtmr_irq, IPL_SCHED, gtmr_intr, nullptr, "gtmr0");
}

void gtmr_init_cpu() {
    u64& next = deadline[curcpu()->ci_index];
    next = reg_cntvct_el0_read() + period;
    reg_cntv_cval_el0_write(next);
    reg_cntv_ctl_el0_write(CNTV_CTL_ENABLE);
}

u64 gtmr_count() {
    return reg_cntvct_el0_read();
}

u64 gtmr_frequency() {
    return frequency;
}
