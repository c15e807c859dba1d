// The scheduling policy: time sharing with round robin, and above it real time.
//
// An LWP of SCHED_OTHER starts from a base that its nice value gives. Each slice
// that it uses up costs it one priority; a sleep brings it back to the base. So
// who computes without pause sinks below those who wait for input, and equals
// take turns. SCHED_RR and SCHED_FIFO keep the priority that they were given:
// equals take turns in the first, and in the second run until they sleep or yield.
#include "machine/cpu.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/systm.hpp"

namespace {

constexpr pri_t kBasePriority = 31;
constexpr int NZERO = 20;

pri_t base_priority(const proc* p) {
    return max(PRI_USER, min(MAXPRI_USER, kBasePriority + NZERO - p->p_nice));
}

} // namespace

const int sched_rrticks = hz / 10;

void sched_cpuattach(cpu_info* ci) {
    schedstate_percpu* spc = &ci->ci_data.cpu_schedstate;
    static kmutex_t locks[MAXCPUS][2];
    spc->spc_mutex = &locks[cpu_index(ci)][0];
    spc->spc_lwplock = &locks[cpu_index(ci)][1];
    mutex_init(spc->spc_mutex, MUTEX_DEFAULT, IPL_SCHED);
    mutex_init(spc->spc_lwplock, MUTEX_DEFAULT, IPL_SCHED);
    spc->spc_runq.init();
    spc->spc_curpriority = PRI_NONE;
}

// Nothing is kept for a process as a whole but p_nice, which is copied.
void sched_proc_fork(proc* parent, proc*) {
    KASSERT(mutex_owned(parent->p_lock));
}

void sched_proc_exit(proc*, proc*) {}

// The child starts with its creator's priority and CPUs, and a slice of its own.
// Its class is lwp_create's to set.
void sched_lwp_fork(lwp* l1, lwp* l2) {
    l2->l_priority = l1->l_priority;
    l2->l_affinity = l1->l_affinity;
    l2->l_tsticks = sched_rrticks;
}

void sched_lwp_exit(lwp*) {}

void sched_wakeup(lwp* l) {
    if (l->l_class == SCHED_OTHER && (l->l_flag & LW_SYSTEM) == 0) {
        l->l_priority = max(l->l_priority, base_priority(l->l_proc));
    }
    l->l_tsticks = sched_rrticks;
}

void sched_nice(proc* p, int level) {
    KASSERT(mutex_owned(p->p_lock));
    p->p_nice = static_cast<u8>(level);
    for (lwp& l : p->p_lwps) {
        lwp_lock(&l);
        if (l.l_class == SCHED_OTHER) {
            sched_changepri(&l, base_priority(p));
        }
        lwp_unlock(&l);
    }
}

void sched_tick(cpu_info* ci) {
    schedstate_percpu* spc = &ci->ci_data.cpu_schedstate;
    lwp* l = ci->ci_curlwp;
    spc->spc_ticks++;
    if ((l->l_flag & LW_IDLE) != 0) {
        if (spc->spc_runq.rq_count != 0) {
            cpu_need_resched(ci, l, 0);
        }
        return;
    }
    if (l->l_class == SCHED_FIFO || --l->l_tsticks > 0) {
        return;
    }
    lwp_lock(l);
    if (l->l_class == SCHED_OTHER && (l->l_flag & LW_SYSTEM) == 0 && l->l_priority > PRI_USER) {
        l->l_priority--;
    }
    spc->spc_curpriority = lwp_eprio(l);
    lwp_unlock(l);
    if (spc->spc_runq.highest() >= lwp_eprio(l)) {
        cpu_need_resched(ci, l, 0);
    } else {
        l->l_tsticks = sched_rrticks;
    }
}
