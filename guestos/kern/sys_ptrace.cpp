// ptrace(2): one process watches and steers another.
//
// A traced process stops with every signal it gets, and with the events that
// its tracer asked for; wait(2) tells the tracer, who is its parent meanwhile.
// The requests below are made while it is stopped.
#include "sys/ptrace.hpp"

#include "machine/cpu.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/signalvar.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

// One request: the tracer p asks about, or changes, t.
struct tracing {
    lwp* l;
    proc* p;
    int req;
    void* addr; // the request's own
    int data;
    proc* t;
    register_t* retval;
};

constexpr ProcTraceFlag kEvents = PSL_TRACEFORK | PSL_TRACEVFORK | PSL_TRACEVFORK_DONE;

// --- who may --------------------------------------------------------------------------

// May the caller begin to trace t? => proc_lock held
Errno attach_allowed(const tracing& r) {
    if (r.t == r.p) {
        return EINVAL;
    }
    if ((r.t->p_flag & PK_SYSTEM) != 0 || r.t == initproc) {
        return EPERM;
    }
    if ((r.t->p_slflag & PSL_TRACED) != 0) {
        return EBUSY;
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

// The LWP whose registers are asked for: a positive `data` names it, else the
// first. => p_lock of t held
lwp* traced_lwp(const tracing& r, int lid) {
    return lid > 0 ? proc_find_lwp(r.t, lid) : r.t->p_lwps.first();
}

// --- begin, go on, end ----------------------------------------------------------------

Errno trace_me(proc* p) {
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    const bool traced = (p->p_slflag & PSL_TRACED) != 0;
    p->p_slflag |= PSL_TRACED;
    mutex_exit(p->p_lock);
    mutex_exit(&proc_lock);
    return traced ? EBUSY : EOK;
}

// t becomes our child, and stops. => proc_lock held
Errno attach(const tracing& r) {
    proc_changeparent(r.t, r.p);
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
        kpsignal2(r.t, &ksi);
    } else if (r.t->p_stat == SSTOP) {
        r.t->p_sigctx.ps_inject = sig;
        proc_unstop(r.t);
    }
    mutex_exit(r.t->p_lock);
}

// => proc_lock held
Errno go_on(const tracing& r) {
    if (r.data < 0 || r.data >= NSIG) {
        return EINVAL;
    }
    mutex_enter(r.t->p_lock);
    if (r.addr != reinterpret_cast<void*>(1)) { // 1: where it stopped
        if ((reinterpret_cast<vaddr_t>(r.addr) & 3) != 0) {
            mutex_exit(r.t->p_lock);
            return EINVAL;
        }
        process_set_pc(r.t->p_lwps.first(), reinterpret_cast<vaddr_t>(r.addr));
    }
    mutex_exit(r.t->p_lock);
    if (r.req == abi::PT_DETACH) {
        // Back to who forked it.
        r.t->p_slflag &= ~(PSL_TRACED | PSL_TRACEDCHILD | PSL_SYSCALL | kEvents);
        proc* forker = proc_find(r.t->p_oppid);
        proc_reparent(r.t, forker != nullptr ? forker : initproc);
    }
    resume(r, r.data);
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

// --- memory, registers, what happened -------------------------------------------------

vm_map* traced_map(const tracing& r) {
    return &r.t->p_vmspace->vm_map_;
}

// One word: PT_READ_*, PT_WRITE_*.
Errno word(const tracing& r) {
    const auto va = reinterpret_cast<vaddr_t>(r.addr);
    int value = r.data;
    const bool write = r.req == abi::PT_WRITE_I || r.req == abi::PT_WRITE_D;
    const Errno error = va >= VM_MAXUSER_ADDRESS ? EFAULT
                                                 : uvm_io(traced_map(r), va, &value, sizeof(value),
                                                          write ? VM_PROT_WRITE : VM_PROT_READ);
    if (error == EOK && !write) {
        *r.retval = value;
    }
    return error;
}

// One page at most between the two programs.
Errno io_piece(const tracing& r, const abi::ptrace_io_desc& io, bool write, u8* buf, size_t n) {
    if (io.piod_offs >= VM_MAXUSER_ADDRESS) {
        return EFAULT;
    }
    Errno error = write ? copyin(reinterpret_cast<void*>(io.piod_addr), buf, n) : EOK;
    if (error == EOK) {
        error = uvm_io(traced_map(r), io.piod_offs, buf, n, write ? VM_PROT_WRITE : VM_PROT_READ);
    }
    return error == EOK && !write ? copyout(buf, reinterpret_cast<void*>(io.piod_addr), n) : error;
}

Errno io(const tracing& r) {
    abi::ptrace_io_desc io;
    Errno error = copyin(r.addr, io);
    if (error != EOK) {
        return error;
    }
    if (io.piod_op < abi::PIOD_READ_D || io.piod_op > abi::PIOD_WRITE_I) {
        return EINVAL;
    }
    const bool write = io.piod_op == abi::PIOD_WRITE_D || io.piod_op == abi::PIOD_WRITE_I;
    auto* buf = static_cast<u8*>(kmem_alloc(PAGE_SIZE, KM_SLEEP));
    size_t done = 0;
    for (u64 left = io.piod_len; left > 0 && error == EOK;) {
        const size_t n = min(left, u64{PAGE_SIZE} - (io.piod_offs & PAGE_MASK));
        error = io_piece(r, io, write, buf, n);
        if (error == EOK) {
            io.piod_offs += n;
            io.piod_addr += n;
            done += n;
            left -= n;
        }
    }
    kmem_free(buf, PAGE_SIZE);
    if (done > 0) {
        error = EOK; // part of it happened: piod_len tells
    }
    return error != EOK ? error
                        : copyout(u64{done}, static_cast<u8*>(r.addr) +
                                                 offsetof(abi::ptrace_io_desc, piod_len));
}

Errno registers(const tracing& r) {
    abi::reg regs{};
    const bool set = r.req == abi::PT_SETREGS;
    Errno error = set ? copyin(r.addr, regs) : EOK;
    if (error != EOK) {
        return error;
    }
    mutex_enter(r.t->p_lock);
    lwp* l = traced_lwp(r, r.data);
    if (l == nullptr) {
        error = ESRCH;
    } else if (set) {
        error = process_write_regs(l, &regs);
    } else {
        process_read_regs(l, &regs);
    }
    mutex_exit(r.t->p_lock);
    return error == EOK && !set ? copyout(regs, r.addr) : error;
}

Errno set_events(const tracing& r) {
    abi::ptrace_event event;
    if (static_cast<size_t>(r.data) != sizeof(event)) {
        return EINVAL;
    }
    const Errno error = copyin(r.addr, event);
    if (error != EOK) {
        return error;
    }
    if ((event.pe_set_event & ~static_cast<i32>(kEvents)) != 0) {
        return ENOTSUP;
    }
    mutex_enter(r.t->p_lock);
    r.t->p_slflag = (r.t->p_slflag & ~kEvents) | static_cast<ProcTraceFlag>(event.pe_set_event);
    mutex_exit(r.t->p_lock);
    return EOK;
}

Errno get_events(const tracing& r) {
    const abi::ptrace_event event{static_cast<i32>(r.t->p_slflag & kEvents)};
    return static_cast<size_t>(r.data) != sizeof(event) ? EINVAL : copyout(event, r.addr);
}

// The event that it stopped for, zeros if it was a signal.
Errno get_state(const tracing& r) {
    const abi::ksiginfo_abi& info = r.t->p_sigctx.ps_info;
    abi::ptrace_state state{};
    if (r.t->p_sigctx.ps_faked && info.code == abi::TRAP_CHLD) {
        state = {info.reason.ptrace_state.report_event, info.reason.ptrace_state.other};
    }
    return static_cast<size_t>(r.data) != sizeof(state) ? EINVAL : copyout(state, r.addr);
}

Errno siginfo(const tracing& r) {
    abi::ptrace_siginfo psi{};
    if (static_cast<size_t>(r.data) != sizeof(psi)) {
        return EINVAL;
    }
    if (r.req == abi::PT_GET_SIGINFO) {
        psi.psi_siginfo.info = r.t->p_sigctx.ps_info;
        psi.psi_lwpid = r.t->p_sigctx.ps_lwp;
        return copyout(psi, r.addr);
    }
    const Errno error = copyin(r.addr, psi);
    const int sig = psi.psi_siginfo.info.signo;
    if (error != EOK || sig < 0 || sig >= NSIG) {
        return error != EOK ? error : EINVAL;
    }
    r.t->p_sigctx.ps_info = psi.psi_siginfo.info;
    r.t->p_sigctx.ps_lwp = psi.psi_lwpid;
    r.t->p_sigctx.ps_faked = false;
    return EOK;
}

// Requests that change how t runs. => proc_lock held
Errno steer(const tracing& r) {
    switch (r.req) {
    case abi::PT_ATTACH:
        return attach(r);
    case abi::PT_CONTINUE:
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

// Requests that look at t, or change what it finds.
// => t can't go away: only we can let it run, and only we wait for it. It may
//    be killed; then its memory waits for p_reflock
Errno look(const tracing& r) {
    switch (r.req) {
    case abi::PT_READ_I:
    case abi::PT_READ_D:
    case abi::PT_WRITE_I:
    case abi::PT_WRITE_D:
        return word(r);
    case abi::PT_IO:
        return io(r);
    case abi::PT_GETREGS:
    case abi::PT_SETREGS:
        return registers(r);
    case abi::PT_SET_EVENT_MASK:
        return set_events(r);
    case abi::PT_GET_EVENT_MASK:
        return get_events(r);
    case abi::PT_GET_PROCESS_STATE:
        return get_state(r);
    case abi::PT_GET_SIGINFO:
    case abi::PT_SET_SIGINFO:
        return siginfo(r);
    default:
        return ENOTSUP; // PT_STEP and PT_SYSCALL among them
    }
}

bool steers(int req) {
    switch (req) {
    case abi::PT_ATTACH:
    case abi::PT_CONTINUE:
    case abi::PT_DETACH:
    case abi::PT_KILL:
    case abi::PT_STOP:
        return true;
    default:
        return false;
    }
}

bool known(int req) {
    return (req >= abi::PT_TRACE_ME && req <= abi::PT_STOP) ||
           (req >= abi::PT_STEP && req <= abi::PT_SETREGS);
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
    r.t = proc_find(uap->integer<pid_t>(1));
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
    error = look(r);
    rw_exit(&r.t->p_reflock);
    return error;
}
