// The end of processes: exit(2). What is left of them: kern_wait.cpp
#include "machine/cpu.hpp"
#include "sys/event.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/kernel.hpp"
#include "sys/ktrace.hpp"
#include "sys/lockf.hpp"
#include "sys/lwpctl.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sdt.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/tty.hpp"
#include "sys/vnode.hpp"
#include "sys/wait.hpp"
#include "uvm/uvm_extern.hpp"

#include <initializer_list>

Errno sys_exit(lwp* l, const syscall_args* uap, register_t*) {
    mutex_enter(l->l_proc->p_lock);
    exit1(l, uap->integer<int>(0), 0);
}

int proc_wait_status(const proc* p) {
    if (p->p_xsig != 0) {
        return W_EXITCODE(0, p->p_xsig) | ((p->p_acflag & ACORE) != 0 ? abi::WSTATUS_CORE : 0);
    }
    return W_EXITCODE(p->p_xexit & 0xff, 0);
}

// --- exit1 in steps -------------------------------------------------------------------

namespace {

// From now on there is one LWP, and signals mean nothing. => p_lock held; released
void exit_last_lwp(lwp* l, proc* p) {
    p->p_sflag |= PS_WEXIT;
    if (p->p_nlwps > 1) {
        exit_lwps(l);
    }
    KASSERT(p->p_nlwps == 1);
    // No signal can end a wait of it any more, so it begins none that one could.
    lwp_lock(l);
    l->l_flag |= LW_WEXIT;
    lwp_unlock(l);
    ksiginfo* freed = nullptr;
    sigfillset(&p->p_sigctx.ps_sigignore);
    sigclearall(p, nullptr, &freed);
    ruspace(p, &p->p_stats->p_ru);
    p->p_stat = SDYING;
    mutex_exit(p->p_lock);
    ksiginfo_queue_drain(freed);
    // Let those who look at us from outside finish.
    rw_enter(&p->p_reflock, RW_WRITER);
    rw_exit(&p->p_reflock);
}

// The session's leader hangs up its terminal.
void exit_session(proc* p) {
    mutex_enter(&proc_lock);
    session* ss = p->p_pgrp->pg_session;
    if (ss->s_leader == p) {
        tty* tp = ss->s_ttyp;
        if (tp != nullptr) {
            if (tp->t_pgrp != nullptr) {
                pgsignal(tp->t_pgrp, SIGHUP, true);
            }
            tty_leave_session(tp);
        }
        ss->s_leader = nullptr;
    }
    fixjobc(p);
    mutex_exit(&proc_lock);
}

// What the process holds and can let go of while it may still sleep.
void exit_release(lwp* l, proc* p) {
    itimers_stop(p);
    if ((p->p_flag & PK_ADVLOCK) != 0) {
        lf_release(nullptr, {p, nullptr});
    }
    fd_free();
    cwdfree(p->p_cwdi);
    p->p_cwdi = nullptr;
    if (p->p_emul->e_proc_exit != nullptr) {
        p->p_emul->e_proc_exit(p);
    }
    exit_session(p);
    ktr_exit(p);
    if (p->p_lwpctl != nullptr) {
        lwp_ctl_exit(l, p);
    }
    uvm_proc_exit(p);
    if (p->p_textvp != nullptr) {
        vrele(p->p_textvp);
        p->p_textvp = nullptr;
    }
}

// A process held by a tracer that goes is killed, as a child of the process that
// forked it. => proc_lock held
void exit_traced(proc* p, proc* child) {
    mutex_enter(child->p_lock);
    child->p_slflag &= ~(PSL_TRACED | PSL_SYSCALL);
    mutex_exit(child->p_lock);
    proc* forker = child->p_oppid != p->p_pid ? proc_find(child->p_oppid) : nullptr;
    proc_reparent(child, forker != nullptr ? forker : initproc);
    if (forker == nullptr) {
        child->p_exitsig = SIGCHLD;
    }
    psignal(child, SIGKILL);
    cv_broadcast(&child->p_pptr->p_waitcv);
}

// Children go to init, which waits for anybody. => proc_lock held
void exit_orphans(proc* p) {
    for (proc& child : p->p_children) {
        if ((child.p_slflag & PSL_TRACED) != 0) {
            exit_traced(p, &child);
        } else {
            child.p_exitsig = SIGCHLD;
            proc_reparent(&child, initproc);
        }
    }
    cv_broadcast(&initproc->p_waitcv);
}

// Final word on time and counts.
void exit_usage(lwp* l, proc* p) {
    mutex_enter(p->p_lock);
    proc_usage_end(l);
    mutex_exit(p->p_lock);
}

// Does the parent not care for its children's ends? Then init gets this one.
// => proc_lock held
void exit_nocldwait(proc* p) {
    proc* parent = p->p_pptr;
    if ((parent->p_flag & (PK_NOCLDWAIT | PK_CLDSIGIGN)) == 0) {
        return;
    }
    p->p_exitsig = SIGCHLD;
    proc_reparent(p, initproc);
    if (parent->p_children.empty()) {
        cv_broadcast(&parent->p_waitcv); // its wait ends with ECHILD
    }
}

} // namespace

