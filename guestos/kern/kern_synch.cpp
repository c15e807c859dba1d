// Giving up the CPU, making LWPs runnable, and once a second what each has used.
//
// The lock of the LWP that leaves is held across the switch and released by the
// one that comes: nobody can wake or run an LWP whose registers are still being
// saved.
#include "machine/cpu.hpp"
#include "sys/log.hpp"
#include "sys/lwpctl.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sdt.hpp"
#include "sys/signalvar.hpp"
#include "sys/sleepq.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

// Books the time since the LWP came onto the CPU. => locked
void updatertime(lwp* l, u64 now) {
    if ((l->l_flag & LW_IDLE) == 0) {
        l->l_rtime += now - l->l_stime;
    }
    l->l_stime = now;
}

// The LWP to run next, taken off the queue and marked as running.
// => spc_mutex held
lwp* nextlwp(cpu_info* ci, schedstate_percpu* spc) {
    lwp* l = spc->spc_runq.first();
    if (l == nullptr) {
        l = ci->ci_data.cpu_idlelwp; // always guarded by spc_lwplock
        spc->spc_curpriority = PRI_NONE;
    } else {
        sched_dequeue(l);
        l->l_cpu = ci;
        spc->spc_curpriority = lwp_eprio(l);
        lwp_setlock(l, spc->spc_lwplock);
    }
    l->l_stat = LSONPROC;
    l->l_running = true;
    return l;
}

// On the CPU again: the address space, and word to whoever watches.
void lwp_arrived(lwp* l) {
    pmap_activate(l);
    if (predict_false(l->l_lwpctl != nullptr)) {
        l->l_lwpctl->lc_curcpu = static_cast<int>(cpu_index(curcpu()));
        l->l_lwpctl->lc_pctr++;
    }
    const vmspace* vm = l->l_proc->p_vmspace;
    const bool user = (l->l_flag & LW_SYSTEM) == 0;
    sdt_probe(abi::ProbeId::OnCpu, l->l_proc->p_pid, l->l_lid,
              user ? pmap_asid(vm->vm_map_.pmap) : 0, (l->l_flag & LW_IDLE) != 0);
}

} // namespace

void lwp_switched(lwp* prev) {
    lwp* l = curlwp;
    cpu_data& cd = curcpu()->ci_data;
    KASSERT(cd.cpu_mtx_count == -1 && mutex_owned(prev->l_mutex));
    kmutex_t* lock = prev->l_mutex;
    prev->l_running = false;
    lwp_arrived(l);
    cd.cpu_mtx_oldspl = IPL_SCHED; // the level falls only when the new LWP says so
    mutex_spin_exit(lock);
}

void mi_switch(lwp* l) {
    cpu_info* ci = l->l_cpu;
    schedstate_percpu* spc = &ci->ci_data.cpu_schedstate;
    KASSERT(l == curlwp && lwp_locked(l, nullptr));
    KASSERT(ci->ci_data.cpu_mtx_count == -1);
    const ipl_t oldspl = ci->ci_data.cpu_mtx_oldspl;
    const u64 now = nsecuptime();
    updatertime(l, now);

    const bool gives_way = l->l_stat == LSONPROC && (l->l_flag & LW_IDLE) == 0;
    const bool preempted = gives_way && !l->l_yielding;
    if (gives_way) { // back to the queue
        mutex_spin_enter(spc->spc_mutex);
        l->l_stat = LSRUN;
        lwp_unlock_to(l, spc->spc_mutex);
        sched_enqueue(l);
    } else if (l->l_mutex != spc->spc_mutex) {
        mutex_spin_enter(spc->spc_mutex);
    }
    lwp* newl = nextlwp(ci, spc);
    cpu_did_resched(l);
    if (newl == l) {
        // What was held is spc_mutex; l itself has moved to spc_lwplock.
        mutex_spin_exit(spc->spc_mutex);
        return;
    }
    if (l->l_mutex != spc->spc_mutex) {
        mutex_spin_exit(spc->spc_mutex);
    }
    ++(preempted ? l->l_nivcsw : l->l_nvcsw);
    newl->l_stime = now;
    spc->spc_nswitches++;
    ci->ci_data.cpu_counts[CPU_COUNT_NSWTCH]++;
    pmap_deactivate(l);
    if (predict_false(l->l_lwpctl != nullptr)) {
        l->l_lwpctl->lc_curcpu = abi::LWPCTL_CPU_NONE;
    }
    lwp* prev = cpu_switchto(l, newl, true);
    lwp_switched(prev);
    splx(oldspl);
}

