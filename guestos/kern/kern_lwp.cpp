// LWPs: made, locked, and what they do before user mode. lwp(9)
// How they end: kern_lwp_exit.cpp
#include "sys/lwp.hpp"

#include "machine/cpu.hpp"
#include "sys/condvar.hpp"
#include "sys/kauth.hpp"
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

void lwp_setup(lwp* l, kcondvar_t* waitcv) {
    memset(static_cast<void*>(l), 0, sizeof(*l));
    l->l_waitcv = waitcv;
    l->l_syncobj = &sched_syncobj;
    cv_init(waitcv, "vfork");
    callout_init(&l->l_timeout_ch);
}

} // namespace

void lwp_discard(lwp* l) {
    callout_destroy(&l->l_timeout_ch);
    cv_destroy(l->l_waitcv);
    kauth_cred_free(l->l_cred);
    pool_put(&lwp_pool, container_of(l, &lwp_storage::l));
}

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

void lwp_unlist(lwp* l) {
    KASSERT(mutex_owned(&proc_lock));
    alllwp.remove(l);
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
