// ptrace(2): one process watches and steers another.
//
// A traced process stops with every signal it gets, and with the events that
// its tracer asked for; wait(2) tells the tracer, who is its parent meanwhile.
// The requests below are made while it is stopped.
//
// Deviation: posix_spawn(3) is a vfork here, and is reported as one: nothing
// ever reports PTRACE_POSIX_SPAWN.
#include "sys/ptrace.hpp"

#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/signalvar.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"

namespace {

// --- who may --------------------------------------------------------------------------

// Is t's root the caller's, or below it?
bool proc_isunder(const proc* t, const proc* p) {
    const vnode* root = p->p_cwdi->cwdi_rdir;
    vnode* troot = t->p_cwdi->cwdi_rdir;
    return root == nullptr || (troot != nullptr && vn_isunder(troot, root));
}

// May the caller begin to trace t? => proc_lock held
Errno attach_allowed(const tracing& r) {
    if (r.t == r.p) {
        return EINVAL;
    }
    if (r.t->p_stat != SACTIVE && r.t->p_stat != SSTOP) {
        return ESRCH; // it dies
    }
    if ((r.t->p_flag & PK_SYSTEM) != 0 || r.t == initproc) {
        return EPERM;
    }
    if ((r.t->p_slflag & PSL_TRACED) != 0) {
        return EBUSY;
    }
    if (!proc_isunder(r.t, r.p)) {
        return EPERM;
    }
    const Errno error = kauth_authorize(r.l->l_cred, KAUTH_PROCESS_PTRACE, r.t);
    const bool privileged = (r.t->p_flag & PK_SUGID) != 0 && r.l->l_cred->cr_euid != 0;
    return error == EOK && privileged ? EPERM : error;
}

// Does the caller trace t, and is t stopped, and known to be? => proc_lock held
Errno request_allowed(const tracing& r) {
    if ((r.t->p_slflag & PSL_TRACED) == 0) {
        return EPERM;
    }
    if (r.t->p_pptr != r.p) {
        return EBUSY;
    }
    const bool any_time = r.req == abi::PT_KILL || r.req == abi::PT_STOP;
    return any_time || (r.t->p_stat == SSTOP && r.t->p_waited != 0) ? EOK : EBUSY;
}

// --- begin, go on, end ----------------------------------------------------------------

Errno trace_me(proc* p) {
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    const Errno error = p->p_pptr == initproc             ? EPERM // it would never let us go on
                        : (p->p_slflag & PSL_TRACED) != 0 ? EBUSY
                                                          : EOK;
    if (error == EOK) {
        p->p_slflag |= PSL_TRACED;
        sigemptyset(&p->p_sigctx.ps_sigpass);
    }
    mutex_exit(p->p_lock);
    mutex_exit(&proc_lock);
    return error;
}

// t becomes our child, and stops. => proc_lock held
Errno attach(const tracing& r) {
    proc_changeparent(r.t, r.p);
    sigemptyset(&r.t->p_sigctx.ps_sigpass);
    if (r.t->p_stat == SSTOP) {
        r.t->p_waited = 0; // news for the tracer
        r.t->p_xsig = SIGSTOP;
        r.p->p_nstopchild++;
        mutex_enter(r.t->p_lock);
        child_psignal(r.t, PS_NOCLDSTOP);
        mutex_exit(r.t->p_lock);
    } else {
        psignal(r.t, SIGSTOP);
    }
    return EOK;
}

// t goes on, with the signal if that is not 0. => proc_lock held
void resume(const tracing& r, int sig) {
    mutex_enter(r.t->p_lock);
    if (sig == SIGKILL) {
        ksiginfo ksi;
        ksiginfo_init(&ksi, SIGKILL);
        (void)kpsignal2(r.t, &ksi);
    } else if (r.t->p_stat == SSTOP) {
        r.t->p_sigctx.ps_inject = sig;
        proc_unstop(r.t);
    }
    mutex_exit(r.t->p_lock);
}

// => p_lock of t held
bool all_suspended(const tracing& r) {
    for (const lwp& l : r.t->p_lwps) {
        if (l.l_stat != LSZOMB && (l.l_flag & LW_DBGSUSPEND) == 0) {
            return false;
        }
    }
    return true;
}

// How the LWP l goes on: from where, and whether by one instruction; the others
// as they were told before. => p_lock of t held
Errno set_course(const tracing& r, lwp* l) {
    const auto pc = reinterpret_cast<vaddr_t>(r.addr);
    if (l == nullptr || pc == 0 || (pc != 1 && (pc & 3) != 0)) {
        return l == nullptr ? ESRCH : EINVAL;
    }
    if (r.req != abi::PT_DETACH && all_suspended(r)) {
        return EDEADLK;
    }
    if (pc != 1) { // 1: where it stopped
        process_set_pc(l, pc);
    }
    for (lwp& other : r.t->p_lwps) {
        const bool always = (other.l_pflag & LP_SINGLESTEP) != 0;
        process_sstep(&other, r.req != abi::PT_DETACH &&
                                  (always || (r.req == abi::PT_STEP && &other == l)));
    }
    const ProcTraceFlag syscall = r.req == abi::PT_SYSCALL ? PSL_SYSCALL : ProcTraceFlag{};
    r.t->p_slflag = (r.t->p_slflag & ~PSL_SYSCALL) | syscall;
    return EOK;
}

// Back to who forked it. => proc_lock held
void detach(const tracing& r) {
    for (lwp& l : r.t->p_lwps) {
        l.l_pflag &= ~LP_SINGLESTEP;
        lwp_lock(&l);
        l.l_flag &= ~LW_DBGSUSPEND;
        lwp_unlock(&l);
    }
    r.t->p_slflag &= ~(PSL_TRACED | PSL_TRACEDCHILD | PSL_SYSCALLEMU | kTraceEvents);
    proc* forker = proc_find(r.t->p_oppid);
    proc_reparent(r.t, forker != nullptr ? forker : initproc);
}

// `data` is a signal to go on with, or below 0 the number of an LWP.
// => proc_lock held
Errno go_on(const tracing& r) {
    const int sig = max(r.data, 0);
    if (sig >= NSIG || (r.data < 0 && r.req == abi::PT_DETACH)) {
        return EINVAL;
    }
    mutex_enter(r.t->p_lock);
    const Errno error = set_course(r, traced_lwp(r, -r.data));
    mutex_exit(r.t->p_lock);
    if (error != EOK) {
        return error;
    }
    if (r.req == abi::PT_DETACH) {
        detach(r);
    }
    resume(r, sig);
    return EOK;
}

Errno stop(const tracing& r) {
    psignal(r.t, SIGSTOP);
    return EOK;
}

Errno kill(const tracing& r) {
    resume(r, SIGKILL);
    return EOK;
}

// Requests that change how t runs. => proc_lock held
Errno steer(const tracing& r) {
    switch (r.req) {
    case abi::PT_ATTACH:
        return attach(r);
    case abi::PT_CONTINUE:
    case abi::PT_STEP:
    case abi::PT_SYSCALL:
    case abi::PT_DETACH:
        return go_on(r);
    case abi::PT_KILL:
        return kill(r);
    case abi::PT_STOP:
        return stop(r);
    default:
        return ENOTSUP;
    }
}

bool steers(int req) {
    switch (req) {
    case abi::PT_ATTACH:
    case abi::PT_CONTINUE:
    case abi::PT_STEP:
    case abi::PT_SYSCALL:
    case abi::PT_DETACH:
    case abi::PT_KILL:
    case abi::PT_STOP:
        return true;
    default:
        return false;
    }
}

bool known(int req) {
    return (req >= abi::PT_TRACE_ME && req <= abi::PT_GET_SIGPASS) ||
           (req >= abi::PT_GETREGS && req <= abi::PT_CLEARSTEP);
}

} // namespace

// request, pid, addr, data
Errno sys_ptrace(lwp* l, const syscall_args* uap, register_t* retval) {
    tracing r{l,       l->l_proc, uap->integer<int>(0), uap->pointer(2), uap->integer<int>(3),
              nullptr, retval};
    retval[0] = 0;
    if (!known(r.req)) {
        return EINVAL;
    }
    if (r.req == abi::PT_TRACE_ME) {
        return trace_me(r.p);
    }
    mutex_enter(&proc_lock);
    const auto pid = uap->integer<pid_t>(1);
    r.t = pid == 0 ? &proc0 : proc_find(pid);
    Errno error = r.t == nullptr            ? ESRCH
                  : r.req == abi::PT_ATTACH ? attach_allowed(r)
                                            : request_allowed(r);
    if (error != EOK || steers(r.req)) {
        error = error == EOK ? steer(r) : error;
        mutex_exit(&proc_lock);
        return error;
    }
    rw_enter(&r.t->p_reflock, RW_READER);
    mutex_exit(&proc_lock);
    error = process_look(r);
    rw_exit(&r.t->p_reflock);
    return error;
}
