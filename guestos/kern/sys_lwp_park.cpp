// Waiting as a thread library does it: _lwp_park(2), _lwp_unpark(2).
#include "abi/lwp.hpp"
#include "machine/cpu.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"

namespace {

// => p_lock held
Errno lwp_unpark(proc* p, lwpid_t lid) {
    lwp* t = proc_find_lwp(p, lid);
    if (t == nullptr) {
        return ESRCH;
    }
    t->l_unparked = true;
    cv_broadcast(&p->p_lwpcv);
    return EOK;
}

// How long to sleep, in ticks; 0 for ever. A point in time that has passed is
// ETIMEDOUT.
Errno park_ticks(const syscall_args* uap, int* ticks) {
    *ticks = 0;
    if (uap->pointer(2) == nullptr) {
        return EOK;
    }
    abi::timespec ts;
    Errno error = copyin(uap->pointer(2), ts);
    if (error == EOK) {
        error = itimespecfix(&ts);
    }
    if (error != EOK) {
        return error;
    }
    if ((uap->integer<int>(1) & abi::TIMER_ABSTIME) != 0) {
        abi::timespec now;
        if (uap->integer<clockid_t>(0) == abi::CLOCK_MONOTONIC) {
            nanouptime(&now);
        } else {
            nanotime(&now);
        }
        if (timespec2ns(ts) <= timespec2ns(now)) {
            return ETIMEDOUT;
        }
        ts = ns2timespec(timespec2ns(ts) - timespec2ns(now));
    }
    *ticks = max(tstohz(&ts), 1);
    return EOK;
}

} // namespace

// clock, flags, time, LWP to unpark, hint, hint of that. The hints only help to
// find LWPs fast, and are not needed here.
Errno sys____lwp_park60(lwp* l, const syscall_args* uap, register_t*) {
    proc* p = l->l_proc;
    int ticks = 0;
    const Errno time_error = park_ticks(uap, &ticks);
    mutex_enter(p->p_lock);
    if (uap->integer<lwpid_t>(3) != 0) {
        (void)lwp_unpark(p, uap->integer<lwpid_t>(3));
    }
    Errno error = time_error;
    if (l->l_unparked) {
        error = EALREADY; // it was unparked before it parked
    }
    while (error == EOK && !l->l_unparked) {
        error = cv_timedwait_sig(&p->p_lwpcv, p->p_lock, ticks);
    }
    l->l_unparked = false;
    mutex_exit(p->p_lock);
    return error == EWOULDBLOCK ? ETIMEDOUT : error == ERESTART ? EINTR : error;
}

Errno sys__lwp_unpark(lwp* l, const syscall_args* uap, register_t*) {
    mutex_enter(l->l_proc->p_lock);
    const Errno error = lwp_unpark(l->l_proc, uap->integer<lwpid_t>(0));
    mutex_exit(l->l_proc->p_lock);
    return error;
}

// numbers, how many, hint. Without numbers: how many it takes at most.
Errno sys__lwp_unpark_all(lwp* l, const syscall_args* uap, register_t* retval) {
    constexpr u64 kMaxTargets = 1024;
    const auto* targets = uap->pointer<const lwpid_t>(0);
    const auto count = uap->integer<u64>(1);
    if (targets == nullptr) {
        retval[0] = kMaxTargets;
        return EOK;
    }
    if (count > kMaxTargets) {
        return EINVAL;
    }
    for (u64 i = 0; i < count; i++) {
        lwpid_t lid;
        const Errno error = copyin(targets + i, lid);
        if (error != EOK) {
            return error;
        }
        mutex_enter(l->l_proc->p_lock);
        (void)lwp_unpark(l->l_proc, lid); // one that has gone needs no waking
        mutex_exit(l->l_proc->p_lock);
    }
    retval[0] = static_cast<register_t>(count);
    return EOK;
}
