// The end of processes, and waiting for it: exit(2), wait4(2).
#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/kernel.hpp"
#include "sys/kmem.hpp"
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

Errno sys_exit(lwp* l, const syscall_args* uap, register_t*) {
    mutex_enter(l->l_proc->p_lock);
    exit1(l, uap->integer<int>(0) & 0xff, 0);
}

int proc_wait_status(const proc* p) {
    if (p->p_xsig != 0) {
        return W_EXITCODE(0, p->p_xsig) | ((p->p_acflag & ACORE) != 0 ? abi::WSTATUS_CORE : 0);
    }
    return W_EXITCODE(p->p_xexit, 0);
}

// --- exit1 in steps -----------------------------------------------------------------

namespace {

// From now on there is one LWP, and signals mean nothing. => p_lock held; released
void exit_last_lwp(lwp* l, proc* p) {
    p->p_sflag |= PS_WEXIT;
    if (p->p_nlwps > 1) {
        exit_lwps(l);
    }
    KASSERT(p->p_nlwps == 1);
    ksiginfo* freed = nullptr;
    sigfillset(&p->p_sigctx.ps_sigignore);
    sigclearall(p, nullptr, &freed);
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
    fixjobc(p, p->p_pgrp, false);
    mutex_exit(&proc_lock);
}

// What the process holds and can let go of while it may still sleep.
void exit_release(proc* p) {
    fd_free();
    cwdfree(p->p_cwdi);
    p->p_cwdi = nullptr;
    if (p->p_emul->e_proc_exit != nullptr) {
        p->p_emul->e_proc_exit(p);
    }
    exit_session(p);
    uvm_proc_exit(p);
    if (p->p_textvp != nullptr) {
        vrele(p->p_textvp);
        p->p_textvp = nullptr;
    }
}

// Children go to init, which waits for anybody. => proc_lock held
void exit_orphans(proc* p) {
    for (proc& child : p->p_children) {
        if ((child.p_slflag & PSL_TRACED) != 0) {
            mutex_enter(child.p_lock);
            child.p_slflag &= ~(PSL_TRACED | PSL_SYSCALL);
            mutex_exit(child.p_lock);
            psignal(&child, SIGKILL); // it was held by the tracer that goes
        }
        child.p_exitsig = SIGCHLD;
        proc_changeparent(&child, initproc);
    }
    cv_broadcast(&initproc->p_waitcv);
}

// Final word on time and counts.
void exit_usage(lwp* l, proc* p) {
    mutex_enter(p->p_lock);
    abi::rusage* ru = &p->p_stats->p_ru;
    calcru(p, &ru->ru_utime, &ru->ru_stime);
    rulwps(p, ru);
    (void)l;
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
    proc_changeparent(p, initproc);
    if (parent->p_children.empty()) {
        cv_broadcast(&parent->p_waitcv); // its wait ends with ECHILD
    }
}

// The parent hears of it. => proc_lock held
void exit_notify(proc* p) {
    if (p->p_exitsig != 0) {
        ksiginfo ksi;
        ksiginfo_init(&ksi, p->p_exitsig);
        ksi.ksi_info.code = p->p_xsig == 0 ? abi::CLD_EXITED : abi::CLD_KILLED;
        ksi.ksi_info.reason.child.pid = p->p_pid;
        ksi.ksi_info.reason.child.uid = p->p_cred->cr_euid;
        ksi.ksi_info.reason.child.status = p->p_xsig == 0 ? p->p_xexit : p->p_xsig;
        kpsignal(p->p_pptr, &ksi);
    }
    cv_broadcast(&p->p_pptr->p_waitcv);
}

} // namespace

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
    exit_release(p);
    exit_usage(l, p);

    mutex_enter(&proc_lock);
    sdt_probe(abi::ProbeId::LwpExit, p->p_pid, l->l_lid);
    sdt_probe(abi::ProbeId::ProcExit, p->p_pid, proc_wait_status(p));
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

// --- wait ------------------------------------------------------------------------------

namespace {

// Whose end does the caller ask for?
bool wait_selects(const proc* child, const proc* self, int pid) {
    if (pid == abi::WAIT_ANY) {
        return true;
    }
    if (pid > 0) {
        return child->p_pid == pid;
    }
    return child->p_pgrp->pg_id == (pid == abi::WAIT_MYPGRP ? self->p_pgrp->pg_id : -pid);
}

// Children whose exit signal is not SIGCHLD are other wait's business.
bool wait_sees(const proc* child, int options) {
    if ((options & abi::WALLSIG) != 0) {
        return true;
    }
    return ((options & abi::WALTSIG) != 0) == (child->p_exitsig != SIGCHLD);
}

// Is there something about this child to report?
bool wait_news(const proc* child, int options) {
    if (child->p_stat == SZOMB) {
        return (options & (abi::WEXITED | abi::WTRAPPED)) != 0 && (options & abi::WNOZOMBIE) == 0;
    }
    if (child->p_stat != SSTOP || child->p_waited != 0) {
        return false;
    }
    const bool traced = (child->p_slflag & PSL_TRACED) != 0;
    return traced || (options & abi::WUNTRACED) != 0;
}

// A child of the kind asked for that has news; else whether there is one at all
// that could get any.
// => proc_lock held
proc* find_stopped_child(proc* parent, int pid, int options, Errno* error) {
    *error = ECHILD;
    for (proc& child : parent->p_children) {
        if (!wait_selects(&child, parent, pid) || !wait_sees(&child, options)) {
            continue;
        }
        if (wait_news(&child, options)) {
            *error = EOK;
            return &child;
        }
        *error = EOK;
    }
    return nullptr;
}

// What a living or dead child has used. => proc_lock held
void wait_usage(proc* child, abi::wrusage* wru) {
    mutex_enter(child->p_lock);
    wru->wru_self = child->p_stats->p_ru;
    if (child->p_stat != SZOMB) {
        calcru(child, &wru->wru_self.ru_utime, &wru->wru_self.ru_stime);
        rulwps(child, &wru->wru_self);
    }
    wru->wru_children = child->p_stats->p_cru;
    mutex_exit(child->p_lock);
}

} // namespace

