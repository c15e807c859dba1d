// Signals: posted to processes; what stops and continues these.
#include "sys/signalvar.hpp"

#include "machine/cpu.hpp"
#include "sys/event.hpp"
#include "sys/kauth.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sdt.hpp"
#include "sys/sleepq.hpp"
#include "sys/systm.hpp"

// Deviation: p_lflag and p_pptr are read without proc_lock, as in NetBSD.
bool proc_has_tracer(const proc* p) {
    const bool parent_waits = (p->p_lflag & PL_PPWAIT) != 0 && p->p_pptr->p_pid == p->p_oppid;
    return (p->p_slflag & PSL_TRACED) != 0 && !parent_waits;
}

// Nobody could continue a member of an orphaned group, and the parent of a vfork child
// would wait on.
bool tty_may_stop(const proc* p) {
    return p->p_pgrp->pg_jobc != 0 && (p->p_lflag & PL_PPWAIT) == 0;
}

// --- sending --------------------------------------------------------------------------

namespace {

enum class Action { Default, Catch };

// Makes one LWP notice a signal. True if it will take it soon.
// => p_lock held
bool sigpost(lwp* l, Action action, SigProp prop, int sig) {
    if (l->l_stat == LSZOMB) {
        return false;
    }
    const bool kills = (prop & SA_KILL) != 0 && action == Action::Default;
    lwp_lock(l);
    l->l_flag |= LW_PENDSIG;
    if (sigismember(&l->l_sigmask, sig) && sig != SIGKILL) {
        lwp_unlock(l);
        return false;
    }
    switch (l->l_stat) {
    case LSRUN:
    case LSONPROC:
        lwp_need_userret(l);
        lwp_unlock(l);
        return true;
    case LSSLEEP:
        if ((l->l_flag & LW_SINTR) != 0) {
            lwp_unsleep(l);
            return true;
        }
        lwp_need_userret(l); // when it wakes
        lwp_unlock(l);
        return false;
    case LSSUSPENDED:
        if (kills) {
            setrunnable(l);
            return true;
        }
        break;
    case LSSTOP:
        if ((prop & SA_CONT) != 0 || kills) {
            setrunnable(l);
            return true;
        }
        break;
    default:
        break;
    }
    lwp_unlock(l);
    return false;
}

// What the process makes of the signal. False: it is discarded.
bool sig_disposition(proc* p, int sig, SigProp prop, Action* action) {
    *action = Action::Default;
    if (proc_has_tracer(p) && !sigismember(&p->p_sigctx.ps_sigpass, sig)) {
        return true; // the tracer decides
    }
    if (sigismember(&p->p_sigctx.ps_sigignore, sig) && (prop & SA_CONT) == 0) {
        return false;
    }
    if (sigismember(&p->p_sigctx.ps_sigcatch, sig)) {
        *action = Action::Catch;
        return true;
    }
    return (prop & SA_TTYSTOP) == 0 || tty_may_stop(p);
}

// A process that is stopped, or about to be: what wakes it, and what waits.
// => true: its LWPs are to be looked at
bool sig_to_stopped(proc* p, int sig, SigProp prop, Action action) {
    if (sig == SIGKILL) {
        proc_unstop(p);
        return true;
    }
    if ((p->p_slflag & PSL_TRACED) != 0) {
        return false; // goes on when its tracer says so
    }
    if ((prop & SA_CONT) != 0) {
        if (action == Action::Default) {
            sigdelset(&p->p_sigpend.sp_set, sig); // going on is all it does
        }
        p->p_xsig = SIGCONT;
        p->p_sflag |= PS_CONTINUED;
        child_psignal(p, ProcSigFlag{});
        proc_unstop(p);
        return action == Action::Catch;
    }
    if ((prop & SA_STOP) != 0) {
        sigdelset(&p->p_sigpend.sp_set, sig); // it is stopped already
    }
    return false;
}

// Hands the signal to an LWP that is in sigtimedwait for it, if there is one.
bool sigunwait(proc* p, const ksiginfo* ksi) {
    if (p->p_stat != SACTIVE || (p->p_slflag & PSL_TRACED) != 0) {
        return false;
    }
    for (lwp& l : p->p_lwps) {
        if (l.l_sigwait != nullptr && sigismember(l.l_sigwait, ksi->ksi_info.signo)) {
            *l.l_sigwaited = *ksi;
            l.l_sigwait = nullptr;
            cv_broadcast(&p->p_lwpcv);
            return true;
        }
    }
    return false;
}

} // namespace

bool proc_is_killed(const proc* p) {
    return (p->p_sflag & PS_WEXIT) != 0 || sigismember(&p->p_sigpend.sp_set, SIGKILL);
}

