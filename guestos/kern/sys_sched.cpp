// Scheduling parameters of processes and LWPs: sched(3), affinity(3).
#include "abi/sched.hpp"
#include "machine/cpu.hpp"
#include "sys/kauth.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"

namespace {

// The process that `pid` names; 0: the caller's. => proc_lock held
proc* sched_proc(lwp* l, pid_t pid) {
    return pid == 0 ? l->l_proc : proc_find(pid);
}

// The LWP of the process that `lid` names; 0: its first. => p_lock held
lwp* sched_lwp(proc* p, lwpid_t lid) {
    return lid == 0 ? p->p_lwps.first() : proc_find_lwp(p, lid);
}

// --- policy and priority --------------------------------------------------------------

// The kernel's priority for an LWP of that class. PRI_NONE: none was asked for, so
// it keeps what it has, as far as the class lets it.
pri_t convert_pri(const lwp* l, lwp_class policy, pri_t pri) {
    if (pri != PRI_NONE) {
        return PRI_USER_RT + pri;
    }
    if (l->l_class == SCHED_OTHER && policy != SCHED_OTHER) {
        return PRI_USER_RT;
    }
    if (l->l_class != SCHED_OTHER && policy == SCHED_OTHER) {
        return l->l_priority - PRI_USER_RT;
    }
    return l->l_priority;
}

// => p_lock held
Errno setparam_lwp(lwp* l, lwp* t, int policy, pri_t pri) {
    lwp_lock(t);
    const lwp_class sclass =
        policy == abi::SCHED_NONE ? t->l_class : static_cast<lwp_class>(policy);
    const pri_t kpri = convert_pri(t, sclass, pri);
    const bool more = (sclass != t->l_class && sclass != SCHED_OTHER) || kpri > t->l_priority;
    Errno error = EOK;
    if (sclass == SCHED_OTHER && pri != PRI_NONE) {
        error = EINVAL; // its priority is the policy's to set
    } else {
        error = kauth_authorize(l->l_cred, KAUTH_PROCESS_SCHEDULER_SETPARAM, t->l_proc, more);
    }
    if (error == EOK && t->l_stat != LSZOMB) {
        t->l_class = sclass;
        sched_changepri(t, kpri);
    }
    lwp_unlock(t);
    return error;
}

// => proc_lock held
Errno setparam_proc(lwp* l, proc* p, lwpid_t lid, int policy, pri_t pri) {
    if (p == nullptr) {
        return ESRCH;
    }
    if ((p->p_flag & PK_SYSTEM) != 0) {
        return EPERM;
    }
    Errno error = ESRCH;
    mutex_enter(p->p_lock);
    for (lwp& t : p->p_lwps) {
        if (lid == 0 || lid == t.l_lid) {
            error = setparam_lwp(l, &t, policy, pri);
            if (error != EOK) {
                break;
            }
        }
    }
    mutex_exit(p->p_lock);
    return error;
}

} // namespace

// process (0: the caller's), LWP (0: all), policy, parameters
Errno sys__sched_setparam(lwp* l, const syscall_args* uap, register_t*) {
    abi::sched_param param;
    Errno error = copyin(uap->pointer(3), param);
    if (error != EOK) {
        return error;
    }
    const int policy = uap->integer<int>(2);
    const pri_t pri = param.sched_priority;
    if (policy < abi::SCHED_NONE || policy > abi::SCHED_RR) {
        return EINVAL;
    }
    if (pri != PRI_NONE && (pri < abi::SCHED_PRI_MIN || pri > abi::SCHED_PRI_MAX)) {
        return EINVAL;
    }
    mutex_enter(&proc_lock);
    error = setparam_proc(l, sched_proc(l, uap->integer<pid_t>(0)), uap->integer<lwpid_t>(1),
                          policy, pri);
    mutex_exit(&proc_lock);
    return error;
}