void yield() {
    lwp* l = curlwp;
    lwp_lock(l);
    l->l_yielding = true; // behind its equals
    l->l_kpriority = false;
    mi_switch(l);
}

void preempt() {
    lwp* l = curlwp;
    lwp_lock(l);
    mi_switch(l);
}

void setrunnable(lwp* l) {
    proc* p = l->l_proc;
    KASSERT((l->l_flag & LW_IDLE) == 0);
    KASSERT(mutex_owned(p->p_lock) && lwp_locked(l, nullptr));
    switch (l->l_stat) {
    case LSSTOP:
        p->p_nrlwps++;
        break;
    case LSSUSPENDED:
        l->l_flag &= ~LW_WSUSPEND;
        p->p_nrlwps++;
        cv_broadcast(&p->p_lwpcv);
        break;
    case LSIDL:
        break;
    default:
        panic("setrunnable: lwp %p state was %d", static_cast<void*>(l), l->l_stat);
    }
    if (l->l_wchan != nullptr) {
        // Stopped in its sleep: wake it, it looks again for itself.
        l->l_stat = LSSLEEP;
        lwp_unsleep(l);
        return;
    }
    if (l->l_running) {
        l->l_stat = LSONPROC;
        lwp_unlock(l);
        return;
    }
    cpu_info* ci = sched_takecpu(l);
    schedstate_percpu* spc = &ci->ci_data.cpu_schedstate;
    l->l_cpu = ci;
    mutex_spin_enter(spc->spc_mutex);
    lwp_unlock_to(l, spc->spc_mutex);
    l->l_stat = LSRUN;
    sched_enqueue(l);
    sched_resched_lwp(l);
    mutex_spin_exit(spc->spc_mutex);
}

// --- once a second --------------------------------------------------------------------

namespace {

callout pstats_ch;

// What RLIMIT_CPU makes of the time that the process has had: a signal, or 0.
// Deviation: NetBSD puts the next SIGXCPU off by raising the soft limit itself, for
// all who share it, and may so let a process run past the hard one.
// => p_lock held
int cpu_limit_signal(proc* p) {
    constexpr u64 kGrace = 5; // seconds until the next SIGXCPU
    const u64 seconds = proc_rtime(p) / 1'000'000'000;
    const abi::rlimit& limit = p->p_limit->pl_rlimit[abi::RLIMIT_CPU];
    if (seconds >= limit.rlim_max) {
        log(Notice, "pid %d is killed: exceeded RLIMIT_CPU", p->p_pid);
        return SIGKILL;
    }
    if (seconds >= limit.rlim_cur && seconds >= p->p_xcputime) {
        p->p_xcputime = seconds + kGrace;
        return SIGXCPU;
    }
    return 0;
}

} // namespace

// All but us are off the CPU, so their times are complete.
void sched_pstats() {
    mutex_enter(&proc_lock);
    for (proc& p : allproc) {
        mutex_enter(p.p_lock);
        const int sig = (p.p_flag & PK_SYSTEM) != 0 ? 0 : cpu_limit_signal(&p);
        mutex_exit(p.p_lock);
        if (sig != 0) {
            psignal(&p, sig);
        }
    }
    mutex_exit(&proc_lock);
}

namespace {

void pstats_tick(void*) {
    sched_pstats();
    callout_schedule(&pstats_ch, hz);
}

} // namespace

void sched_pstats_start() {
    callout_init(&pstats_ch);
    callout_reset(&pstats_ch, hz, pstats_tick, nullptr);
}

// --- priorities -----------------------------------------------------------------------

void sched_changepri(lwp* l, pri_t pri) {
    KASSERT(lwp_locked(l, nullptr));
    schedstate_percpu* spc = &l->l_cpu->ci_data.cpu_schedstate;
    const bool queued = l->l_stat == LSRUN;
    if (queued) {
        sched_dequeue(l);
    }
    l->l_priority = pri;
    if (queued) {
        sched_enqueue(l);
        sched_resched_lwp(l);
    } else if (l->l_stat == LSONPROC) {
        spc->spc_curpriority = lwp_eprio(l);
        if (spc->spc_runq.highest() > spc->spc_curpriority) {
            cpu_need_resched(l->l_cpu, l, 0);
        }
    }
}

pri_t lwp_eprio(const lwp* l) {
    if ((l->l_flag & LW_SYSTEM) == 0 && l->l_kpriority && l->l_priority < PRI_KERNEL) {
        return PRI_KERNEL + l->l_priority / 2;
    }
    return l->l_priority;
}
