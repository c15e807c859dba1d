// System calls on LWPs: _lwp_create(2), _lwp_wait(2), _lwp_kill(2).
#include "abi/lwp.hpp"
#include "abi/ptrace.hpp"
#include "abi/ucontext.hpp"
#include "machine/cpu.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

// --- creating and ending --------------------------------------------------------------

namespace {

// First code of an LWP that a program made: its registers are those of the
// context, which is given back.
void startlwp(void* arg) {
    lwp* l = curlwp;
    auto* uc = static_cast<abi::ucontext*>(arg);
    mutex_enter(l->l_proc->p_lock);
    setucontext(l, uc);
    mutex_exit(l->l_proc->p_lock);
    kmem_delete(uc);
    eventswitchlwp(l, abi::PTRACE_LWP_CREATE);
}

// The new LWP may run, unless it shall wait or the process is being stopped.
// It ends at once if its maker is on the way out, since exit and exec have
// looked for others already.
void lwp_start(lwp* l, bool suspended) {
    proc* p = l->l_proc;
    mutex_enter(p->p_lock);
    lwp_lock(l);
    l->l_flag |= curlwp->l_flag & LW_WEXIT;
    const bool stopping = (p->p_sflag & PS_STOPPING) != 0;
    if ((suspended || stopping) && (l->l_flag & LW_WEXIT) == 0) {
        l->l_stat = suspended ? LSSUSPENDED : LSSTOP;
        p->p_nrlwps--;
        lwp_unlock(l);
    } else {
        setrunnable(l); // unlocks it
    }
    mutex_exit(p->p_lock);
}

// An LWP that goes on as the context says.
Errno lwp_from_context(lwp* l, abi::ucontext* uc, u64 flags, lwp** l2) {
    const vaddr_t uaddr = uvm_uarea_alloc();
    if (uaddr == 0) {
        return ENOMEM;
    }
    const abi::sigset_t mask =
        (uc->uc_flags & abi::UC_SIGMASK) != 0 ? uc->uc_sigmask : l->l_sigmask;
    constexpr abi::stack_t no_stack{0, 0, abi::SS_DISABLE};
    const Errno error =
        lwp_create(l, l->l_proc, uaddr,
                   (flags & abi::LWP_DETACHED) != 0 ? LWP_DETACHED : LwpCreateFlag{}, nullptr, 0,
                   startlwp, uc, l2, l->l_class, &mask, &no_stack);
    if (error != EOK) {
        uvm_uarea_free(uaddr);
    }
    return error;
}

} // namespace

// context, flags, where the new LWP's number goes
Errno sys__lwp_create(lwp* l, const syscall_args* uap, register_t*) {
    const auto flags = uap->integer<u64>(1);
    if ((flags & ~(u64{abi::LWP_DETACHED} | abi::LWP_SUSPENDED)) != 0) {
        return EINVAL;
    }
    auto* uc = kmem_new<abi::ucontext>(KM_SLEEP);
    lwp* l2 = nullptr;
    Errno error = copyin(uap->pointer(0), *uc);
    if (error == EOK && (uc->uc_flags & abi::UC_CPU) == 0) {
        error = EINVAL; // where would it begin?
    }
    if (error == EOK) {
        error = lwp_from_context(l, uc, flags, &l2);
    }
    if (error != EOK) {
        kmem_delete(uc);
        return error;
    }
    const lwpid_t lid = l2->l_lid; // it may be gone when it has been started
    lwp_start(l2, (flags & abi::LWP_SUSPENDED) != 0);
    return copyout(lid, uap->pointer(2));
}

Errno sys__lwp_exit(lwp* l, const syscall_args*, register_t*) {
    lwp_exit(l);
    return EOK;
}

Errno sys__lwp_self(lwp* l, const syscall_args*, register_t* retval) {
    retval[0] = static_cast<register_t>(l->l_lid);
    return EOK;
}

