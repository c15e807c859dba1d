// Process creation: fork(2), vfork(2), __clone(2) and the kernel's own forks.
//
// fork1 is a list of steps, each a function of its own, in the order in which
// they must happen. They work on one `forking`. Everything that can fail stands
// in fork_reserve; after it the fork is committed.
#include "abi/ptrace.hpp"
#include "abi/sched.hpp"
#include "machine/cpu.hpp"
#include "sys/event.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/ktrace.hpp"
#include "sys/leakcheck.hpp"
#include "sys/log.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sdt.hpp"
#include "sys/sleepq.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"
#include "sys/vnode.hpp"
#include "uvm/uvm_extern.hpp"

int forkfsleep;

// --- the doors into fork1 -------------------------------------------------------------

Errno sys_fork(lwp* l, const syscall_args*, register_t* retval) {
    return fork1(l, ForkFlags{}, SIGCHLD, nullptr, 0, nullptr, nullptr, retval);
}

// 4.4BSD's vfork: the parent waits, the address space is the child's own copy.
Errno sys_vfork(lwp* l, const syscall_args*, register_t* retval) {
    return fork1(l, FORK_PPWAIT, SIGCHLD, nullptr, 0, nullptr, nullptr, retval);
}

// 3BSD's vfork, and what the C library calls: the address space is shared.
Errno sys___vfork14(lwp* l, const syscall_args*, register_t* retval) {
    return fork1(l, FORK_PPWAIT | FORK_SHAREVM, SIGCHLD, nullptr, 0, nullptr, nullptr, retval);
}

namespace {

// What is shared, from Linux's vocabulary into ours.
ForkFlags clone_fork_flags(unsigned clone) {
    ForkFlags flags{};
    if ((clone & abi::CLONE_VM) != 0) {
        flags |= FORK_SHAREVM;
    }
    if ((clone & abi::CLONE_FS) != 0) {
        flags |= FORK_SHARECWD;
    }
    if ((clone & abi::CLONE_FILES) != 0) {
        flags |= FORK_SHAREFILES;
    }
    if ((clone & abi::CLONE_SIGHAND) != 0) {
        flags |= FORK_SHARESIGS;
    }
    if ((clone & abi::CLONE_VFORK) != 0) {
        flags |= FORK_PPWAIT;
    }
    return flags;
}

} // namespace

Errno sys___clone(lwp* l, const syscall_args* uap, register_t* retval) {
    const auto clone = uap->integer<unsigned>(0);
    if ((clone & abi::CLONE_PTRACE) != 0) {
        return EINVAL;
    }
    if ((clone & abi::CLONE_SIGHAND) != 0 && (clone & abi::CLONE_VM) == 0) {
        return EINVAL;
    }
    const ForkFlags flags = clone_fork_flags(clone);
    const int exitsig = clone & abi::CLONE_CSIGNAL;
    if (exitsig >= NSIG) {
        return EINVAL;
    }
    // A descriptor that must not be inherited can't be shared either.
    if ((flags & FORK_SHAREFILES) != 0 && l->l_fd != nullptr && l->l_fd->fd_foclose) {
        return EINVAL;
    }
    // The caller passes the stack's far end: a size of 0 leaves it as it is.
    return fork1(l, flags, exitsig, uap->pointer(1), 0, nullptr, nullptr, retval);
}

// --- fork1 ----------------------------------------------------------------------------

namespace {

// One fork on its way. The child is p2 with its only LWP l2.
struct forking {
    lwp* l1;
    proc* p1;
    ForkFlags flags;
    int exitsig;
    uid_t uid;        // the user that is charged
    vaddr_t uaddr;    // the child's kernel stack
    uvm_pglist pages; // for the child's copies of wired memory
    proc* p2;
    lwp* l2;
    proc* parent; // the child's parent, p1 or init