// si_code of a dead process.
int proc_dead_code(const proc* p) {
    if (p->p_xsig == 0) {
        return abi::CLD_EXITED;
    }
    return (p->p_acflag & ACORE) != 0 ? abi::CLD_DUMPED : abi::CLD_KILLED;
}

// The parent hears of it. => proc_lock held
void exit_notify(proc* p) {
    const int sig = proc_exitsig(p);
    if (sig != 0) {
        ksiginfo ksi;
        ksiginfo_init(&ksi, sig);
        ksi.ksi_info.code = proc_dead_code(p);
        ksi.ksi_info.reason.child.pid = p->p_pid;
        ksi.ksi_info.reason.child.uid = p->p_cred->cr_euid;
        ksi.ksi_info.reason.child.status = p->p_xsig == 0 ? p->p_xexit : p->p_xsig;
        kpsignal(p->p_pptr, &ksi);
    }
    cv_broadcast(&p->p_pptr->p_waitcv);
}

// The LWP that waits in vfork goes on: its memory is its own again.
// => proc_lock held
void proc_vfork_done(proc* p) {
    KASSERT(mutex_owned(&proc_lock));
    if ((p->p_lflag & PL_PPWAIT) == 0) {
        return;
    }
    lwp* waiter = p->p_vforklwp;
    p->p_vforklwp = nullptr;
    p->p_lflag &= ~PL_PPWAIT;
    waiter->l_vforkwaiting = false;
    cv_broadcast(waiter->l_waitcv);
}

// Ends the process, for good or by a signal.
//
// => p_lock held
// => what others must still see remains until wait4 reaps it: the structure,
//    the counts, the last LWP with its stack
void exit1(lwp* l, int exitcode, int signo) {
    proc* p = l->l_proc;
    KASSERT(l == curlwp && mutex_owned(p->p_lock));
    if (p == initproc) {
        mutex_exit(p->p_lock);
        init_exited(exitcode, signo);
    }
    exit_last_lwp(l, p);
    p->p_xexit = exitcode;
    p->p_xsig = signo;
    exit_release(l, p);
    exit_usage(l, p);

    mutex_enter(&proc_lock);
    sdt_probe(abi::ProbeId::LwpExit, p->p_pid, l->l_lid);
    sdt_probe(abi::ProbeId::ProcExit, p->p_pid, proc_wait_status(p));
    knote_proc_exit(p, proc_wait_status(p));
    proc_vfork_done(p);
    exit_orphans(p);
    lwp_unlist(l);
    // Dead, but not yet to be waited for: the LWP is still running.
    allproc.remove(p);
    zombproc.insert_head(p);
    mutex_enter(p->p_lock);
    p->p_stat = SDEAD;
    p->p_nrlwps--;
    p->p_nzlwps++;
    mutex_exit(p->p_lock);
    p->p_pptr->p_nstopchild++;
    exit_nocldwait(p);
    sched_lwp_exit(l);
    exit_notify(p);
    cpu_lwp_free(l, true);
    lwp_lock(l);
    l->l_stat = LSZOMB;
    lwp_unlock(l);
    p->p_stat = SZOMB;
    mutex_exit(&proc_lock);
    lwp_exit_switchaway(l);
}