// which (0: any), where its number goes
Errno sys__lwp_wait(lwp* l, const syscall_args* uap, register_t*) {
    lwpid_t departed = 0;
    mutex_enter(l->l_proc->p_lock);
    const Errno error = lwp_wait(l, uap->integer<lwpid_t>(0), &departed, false);
    mutex_exit(l->l_proc->p_lock);
    if (error != EOK || uap->pointer(1) == nullptr) {
        return error;
    }
    return copyout(departed, uap->pointer(1));
}

// Nobody will wait for it. If it has ended already, it goes now.
Errno sys__lwp_detach(lwp* l, const syscall_args* uap, register_t*) {
    proc* p = l->l_proc;
    const auto lid = uap->integer<lwpid_t>(0);
    mutex_enter(p->p_lock);
    lwp* target = nullptr;
    for (lwp& l2 : p->p_lwps) {
        target = l2.l_lid == lid ? &l2 : target;
    }
    Errno error = target == nullptr ? ESRCH : EOK;
    if (error == EOK && (target->l_prflag & LPR_DETACHED) != 0) {
        error = EINVAL;
    }
    if (error == EOK && target->l_stat == LSZOMB) {
        lwp_free(target, false, false); // releases p_lock
        return EOK;
    }
    if (error == EOK) {
        target->l_prflag |= LPR_DETACHED;
        p->p_ndlwps++;
        cv_broadcast(&p->p_lwpcv); // who waited for it waits in vain
    }
    mutex_exit(p->p_lock);
    return error;
}

// --- the thread pointer ---------------------------------------------------------------

Errno sys__lwp_getprivate(lwp* l, const syscall_args*, register_t* retval) {
    retval[0] = reinterpret_cast<register_t>(cpu_lwp_getprivate(l));
    return EOK;
}

Errno sys__lwp_setprivate(lwp* l, const syscall_args* uap, register_t*) {
    lwp_setprivate(l, uap->pointer(0));
    return EOK;
}

// --- signals, suspension --------------------------------------------------------------

Errno sys__lwp_kill(lwp* l, const syscall_args* uap, register_t*) {
    proc* p = l->l_proc;
    const int sig = uap->integer<int>(1);
    if (sig < 0 || sig >= NSIG) {
        return EINVAL;
    }
    ksiginfo ksi;
    ksiginfo_init(&ksi, sig);
    ksi.ksi_lid = uap->integer<lwpid_t>(0);
    ksi.ksi_info.code = abi::SI_LWP;
    ksi.ksi_info.reason.rt.pid = p->p_pid;
    ksi.ksi_info.reason.rt.uid = l->l_cred->cr_euid;
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    const bool there = proc_find_lwp(p, ksi.ksi_lid) != nullptr;
    if (there && sig != 0) {
        (void)kpsignal2(p, &ksi);
    }
    mutex_exit(p->p_lock);
    mutex_exit(&proc_lock);
    return there ? EOK : ESRCH;
}

namespace {

// Asks an LWP to suspend itself on its way to user mode. => p_lock held
Errno lwp_suspend(const lwp* l, lwp* t) {
    const proc* p = t->l_proc;
    if (t == l && p->p_nrlwps <= 1) {
        return EDEADLK; // nobody could continue it
    }
    lwp_lock(t);
    if (t->l_stat == LSSUSPENDED) {
        lwp_unlock(t);
        return EOK;
    }
    if ((t->l_flag & LW_WEXIT) != 0) {
        lwp_unlock(t);
        return EINTR;
    }
    t->l_flag |= LW_WSUSPEND;
    if (t->l_stat == LSSLEEP && (t->l_flag & LW_SINTR) != 0) {
        lwp_unsleep(t); // it goes to the edge of the kernel; unlocks it
    } else {
        lwp_need_userret(t);
        lwp_unlock(t);
    }
    return EOK;
}

} // namespace

