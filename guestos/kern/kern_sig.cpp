// Signals: posted to processes, found by LWPs on their way to user mode, acted
// on there.
#include "sys/signalvar.hpp"

#include "machine/cpu.hpp"
#include "sys/event.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/ktrace.hpp"
#include "sys/log.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sdt.hpp"
#include "sys/sleepq.hpp"
#include "sys/systm.hpp"

#include <initializer_list>

namespace {

constexpr SigProp kKill = SA_KILL;
constexpr SigProp kCore = SA_KILL | SA_CORE;
constexpr SigProp kNone = SigProp{};

// Default actions, by signal.
constexpr SigProp sigprops[NSIG] = {
    kNone,                            // unused
    kKill,                            // SIGHUP
    kKill,                            // SIGINT
    kCore,                            // SIGQUIT
    kCore | SA_NORESET,               // SIGILL
    kCore | SA_NORESET,               // SIGTRAP
    kCore,                            // SIGABRT
    kCore,                            // SIGEMT
    kCore,                            // SIGFPE
    kKill | SA_CANTMASK,              // SIGKILL
    kCore,                            // SIGBUS
    kCore,                            // SIGSEGV
    kCore,                            // SIGSYS
    kKill,                            // SIGPIPE
    kKill,                            // SIGALRM
    kKill,                            // SIGTERM
    SA_IGNORE,                        // SIGURG
    SA_STOP | SA_CANTMASK,            // SIGSTOP
    SA_STOP | SA_TTYSTOP,             // SIGTSTP
    SA_IGNORE | SA_CONT,              // SIGCONT
    SA_IGNORE,                        // SIGCHLD
    SA_STOP | SA_TTYSTOP,             // SIGTTIN
    SA_STOP | SA_TTYSTOP,             // SIGTTOU
    SA_IGNORE,                        // SIGIO
    kKill,                            // SIGXCPU
    kKill,                            // SIGXFSZ
    kKill,                            // SIGVTALRM
    kKill,                            // SIGPROF
    SA_IGNORE,                        // SIGWINCH
    SA_IGNORE,                        // SIGINFO
    kKill,                            // SIGUSR1
    kKill,                            // SIGUSR2
    SA_IGNORE | SA_NORESET,           // SIGPWR
};

constexpr abi::sigset_t sigset_of(int a, int b = 0, int c = 0, int d = 0) {
    abi::sigset_t set{};
    for (const int sig : {a, b, c, d}) {
        if (sig != 0) {
            set.bits[0] |= 1U << (sig - 1);
        }
    }
    return set;
}

pool ksiginfo_pool;

enum class Action { Default, Catch };

} // namespace

const abi::sigset_t contsigmask = sigset_of(SIGCONT);
const abi::sigset_t stopsigmask = sigset_of(SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU);
const abi::sigset_t sigcantmask = sigset_of(SIGKILL, SIGSTOP);

// Real-time signals terminate.
SigProp sigprop(int sig) { return sig >= SIGRTMIN ? kKill : sigprops[sig]; }

void signal_init() {
    pool_init(&ksiginfo_pool, sizeof(ksiginfo), 0, "ksiginfo", IPL_NONE);
}

// --- actions -----------------------------------------------------------------------------

sigacts* sigactsinit(proc* p, bool share) {
    if (share) {
        p->p_sigacts->sa_refcnt.fetch_add(1);
        return p->p_sigacts;
    }
    auto* ps = kmem_new<sigacts>(KM_SLEEP);
    if (p != nullptr) {
        mutex_enter(p->p_lock);
        memcpy(ps->sa_sigdesc, p->p_sigacts->sa_sigdesc, sizeof(ps->sa_sigdesc));
        mutex_exit(p->p_lock);
    }
    ps->sa_refcnt.store(1);
    return ps;
}

void sigactsfree(sigacts* ps) {
    if (ps->sa_refcnt.fetch_sub(1) == 1) {
        kmem_delete(ps);
    }
}

