// System calls on signals: kill(2), sigaction(2), sigprocmask(2) and their kin.
#include "machine/cpu.hpp"
#include "sys/kauth.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/signalvar.hpp"
#include "sys/sleepq.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"

// --- kill -----------------------------------------------------------------------------

namespace {

// => proc_lock held; signal 0 only asks whether it could be sent
Errno signal_one(lwp* l, proc* p, ksiginfo* ksi) {
    const int sig = ksi->ksi_info.signo;
    const Errno error = kauth_authorize(l->l_cred, KAUTH_PROCESS_SIGNAL, p, static_cast<u64>(sig));
    if (error != EOK || sig == 0) {
        return error;
    }
    mutex_enter(p->p_lock);
    const Errno result = kpsignal2(p, ksi);
    mutex_exit(p->p_lock);
    return result;
}

} // namespace

// To all processes but init, the system's and the caller (`all`), or to a group.
Errno killpg1(lwp* l, ksiginfo* ksi, int pgid, bool all) {
    Errno result = ESRCH;
    bool sent = false;
    mutex_enter(&proc_lock);
    const pgrp* pg = pgid == 0 ? l->l_proc->p_pgrp : pgrp_find(pgid);
    for (proc& p : allproc) {
        const bool chosen = all ? p.p_pid > 1 && &p != l->l_proc : p.p_pgrp == pg && pg != nullptr;
        if (!chosen || (p.p_flag & PK_SYSTEM) != 0) {
            continue;
        }
        const Errno error = signal_one(l, &p, ksi);
        sent |= error == EOK;
        result = error;
    }
    mutex_exit(&proc_lock);
    return sent ? EOK : result;
}

namespace {

Errno kill1(lwp* l, int pid, ksiginfo* ksi) {
    if (ksi->ksi_info.signo < 0 || ksi->ksi_info.signo >= NSIG) {
        return EINVAL;
    }
    if (pid > 0) {
        mutex_enter(&proc_lock);
        proc* p = proc_find_raw(pid);
        const bool alive = p != nullptr && p->p_stat != SIDL;
        const Errno error = alive ? signal_one(l, p, ksi) : ESRCH;
        mutex_exit(&proc_lock);
        return error;
    }
    switch (pid) {
    case -1:
        return killpg1(l, ksi, 0, true);
    case 0:
        return killpg1(l, ksi, 0, false);
    default:
        return pid == -2147483647 - 1 ? ESRCH : killpg1(l, ksi, -pid, false);
    }
}

} // namespace

Errno sys_kill(lwp* l, const syscall_args* uap, register_t*) {
    ksiginfo ksi;
    ksiginfo_init(&ksi, uap->integer<int>(1));
    ksi.ksi_info.code = abi::SI_USER;
    ksi.ksi_info.reason.rt.pid = l->l_proc->p_pid;
    ksi.ksi_info.reason.rt.uid = l->l_cred->cr_euid;
    return kill1(l, uap->integer<int>(0), &ksi);
}

// pid, siginfo. Nobody may tell others that the signal came from somebody else,
// or from the kernel.
Errno sys_sigqueueinfo(lwp* l, const syscall_args* uap, register_t*) {
    abi::siginfo_t given;
    const Errno error = copyin(uap->pointer(1), given);
    if (error != EOK) {
        return error;
    }
    ksiginfo ksi;
    ksiginfo_init(&ksi, given.info.signo);
    ksi.ksi_info = given.info;
    const auto& from = ksi.ksi_info.reason.rt;
    const bool honest = from.pid == l->l_proc->p_pid && from.uid == l->l_cred->cr_euid &&
                        (given.info.code == abi::SI_USER || given.info.code == abi::SI_QUEUE);
    const int pid = uap->integer<int>(0);
    return pid == l->l_proc->p_pid || honest ? kill1(l, pid, &ksi) : EPERM;
}

// --- actions --------------------------------------------------------------------------