// Posts a signal to a process, or to the LWP that ksi_lid names.
//
// => proc_lock and p_lock held
// => a process that is being made, or is dying, hears nothing
Errno kpsignal2(proc* p, ksiginfo* ksi) {
    const int sig = ksi->ksi_info.signo;
    KASSERT(mutex_owned(&proc_lock) && mutex_owned(p->p_lock));
    KASSERT(sig > 0 && sig < NSIG);
    if ((p->p_stat != SACTIVE && p->p_stat != SSTOP) || (p->p_flag & PK_SYSTEM) != 0) {
        return EOK;
    }
    sdt_probe(abi::ProbeId::SignalSend, cold ? 0 : curlwp->l_proc->p_pid, p->p_pid, sig);
    if (p->p_klist != nullptr) {
        knote_tell(p->p_klist, NOTE_SIGNAL | static_cast<u32>(sig));
    }
    const SigProp prop = sigprop(sig);
    Action action = Action::Default;
    if (!sig_disposition(p, sig, prop, &action)) {
        return EOK;
    }
    // Stop and continue cancel each other.
    ksiginfo* freed = nullptr;
    if ((prop & SA_CONT) != 0) {
        sigclearall(p, &stopsigmask, &freed);
    } else if ((prop & SA_STOP) != 0) {
        sigclearall(p, &contsigmask, &freed);
    }
    ksiginfo_queue_drain(freed);

    lwp* target = ksi->ksi_lid != 0 ? proc_find_lwp(p, ksi->ksi_lid) : nullptr;
    if (target != nullptr) {
        const Errno error = sigput(&target->l_sigpend, ksi);
        if (p->p_stat != SSTOP || sig == SIGKILL) {
            (void)sigpost(target, action, prop, sig);
        }
        return error;
    }
    if (sigunwait(p, ksi)) {
        return EOK;
    }
    const Errno error = sigput(&p->p_sigpend, ksi);
    if (proc_is_stopping(p) && !sig_to_stopped(p, sig, prop, action)) {
        return error;
    }
    for (lwp& l : p->p_lwps) {
        if (sigpost(&l, action, prop, sig)) {
            break;
        }
    }
    return error;
}

void kpsignal(proc* p, ksiginfo* ksi) {
    mutex_enter(p->p_lock);
    (void)kpsignal2(p, ksi);
    mutex_exit(p->p_lock);
}

void psignal(proc* p, int sig) {
    ksiginfo ksi;
    ksiginfo_init(&ksi, sig);
    kpsignal(p, &ksi);
}

void pgsignal(pgrp* pg, int sig, bool checkctty) {
    KASSERT(mutex_owned(&proc_lock));
    for (proc& p : pg->pg_members) {
        if (!checkctty || (p.p_lflag & PL_CONTROLT) != 0) {
            psignal(&p, sig);
        }
    }
}

// A fault: the tracer is told, if there is one, and nothing is pending afterwards.
// Else the handler runs at once if there is one. A signal that the program ignores or
// holds back would come again and again, so then it is fatal.
void trapsignal(lwp* l, ksiginfo* ksi) {
    proc* p = l->l_proc;
    const int sig = ksi->ksi_info.signo;
    ksi->ksi_flags |= KSI_TRAP;
    ksi->ksi_lid = l->l_lid;
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    if (proc_has_tracer(p)) {
        faultswitch(ksi);
        return;
    }
    const bool blocked = sigismember(&l->l_sigmask, sig);
    if (!blocked && sigismember(&p->p_sigctx.ps_sigcatch, sig)) {
        mutex_exit(&proc_lock);
        p->p_stats->p_ru.ru_nsignals++;
        kpsendsig(l, ksi, &l->l_sigmask);
        mutex_exit(p->p_lock);
        return;
    }
    if (blocked || sigismember(&p->p_sigctx.ps_sigignore, sig)) {
        sigdelset(&l->l_sigmask, sig);
        sigdelset(&p->p_sigctx.ps_sigcatch, sig);
        sigdelset(&p->p_sigctx.ps_sigignore, sig);
        p->p_sigacts->sa_sigdesc[sig].sd_sigact.sa_handler = abi::SIG_DFL_VALUE;
    }
    (void)kpsignal2(p, ksi);
    mutex_exit(p->p_lock);
    mutex_exit(&proc_lock);
}

void child_psignal(proc* p, ProcSigFlag mask) {
    KASSERT(mutex_owned(&proc_lock) && mutex_owned(p->p_lock));
    proc* parent = p->p_pptr;
    ksiginfo ksi;
    ksiginfo_init(&ksi, SIGCHLD);
    const bool traced = (p->p_slflag & PSL_TRACED) != 0;
    ksi.ksi_info.code = p->p_xsig == SIGCONT && !traced ? abi::CLD_CONTINUED
                        : traced                        ? abi::CLD_TRAPPED
                                                        : abi::CLD_STOPPED;
    ksi.ksi_info.reason.child.pid = p->p_pid;
    ksi.ksi_info.reason.child.uid = p->p_cred->cr_euid;
    ksi.ksi_info.reason.child.status = p->p_xsig;
    mutex_exit(p->p_lock); // the parent's may be the same one
    if ((parent->p_sflag & mask) == 0) {
        kpsignal(parent, &ksi);
    }
    cv_broadcast(&parent->p_waitcv);
    mutex_enter(p->p_lock);
}