// Waits for a child and reaps it if it has ended.
//
// => *pid: which (wait4's values); on return the child, 0 if there was no news
//    (WNOHANG)
// => ECHILD: no such child
Errno do_sys_waitid(int* pid, int* status, int options, abi::wrusage* wru) {
    proc* self = curlwp->l_proc;
    proc* child = nullptr;
    mutex_enter(&proc_lock);
    for (;;) {
        Errno error = EOK;
        child = find_stopped_child(self, *pid, options, &error);
        if (child != nullptr) {
            break;
        }
        if (error == EOK && (options & abi::WNOHANG) != 0) {
            mutex_exit(&proc_lock);
            *pid = 0;
            return EOK;
        }
        if (error == EOK) {
            error = cv_wait_sig(&self->p_waitcv, &proc_lock);
        }
        if (error != EOK) {
            mutex_exit(&proc_lock);
            return error;
        }
    }
    *pid = child->p_pid;
    wait_usage(child, wru);
    if (child->p_stat == SZOMB) {
        *status = proc_wait_status(child);
        if ((options & abi::WNOWAIT) == 0) {
            sdt_probe(abi::ProbeId::ProcReap, child->p_pid, self->p_pid);
            proc_free(child, wru); // releases proc_lock
        } else {
            mutex_exit(&proc_lock);
        }
        return EOK;
    }
    *status = W_STOPCODE(child->p_xsig);
    if ((options & abi::WNOWAIT) == 0) {
        child->p_waited = 1;
        self->p_nstopchild--;
    }
    mutex_exit(&proc_lock);
    return EOK;
}

Errno sys___wait450(lwp*, const syscall_args* uap, register_t* retval) {
    constexpr int allowed =
        abi::WNOHANG | abi::WUNTRACED | abi::WALTSIG | abi::WALLSIG | abi::WNOWAIT | abi::WNOZOMBIE |
        abi::WCONTINUED | abi::WEXITED | abi::WTRAPPED;
    const int options = uap->integer<int>(2);
    if ((options & ~allowed) != 0) {
        return EINVAL;
    }
    int pid = uap->integer<int>(0);
    int status = 0;
    abi::wrusage wru;
    Errno error =
        do_sys_waitid(&pid, &status, options | abi::WEXITED | abi::WTRAPPED, &wru);
    if (error != EOK) {
        return error;
    }
    retval[0] = static_cast<register_t>(pid);
    if (pid == 0) {
        return EOK;
    }
    if (uap->pointer(3) != nullptr) {
        error = copyout(wru.wru_self, uap->pointer(3));
    }
    if (error == EOK && uap->pointer(1) != nullptr) {
        error = copyout(status, uap->pointer(1));
    }
    return error;
}

// --- reaping --------------------------------------------------------------------------

namespace {

// The dead child's times become its parent's children's times.
void reap_usage(proc* parent, proc* p) {
    mutex_enter(parent->p_lock);
    ruadd(&parent->p_stats->p_cru, &p->p_stats->p_ru);
    ruadd(&parent->p_stats->p_cru, &p->p_stats->p_cru);
    mutex_exit(parent->p_lock);
}

} // namespace

// Frees a zombie and everything that is left of it.
// => proc_lock held; released
void proc_free(proc* p, abi::wrusage*) {
    KASSERT(mutex_owned(&proc_lock));
    KASSERT(p->p_stat == SZOMB && p->p_nlwps == 1 && p->p_nzlwps == 1 && p->p_nrlwps == 0);
    proc* parent = p->p_pptr;
    lwp* l = p->p_lwps.first();
    sched_proc_exit(parent, p);
    reap_usage(parent, p);
    // Nobody finds it any more.
    p->p_stat = SIDL;
    parent->p_nstopchild--;
    zombproc.remove(p);
    parent->p_children.remove(p);
    proc_free_pid(p->p_pid);
    proc_leavepgrp(p); // releases proc_lock

    lwp_free(l, false, true);
    chgproccnt(p->p_cred->cr_uid, -1);
    lim_free(p->p_limit);
    pstatsfree(p->p_stats);
    sigactsfree(p->p_sigacts);
    kauth_cred_free(p->p_cred);
    if (p->p_path != nullptr) {
        kmem_strfree(p->p_path);
    }
    mutex_obj_free(p->p_lock);
    proc_free_mem(p);
}