namespace {

// The parent's attitude towards its children's news. => p_lock held
void sigchld_action(proc* p, const abi::sigaction* sa) {
    p->p_sflag = (sa->sa_flags & abi::SA_NOCLDSTOP) != 0 ? p->p_sflag | PS_NOCLDSTOP
                                                         : p->p_sflag & ~PS_NOCLDSTOP;
    const bool nowait = (sa->sa_flags & abi::SA_NOCLDWAIT) != 0 && p != initproc;
    p->p_flag = nowait ? p->p_flag | PK_NOCLDWAIT : p->p_flag & ~PK_NOCLDWAIT;
    const bool ignored = sa->sa_handler == abi::SIG_IGN_VALUE && p != initproc;
    p->p_flag = ignored ? p->p_flag | PK_CLDSIGIGN : p->p_flag & ~PK_CLDSIGIGN;
}

// Sorts the signal among those caught and ignored. => p_lock held
void sort_signal(proc* p, int sig, u64 handler, ksiginfo** freed) {
    const bool ignored = handler == abi::SIG_IGN_VALUE ||
                         (handler == abi::SIG_DFL_VALUE && (sigprop(sig) & SA_IGNORE) != 0);
    sigdelset(&p->p_sigctx.ps_sigignore, sig);
    sigdelset(&p->p_sigctx.ps_sigcatch, sig);
    if (ignored) {
        abi::sigset_t one{};
        sigaddset(&one, sig);
        sigclearall(p, &one, freed);
        if (sig != SIGCONT) { // what continues is never quite ignored
            sigaddset(&p->p_sigctx.ps_sigignore, sig);
        }
    } else if (handler != abi::SIG_DFL_VALUE) {
        sigaddset(&p->p_sigctx.ps_sigcatch, sig);
    }
}

} // namespace

Errno sigaction1(lwp* l, int sig, const abi::sigaction* nsa, abi::sigaction* osa, u64 tramp,
                 int vers) {
    proc* p = l->l_proc;
    if (sig <= 0 || sig >= NSIG) {
        return EINVAL;
    }
    if (nsa != nullptr) {
        if ((sigprop(sig) & SA_CANTMASK) != 0) {
            return EINVAL;
        }
        const bool catches = nsa->sa_handler > abi::SIG_HOLD_VALUE;
        if (catches && vers != 2) {
            return EINVAL;
        }
    }
    ksiginfo* freed = nullptr;
    mutex_enter(p->p_lock);
    sigact_desc& sd = p->p_sigacts->sa_sigdesc[sig];
    if (osa != nullptr) {
        *osa = sd.sd_sigact;
    }
    if (nsa != nullptr) {
        sd.sd_sigact = *nsa;
        sd.sd_tramp = tramp;
        sd.sd_vers = vers;
        sigminusset(&sigcantmask, &sd.sd_sigact.sa_mask);
        if (sig == SIGCHLD) {
            sigchld_action(p, nsa);
        }
        sort_signal(p, sig, nsa->sa_handler, &freed);
    }
    mutex_exit(p->p_lock);
    ksiginfo_queue_drain(freed);
    return EOK;
}

// sig, act, oact, trampoline, version
Errno sys___sigaction_sigtramp(lwp* l, const syscall_args* uap, register_t*) {
    abi::sigaction nsa;
    abi::sigaction osa;
    const bool set = uap->pointer(1) != nullptr;
    Errno error = set ? copyin(uap->pointer(1), nsa) : EOK;
    if (error == EOK) {
        error = sigaction1(l, uap->integer<int>(0), set ? &nsa : nullptr, &osa, uap->reg[3],
                           uap->integer<int>(4));
    }
    if (error == EOK && uap->pointer(2) != nullptr) {
        error = copyout(osa, uap->pointer(2));
    }
    return error;
}

// --- masks ----------------------------------------------------------------------------

Errno sigprocmask1(lwp* l, int how, const abi::sigset_t* nss, abi::sigset_t* oss) {
    KASSERT(mutex_owned(l->l_proc->p_lock));
    if (oss != nullptr) {
        *oss = l->l_sigmask;
    }
    if (nss == nullptr) {
        return EOK;
    }
    switch (how) {
    case abi::SIG_BLOCK:
        sigplusset(nss, &l->l_sigmask);
        break;
    case abi::SIG_UNBLOCK:
        sigminusset(nss, &l->l_sigmask);
        break;
    case abi::SIG_SETMASK:
        l->l_sigmask = *nss;
        break;
    default:
        return EINVAL;
    }
    sigminusset(&sigcantmask, &l->l_sigmask);
    // Something that was held back may come now.
    lwp_lock(l);
    l->l_flag |= LW_PENDSIG;
    lwp_need_userret(l);
    lwp_unlock(l);
    return EOK;
}

Errno sys___sigprocmask14(lwp* l, const syscall_args* uap, register_t*) {
    abi::sigset_t nss;
    abi::sigset_t oss;
    const bool set = uap->pointer(1) != nullptr;
    Errno error = set ? copyin(uap->pointer(1), nss) : EOK;
    if (error != EOK) {
        return error;
    }
    mutex_enter(l->l_proc->p_lock);
    error = sigprocmask1(l, uap->integer<int>(0), set ? &nss : nullptr, &oss);
    mutex_exit(l->l_proc->p_lock);
    if (error == EOK && uap->pointer(2) != nullptr) {
        error = copyout(oss, uap->pointer(2));
    }
    return error;
}

void sigpending1(lwp* l, abi::sigset_t* ss) {
    mutex_enter(l->l_proc->p_lock);
    *ss = l->l_proc->p_sigpend.sp_set;
    sigplusset(&l->l_sigpend.sp_set, ss);
    mutex_exit(l->l_proc->p_lock);
}

