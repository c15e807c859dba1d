// Sleep queues, and sleeping by the clock alone: sleepq(9), kpause(9).
#include "sys/sleepq.hpp"

#include "machine/cpu.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/sdt.hpp"
#include "sys/signalvar.hpp"
#include "sys/systm.hpp"

namespace {

constexpr unsigned kBuckets = 64;

struct bucket {
    alignas(CACHE_LINE_SIZE) kmutex_t lock;
    sleepq_t queue; // turnstiles only: condition variables bring their own
};

bucket sleeptab[kBuckets];
bucket turnstiles[kBuckets];
sleepq_t pausing; // kpause: nobody wakes it, only time and signals take LWPs off

unsigned bucket_of(wchan_t wchan) {
    const auto address = reinterpret_cast<uintptr_t>(wchan);
    return (address >> 4 ^ address >> 10) % kBuckets;
}

// Nothing to wait for: an LWP that runs, is runnable or is stopped awake.
void sched_unsleep(lwp* l) {
    KASSERT(l->l_wchan == nullptr);
    lwp_unlock(l);
}

} // namespace

const syncobj sched_syncobj{"sched", sched_unsleep};
const syncobj cv_syncobj{"cv", sleepq_unsleep};
const syncobj kpause_syncobj{"kpause", sleepq_unsleep};
const syncobj mutex_syncobj{"mutex", sleepq_unsleep};
const syncobj rw_syncobj{"rwlock", sleepq_unsleep};

void sleeptab_init() {
    pausing.init();
    for (unsigned i = 0; i < kBuckets; i++) {
        mutex_init(&sleeptab[i].lock, MUTEX_DEFAULT, IPL_SCHED);
        sleeptab[i].queue.init();
        mutex_init(&turnstiles[i].lock, MUTEX_DEFAULT, IPL_SCHED);
        turnstiles[i].queue.init();
    }
}

kmutex_t* sleepq_hashlock(wchan_t wchan) {
    kmutex_t* lock = &sleeptab[bucket_of(wchan)].lock;
    mutex_spin_enter(lock);
    return lock;
}

sleepq_t* turnstile_lookup(wchan_t obj, kmutex_t** lock) {
    bucket& b = turnstiles[bucket_of(obj)];
    mutex_spin_enter(&b.lock);
    *lock = &b.lock;
    return &b.queue;
}

void sleepq_enter(sleepq_t*, lwp* l, kmutex_t* lock) {
    KASSERT(l == curlwp);
    lwp_lock(l);
    lwp_unlock_to(l, lock);
}

void sleepq_enqueue(sleepq_t* sq, wchan_t wchan, const char* wmesg, const syncobj* sobj,
                    bool catch_signals) {
    lwp* l = curlwp;
    KASSERT(lwp_locked(l, nullptr) && l->l_stat == LSONPROC);
    KASSERT(l->l_wchan == nullptr && l->l_sleepq == nullptr);
    l->l_syncobj = sobj;
    l->l_wchan = wchan;
    l->l_wmesg = wmesg;
    l->l_sleepq = sq;
    l->l_sleeperr = EOK;
    l->l_stat = LSSLEEP;
    if (catch_signals) {
        l->l_flag |= LW_SINTR;
    }
    sq->insert_tail(l);
}

void sleepq_remove(sleepq_t* sq, lwp* l) {
    KASSERT(lwp_locked(l, nullptr));
    sq->remove(l);
    l->l_syncobj = &sched_syncobj;
    l->l_wchan = nullptr;
    l->l_sleepq = nullptr;
    l->l_flag &= ~LW_SINTR;
    schedstate_percpu* spc = &l->l_cpu->ci_data.cpu_schedstate;

    if (l->l_stat != LSSLEEP) {
        // Stopped meanwhile: whoever holds it so lets it run again.
        KASSERT(l->l_stat == LSSTOP || l->l_stat == LSSUSPENDED);
        lwp_setlock(l, spc->spc_lwplock);
        return;
    }
    if (l->l_running) {
        // Still on its CPU: it never got to sleep.
        l->l_stat = LSONPROC;
        lwp_setlock(l, spc->spc_lwplock);
        return;
    }
    sdt_probe(abi::ProbeId::Wakeup, l->l_proc->p_pid, l->l_lid);
    sched_wakeup(l);
    cpu_info* ci = sched_takecpu(l);
    l->l_cpu = ci;
    spc = &ci->ci_data.cpu_schedstate;
    mutex_spin_enter(spc->spc_mutex);
    l->l_stat = LSRUN;
    lwp_setlock(l, spc->spc_mutex);
    sched_enqueue(l);
    sched_resched_lwp(l);
    mutex_spin_exit(spc->spc_mutex);
}