// --- stopping and continuing ----------------------------------------------------------

namespace {

// Sleeping LWPs count as stopped where they are; others stop on their way to
// user mode.
void proc_stop_lwps(proc* p) {
    for (lwp& l : p->p_lwps) {
        lwp_lock(&l);
        if (l.l_stat == LSSLEEP && (l.l_flag & LW_SINTR) != 0) {
            l.l_stat = LSSTOP;
            p->p_nrlwps--;
        } else if (l.l_stat == LSRUN || l.l_stat == LSONPROC || l.l_stat == LSSLEEP) {
            l.l_flag |= LW_PENDSIG;
            lwp_need_userret(&l);
        }
        lwp_unlock(&l);
    }
}

} // namespace

void proc_stop_done(proc* p) {
    p->p_sflag &= ~(PS_STOPPING | PS_NOTIFYSTOP);
    p->p_stat = SSTOP;
    p->p_waited = 0;
    p->p_pptr->p_nstopchild++;
    sdt_probe(abi::ProbeId::ProcStop, p->p_pid, p->p_xsig);
    child_psignal(p, PS_NOCLDSTOP);
}

void proc_lwp_leaves(proc* p) {
    KASSERT(mutex_owned(&proc_lock) && mutex_owned(p->p_lock));
    if (--p->p_nrlwps == 0 && (p->p_sflag & PS_STOPPING) != 0) {
        proc_stop_done(p);
    }
}

void proc_stop(proc* p, int sig) {
    KASSERT(mutex_owned(&proc_lock) && mutex_owned(p->p_lock));
    p->p_xsig = sig;
    p->p_sflag = (p->p_sflag & ~PS_CONTINUED) | PS_STOPPING;
    proc_stop_lwps(p);
    if (p->p_nrlwps == 0) {
        proc_stop_done(p);
    } else {
        p->p_sflag |= PS_NOTIFYSTOP; // the last LWP to stop does it
    }
}

// Is there a signal that ends the LWP's sleep? => p_lock held
bool sig_interrupts(lwp* l) {
    proc* p = l->l_proc;
    abi::sigset_t set = l->l_sigpend.sp_set;
    sigplusset(&p->p_sigpend.sp_set, &set);
    if (p->p_sigctx.ps_inject != 0) {
        sigaddset(&set, p->p_sigctx.ps_inject);
    }
    sigminusset(&l->l_sigmask, &set);
    if ((p->p_slflag & PSL_TRACED) == 0) {
        sigminusset(&p->p_sigctx.ps_sigignore, &set);
    }
    return (l->l_flag & LW_SINTR) != 0 && !sigisempty(&set);
}

void proc_unstop(proc* p) {
    KASSERT(mutex_owned(&proc_lock) && mutex_owned(p->p_lock));
    if (p->p_stat == SSTOP && p->p_waited == 0) {
        p->p_pptr->p_nstopchild--; // no longer news
    }
    p->p_stat = SACTIVE;
    p->p_sflag &= ~(PS_STOPPING | PS_NOTIFYSTOP);
    sdt_probe(abi::ProbeId::ProcContinue, p->p_pid);
    for (lwp& l : p->p_lwps) {
        lwp_lock(&l);
        l.l_flag |= LW_PENDSIG; // what came meanwhile
        lwp_need_userret(&l);
        if (l.l_stat != LSSTOP || (l.l_flag & LW_DBGSUSPEND) != 0) {
            lwp_unlock(&l);
        } else if (l.l_wchan != nullptr && !sig_interrupts(&l)) {
            l.l_stat = LSSLEEP; // sleeps on
            p->p_nrlwps++;
            lwp_unlock(&l);
        } else {
            setrunnable(&l);
        }
    }
}

void sigswitch(lwp* l, proc* p) {
    mutex_exit(p->p_lock);
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    if (!proc_is_stopping(p)) {
        mutex_exit(&proc_lock); // continued meanwhile
        return;
    }
    lwp_lock(l);
    l->l_stat = LSSTOP;
    lwp_unlock(l);
    proc_lwp_leaves(p);
    mutex_exit(p->p_lock);
    mutex_exit(&proc_lock);
    lwp_lock(l);
    if (l->l_stat == LSSTOP) {
        mi_switch(l);
    } else {
        lwp_unlock(l);
    }
    mutex_enter(p->p_lock);
}

void sigstop(proc* p, sigpend* sp, int sig) {
    mutex_exit(p->p_lock);
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    if (sp == nullptr) {
        proc_stop(p, sig);
    } else if (sigismember(&sp->sp_set, sig)) {
        ksiginfo ksi;
        sigget(sp, sig, &ksi);
        proc_stop(p, sig);
    }
    mutex_exit(&proc_lock);
}