void sigactsunshare(proc* p) {
    sigacts* old = p->p_sigacts;
    if (old->sa_refcnt.load() > 1) {
        p->p_sigacts = sigactsinit(p, false);
        sigactsfree(old);
    }
}

void siginit(proc* p) {
    for (int sig = 1; sig < NSIG; sig++) {
        if ((sigprop(sig) & SA_IGNORE) != 0 && sig != SIGCONT) {
            sigaddset(&p->p_sigctx.ps_sigignore, sig);
        }
    }
}

void execsigs(proc* p) {
    sigactsunshare(p);
    ksiginfo* freed = nullptr;
    mutex_enter(p->p_lock);
    sigacts* ps = p->p_sigacts;
    for (int sig = 1; sig < NSIG; sig++) {
        abi::sigaction& sa = ps->sa_sigdesc[sig].sd_sigact;
        const bool caught = sigismember(&p->p_sigctx.ps_sigcatch, sig);
        if (caught) {
            sigdelset(&p->p_sigctx.ps_sigcatch, sig);
            if ((sigprop(sig) & SA_IGNORE) != 0) {
                if (sig != SIGCONT) {
                    sigaddset(&p->p_sigctx.ps_sigignore, sig);
                }
                const abi::sigset_t one = sigset_of(sig);
                sigclearall(p, &one, &freed);
            }
            sa.sa_handler = abi::SIG_DFL_VALUE;
        }
        sa.sa_mask = {};
        sa.sa_flags = 0;
    }
    p->p_flag &= ~(PK_NOCLDWAIT | PK_CLDSIGIGN);
    p->p_sflag &= ~PS_NOCLDSTOP;
    if (ps->sa_sigdesc[SIGCHLD].sd_sigact.sa_handler == abi::SIG_IGN_VALUE) {
        ps->sa_sigdesc[SIGCHLD].sd_sigact.sa_handler = abi::SIG_DFL_VALUE;
    }
    for (lwp& l : p->p_lwps) {
        l.l_sigstk = {0, 0, abi::SS_DISABLE};
    }
    mutex_exit(p->p_lock);
    ksiginfo_queue_drain(freed);
}

// --- pending signals -------------------------------------------------------------------------

void sigpend_init(sigpend* sp) { *sp = {}; }

void ksiginfo_init(ksiginfo* ksi, int sig) {
    *ksi = {};
    ksi->ksi_info.signo = sig;
}

void ksiginfo_queue_drain(ksiginfo* freed) {
    while (ksiginfo* ksi = freed) {
        freed = ksi->ksi_next;
        pool_put(&ksiginfo_pool, ksi);
    }
}

namespace {

// Makes a signal pending, with its circumstances; a second one of the same
// number replaces the first one's. Without memory the circumstances are lost,
// not the signal.
void sigput(sigpend* sp, const ksiginfo* ksi) {
    const int sig = ksi->ksi_info.signo;
    sigaddset(&sp->sp_set, sig);
    if ((ksi->ksi_flags & KSI_EMPTY) != 0) {
        return;
    }
    ksiginfo** link = &sp->sp_info;
    while (*link != nullptr) {
        if ((*link)->ksi_info.signo == sig) {
            (*link)->ksi_info = ksi->ksi_info;
            return;
        }
        link = &(*link)->ksi_next;
    }
    auto* copy = pool_get<ksiginfo>(&ksiginfo_pool, PR_NOWAIT);
    if (copy != nullptr) {
        *copy = *ksi;
        copy->ksi_next = nullptr;
        *link = copy;
    }
}

// Takes a pending signal off, with its circumstances.
void sigget(sigpend* sp, int sig, ksiginfo* out) {
    sigdelset(&sp->sp_set, sig);
    ksiginfo_init(out, sig);
    out->ksi_info.code = abi::SI_NOINFO;
    for (ksiginfo** link = &sp->sp_info; *link != nullptr; link = &(*link)->ksi_next) {
        ksiginfo* ksi = *link;
        if (ksi->ksi_info.signo == sig) {
            *link = ksi->ksi_next;
            *out = *ksi;
            out->ksi_next = nullptr;
            pool_put(&ksiginfo_pool, ksi);
            return;
        }
    }
}

} // namespace

