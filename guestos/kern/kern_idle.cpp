// The LWP that a CPU runs when there is nothing to do.
#include "machine/cpu.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

void idle_loop(void*) {
    lwp* l = curlwp;
    KASSERT((l->l_flag & LW_IDLE) != 0);
    for (;;) {
        if (!sched_curcpu_runnable_p()) {
            cpu_idle();
            continue;
        }
        lwp_lock(l);
        l->l_stat = LSIDL;
        mi_switch(l);
    }
}

Errno create_idle_lwp(cpu_info* ci) {
    const vaddr_t uaddr = uvm_uarea_alloc();
    if (uaddr == 0) {
        return ENOMEM;
    }
    lwp* l = nullptr;
    const Errno error = lwp_create(&lwp0, &proc0, uaddr, LWP_DETACHED, nullptr, 0, idle_loop, ci,
                                   &l, SCHED_OTHER, &lwp0.l_sigmask, &lwp0.l_sigstk);
    if (error != EOK) {
        uvm_uarea_free(uaddr);
        return error;
    }
    mutex_enter(proc0.p_lock);
    lwp_lock(l);
    l->l_flag |= LW_IDLE | LW_SYSTEM;
    l->l_priority = PRI_IDLE;
    l->l_cpu = ci;
    lwp_unlock(l);
    mutex_exit(proc0.p_lock);
    kstrlcpy(l->l_name, "idle", sizeof(l->l_name));
    ci->ci_data.cpu_idlelwp = l;
    return EOK;
}
