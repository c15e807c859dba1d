// LWPs: made, ended, locked, and what they do before user mode. lwp(9)
#include "sys/lwp.hpp"

#include "abi/ptrace.hpp"
#include "machine/cpu.hpp"
#include "sys/condvar.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/lwpctl.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sdt.hpp"
#include "sys/sleepq.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

lwp lwp0;

namespace {

// An LWP and what it refers to for all its life.
struct lwp_storage {
    lwp l;
    kcondvar_t waitcv;
};

pool lwp_pool;

LIST_HEAD<lwp, &lwp::l_list> alllwp; // [proc_lock]

// The memory of one that runs nowhere, its U-area apart.
void lwp_discard(lwp* l) {
    callout_destroy(&l->l_timeout_ch);
    cv_destroy(l->l_waitcv);
    kauth_cred_free(l->l_cred);
    pool_put(&lwp_pool, container_of(l, &lwp_storage::l));
}

void lwp_setup(lwp* l, kcondvar_t* waitcv) {
    memset(static_cast<void*>(l), 0, sizeof(*l));
    l->l_waitcv = waitcv;
    l->l_syncobj = &sched_syncobj;
    cv_init(waitcv, "vfork");
    callout_init(&l->l_timeout_ch);
}

} // namespace

void lwpinit() {
    alllwp.init();
    pool_init(&lwp_pool, sizeof(lwp_storage), CACHE_LINE_SIZE, "lwp", IPL_NONE);
}

void lwp0_init() {
    static kcondvar_t waitcv;
    lwp* l = &lwp0;
    l->l_waitcv = &waitcv;
    cv_init(&waitcv, "vfork");
    callout_init(&l->l_timeout_ch);
    l->l_syncobj = &sched_syncobj;
    l->l_flag = LW_SYSTEM;
    l->l_stat = LSONPROC;
    l->l_running = true;
    l->l_proc = &proc0;
    l->l_cpu = curcpu();
    l->l_mutex = curcpu()->ci_data.cpu_schedstate.spc_lwplock;
    l->l_priority = PRI_KTHREAD;
    l->l_class = SCHED_OTHER;
    kstrlcpy(l->l_name, "swapper", sizeof(l->l_name));
    l->l_cred = proc0.p_cred;
    kauth_cred_hold(l->l_cred);
    l->l_fd = proc0.p_fd;
    l->l_sigstk.ss_flags = abi::SS_DISABLE;
    proc0.p_lwps.insert_head(l);
    proc0.p_nlwps = 1;
    proc0.p_nrlwps = 1;
    alllwp.insert_head(l);
}

// --- creating -------------------------------------------------------------------------

namespace {

// One more LWP of the process's user, if RLIMIT_NTHR allows it. A process's first and
// those of the kernel are free. => p_lock held
bool lwp_charge_user(const lwp* l1, proc* p) {
    if (p->p_nlwps == 0 || p == &proc0) {
        return true;
    }
    const uid_t uid = p->p_cred->cr_uid;
    const u64 count = static_cast<u64>(chglwpcnt(uid, 1));
    if (count <= p->p_limit->pl_rlimit[abi::RLIMIT_NTHR].rlim_cur ||
        kauth_authorize(l1->l_cred, KAUTH_PROCESS_RLIMIT, p, KAUTH_REQ_PROCESS_RLIMIT_BYPASS,
                        abi::RLIMIT_NTHR) == EOK) {
        return true;
    }
    chglwpcnt(uid, -1);
    return false;
}

// Enters l2 into its process, if there is a number for it and its user may have it.
// => p_lock of p2 held
bool lwp_join_proc(lwp* l1, lwp* l2, proc* p2, LwpCreateFlag flags, const abi::sigset_t* sigmask,
                   const abi::stack_t* sigstk) {
    l2->l_lid = proc_alloc_lwpid(p2, l2);
    if (l2->l_lid == 0) {
        return false;
    }
    if (!lwp_charge_user(l1, p2)) {
        proc_free_lwpid(p2, l2->l_lid);
        return false;
    }
    if ((flags & LWP_DETACHED) != 0) {
        l2->l_prflag = LPR_DETACHED;
        p2->p_ndlwps++;
    }
    l2->l_sigstk = *sigstk;
    l2->l_sigmask = *sigmask;
    sigpend_init(&l2->l_sigpend);
    p2->p_lwps.insert_head(l2);
    p2->p_nlwps++;
    p2->p_nrlwps++;
    return true;
}

} // namespace