void sleepq_wake(sleepq_t* sq, wchan_t wchan, unsigned expected, kmutex_t* lock) {
    KASSERT(mutex_owned(lock));
    for (lwp& l : *sq) {
        KASSERT(l.l_sleepq == sq);
        if (l.l_wchan != wchan) {
            continue;
        }
        sleepq_remove(sq, &l);
        if (--expected == 0) {
            break;
        }
    }
    mutex_spin_exit(lock);
}

void sleepq_unsleep(lwp* l) {
    kmutex_t* lock = l->l_mutex;
    KASSERT(mutex_owned(lock));
    sleepq_remove(static_cast<sleepq_t*>(l->l_sleepq), l);
    mutex_spin_exit(lock);
}

namespace {

// The time of a sleep is over, if the LWP still sleeps.
void sleepq_timeout(void* arg) {
    lwp* l = static_cast<lwp*>(arg);
    lwp_lock(l);
    if (l->l_wchan == nullptr) {
        lwp_unlock(l);
        return;
    }
    l->l_sleeperr = EWOULDBLOCK;
    lwp_unsleep(l);
}

// May the LWP not even begin an interruptible sleep?
// => LW_CANCELLED and LW_PENDSIG are read without p_lock: whoever sets them
//    locks the LWP afterwards and finds it asleep
bool sleepq_early(lwp* l, Errno* error) {
    if ((l->l_flag & (LW_CANCELLED | LW_WEXIT | LW_WCORE)) != 0) {
        l->l_flag &= ~LW_CANCELLED;
        *error = EINTR;
        return true;
    }
    return (l->l_flag & LW_PENDSIG) != 0 && sigispending(l, 0);
}

// After an interruptible sleep without other result: did a signal end it?
Errno sleepq_signals(lwp* l) {
    if ((l->l_flag & (LW_CANCELLED | LW_WEXIT | LW_WCORE)) != 0) {
        return EINTR;
    }
    if ((l->l_flag & LW_PENDSIG) == 0) {
        return EOK;
    }
    proc* p = l->l_proc;
    mutex_enter(p->p_lock);
    const Errno error = sigchecksleep(l);
    mutex_exit(p->p_lock);
    return error;
}

} // namespace

Errno sleepq_block(int timo, bool catch_signals) {
    lwp* l = curlwp;
    Errno error = EOK;
    if (catch_signals && sleepq_early(l, &error)) {
        lwp_unsleep(l);
    } else {
        if (timo != 0) {
            callout_reset(&l->l_timeout_ch, timo, sleepq_timeout, l);
        }
        sdt_probe(abi::ProbeId::Sleep, l->l_proc->p_pid, l->l_lid, sdt_string_arg(l->l_wmesg, 0));
        l->l_kpriority = true;
        mi_switch(l);
        if (timo != 0) {
            callout_halt(&l->l_timeout_ch);
        }
        error = l->l_sleeperr;
        l->l_sleeperr = EOK;
    }
    if (catch_signals && error == EOK) {
        error = sleepq_signals(l);
    }
    return error;
}

void sleepq_abort(lwp* l) {
    KASSERT(lwp_locked(l, nullptr));
    if (l->l_wchan == nullptr || (l->l_flag & LW_SINTR) == 0) {
        lwp_unlock(l);
        return;
    }
    lwp_unsleep(l);
}

Errno kpause(const char* wmesg, bool intr, int timo, kmutex_t* mtx) {
    KASSERT(timo != 0 || intr);
    kmutex_t* lock = sleepq_hashlock(&pausing);
    sleepq_enter(&pausing, curlwp, lock);
    sleepq_enqueue(&pausing, &pausing, wmesg, &kpause_syncobj, intr);
    if (mtx != nullptr) {
        mutex_exit(mtx);
    }
    const Errno error = sleepq_block(timo, intr);
    if (mtx != nullptr) {
        mutex_enter(mtx);
    }
    return error;
}