// => returns when the other has suspended, or has gone
Errno sys__lwp_suspend(lwp* l, const syscall_args* uap, register_t*) {
    proc* p = l->l_proc;
    const auto lid = uap->integer<lwpid_t>(0);
    mutex_enter(p->p_lock);
    lwp* t = proc_find_lwp(p, lid);
    Errno error = t == nullptr ? ESRCH : lwp_suspend(l, t);
    while (error == EOK && t != l && t != nullptr && t->l_stat != LSSUSPENDED &&
           (t->l_flag & LW_WSUSPEND) != 0) {
        error = cv_wait_sig(&p->p_lwpcv, p->p_lock);
        t = proc_find_lwp(p, lid);
    }
    mutex_exit(p->p_lock);
    return error;
}

Errno sys__lwp_continue(lwp* l, const syscall_args* uap, register_t*) {
    proc* p = l->l_proc;
    mutex_enter(p->p_lock);
    lwp* t = proc_find_lwp(p, uap->integer<lwpid_t>(0));
    if (t == nullptr) {
        mutex_exit(p->p_lock);
        return ESRCH;
    }
    lwp_lock(t);
    t->l_flag &= ~LW_WSUSPEND;
    if (t->l_stat == LSSUSPENDED) {
        setrunnable(t); // unlocks it
    } else {
        lwp_unlock(t);
    }
    mutex_exit(p->p_lock);
    return EOK;
}

// Breaks the LWP's sleep, or the next one if it is awake.
Errno sys__lwp_wakeup(lwp* l, const syscall_args* uap, register_t*) {
    proc* p = l->l_proc;
    mutex_enter(p->p_lock);
    lwp* t = proc_find_lwp(p, uap->integer<lwpid_t>(0));
    Errno error = ESRCH;
    if (t != nullptr) {
        lwp_lock(t);
        t->l_flag |= LW_CANCELLED;
        error = t->l_stat != LSSLEEP ? ENODEV : (t->l_flag & LW_SINTR) == 0 ? EBUSY : EOK;
        if (error == EOK) {
            lwp_unsleep(t); // unlocks it
        } else {
            lwp_unlock(t);
        }
    }
    mutex_exit(p->p_lock);
    return error;
}

// --- names ----------------------------------------------------------------------------

namespace {

// The LWP that a number means: 0 is the caller's. => p_lock held
lwp* lwp_named(lwp* l, lwpid_t lid) {
    return lid == 0 ? l : proc_find_lwp(l->l_proc, lid);
}

} // namespace

// LWP, name; one that is too long is cut
Errno sys__lwp_setname(lwp* l, const syscall_args* uap, register_t*) {
    char name[MAXCOMLEN];
    const Errno error = copyinstr(uap->pointer(1), name, sizeof(name), nullptr);
    if (error != EOK && error != ENAMETOOLONG) {
        return error;
    }
    name[sizeof(name) - 1] = '\0';
    mutex_enter(l->l_proc->p_lock);
    lwp* t = lwp_named(l, uap->integer<lwpid_t>(0));
    if (t != nullptr) {
        kstrlcpy(t->l_name, name, sizeof(t->l_name));
    }
    mutex_exit(l->l_proc->p_lock);
    return t != nullptr ? EOK : ESRCH;
}

// LWP, buffer, its size
Errno sys__lwp_getname(lwp* l, const syscall_args* uap, register_t*) {
    char name[MAXCOMLEN];
    mutex_enter(l->l_proc->p_lock);
    const lwp* t = lwp_named(l, uap->integer<lwpid_t>(0));
    if (t != nullptr) {
        kstrlcpy(name, t->l_name, sizeof(name));
    }
    mutex_exit(l->l_proc->p_lock);
    if (t == nullptr) {
        return ESRCH;
    }
    const size_t size = min(uap->integer<size_t>(2), strlen(name) + 1);
    if (size == 0) {
        return EOK;
    }
    name[size - 1] = '\0';
    return copyout(name, uap->pointer(1), size);
}
