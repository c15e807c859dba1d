// The clock tick: accounting, the scheduler's slices, callouts.
#include "machine/cpu.hpp"
#include "sys/callout.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/systm.hpp"

u64 hardclock_ticks;

namespace {

// One tick on the account of whatever was interrupted.
void statclock(cpu_info* ci, bool usermode) {
    lwp* l = ci->ci_curlwp;
    u64* cp_time = ci->ci_data.cpu_schedstate.spc_cp_time;
    if ((l->l_flag & LW_IDLE) != 0) {
        cp_time[CP_IDLE]++;
        return;
    }
    l->l_cpticks++;
    proc* p = l->l_proc;
    mutex_spin_enter(&p->p_stmutex);
    if (usermode) {
        p->p_uticks++;
        if (predict_false((p->p_stflag & PST_PROFIL) != 0)) {
            addupc_intr(l, cpu_userpc(l));
        }
    } else {
        p->p_sticks++;
    }
    mutex_spin_exit(&p->p_stmutex);
    cp_time[usermode ? CP_USER : CP_SYS]++;
}

} // namespace

void hardclock(bool usermode) {
    cpu_info* ci = curcpu();
    statclock(ci, usermode);
    if (cpu_index(ci) == 0) {
        hardclock_ticks++;
        callout_hardclock();
    }
    sched_tick(ci);
}

u64 getticks() {
    return hardclock_ticks;
}

int mstohz(int milliseconds) {
    return (milliseconds * hz + 999) / 1000;
}
