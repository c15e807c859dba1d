// LWPs that end, and those who wait for it. lwp(9)
#include "abi/ptrace.hpp"
#include "machine/cpu.hpp"
#include "sys/condvar.hpp"
#include "sys/kauth.hpp"
#include "sys/lwpctl.hpp"
#include "sys/proc.hpp"
#include "sys/ptrace.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sdt.hpp"
#include "sys/signalvar.hpp"
#include "sys/sleepq.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

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
    lwp_unlist(l);
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
    if (proc_is_stopping(p) && (p->p_sflag & PS_WEXIT) == 0) {
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