// Drops pending signals of `mask` (null: all); their records go to `freed`.
void sigclear(sigpend* sp, const abi::sigset_t* mask, ksiginfo** freed) {
    if (mask == nullptr) {
        sigemptyset(&sp->sp_set);
    } else {
        sigminusset(mask, &sp->sp_set);
    }
    ksiginfo** link = &sp->sp_info;
    while (ksiginfo* ksi = *link) {
        if (mask == nullptr || sigismember(mask, ksi->ksi_info.signo)) {
            *link = ksi->ksi_next;
            ksi->ksi_next = *freed;
            *freed = ksi;
        } else {
            link = &ksi->ksi_next;
        }
    }
}

void sigclearall(proc* p, const abi::sigset_t* mask, ksiginfo** freed) {
    KASSERT(mutex_owned(p->p_lock));
    sigclear(&p->p_sigpend, mask, freed);
    for (lwp& l : p->p_lwps) {
        sigclear(&l.l_sigpend, mask, freed);
    }
}

// --- sending ------------------------------------------------------------------------------------

namespace {

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
    if ((p->p_slflag & PSL_TRACED) != 0) {
        return true; // the tracer decides
    }
    if (sigismember(&p->p_sigctx.ps_sigignore, sig) && (prop & SA_CONT) == 0) {
        return false;
    }
    if (sigismember(&p->p_sigctx.ps_sigcatch, sig)) {
        *action = Action::Catch;
        return true;
    }
    // Nobody could continue a member of an orphaned group.
    return (prop & SA_TTYSTOP) == 0 || p->p_pgrp->pg_jobc != 0;
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

// Takes a signal of the set that is pending, for the LWP or for its process.
// => p_lock held
bool sigtake(lwp* l, const abi::sigset_t* set, ksiginfo* out) {
    for (sigpend* sp : {&l->l_sigpend, &l->l_proc->p_sigpend}) {
        for (int sig = 1; sig < NSIG; sig++) {
            if (sigismember(&sp->sp_set, sig) && sigismember(set, sig)) {
                sigget(sp, sig, out);
                return true;
            }
        }
    }
    return false;
}

// Posts a signal to a process, or to the LWP that ksi_lid names.
//
// => proc_lock and p_lock held
// => a process that is being made, or is dying, hears nothing
void kpsignal2(proc* p, ksiginfo* ksi) {
    const int sig = ksi->ksi_info.signo;
    KASSERT(mutex_owned(&proc_lock) && mutex_owned(p->p_lock));
    KASSERT(sig > 0 && sig < NSIG);
    if ((p->p_stat != SACTIVE && p->p_stat != SSTOP) || (p->p_flag & PK_SYSTEM) != 0) {
        return;
    }
    sdt_probe(abi::ProbeId::SignalSend, cold ? 0 : curlwp->l_proc->p_pid, p->p_pid, sig);
    if (p->p_klist != nullptr) {
        knote_tell(p->p_klist, NOTE_SIGNAL | static_cast<u32>(sig));
    }
    const SigProp prop = sigprop(sig);
    Action action = Action::Default;
    if (!sig_disposition(p, sig, prop, &action)) {
        return;
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
        sigput(&target->l_sigpend, ksi);
        if (p->p_stat != SSTOP || sig == SIGKILL) {
            (void)sigpost(target, action, prop, sig);
        }
        return;
    }
    if (sigunwait(p, ksi)) {
        return;
    }
    sigput(&p->p_sigpend, ksi);
    const bool stopped = p->p_stat == SSTOP || (p->p_sflag & PS_STOPPING) != 0;
    if (stopped && !sig_to_stopped(p, sig, prop, action)) {
        return;
    }
    for (lwp& l : p->p_lwps) {
        if (sigpost(&l, action, prop, sig)) {
            break;
        }
    }
}

void kpsignal(proc* p, ksiginfo* ksi) {
    mutex_enter(p->p_lock);
    kpsignal2(p, ksi);
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

// A fault: the handler runs at once if there is one. A signal that the program
// ignores or holds back would come again and again, so then it is fatal.
void trapsignal(lwp* l, ksiginfo* ksi) {
    proc* p = l->l_proc;
    const int sig = ksi->ksi_info.signo;
    ksi->ksi_flags |= KSI_TRAP;
    ksi->ksi_lid = l->l_lid;
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    const bool traced = (p->p_slflag & PSL_TRACED) != 0;
    const bool blocked = sigismember(&l->l_sigmask, sig);
    if (!traced && !blocked && sigismember(&p->p_sigctx.ps_sigcatch, sig)) {
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
    kpsignal2(p, ksi);
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

// --- stopping and continuing ------------------------------------------------------------------------

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
    child_psignal(p, PS_NOCLDSTOP);
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
    for (lwp& l : p->p_lwps) {
        lwp_lock(&l);
        l.l_flag |= LW_PENDSIG; // what came meanwhile
        lwp_need_userret(&l);
        if (l.l_stat != LSSTOP) {
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

namespace {

// The calling LWP stops here, until its process is continued.
// => p_lock held, and dropped meanwhile
void sigswitch(lwp* l, proc* p) {
    mutex_exit(p->p_lock);
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    if ((p->p_sflag & PS_STOPPING) == 0 && p->p_stat != SSTOP) {
        mutex_exit(&proc_lock); // continued meanwhile
        return;
    }
    lwp_lock(l);
    l->l_stat = LSSTOP;
    lwp_unlock(l);
    if (--p->p_nrlwps == 0 && (p->p_sflag & PS_STOPPING) != 0) {
        proc_stop_done(p);
    }
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

// Starts to stop the process, if the signal is still pending now that both
// locks are held. Without `sp` it is a tracer's.
// => p_lock held, and dropped meanwhile
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

} // namespace

// --- delivery -----------------------------------------------------------------------------------------

namespace {

// The circumstances of a signal that a tracer sends: those it was told of if it
// passes the same signal on.
void sig_traced_info(proc* p, int sig, ksiginfo* ksi) {
    ksiginfo_init(ksi, sig);
    ksi->ksi_info.code = abi::SI_NOINFO;
    if (p->p_sigctx.ps_info.signo == sig && !p->p_sigctx.ps_faked) {
        ksi->ksi_info = p->p_sigctx.ps_info;
    }
}

// The lowest pending signal that is not masked, and the set it is in.
int sig_pending(lwp* l, sigpend** sp) {
    if (sigismember(&l->l_proc->p_sigpend.sp_set, SIGKILL)) { // before all others
        *sp = &l->l_proc->p_sigpend;
        return SIGKILL;
    }
    for (sigpend* candidate : {&l->l_sigpend, &l->l_proc->p_sigpend}) {
        abi::sigset_t set = candidate->sp_set;
        sigminusset(&l->l_sigmask, &set);
        if (const int sig = sigfirst(&set)) {
            *sp = candidate;
            return sig;
        }
    }
    return 0;
}

void sig_nothing_pending(lwp* l) {
    lwp_lock(l);
    l->l_flag &= ~LW_PENDSIG;
    lwp_unlock(l);
}

} // namespace

bool sigispending(lwp* l, int sig) {
    abi::sigset_t set = l->l_sigpend.sp_set;
    sigplusset(&l->l_proc->p_sigpend.sp_set, &set);
    sigminusset(&l->l_sigmask, &set);
    if ((l->l_proc->p_slflag & PSL_TRACED) == 0) {
        sigminusset(&l->l_proc->p_sigctx.ps_sigignore, &set);
    }
    if ((l->l_proc->p_sflag & PS_STOPPING) != 0 || l->l_proc->p_stat == SSTOP ||
        l->l_proc->p_sigctx.ps_inject != 0) {
        return true;
    }
    return sig == 0 ? !sigisempty(&set) : sigismember(&set, sig);
}

namespace {

// The signal that the tracer gave the process to go on with, if it is not held
// back: then it pends like any other. => p_lock held
int sig_injected(lwp* l, proc* p) {
    const int sig = p->p_sigctx.ps_inject;
    p->p_sigctx.ps_inject = 0;
    if (sig == 0 || !sigismember(&l->l_sigmask, sig)) {
        return sig;
    }
    ksiginfo ksi;
    sig_traced_info(p, sig, &ksi);
    sigput(&p->p_sigpend, &ksi);
    return 0;
}

// The process stops with the signal, and its tracer decides what becomes of it.
// => p_lock held, and dropped meanwhile
void sig_tell_tracer(proc* p, sigpend* sp, int sig) {
    mutex_exit(p->p_lock);
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    if ((p->p_slflag & PSL_TRACED) != 0 && sigismember(&sp->sp_set, sig)) {
        ksiginfo ksi;
        sigget(sp, sig, &ksi);
        p->p_sigctx.ps_info = ksi.ksi_info;
        p->p_sigctx.ps_lwp = ksi.ksi_lid;
        p->p_sigctx.ps_signo = sig;
        p->p_sigctx.ps_faked = false;
        proc_stop(p, sig);
    }
    mutex_exit(&proc_lock);
}

// Stops or drops a signal that has no handler and does not kill.
// => p_lock held, and dropped meanwhile; false: the signal kills
bool sig_default(proc* p, sigpend* sp, int sig) {
    const SigProp prop = sigprop(sig);
    const bool ignored = sigismember(&p->p_sigctx.ps_sigignore, sig) || p == initproc;
    const bool stops = !ignored && (prop & SA_STOP) != 0;
    if (!ignored && (prop & SA_KILL) != 0) {
        return false;
    }
    if (stops && ((prop & SA_TTYSTOP) == 0 || p->p_pgrp->pg_jobc != 0)) {
        sigstop(p, sp, sig);
    } else if (sp != nullptr) {
        ksiginfo dropped;
        sigget(sp, sig, &dropped);
    }
    return true;
}

} // namespace

int issignal(lwp* l) {
    proc* p = l->l_proc;
    KASSERT(l == curlwp && mutex_owned(p->p_lock));
    for (;;) {
        if ((p->p_sflag & PS_STOPPING) != 0 || p->p_stat == SSTOP) {
            sigswitch(l, p);
            continue;
        }
        if ((l->l_flag & LW_WEXIT) != 0) {
            return 0;
        }
        sigpend* sp = nullptr; // a signal of the tracer's is in no set
        int sig = sig_injected(l, p);
        if (sig == 0) {
            sig = sig_pending(l, &sp);
            if (sig == 0) {
                sig_nothing_pending(l);
                return 0;
            }
            if ((p->p_slflag & PSL_TRACED) != 0 && sig != SIGKILL) {
                sig_tell_tracer(p, sp, sig);
                continue;
            }
        }
        if (sigismember(&p->p_sigctx.ps_sigcatch, sig) || !sig_default(p, sp, sig)) {
            l->l_sigpendset = sp;
            return sig;
        }
    }
}

void postsig(int sig) {
    lwp* l = curlwp;
    proc* p = l->l_proc;
    KASSERT(mutex_owned(p->p_lock));
    ksiginfo ksi;
    if (l->l_sigpendset != nullptr) {
        sigget(l->l_sigpendset, sig, &ksi);
    } else {
        sig_traced_info(p, sig, &ksi);
    }
    const abi::sigaction& sa = p->p_sigacts->sa_sigdesc[sig].sd_sigact;
    sdt_probe(abi::ProbeId::SignalHandle, p->p_pid, sig,
              sa.sa_handler > abi::SIG_HOLD_VALUE ? sa.sa_handler : 0);
    p->p_stats->p_ru.ru_nsignals++;
    ktr_psig(sig, sa.sa_handler, l->l_sigrestore ? &l->l_sigoldmask : &l->l_sigmask, &ksi);
    if (!sigismember(&p->p_sigctx.ps_sigcatch, sig)) {
        sigexit(l, sig);
    }
    // sigsuspend's mask holds while it waits; the one before comes back.
    const abi::sigset_t mask = l->l_sigrestore ? l->l_sigoldmask : l->l_sigmask;
    l->l_sigrestore = false;
    kpsendsig(l, &ksi, &mask);
}

// The handler will run; meanwhile more signals are held back.
void kpsendsig(lwp* l, const ksiginfo* ksi, const abi::sigset_t* mask) {
    proc* p = l->l_proc;
    const int sig = ksi->ksi_info.signo;
    const abi::sigset_t returnmask = *mask;
    sendsig(ksi, &returnmask);
    sigact_desc& sd = p->p_sigacts->sa_sigdesc[sig];
    sigplusset(&sd.sd_sigact.sa_mask, &l->l_sigmask);
    if ((sd.sd_sigact.sa_flags & abi::SA_NODEFER) == 0) {
        sigaddset(&l->l_sigmask, sig);
    }
    if ((sd.sd_sigact.sa_flags & abi::SA_RESETHAND) != 0 && (sigprop(sig) & SA_NORESET) == 0) {
        sigdelset(&p->p_sigctx.ps_sigcatch, sig);
        if (sig != SIGCONT && (sigprop(sig) & SA_IGNORE) != 0) {
            sigaddset(&p->p_sigctx.ps_sigignore, sig);
        }
        sd.sd_sigact.sa_handler = abi::SIG_DFL_VALUE;
    }
}

void sigexit(lwp* l, int sig) {
    proc* p = l->l_proc;
    KASSERT(mutex_owned(p->p_lock));
    p->p_acflag |= AXSIG;
    if ((sigprop(sig) & SA_CORE) != 0) {
        log(Info, "pid %d (%s), uid %u: exited on signal %d", p->p_pid, p->p_comm,
            p->p_cred->cr_uid, sig);
    }
    exit1(l, 0, sig);
}

Errno sigchecksleep(lwp* l) {
    proc* p = l->l_proc;
    KASSERT(mutex_owned(p->p_lock));
    const int sig = issignal(l);
    if (sig == 0) {
        return EOK;
    }
    const int flags = p->p_sigacts->sa_sigdesc[sig].sd_sigact.sa_flags;
    return (flags & abi::SA_RESTART) != 0 ? ERESTART : EINTR;
}

// --- events for a tracer ---------------------------------------------------------------------------------

namespace {

void event_note(proc* p, int code, int event, int entity) {
    p->p_sigctx.ps_info = {};
    p->p_sigctx.ps_info.signo = SIGTRAP;
    p->p_sigctx.ps_info.code = code;
    p->p_sigctx.ps_info.reason.ptrace_state.report_event = event;
    p->p_sigctx.ps_info.reason.ptrace_state.other = entity;
    p->p_sigctx.ps_lwp = curlwp->l_lid;
    p->p_sigctx.ps_signo = SIGTRAP;
    p->p_sigctx.ps_faked = true;
}

} // namespace

void eventswitch(int code, int event, int entity) {
    lwp* l = curlwp;
    proc* p = l->l_proc;
    KASSERT(mutex_owned(&proc_lock) && mutex_owned(p->p_lock));
    if ((p->p_slflag & PSL_TRACED) != 0 && (p->p_sflag & PS_WEXIT) == 0 &&
        !sigismember(&p->p_sigpend.sp_set, SIGKILL)) {
        event_note(p, code, event, entity);
        proc_stop(p, SIGTRAP);
        mutex_exit(&proc_lock);
        sigswitch(l, p);
    } else {
        mutex_exit(&proc_lock);
    }
    mutex_exit(p->p_lock);
}

void eventswitchchild(proc* p, int code, int event) {
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    eventswitch(code, event, p->p_oppid);
}