Errno sys___sigpending14(lwp* l, const syscall_args* uap, register_t*) {
    abi::sigset_t ss;
    sigpending1(l, &ss);
    return copyout(ss, uap->pointer(0));
}

// Sets the mask for the time of one call. The one before comes back when a handler
// has run, or on the way to user mode if none does: lwp_take_signals.
void sigsuspendsetup(lwp* l, const abi::sigset_t* ss) {
    mutex_enter(l->l_proc->p_lock);
    l->l_sigrestore = true;
    l->l_sigoldmask = l->l_sigmask;
    (void)sigprocmask1(l, abi::SIG_SETMASK, ss, nullptr);
    mutex_exit(l->l_proc->p_lock);
}

// The call is over: signals that its mask let in are handled, then the mask goes.
void sigsuspendteardown(lwp* l) {
    mutex_enter(l->l_proc->p_lock);
    if (l->l_sigrestore) {
        lwp_lock(l);
        l->l_flag |= LW_PENDSIG;
        lwp_need_userret(l);
        lwp_unlock(l);
    }
    mutex_exit(l->l_proc->p_lock);
}

Errno sys___sigsuspend14(lwp* l, const syscall_args* uap, register_t*) {
    if (uap->pointer(0) != nullptr) {
        abi::sigset_t ss;
        const Errno error = copyin(uap->pointer(0), ss);
        if (error != EOK) {
            return error;
        }
        sigsuspendsetup(l, &ss);
    }
    while (kpause("pause", true, 0, nullptr) == EOK) {
    }
    sigsuspendteardown(l);
    return EINTR;
}

namespace {

// Waits for a signal of the set, which comes without its handler.
// => `timo` in ticks: 0 for ever, below 0 not at all; EAGAIN
Errno sigwait1(lwp* l, const abi::sigset_t* set, int timo, ksiginfo* ksi) {
    proc* p = l->l_proc;
    Errno error = EOK;
    mutex_enter(p->p_lock);
    if (!sigtake(l, set, ksi)) {
        l->l_sigwait = const_cast<abi::sigset_t*>(set);
        l->l_sigwaited = ksi;
        while (l->l_sigwait != nullptr && error == EOK) {
            error = timo < 0 ? EWOULDBLOCK : cv_timedwait_sig(&p->p_lwpcv, p->p_lock, timo);
        }
        if (l->l_sigwait == nullptr) {
            error = EOK; // it came, whatever else did
        }
        l->l_sigwait = nullptr;
        l->l_sigwaited = nullptr;
    }
    mutex_exit(p->p_lock);
    switch (error) {
    case EWOULDBLOCK:
        return EAGAIN;
    case ERESTART:
        return EINTR;
    default:
        return error;
    }
}

} // namespace

// set, siginfo, timeout
Errno sys_____sigtimedwait50(lwp* l, const syscall_args* uap, register_t* retval) {
    abi::sigset_t set;
    Errno error = copyin(uap->pointer(0), set);
    int timo = 0;
    if (error == EOK && uap->pointer(2) != nullptr) {
        abi::timespec ts;
        error = copyin(uap->pointer(2), ts);
        if (error == EOK) {
            error = itimespecfix(&ts);
        }
        timo = error == EOK && timespec2ns(ts) == 0 ? -1 : tstohz(&ts);
    }
    if (error != EOK) {
        return error;
    }
    sigminusset(&sigcantmask, &set);
    ksiginfo ksi;
    error = sigwait1(l, &set, timo, &ksi);
    if (error == EOK && uap->pointer(1) != nullptr) {
        abi::siginfo_t info{};
        info.info = ksi.ksi_info;
        error = copyout(info, uap->pointer(1));
    }
    retval[0] = 0;
    return error;
}

Errno sys___sigaltstack14(lwp* l, const syscall_args* uap, register_t*) {
    abi::stack_t nss;
    const bool set = uap->pointer(0) != nullptr;
    Errno error = set ? copyin(uap->pointer(0), nss) : EOK;
    const abi::stack_t oss = l->l_sigstk;
    if (error == EOK && set) {
        if ((nss.ss_flags & ~abi::SS_DISABLE) != 0) {
            error = EINVAL;
        } else if ((l->l_sigstk.ss_flags & abi::SS_ONSTACK) != 0) {
            error = EINVAL;
        } else if ((nss.ss_flags & abi::SS_DISABLE) == 0 && nss.ss_size < abi::MINSIGSTKSZ) {
            error = ENOMEM;
        } else {
            l->l_sigstk = nss;
        }
    }
    if (error == EOK && uap->pointer(1) != nullptr) {
        error = copyout(oss, uap->pointer(1));
    }
    return error;
}