namespace {

// => proc_lock held
Errno getparam(lwp* l, proc* p, lwpid_t lid, int* policy, abi::sched_param* param) {
    if (p == nullptr) {
        return ESRCH;
    }
    mutex_enter(p->p_lock);
    const lwp* t = sched_lwp(p, lid);
    const Errno error =
        t == nullptr ? ESRCH : kauth_authorize(l->l_cred, KAUTH_PROCESS_SCHEDULER_GETPARAM, p);
    if (error == EOK) {
        *policy = t->l_class;
        param->sched_priority =
            t->l_class == SCHED_OTHER ? t->l_priority - PRI_USER : t->l_priority - PRI_USER_RT;
    }
    mutex_exit(p->p_lock);
    return error;
}

} // namespace

// process, LWP (0: the first), where the policy and the parameters go
Errno sys__sched_getparam(lwp* l, const syscall_args* uap, register_t*) {
    int policy = 0;
    abi::sched_param param{};
    mutex_enter(&proc_lock);
    Errno error = getparam(l, sched_proc(l, uap->integer<pid_t>(0)), uap->integer<lwpid_t>(1),
                           &policy, &param);
    mutex_exit(&proc_lock);
    if (error == EOK) {
        error = copyout(param, uap->pointer(3));
    }
    if (error == EOK && uap->pointer(2) != nullptr) {
        error = copyout(policy, uap->pointer(2));
    }
    return error;
}

// --- CPUs -----------------------------------------------------------------------------

namespace {

// A set of CPUs as programs hand it over: a bit each, in words of 32.
using cpu_bits = u32;
static_assert(MAXCPUS <= 32);

// => proc_lock held
Errno setaffinity(lwp* l, proc* p, lwpid_t lid, cpu_bits set) {
    if (p == nullptr) {
        return ESRCH;
    }
    if ((p->p_flag & PK_SYSTEM) != 0) {
        return EPERM;
    }
    Errno error = kauth_authorize(l->l_cred, KAUTH_PROCESS_SCHEDULER_SETAFFINITY, p);
    if (error != EOK) {
        return error;
    }
    error = ESRCH;
    mutex_enter(p->p_lock);
    for (lwp& t : p->p_lwps) {
        if ((lid == 0 || lid == t.l_lid) && t.l_stat != LSZOMB) {
            lwp_lock(&t);
            t.l_affinity = set;
            lwp_unlock(&t);
            error = EOK;
        }
    }
    mutex_exit(p->p_lock);
    return error;
}

} // namespace

// process, LWP (0: all), size of the set, the set. One without a CPU that there is
// means: all again.
Errno sys__sched_setaffinity(lwp* l, const syscall_args* uap, register_t*) {
    cpu_bits set = 0;
    const auto size = uap->integer<size_t>(2);
    if (size > sizeof(set)) {
        return EINVAL;
    }
    Errno error = copyin(uap->pointer(3), &set, size);
    if (error != EOK) {
        return error;
    }
    const cpu_bits present = static_cast<cpu_bits>((u64{1} << ncpu) - 1);
    mutex_enter(&proc_lock);
    error = setaffinity(l, sched_proc(l, uap->integer<pid_t>(0)), uap->integer<lwpid_t>(1),
                        (set & present) != 0 ? set : 0);
    mutex_exit(&proc_lock);
    return error;
}

// process, LWP (0: the first), size of the set, where it goes: empty if all may run it
Errno sys__sched_getaffinity(lwp* l, const syscall_args* uap, register_t*) {
    cpu_bits set = 0;
    const auto size = uap->integer<size_t>(2);
    if (size > sizeof(set)) {
        return EINVAL;
    }
    mutex_enter(&proc_lock);
    proc* p = sched_proc(l, uap->integer<pid_t>(0));
    Errno error = ESRCH;
    if (p != nullptr) {
        mutex_enter(p->p_lock);
        if (const lwp* t = sched_lwp(p, uap->integer<lwpid_t>(1))) {
            error = kauth_authorize(l->l_cred, KAUTH_PROCESS_SCHEDULER_GETAFFINITY, p);
            set = t->l_affinity;
        }
        mutex_exit(p->p_lock);
    }
    mutex_exit(&proc_lock);
    return error != EOK ? error : copyout(&set, uap->pointer(3), size);
}

Errno sys_sched_yield(lwp*, const syscall_args*, register_t*) {
    yield();
    return EOK;
}