    [[nodiscard]] bool has(ForkFlags flag) const { return (flags & flag) != 0; }
};

// The caller is refused, and may have to wait for it: a fork bomb slows down.
Errno fork_refuse(const char* wmesg) {
    if (forkfsleep != 0) {
        (void)kpause(wmesg, false, forkfsleep, nullptr);
    }
    return EAGAIN;
}

// Step 1: one more process, if the system can have one.
Errno fork_charge_system(forking& f) {
    const unsigned count = nprocs.fetch_add(1) + 1;
    const bool full = count >= static_cast<unsigned>(maxproc);
    if (!full && kauth_authorize(f.l1->l_cred, KAUTH_PROCESS_FORK, f.p1, count) == EOK) {
        return EOK;
    }
    nprocs.fetch_sub(1);
    static u64 last;
    if (ratecheck(&last, 10)) {
        log(Err, "proc: table is full - increase kern.maxproc or NPROC");
    }
    return fork_refuse("forkmx");
}

// Step 2: one more process of this user, if its limit allows.
Errno fork_charge_user(forking& f) {
    const u64 count = static_cast<u64>(chgproccnt(f.uid, 1));
    if (count <= f.p1->p_limit->pl_rlimit[abi::RLIMIT_NPROC].rlim_cur ||
        kauth_authorize(f.l1->l_cred, KAUTH_PROCESS_RLIMIT, f.p1, KAUTH_REQ_PROCESS_RLIMIT_BYPASS,
                        abi::RLIMIT_NPROC) == EOK) {
        return EOK;
    }
    chgproccnt(f.uid, -1);
    nprocs.fetch_sub(1);
    return fork_refuse("forkulim");
}

void fork_uncharge(forking& f) {
    chgproccnt(f.uid, -1); // the uid that was charged, whatever the caller's is now
    nprocs.fetch_sub(1);
}

// Step 3: the kernel stack and the copies of wired memory, while giving up is still
// easy.
Errno fork_memory(forking& f) {
    f.pages.init();
    f.uaddr = uvm_uarea_alloc();
    if (f.uaddr == 0) {
        return ENOMEM;
    }
    if (f.has(FORK_SHAREVM)) {
        return EOK;
    }
    const Errno error = uvm_fork_reserve(f.p1->p_vmspace, &f.pages);
    if (error != EOK) {
        uvm_uarea_free(f.uaddr);
    }
    return error;
}

// Steps 3 and 4: memory, and the process structure with its id.
Errno fork_allocate(forking& f) {
    const Errno error = fork_memory(f);
    if (error != EOK) {
        fork_uncharge(f);
        return error;
    }
    f.p2 = proc_alloc();
    if (f.p2 == nullptr) {
        uvm_fork_release(&f.pages);
        uvm_uarea_free(f.uaddr);
        fork_uncharge(f);
        return EAGAIN;
    }
    return EOK;
}

// Everything that can fail.
Errno fork_reserve(forking& f) {
    Errno error = fork_charge_system(f);
    if (error == EOK) {
        error = fork_charge_user(f);
    }
    if (error == EOK) {
        error = fork_allocate(f);
    }
    if (error != EOK) {
        sdt_probe(abi::ProbeId::ForkFailure, f.p1->p_pid, error, f.flags);
    }
    return error;
}

// One region of the structure starts at zero, one is the parent's.
void fork_regions(forking& f) {
    static_cast<proc_zeroed&>(*f.p2) = proc_zeroed{};
    static_cast<proc_copied&>(*f.p2) = static_cast<const proc_copied&>(*f.p1);
    sigpend_init(&f.p2->p_sigpend);
    f.p2->p_sigctx.ps_signo = 0; // what a tracer knows of the parent
    f.p2->p_sigctx.ps_inject = 0;
    f.p2->p_lwps.init();
}

void fork_flags(forking& f) {
    f.p2->p_flag = f.p1->p_flag & (PK_SUGID | PK_NOCLDWAIT | PK_CLDSIGIGN | PK_32);
    f.p2->p_emul = f.p1->p_emul;
    f.p2->p_execsw = f.p1->p_execsw;
    if (f.has(FORK_SYSTEM)) {
        // Its children are init's when they die; init waits for anything.
        f.p2->p_flag |= PK_SYSTEM | PK_NOCLDWAIT;
    }
}

// Processes that share signal actions share the lock that guards them.
void fork_lock(forking& f) {
    if (f.has(FORK_SHARESIGS)) {
        f.p2->p_lock = f.p1->p_lock;
        mutex_obj_hold(f.p1->p_lock);
    } else {
        f.p2->p_lock = mutex_obj_alloc(MUTEX_DEFAULT, IPL_NONE);
    }
}

// If another LWP has changed the user since we were charged, the charge follows:
// the child's end is refunded to the user that the child has.
void fork_cred(forking& f) {
    kauth_proc_fork(f.p1, f.p2);
    const uid_t uid = f.p2->p_cred->cr_uid;
    if (uid != f.uid) {
        chgproccnt(f.uid, -1);
        chgproccnt(uid, 1);
    }
}

// The program that both run.
void fork_text(forking& f) {
    f.p2->p_textvp = f.p1->p_textvp;
    if (f.p2->p_textvp != nullptr) {
        vref(f.p2->p_textvp);
    }
    f.p2->p_path =
        f.p1->p_path != nullptr ? kmem_strdupsize(f.p1->p_path, nullptr, KM_SLEEP) : nullptr;
}

void fork_files(forking& f) {
    if (f.has(FORK_SHAREFILES)) {
        fd_share(f.p2);
    } else if (f.has(FORK_CLEANFILES)) {
        f.p2->p_fd = fd_init(nullptr);
    } else {
        f.p2->p_fd = fd_copy();
    }
    f.p2->p_mqueue_cnt = f.p1->p_mqueue_cnt;
    if (f.has(FORK_SHARECWD)) {
        cwdshare(f.p2);
    } else {
        f.p2->p_cwdi = cwdinit();
    }
}

// Limits are shared while nobody can change them in place.
void fork_limits(forking& f) {
    plimit* lim = f.p1->p_limit;
    if (lim->pl_writeable) {
        f.p2->p_limit = lim_copy(lim);
    } else {
        lim_addref(lim);
        f.p2->p_limit = lim;
    }
}

// The child remembers which LWP waits for it, if any does.
void fork_ppwait(forking& f) {
    f.p2->p_lflag = ProcLinkFlag{};
    f.l1->l_vforkwaiting = f.has(FORK_PPWAIT);
    if (f.has(FORK_PPWAIT)) {
        f.p2->p_lflag = PL_PPWAIT;
        f.p2->p_vforklwp = f.l1;
    }
    f.p2->p_sflag = ProcSigFlag{};
    f.p2->p_slflag = ProcTraceFlag{};
}

void fork_parent(forking& f) {
    f.parent = f.has(FORK_NOWAIT) ? initproc : f.p1;
    f.p2->p_pptr = f.parent;
    f.p2->p_ppid = f.parent->p_pid;
    f.p2->p_children.init();
}

void fork_signals(forking& f) {
    f.p2->p_sigacts = sigactsinit(f.p1, f.has(FORK_SHARESIGS));
    mutex_enter(f.p1->p_lock);
    f.p2->p_sflag |= f.p1->p_sflag & (PS_STOPFORK | PS_STOPEXEC | PS_NOCLDSTOP);
    sched_proc_fork(f.p1, f.p2);
    mutex_exit(f.p1->p_lock);
}

void fork_stats(forking& f) {
    f.p2->p_stflag = f.p1->p_stflag;
    f.p2->p_stats = pstatscopy(f.p1->p_stats);
    itimers_init(f.p2);
}

// The child's one LWP: the caller's image, on its own kernel stack. It will
// return by another path, `func`.
void fork_lwp(forking& f, void* stack, size_t stacksize, void (*func)(void*), void* arg) {
    const Errno error =
        lwp_create(f.l1, f.p2, f.uaddr, f.has(FORK_PPWAIT) ? LWP_VFORK : LwpCreateFlag{}, stack,
                   stacksize, func != nullptr ? func : child_return, arg, &f.l2, f.l1->l_class,
                   &f.l1->l_sigmask, &f.l1->l_sigstk);
    KASSERT(error == EOK); // its number is the process's
    // Not by lwp_setprivate: the register may hold something the kernel was
    // never told, and the child has it from the parent's.
    f.l2->l_private = f.l1->l_private;
}

// Whoever wants to know of every new process: first its own emulation.
void fork_hooks(forking& f) {
    if (f.p2->p_emul->e_proc_fork != nullptr) {
        f.p2->p_emul->e_proc_fork(f.p2, f.l1, f.flags);
    }
    doforkhooks(f.p2, f.p1);
    sdt_probe(abi::ProbeId::ProcCreate, f.p2->p_pid, f.parent->p_pid, f.flags, f.p1->p_pid);
}

// Is the parent traced, and its tracer to be told of a fork of this kind?
bool fork_traced(const forking& f) {
    const ProcTraceFlag event = f.has(FORK_PPWAIT) ? PSL_TRACEVFORK : PSL_TRACEFORK;
    return (f.p1->p_slflag & (event | PSL_TRACED)) == (event | PSL_TRACED);
}

// The child takes its place among its relatives. => proc_lock held
void fork_relatives(forking& f) {
    if (f.p1->p_pgrp->pg_session->s_ttyvp != nullptr && (f.p1->p_lflag & PL_CONTROLT) != 0) {
        f.p2->p_lflag |= PL_CONTROLT;
    }
    f.parent->p_children.insert_head(f.p2);
    f.p2->p_exitsig = f.exitsig;
    if (fork_traced(f)) {
        proc_changeparent(f.p2, f.p1->p_pptr);
        f.p2->p_slflag |= PSL_TRACEDCHILD;
    }
    f.p2->p_oppid = f.p1->p_pid; // whoever the parent is
    f.p1->p_pgrp->pg_members.insert_after(f.p1, f.p2);
    allproc.insert_head(f.p2);
}

// It has worked: count it, on this CPU. The kernel is not preempted.
void fork_count(const forking& f) {
    u64* counts = curcpu()->ci_data.cpu_counts;
    counts[CPU_COUNT_FORKS]++;
    if (f.has(FORK_PPWAIT)) {
        counts[CPU_COUNT_FORKS_PPWAIT]++;
    }
    if (f.has(FORK_SHAREVM)) {
        counts[CPU_COUNT_FORKS_SHAREVM]++;
    }
}

// Event queues that watch the parent hear of it, and may follow.
// => proc_lock held, and dropped meanwhile
void fork_watchers(const forking& f) {
    if (f.p1->p_klist != nullptr) {
        mutex_exit(&proc_lock);
        knote_proc_fork(f.p1, f.p2);
        mutex_enter(&proc_lock);
    }
}

// The child becomes runnable, or is born stopped. => proc_lock held
void fork_start(forking& f, register_t* retval) {
    mutex_enter(f.p2->p_lock);
    getmicrotime(&f.p2->p_stats->p_start);
    f.p2->p_acflag = AFORK;
    lwp_lock(f.l2);
    KASSERT(f.p2->p_nrlwps == 1 && f.l2->l_stat == LSIDL);
    if ((f.p2->p_sflag & PS_STOPFORK) != 0) {
        f.p2->p_nrlwps = 0;
        f.p2->p_stat = SSTOP;
        f.p2->p_waited = 0;
        f.p1->p_nstopchild++;
        f.l2->l_stat = LSSTOP;
        sdt_probe(abi::ProbeId::ProcStop, f.p2->p_pid, 0);
        KASSERT(f.l2->l_wchan == nullptr);
        lwp_unlock(f.l2);
    } else {
        f.p2->p_stat = SACTIVE;
        setrunnable(f.l2); // unlocks it
    }
    if (retval != nullptr) {
        retval[0] = static_cast<register_t>(f.p2->p_pid);
        retval[1] = 0;
    }
    mutex_exit(f.p2->p_lock);
}

// vfork: until the child has left our memory alone. => proc_lock held; released
void fork_wait(forking& f, pid_t child) {
    lwp* l1 = f.l1;
    if (fork_traced(f)) {
        mutex_enter(f.p1->p_lock);
        eventswitch(abi::TRAP_CHLD, f.has(FORK_PPWAIT) ? abi::PTRACE_VFORK : abi::PTRACE_FORK,
                    child);
        mutex_enter(&proc_lock);
    }
    while (l1->l_vforkwaiting) {
        cv_wait(l1->l_waitcv, &proc_lock);
    }
    constexpr ProcTraceFlag done = PSL_TRACEVFORK_DONE | PSL_TRACED;
    if (f.has(FORK_PPWAIT) && (f.p1->p_slflag & done) == done) {
        mutex_enter(f.p1->p_lock);
        eventswitch(abi::TRAP_CHLD, abi::PTRACE_VFORK_DONE, child);
    } else {
        mutex_exit(&proc_lock);
    }
}

} // namespace