Errno lwp_create(lwp* l1, proc* p2, vaddr_t uaddr, LwpCreateFlag flags, void* stack,
                 size_t stacksize, void (*func)(void*), void* arg, lwp** newlwp, lwp_class sclass,
                 const abi::sigset_t* sigmask, const abi::stack_t* sigstk) {
    KASSERT(l1 == curlwp || l1->l_proc == &proc0);
    auto* storage = pool_get<lwp_storage>(&lwp_pool, PR_WAITOK);
    lwp* l2 = &storage->l;
    lwp_setup(l2, &storage->waitcv);
    l2->l_stat = LSIDL;
    l2->l_proc = p2;
    l2->l_class = sclass;
    l2->l_cpu = l1->l_cpu;
    l2->l_mutex = l1->l_cpu->ci_data.cpu_schedstate.spc_lwplock;
    l2->l_cred = p2->p_cred;
    kauth_cred_hold(l2->l_cred);
    l2->l_fd = p2->p_fd;
    // A vfork child runs ahead of its parent and soon lets it go on.
    l2->l_kpriority = (flags & LWP_VFORK) != 0;
    if ((p2->p_flag & PK_SYSTEM) != 0) {
        l2->l_flag |= LW_SYSTEM;
    }
    sched_lwp_fork(l1, l2);
    uvm_lwp_setuarea(l2, uaddr);
    cpu_lwp_fork(l1, l2, stack, stacksize, func, arg != nullptr ? arg : l2);

    mutex_enter(p2->p_lock);
    const bool joined = lwp_join_proc(l1, l2, p2, flags, sigmask, sigstk);
    mutex_exit(p2->p_lock);
    if (!joined) {
        lwp_discard(l2);
        return EAGAIN;
    }
    mutex_enter(&proc_lock);
    alllwp.insert_head(l2);
    mutex_exit(&proc_lock);
    sdt_probe(abi::ProbeId::LwpCreate, p2->p_pid, l2->l_lid, l1->l_proc->p_pid);
    *newlwp = l2;
    return EOK;
}

void lwp_startup(lwp* prev, lwp* l) {
    KASSERT(l == curlwp && l->l_stat == LSONPROC);
    lwp_switched(prev);
    splx(IPL_NONE);
}

// --- ending ---------------------------------------------------------------------------

namespace {

// Frees detached LWPs that have ended before, and takes their place: an LWP
// can't free the stack it is running on.
// => p_lock held, and dropped meanwhile
void lwp_take_zombie_place(lwp* l, proc* p) {
    while (lwp* zombie = p->p_zomblwp) {
        p->p_zomblwp = nullptr;
        lwp_free(zombie, false, false);
        mutex_enter(p->p_lock);
    }
    p->p_zomblwp = l;
}

} // namespace

void lwp_exit(lwp* l) {
    proc* p = l->l_proc;
    const bool current = l == curlwp;
    KASSERT(current || (l->l_stat == LSIDL && !l->l_running));
    if (current && (p->p_sflag & PS_WEXIT) == 0 && p->p_nlwps - p->p_nzlwps > 1) {
        eventswitchlwp(l, abi::PTRACE_LWP_EXIT);
    }
    mutex_enter(p->p_lock);
    if (current && p->p_nlwps - p->p_nzlwps == 1 && p != &proc0) {
        exit1(l, 0, 0); // the last one takes the process with it
    }
    p->p_nzlwps++;
    mutex_exit(p->p_lock);
    if (l->l_lwpctl != nullptr) {
        lwp_ctl_free(l);
    }

    mutex_enter(&proc_lock);
    alllwp.remove(l);
    mutex_enter(p->p_lock);
    proc_lwp_leaves(p);
    mutex_exit(&proc_lock);
    sdt_probe(abi::ProbeId::LwpExit, p->p_pid, l->l_lid);
    if ((l->l_prflag & LPR_DETACHED) != 0) {
        lwp_take_zombie_place(l, p);
    }
    ksiginfo* freed = nullptr;
    sigclear(&l->l_sigpend, nullptr, &freed);
    lwp_lock(l);
    l->l_stat = LSZOMB;
    lwp_unlock(l);
    cv_broadcast(&p->p_lwpcv);
    mutex_exit(p->p_lock);
    ksiginfo_queue_drain(freed);

    cpu_lwp_free(l, false);
    if (current) {
        lwp_exit_switchaway(l);
    }
}

