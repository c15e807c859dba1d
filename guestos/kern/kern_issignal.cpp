// Signals: found by LWPs on their way to user mode, and acted on there.
#include "sys/signalvar.hpp"

#include "sys/core.hpp"
#include "sys/kauth.hpp"
#include "sys/ktrace.hpp"
#include "sys/log.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sdt.hpp"
#include "sys/systm.hpp"

#include <initializer_list>

// --- delivery -------------------------------------------------------------------------

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
    if (proc_is_stopping(l->l_proc) || l->l_proc->p_sigctx.ps_inject != 0) {
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
    (void)sigput(&p->p_sigpend, &ksi);
    return 0;
}

// The process stops with the signal, and its tracer decides what becomes of it.
// => p_lock held, and dropped meanwhile
void sig_tell_tracer(proc* p, sigpend* sp, int sig) {
    mutex_exit(p->p_lock);
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    const bool stops = proc_is_stopping(p); // for another LWP
    if (!stops && (p->p_slflag & PSL_TRACED) != 0 && sigismember(&sp->sp_set, sig)) {
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
    if (stops && ((prop & SA_TTYSTOP) == 0 || tty_may_stop(p))) {
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
        if (proc_is_stopping(p)) {
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
            if (proc_has_tracer(p) && sig != SIGKILL &&
                !sigismember(&p->p_sigctx.ps_sigpass, sig)) {
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

namespace {

// Leaves a core file where the limit allows one; the other LWPs end before.
// => p_lock held, and dropped meanwhile
void sigexit_core(lwp* l, int sig) {
    proc* p = l->l_proc;
    if (p == initproc || p->p_limit->pl_rlimit[abi::RLIMIT_CORE].rlim_cur == 0) {
        return;
    }
    p->p_sflag |= PS_WEXIT;
    if (p->p_nlwps > 1) {
        exit_lwps(l);
    }
    if (p->p_sigctx.ps_info.signo != sig) {
        p->p_sigctx.ps_info = {};
        p->p_sigctx.ps_info.signo = sig;
    }
    p->p_sigctx.ps_lwp = l->l_lid;
    mutex_exit(p->p_lock);
    const Errno error = coredump(p, nullptr);
    mutex_enter(p->p_lock);
    p->p_acflag |= error == EOK ? ACORE : 0;
}

} // namespace

void sigexit(lwp* l, int sig) {
    proc* p = l->l_proc;
    KASSERT(mutex_owned(p->p_lock));
    p->p_acflag |= AXSIG;
    if ((sigprop(sig) & SA_CORE) != 0) {
        sigexit_core(l, sig);
        log(Info, "pid %d (%s), uid %u: exited on signal %d%s", p->p_pid, p->p_comm,
            p->p_cred->cr_uid, sig, (p->p_acflag & ACORE) != 0 ? " (core dumped)" : "");
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

// --- events for a tracer --------------------------------------------------------------

namespace {

// Stops for what is noted, unless nobody wants to know any more. What is noted is an
// event if no signal brings it.
// => proc_lock and p_lock held; both released
void tracer_stop(const abi::ksiginfo_abi& info, bool event) {
    lwp* l = curlwp;
    proc* p = l->l_proc;
    KASSERT(mutex_owned(&proc_lock) && mutex_owned(p->p_lock));
    while (proc_is_stopping(p)) { // for another LWP
        mutex_exit(&proc_lock);
        sigswitch(l, p);
        mutex_exit(p->p_lock);
        mutex_enter(&proc_lock);
        mutex_enter(p->p_lock);
    }
    if (proc_has_tracer(p) && (p->p_sflag & PS_WEXIT) == 0 &&
        !sigismember(&p->p_sigpend.sp_set, SIGKILL)) {
        p->p_sigctx.ps_info = info;
        p->p_sigctx.ps_lwp = l->l_lid;
        p->p_sigctx.ps_signo = info.signo;
        p->p_sigctx.ps_faked = event;
        proc_stop(p, info.signo);
        mutex_exit(&proc_lock);
        sigswitch(l, p);
    } else {
        mutex_exit(&proc_lock);
    }
    mutex_exit(p->p_lock);
}

} // namespace

void faultswitch(const ksiginfo* ksi) {
    tracer_stop(ksi->ksi_info, false);
}

void eventswitch(int code, int event, int entity) {
    abi::ksiginfo_abi info{};
    info.signo = SIGTRAP;
    info.code = code;
    info.reason.ptrace_state.report_event = event;
    info.reason.ptrace_state.other = entity;
    tracer_stop(info, true);
}

void eventswitchchild(proc* p, int code, int event) {
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    eventswitch(code, event, p->p_oppid);
}

void eventswitchlwp(lwp* l, int event) {
    proc* p = l->l_proc;
    const ProcTraceFlag asked = PSL_TRACED | static_cast<ProcTraceFlag>(event);
    if ((p->p_slflag & asked) == asked) {
        mutex_enter(&proc_lock);
        mutex_enter(p->p_lock);
        eventswitch(abi::TRAP_LWP, event, l->l_lid);
    }
}

void proc_stoptrace(int code, unsigned number, const u64 args[8], const register_t retval[2],
                    Errno error) {
    proc* p = curlwp->l_proc;
    abi::ksiginfo_abi info{};
    info.signo = SIGTRAP;
    info.code = code;
    info.reason.syscall.sysnum = static_cast<i32>(number);
    info.reason.syscall.retval[0] = static_cast<i32>(retval[0]);
    info.reason.syscall.retval[1] = static_cast<i32>(retval[1]);
    info.reason.syscall.error = error;
    memcpy(info.reason.syscall.args, args, sizeof(info.reason.syscall.args));
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    tracer_stop(info, true);
}
