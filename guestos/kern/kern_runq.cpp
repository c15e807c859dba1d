// Run queues: who runs next on a CPU.
#include "machine/cpu.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/systm.hpp"

// --- the data structure ---------------------------------------------------------------

void runqueue::init() {
    for (queue& q : rq_queue) {
        q.init();
    }
    for (u64& word : rq_bitmap) {
        word = 0;
    }
    rq_count = 0;
}

void runqueue::enqueue(lwp* l, pri_t pri, bool at_head) {
    KASSERT(pri >= 0 && pri < PRI_COUNT);
    const auto p = static_cast<unsigned>(pri);
    if (at_head) {
        rq_queue[p].insert_head(l);
    } else {
        rq_queue[p].insert_tail(l);
    }
    rq_bitmap[p / 64] |= u64{1} << p % 64;
    rq_count++;
}

void runqueue::dequeue(lwp* l, pri_t pri) {
    const auto p = static_cast<unsigned>(pri);
    rq_queue[p].remove(l);
    if (rq_queue[p].empty()) {
        rq_bitmap[p / 64] &= ~(u64{1} << p % 64);
    }
    rq_count--;
}

pri_t runqueue::highest() const {
    for (unsigned i = kWords; i-- > 0;) {
        if (rq_bitmap[i] != 0) {
            return static_cast<pri_t>(i * 64 + 63 -
                                      static_cast<unsigned>(__builtin_clzll(rq_bitmap[i])));
        }
    }
    return PRI_NONE;
}

lwp* runqueue::first() const {
    const pri_t pri = highest();
    return pri == PRI_NONE ? nullptr : rq_queue[pri].first();
}

// --- queues of CPUs -------------------------------------------------------------------

namespace {

schedstate_percpu* spc_of(const lwp* l) {
    return &l->l_cpu->ci_data.cpu_schedstate;
}

} // namespace

void sched_enqueue(lwp* l) {
    schedstate_percpu* spc = spc_of(l);
    KASSERT(mutex_owned(spc->spc_mutex) && l->l_stat == LSRUN);
    // One that was preempted goes on with its slice before its equals. One that
    // yields goes behind them, but what is left of its slice is all it has:
    // otherwise it would never sink, and starve those below.
    const bool preempted = l->l_tsticks > 0 && l->l_running && !l->l_yielding;
    l->l_yielding = false;
    l->l_qpriority = lwp_eprio(l);
    spc->spc_runq.enqueue(l, l->l_qpriority, preempted);
    if (l->l_tsticks <= 0) {
        l->l_tsticks = sched_rrticks;
    }
}

void sched_dequeue(lwp* l) {
    schedstate_percpu* spc = spc_of(l);
    KASSERT(mutex_owned(spc->spc_mutex));
    spc->spc_runq.dequeue(l, l->l_qpriority);
}

void sched_resched_lwp(lwp* l) {
    cpu_info* ci = l->l_cpu;
    if (lwp_eprio(l) > ci->ci_data.cpu_schedstate.spc_curpriority ||
        (ci->ci_curlwp->l_flag & LW_IDLE) != 0) {
        cpu_need_resched(ci, l, 0);
    }
}

bool sched_curcpu_runnable_p() {
    return curcpu()->ci_data.cpu_schedstate.spc_runq.rq_count != 0;
}

// There is one CPU yet, so it is in every set of CPUs that an LWP may be given.
cpu_info* sched_takecpu(lwp* l) {
    KASSERT(l->l_affinity == 0 || (l->l_affinity >> cpu_index(l->l_cpu) & 1) != 0);
    return l->l_cpu;
}
