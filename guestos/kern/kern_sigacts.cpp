// What a signal does by default, what a process made of it, and which pend.
#include "sys/signalvar.hpp"

#include "sys/kmem.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/systm.hpp"

#include <initializer_list>

namespace {

constexpr SigProp kKill = SA_KILL;
constexpr SigProp kCore = SA_KILL | SA_CORE;
constexpr SigProp kNone = SigProp{};

// Default actions, by signal.
constexpr SigProp sigprops[NSIG] = {
    kNone,                  // unused
    kKill,                  // SIGHUP
    kKill,                  // SIGINT
    kCore,                  // SIGQUIT
    kCore | SA_NORESET,     // SIGILL
    kCore | SA_NORESET,     // SIGTRAP
    kCore,                  // SIGABRT
    kCore,                  // SIGEMT
    kCore,                  // SIGFPE
    kKill | SA_CANTMASK,    // SIGKILL
    kCore,                  // SIGBUS
    kCore,                  // SIGSEGV
    kCore,                  // SIGSYS
    kKill,                  // SIGPIPE
    kKill,                  // SIGALRM
    kKill,                  // SIGTERM
    SA_IGNORE,              // SIGURG
    SA_STOP | SA_CANTMASK,  // SIGSTOP
    SA_STOP | SA_TTYSTOP,   // SIGTSTP
    SA_IGNORE | SA_CONT,    // SIGCONT
    SA_IGNORE,              // SIGCHLD
    SA_STOP | SA_TTYSTOP,   // SIGTTIN
    SA_STOP | SA_TTYSTOP,   // SIGTTOU
    SA_IGNORE,              // SIGIO
    kKill,                  // SIGXCPU
    kKill,                  // SIGXFSZ
    kKill,                  // SIGVTALRM
    kKill,                  // SIGPROF
    SA_IGNORE,              // SIGWINCH
    SA_IGNORE,              // SIGINFO
    kKill,                  // SIGUSR1
    kKill,                  // SIGUSR2
    SA_IGNORE | SA_NORESET, // SIGPWR
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

constexpr unsigned kSigqueueMax = 32; // pending signals whose circumstances are kept

pool ksiginfo_pool;

} // namespace

const abi::sigset_t contsigmask = sigset_of(SIGCONT);
const abi::sigset_t stopsigmask = sigset_of(SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU);
const abi::sigset_t sigcantmask = sigset_of(SIGKILL, SIGSTOP);

// Real-time signals terminate.
SigProp sigprop(int sig) {
    return sig >= SIGRTMIN ? kKill : sigprops[sig];
}

void signal_init() {
    pool_init(&ksiginfo_pool, sizeof(ksiginfo), 0, "ksiginfo", IPL_NONE);
}

// --- actions --------------------------------------------------------------------------

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

// --- pending signals ------------------------------------------------------------------

void sigpend_init(sigpend* sp) {
    *sp = {};
}

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

Errno sigput(sigpend* sp, const ksiginfo* ksi) {
    const int sig = ksi->ksi_info.signo;
    sigaddset(&sp->sp_set, sig);
    if ((ksi->ksi_flags & KSI_EMPTY) != 0) {
        return EOK;
    }
    unsigned count = 0;
    ksiginfo** link = &sp->sp_info;
    for (; *link != nullptr; link = &(*link)->ksi_next, count++) {
        if (sig < SIGRTMIN && (*link)->ksi_info.signo == sig) {
            (*link)->ksi_info = ksi->ksi_info;
            return EOK;
        }
    }
    if (count >= kSigqueueMax) {
        return EAGAIN;
    }
    auto* copy = pool_get<ksiginfo>(&ksiginfo_pool, PR_NOWAIT);
    if (copy != nullptr) {
        *copy = *ksi;
        copy->ksi_next = nullptr;
        *link = copy;
    }
    return EOK;
}

void sigget(sigpend* sp, int sig, ksiginfo* out) {
    ksiginfo_init(out, sig);
    out->ksi_info.code = abi::SI_NOINFO;
    unsigned found = 0;
    for (ksiginfo** link = &sp->sp_info; *link != nullptr;) {
        ksiginfo* ksi = *link;
        if (ksi->ksi_info.signo == sig && found++ == 0) {
            *link = ksi->ksi_next;
            *out = *ksi;
            out->ksi_next = nullptr;
            pool_put(&ksiginfo_pool, ksi);
        } else {
            link = &ksi->ksi_next;
        }
    }
    if (found < 2) { // others of the number stay in line
        sigdelset(&sp->sp_set, sig);
    }
}

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