void lwp_exit_switchaway(lwp* l) {
    lwp_lock(l);
    KASSERT(l->l_stat == LSZOMB && l == curlwp);
    mi_switch(l);
    panic("lwp_exit_switchaway: a dead LWP ran");
}

void lwp_free(lwp* l, bool, bool last) {
    proc* p = l->l_proc;
    KASSERT(l != curlwp);
    if (!last) {
        if (p != &proc0) {
            chglwpcnt(p->p_cred->cr_uid, -1);
        }
        p->p_rtime += l->l_rtime;
        rulwp_fold(l, &p->p_stats->p_ru);
        p->p_nlwps--;
        p->p_nzlwps--;
        if ((l->l_prflag & LPR_DETACHED) != 0) {
            p->p_ndlwps--;
        }
        p->p_lwps.remove(l);
        proc_free_lwpid(p, l->l_lid);
        cv_broadcast(&p->p_lwpcv);
        mutex_exit(p->p_lock);
    }
    // Wait until it has left its CPU: the lock is held until it has.
    lwp_lock(l);
    while (l->l_running) {
        lwp_unlock(l);
        lwp_lock(l);
    }
    lwp_unlock(l);
    uvm_uarea_free(uvm_lwp_getuarea(l));
    lwp_discard(l);
}

void lwp_update_creds(lwp* l) {
    proc* p = l->l_proc;
    kauth_cred* old = l->l_cred;
    mutex_enter(p->p_lock);
    kauth_cred_hold(p->p_cred);
    l->l_cred = p->p_cred;
    mutex_exit(p->p_lock);
    kauth_cred_free(old);
}

// The last LWP of a process leaves the list of all.
void lwp_unlist(lwp* l) {
    KASSERT(mutex_owned(&proc_lock));
    alllwp.remove(l);
}

namespace {

// Makes an LWP notice LW_WEXIT wherever it is. => p_lock held
void lwp_force_exit(lwp* l) {
    lwp_lock(l);
    l->l_flag |= LW_WEXIT;
    switch (l->l_stat) {
    case LSSLEEP:
        sleepq_abort(l);
        return;
    case LSSTOP:
    case LSSUSPENDED:
        setrunnable(l);
        return;
    default:
        lwp_need_userret(l);
        lwp_unlock(l);
    }
}

// An ended LWP that `lid` (0: any) names. `*waitable` tells whether there is
// one worth waiting for. => p_lock held
lwp* lwp_find_ended(proc* p, const lwp* l, lwpid_t lid, bool exiting, bool* waitable) {
    *waitable = false;
    for (lwp& l2 : p->p_lwps) {
        const bool detached = (l2.l_prflag & LPR_DETACHED) != 0;
        if (&l2 == l || (lid != 0 && l2.l_lid != lid) || (detached && !exiting)) {
            continue;
        }
        *waitable = true;
        if (l2.l_stat == LSZOMB && !detached) {
            return &l2;
        }
    }
    return nullptr;
}

// The other LWPs are to end. Each may stop the process for its tracer before it does:
// this one counts as stopped while it waits. => p_lock held, and dropped meanwhile
void lwp_wait_exiting(lwp* l, proc* p) {
    const bool stops = (p->p_sflag & PS_STOPPING) != 0 || p->p_stat == SSTOP;
    if (stops && (p->p_sflag & PS_WEXIT) == 0) {
        sigswitch(l, p);
        return;
    }
    p->p_nrlwps--;
    cv_wait(&p->p_lwpcv, p->p_lock);
    p->p_nrlwps++;
}

} // namespace

Errno lwp_wait(lwp* l, lwpid_t lid, lwpid_t* departed, bool exiting) {
    proc* p = l->l_proc;
    KASSERT(mutex_owned(p->p_lock));
    if (lid == l->l_lid) {
        return EDEADLK;
    }
    for (;;) {
        if (lwp* zombie = p->p_zomblwp) { // detached: nobody else will
            p->p_zomblwp = nullptr;
            lwp_free(zombie, false, false);
            mutex_enter(p->p_lock);
            continue;
        }
        bool waitable = false;
        lwp* ended = lwp_find_ended(p, l, lid, exiting, &waitable);
        if (ended != nullptr) {
            if (departed != nullptr) {
                *departed = ended->l_lid;
            }
            lwp_free(ended, false, false);
            mutex_enter(p->p_lock);
            return EOK;
        }
        if (!waitable) {
            return ESRCH;
        }
        if (exiting) {
            lwp_wait_exiting(l, p);
            continue;
        }
        const Errno error = cv_wait_sig(&p->p_lwpcv, p->p_lock);
        if (error != EOK) {
            return error;
        }
    }
}