// Makes a process.
//
// => `func` null: the child returns to user mode as from fork; otherwise it
//    begins in func(arg)
// => `retval` null: the caller is the kernel
// => another LWP of the process may call exec or exit meanwhile: neither is
//    complete before all other LWPs, this one too, have gone
Errno fork1(lwp* l1, ForkFlags flags, int exitsig, void* stack, size_t stacksize,
            void (*func)(void*), void* arg, register_t* retval) {
    forking f{l1, l1->l_proc, flags, exitsig, l1->l_cred->cr_uid, 0, {}, nullptr, nullptr, nullptr};
    leakcheck_fork(f.p1);
    const Errno error = fork_reserve(f);
    if (error != EOK) {
        return error;
    }
    // ---- Commit point: from here on fork may sleep, but it does not fail. ----
    fork_regions(f);
    fork_flags(f);
    fork_lock(f);
    fork_cred(f);
    fork_text(f);
    fork_files(f);
    fork_limits(f);
    fork_ppwait(f);
    fork_parent(f);
    ktr_fork(f.p1, f.p2);
    fork_signals(f);
    fork_stats(f);
    uvm_proc_fork(f.p1, f.p2, f.has(FORK_SHAREVM), &f.pages);
    fork_lwp(f, stack, stacksize, func, arg);
    fork_hooks(f);
    // ---- Now others may see the child. ----
    mutex_enter(&proc_lock);
    const pid_t child = f.p2->p_pid; // it may be gone when we return
    fork_relatives(f);
    fork_count(f);
    fork_watchers(f);
    fork_start(f, retval);
    fork_wait(f, child);
    return EOK;
}

// First code of a forked process, before user mode.
void child_return(void*) {
    lwp* l = curlwp;
    proc* p = l->l_proc;
    constexpr ProcTraceFlag traced = PSL_TRACED | PSL_TRACEDCHILD;
    if ((p->p_slflag & traced) == traced) {
        eventswitchchild(p, abi::TRAP_CHLD,
                         (p->p_lflag & PL_PPWAIT) != 0 ? abi::PTRACE_VFORK : abi::PTRACE_FORK);
    }
    md_child_return(l);
    constexpr register_t retval[2] = {0, 1};
    ktr_sysret(SYS_fork, EOK, retval); // however it was made
    sdt_probe(abi::ProbeId::SyscallReturn, p->p_pid, SYS_fork, EOK, 0, 1);
}
