// FP and SIMD registers, lazily: a thread that uses them traps once after each
// time it was switched in (CPACR_EL1.FPEN), unless this CPU still holds its
// registers. They are saved when the thread is switched out, so that another
// CPU finds them in the pcb.

#include "machine/armreg.hpp"
#include "machine/machdep.hpp"
#include "sys/lwp.hpp"
#include "sys/systm.hpp"

namespace {

void fpu_enable(cpu_info* ci, bool enable) {
    if (ci->ci_fpu_enabled != enable) {
        ci->ci_fpu_enabled = enable;
        reg_cpacr_el1_write(enable ? CPACR_FPEN_ALL : CPACR_FPEN_TRAP_EL0);
    }
}

} // namespace

// => l is curlwp, in user mode's trap
void fpu_trap(lwp* l) {
    cpu_info* ci = curcpu();
    KASSERT(!ci->ci_fpu_enabled);
    pcb* p = lwp_getpcb(l);
    if (ci->ci_fpu_lwp != l || l->l_md.md_fpu_cpu != ci) {
        if (!p->pcb_fpused) {
            memset(&p->pcb_fpregs, 0, sizeof(p->pcb_fpregs));
            p->pcb_fpused = true;
        }
        fpreg_load(&p->pcb_fpregs);
        ci->ci_fpu_lwp = l;
        l->l_md.md_fpu_cpu = ci;
    }
    fpu_enable(ci, true);
}

// => the next thread to run is not l
void fpu_switch_out(cpu_info* ci, lwp* l) {
    if (ci->ci_fpu_enabled) {
        KASSERT(ci->ci_fpu_lwp == l);
        fpreg_save(&lwp_getpcb(l)->pcb_fpregs);
        fpu_enable(ci, false);
    }
}

// => l is curlwp or not running
void fpu_save(lwp* l) {
    cpu_info* ci = curcpu();
    if (ci->ci_fpu_enabled && ci->ci_fpu_lwp == l) {
        fpreg_save(&lwp_getpcb(l)->pcb_fpregs);
    }
}

// The registers that this CPU holds for l are nobody's.
// => l is curlwp or not running
void fpu_forget(lwp* l) {
    cpu_info* ci = curcpu();
    l->l_md.md_fpu_cpu = nullptr;
    if (ci->ci_fpu_lwp == l) {
        ci->ci_fpu_lwp = nullptr;
        fpu_enable(ci, false);
    }
}

void fpu_discard(lwp* l) {
    lwp_getpcb(l)->pcb_fpused = false;
    fpu_forget(l);
}