void exit_lwps(lwp* l) {
    proc* p = l->l_proc;
    KASSERT(mutex_owned(p->p_lock));
    for (lwp& l2 : p->p_lwps) {
        if (&l2 != l) {
            lwp_force_exit(&l2);
        }
    }
    while (p->p_nlwps > 1) {
        const Errno error = lwp_wait(l, 0, nullptr, true);
        KASSERT(error == EOK || error == ESRCH);
    }
}

// --- locking --------------------------------------------------------------------------

void lwp_lock(lwp* l) {
    for (;;) {
        kmutex_t* mtx = __atomic_load_n(&l->l_mutex, __ATOMIC_ACQUIRE);
        mutex_spin_enter(mtx);
        if (mtx == __atomic_load_n(&l->l_mutex, __ATOMIC_ACQUIRE)) {
            return;
        }
        mutex_spin_exit(mtx);
    }
}

void lwp_unlock(lwp* l) {
    mutex_spin_exit(l->l_mutex);
}

bool lwp_locked(const lwp* l, const kmutex_t* mtx) {
    return mutex_owned(l->l_mutex) && (mtx == nullptr || mtx == l->l_mutex);
}

void lwp_setlock(lwp* l, kmutex_t* mtx) {
    KASSERT(mutex_owned(l->l_mutex));
    __atomic_store_n(&l->l_mutex, mtx, __ATOMIC_RELEASE);
}

void lwp_unlock_to(lwp* l, kmutex_t* mtx) {
    kmutex_t* old = l->l_mutex;
    KASSERT(mutex_owned(old) && mutex_owned(mtx));
    __atomic_store_n(&l->l_mutex, mtx, __ATOMIC_RELEASE);
    mutex_spin_exit(old);
}

void lwp_unsleep(lwp* l) {
    l->l_syncobj->sobj_unsleep(l);
}

// --- before user mode -----------------------------------------------------------------

void lwp_need_userret(lwp* l) {
    KASSERT(lwp_locked(l, nullptr));
    cpu_signotify(l);
}

namespace {

// Delivers what signals there are; with the mask of sigsuspend or pselect, and if
// that brought no handler about, with the one before.
void lwp_take_signals(lwp* l, proc* p) {
    mutex_enter(p->p_lock);
    for (;;) {
        while (const int sig = issignal(l)) {
            postsig(sig);
        }
        if (!l->l_sigrestore) {
            break;
        }
        l->l_sigrestore = false;
        l->l_sigmask = l->l_sigoldmask;
    }
    mutex_exit(p->p_lock);
}

// _lwp_suspend: off the CPU until continued.
void lwp_suspend_self(lwp* l, proc* p) {
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    proc_lwp_leaves(p);
    mutex_exit(&proc_lock);
    cv_broadcast(&p->p_lwpcv);
    lwp_lock(l);
    l->l_stat = LSSUSPENDED;
    lwp_unlock(l);
    mutex_exit(p->p_lock);
    lwp_lock(l);
    if (l->l_stat == LSSUSPENDED) {
        mi_switch(l);
    } else {
        lwp_unlock(l);
    }
}

} // namespace

void mi_userret(lwp* l) {
    l->l_kpriority = false;
    for (;;) {
        if ((l->l_flag & LW_USERRET) != 0) {
            lwp_userret(l);
        }
        if (curcpu()->ci_want_resched == 0) {
            break;
        }
        preempt();
    }
    curcpu()->ci_data.cpu_schedstate.spc_curpriority = l->l_priority;
}

void lwp_userret(lwp* l) {
    proc* p = l->l_proc;
    while ((l->l_flag & LW_USERRET) != 0) {
        if ((l->l_flag & (LW_PENDSIG | LW_WEXIT)) == LW_PENDSIG) {
            lwp_take_signals(l, p);
        }
        if ((l->l_flag & LW_WEXIT) != 0) {
            lwp_exit(l);
        }
        if ((l->l_flag & LW_WSUSPEND) != 0) {
            lwp_suspend_self(l, p);
        }
    }
}

void lwp_setprivate(lwp* l, void* ptr) {
    l->l_private = ptr;
    (void)cpu_lwp_setprivate(l, ptr);
}
