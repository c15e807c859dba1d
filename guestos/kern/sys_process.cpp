// What ptrace(2) sees of a process that is stopped: memory, registers, LWPs, and
// why it stopped.
#include "sys/ptrace.hpp"

#include "abi/exec.hpp"
#include "machine/cpu.hpp"
#include "sys/core.hpp"
#include "sys/exec.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

lwp* traced_lwp(const tracing& r, int lid) {
    return lid > 0 ? proc_find_lwp(r.t, lid) : r.t->p_lwps.first();
}

// It stands behind the environment.
Errno process_auxv(proc* t, vaddr_t* at) {
    abi::ps_strings ps{};
    const Errno error = uvm_io(&t->p_vmspace->vm_map_, t->p_psstrp, &ps, sizeof(ps), VM_PROT_READ);
    *at = ps.ps_envstr + (static_cast<u64>(ps.ps_nenvstr) + 1) * sizeof(u64);
    return error;
}

namespace {

// --- memory ---------------------------------------------------------------------------

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

// From a place in the auxiliary vector to one in the program, and no further than its end.
Errno io_auxv(const tracing& r, abi::ptrace_io_desc* io) {
    vaddr_t at = 0;
    const Errno error = process_auxv(r.t, &at);
    if (error != EOK) {
        return error;
    }
    const u64 size = kAuxEntries * sizeof(abi::auxv);
    io->piod_len = io->piod_offs < size ? min(io->piod_len, size - io->piod_offs) : 0;
    io->piod_offs += at;
    return EOK;
}

Errno io(const tracing& r) {
    abi::ptrace_io_desc io;
    Errno error = copyin(r.addr, io);
    if (error != EOK) {
        return error;
    }
    if (io.piod_op < abi::PIOD_READ_D || io.piod_op > abi::PIOD_READ_AUXV) {
        return EINVAL;
    }
    if (io.piod_op == abi::PIOD_READ_AUXV) {
        error = io_auxv(r, &io);
        if (error != EOK) {
            return error;
        }
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

// The path's length is in data; none, and the name is made up.
Errno dump_core(const tracing& r) {
    if (r.addr == nullptr) {
        return coredump(r.t, nullptr);
    }
    if (r.data < 0 || r.data >= abi::MAXPATHLEN) {
        return EINVAL;
    }
    auto* path = static_cast<char*>(kmem_zalloc(abi::MAXPATHLEN, KM_SLEEP));
    Errno error = copyin(r.addr, path, static_cast<size_t>(r.data));
    if (error == EOK) {
        error = coredump(r.t, path);
    }
    kmem_free(path, abi::MAXPATHLEN);
    return error;
}

// --- registers, LWPs -------------------------------------------------------------------

Errno access_registers(lwp* l, abi::reg* regs, bool set) {
    if (set) {
        return process_write_regs(l, regs);
    }
    process_read_regs(l, regs);
    return EOK;
}

Errno access_registers(lwp* l, abi::fpreg* regs, bool set) {
    if (set) {
        process_write_fpregs(l, regs);
    } else {
        process_read_fpregs(l, regs);
    }
    return EOK;
}

template <typename Registers> Errno registers(const tracing& r, bool set) {
    Registers regs{};
    Errno error = set ? copyin(r.addr, regs) : EOK;
    if (error != EOK) {
        return error;
    }
    mutex_enter(r.t->p_lock);
    lwp* l = traced_lwp(r, r.data);
    error = l == nullptr ? ESRCH : access_registers(l, &regs, set);
    mutex_exit(r.t->p_lock);
    return error == EOK && !set ? copyout(regs, r.addr) : error;
}

// The LWP that is asked for, or but with PT_LWPSTATUS the one after it: from 0 on
// they come one by one, and 0 is none. => p_lock of t held
lwp* status_lwp(const tracing& r, lwpid_t lid) {
    if (r.req == abi::PT_LWPSTATUS || lid == 0) {
        return traced_lwp(r, lid);
    }
    lwp* l = proc_find_lwp(r.t, lid);
    return l != nullptr ? r.t->p_lwps.next(l) : nullptr;
}

// The older request: only who there is, and whether the signal is for it.
Errno lwp_info(const tracing& r) {
    abi::ptrace_lwpinfo info{};
    if (static_cast<size_t>(r.data) != sizeof(info)) {
        return EINVAL;
    }
    const Errno error = copyin(r.addr, info);
    if (error != EOK) {
        return error;
    }
    mutex_enter(r.t->p_lock);
    const lwp* l = status_lwp(r, info.pl_lwpid);
    info = {};
    if (l != nullptr) {
        const lwpid_t told = r.t->p_sigctx.ps_lwp; // 0: all of them
        const bool signal = told == l->l_lid || (told == 0 && r.t->p_sigctx.ps_signo != 0);
        info.pl_lwpid = l->l_lid;
        info.pl_event = (l->l_flag & LW_DBGSUSPEND) != 0 ? abi::PL_EVENT_SUSPENDED
                        : signal                         ? abi::PL_EVENT_SIGNAL
                                                         : abi::PL_EVENT_NONE;
    }
    mutex_exit(r.t->p_lock);
    return copyout(info, r.addr);
}

Errno lwp_status(const tracing& r) {
    abi::ptrace_lwpstatus status{};
    if (static_cast<size_t>(r.data) != sizeof(status)) {
        return EINVAL;
    }
    const Errno error = copyin(r.addr, status);
    if (error != EOK) {
        return error;
    }
    mutex_enter(r.t->p_lock);
    lwp* l = status_lwp(r, status.pl_lwpid);
    const bool found = l != nullptr;
    status = {};
    if (found) {
        abi::reg regs;
        process_read_regs(l, &regs);
        status.pl_lwpid = l->l_lid;
        status.pl_sigpend = l->l_sigpend.sp_set;
        status.pl_sigmask = l->l_sigmask;
        status.pl_private = regs.r_tpidr; // programs set it without the kernel
        kstrlcpy(status.pl_name, l->l_name, sizeof(status.pl_name));
    }
    mutex_exit(r.t->p_lock);
    return found || r.req == abi::PT_LWPNEXT ? copyout(status, r.addr) : ESRCH;
}

// Whether the LWP steps whenever it goes on: PT_SETSTEP, PT_CLEARSTEP.
Errno set_step(const tracing& r) {
    mutex_enter(r.t->p_lock);
    lwp* l = traced_lwp(r, r.data);
    if (l != nullptr) {
        l->l_pflag =
            r.req == abi::PT_SETSTEP ? l->l_pflag | LP_SINGLESTEP : l->l_pflag & ~LP_SINGLESTEP;
    }
    mutex_exit(r.t->p_lock);
    return l != nullptr ? EOK : ESRCH;
}

// Whether the LWP stays stopped when the others go on: PT_SUSPEND, PT_RESUME.
Errno set_suspended(const tracing& r) {
    mutex_enter(r.t->p_lock);
    lwp* l = traced_lwp(r, r.data);
    if (l != nullptr) {
        lwp_lock(l);
        l->l_flag =
            r.req == abi::PT_SUSPEND ? l->l_flag | LW_DBGSUSPEND : l->l_flag & ~LW_DBGSUSPEND;
        lwp_unlock(l);
    }
    mutex_exit(r.t->p_lock);
    return l != nullptr ? EOK : ESRCH;
}

// --- why it stopped -------------------------------------------------------------------

Errno set_events(const tracing& r) {
    abi::ptrace_event event;
    if (static_cast<size_t>(r.data) != sizeof(event)) {
        return EINVAL;
    }
    const Errno error = copyin(r.addr, event);
    if (error != EOK) {
        return error;
    }
    if ((event.pe_set_event & ~static_cast<i32>(kTraceEvents)) != 0) {
        return ENOTSUP;
    }
    mutex_enter(r.t->p_lock);
    r.t->p_slflag =
        (r.t->p_slflag & ~kTraceEvents) | static_cast<ProcTraceFlag>(event.pe_set_event);
    mutex_exit(r.t->p_lock);
    return EOK;
}

Errno get_events(const tracing& r) {
    const abi::ptrace_event event{static_cast<i32>(r.t->p_slflag & kTraceEvents)};
    return static_cast<size_t>(r.data) != sizeof(event) ? EINVAL : copyout(event, r.addr);
}

// The signals that it gets without its tracer being told.
Errno pass_signals(const tracing& r) {
    abi::sigset_t& pass = r.t->p_sigctx.ps_sigpass;
    if (static_cast<size_t>(r.data) != sizeof(pass)) {
        return EINVAL;
    }
    if (r.req == abi::PT_GET_SIGPASS) {
        return copyout(pass, r.addr);
    }
    abi::sigset_t set;
    const Errno error = copyin(r.addr, set);
    if (error == EOK) {
        mutex_enter(r.t->p_lock);
        pass = set;
        mutex_exit(r.t->p_lock);
    }
    return error;
}

// The kernel leaves the next system call alone: the tracer has done, or will do, in
// the program's registers and memory what there is to do.
Errno emulate_syscall(const tracing& r) {
    mutex_enter(r.t->p_lock);
    const bool at_calls = (r.t->p_slflag & PSL_SYSCALL) != 0;
    if (at_calls) {
        r.t->p_slflag |= PSL_SYSCALLEMU;
    }
    mutex_exit(r.t->p_lock);
    return at_calls ? EOK : EINVAL;
}

// The event that it stopped for, zeros if it was a signal.
Errno get_state(const tracing& r) {
    const abi::ksiginfo_abi& info = r.t->p_sigctx.ps_info;
    abi::ptrace_state state{};
    if (r.t->p_sigctx.ps_faked && (info.code == abi::TRAP_CHLD || info.code == abi::TRAP_LWP)) {
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

} // namespace

Errno process_look(const tracing& r) {
    switch (r.req) {
    case abi::PT_READ_I:
    case abi::PT_READ_D:
    case abi::PT_WRITE_I:
    case abi::PT_WRITE_D:
        return word(r);
    case abi::PT_IO:
        return io(r);
    case abi::PT_DUMPCORE:
        return dump_core(r);
    case abi::PT_GETREGS:
    case abi::PT_SETREGS:
        return registers<abi::reg>(r, r.req == abi::PT_SETREGS);
    case abi::PT_GETFPREGS:
    case abi::PT_SETFPREGS:
        return registers<abi::fpreg>(r, r.req == abi::PT_SETFPREGS);
    case abi::PT_LWPINFO:
        return lwp_info(r);
    case abi::PT_LWPSTATUS:
    case abi::PT_LWPNEXT:
        return lwp_status(r);
    case abi::PT_SETSTEP:
    case abi::PT_CLEARSTEP:
        return set_step(r);
    case abi::PT_SUSPEND:
    case abi::PT_RESUME:
        return set_suspended(r);
    case abi::PT_SET_EVENT_MASK:
        return set_events(r);
    case abi::PT_GET_EVENT_MASK:
        return get_events(r);
    case abi::PT_GET_PROCESS_STATE:
        return get_state(r);
    case abi::PT_GET_SIGINFO:
    case abi::PT_SET_SIGINFO:
        return siginfo(r);
    case abi::PT_SET_SIGPASS:
    case abi::PT_GET_SIGPASS:
        return pass_signals(r);
    case abi::PT_SYSCALLEMU:
        return emulate_syscall(r);
    default:
        return ENOTSUP;
    }
}
