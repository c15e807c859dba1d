// Interval timers: setitimer(2), and with it alarm(3).
#include "machine/cpu.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"

namespace {

constexpr u64 kTickNs = 1'000'000'000 / hz;

// The clock that the timer runs by: real time, or ticks that the process used.
u64 itimer_now(const itimer* it) {
    const proc* p = it->it_proc;
    switch (it->it_which) {
    case abi::ITIMER_VIRTUAL:
        return p->p_uticks * kTickNs;
    case abi::ITIMER_PROF:
        return (p->p_uticks + p->p_sticks) * kTickNs;
    default:
        return nsecuptime();
    }
}

int itimer_signal(int which) {
    return which == abi::ITIMER_VIRTUAL ? SIGVTALRM : which == abi::ITIMER_PROF ? SIGPROF : SIGALRM;
}

// Ticks until it is worth looking again. Time that the process uses can't go
// faster than real time, so that may be early.
int itimer_ticks(const itimer* it, u64 now) {
    const abi::timespec left = ns2timespec(it->it_due > now ? it->it_due - now : 0);
    return max(tstohz(&left), 1);
}

// => in the callout thread
void itimer_expire(void* arg) {
    auto* it = static_cast<itimer*>(arg);
    mutex_enter(&proc_lock);
    const u64 now = itimer_now(it);
    if (now >= it->it_due) {
        ksiginfo ksi;
        ksiginfo_init(&ksi, itimer_signal(it->it_which));
        ksi.ksi_info.code = abi::SI_TIMER;
        kpsignal(it->it_proc, &ksi);
        if (it->it_interval == 0) {
            it->it_due = 0;
        } else {
            it->it_due += (now - it->it_due) / it->it_interval * it->it_interval + it->it_interval;
        }
    }
    if (it->it_due != 0) {
        callout_reset(&it->it_ch, itimer_ticks(it, now), itimer_expire, it);
    }
    mutex_exit(&proc_lock);
}

abi::itimerval itimer_value(const itimer* it) {
    abi::itimerval value{ns2timeval(it->it_interval), {}};
    if (it->it_due != 0) {
        const u64 now = itimer_now(it);
        // What is about to expire has not yet.
        value.it_value = ns2timeval(it->it_due > now + 1000 ? it->it_due - now : 1000);
    }
    return value;
}

Errno itimer_fix(const abi::timeval* tv) {
    return tv->tv_sec < 0 || tv->tv_usec < 0 || tv->tv_usec >= 1'000'000 ? EINVAL : EOK;
}

} // namespace

void itimers_init(proc* p) {
    for (unsigned which = 0; which < ITIMER_COUNT; which++) {
        itimer& it = p->p_stats->p_timer[which];
        it.it_proc = p;
        it.it_which = static_cast<int>(which);
        callout_init(&it.it_ch);
    }
}

void itimers_stop(proc* p) {
    for (itimer& it : p->p_stats->p_timer) {
        mutex_enter(&proc_lock);
        it.it_due = 0;
        mutex_exit(&proc_lock);
        (void)callout_halt(&it.it_ch);
    }
}

// which, where the value goes
Errno sys___getitimer50(lwp* l, const syscall_args* uap, register_t*) {
    const auto which = uap->integer<unsigned>(0);
    if (which >= ITIMER_COUNT) {
        return EINVAL;
    }
    mutex_enter(&proc_lock);
    const abi::itimerval value = itimer_value(&l->l_proc->p_stats->p_timer[which]);
    mutex_exit(&proc_lock);
    return copyout(value, uap->pointer(1));
}

// which, new value (null: only ask), where the old one goes
Errno sys___setitimer50(lwp* l, const syscall_args* uap, register_t*) {
    const auto which = uap->integer<unsigned>(0);
    if (which >= ITIMER_COUNT) {
        return EINVAL;
    }
    itimer* it = &l->l_proc->p_stats->p_timer[which];
    abi::itimerval fresh{};
    const bool set = uap->pointer(1) != nullptr;
    if (set) {
        Errno error = copyin(uap->pointer(1), fresh);
        error = error != EOK ? error : itimer_fix(&fresh.it_value);
        error = error != EOK ? error : itimer_fix(&fresh.it_interval);
        if (error != EOK) {
            return error;
        }
    }
    mutex_enter(&proc_lock);
    const abi::itimerval old = itimer_value(it);
    if (set) {
        const u64 value = timeval2ns(fresh.it_value);
        const u64 now = itimer_now(it);
        (void)callout_stop(&it->it_ch); // if it runs already, it finds the new values
        it->it_interval = value != 0 ? timeval2ns(fresh.it_interval) : 0;
        it->it_due = value != 0 ? now + value : 0;
        if (value != 0) {
            callout_reset(&it->it_ch, itimer_ticks(it, now), itimer_expire, it);
        }
    }
    mutex_exit(&proc_lock);
    return uap->pointer(2) != nullptr ? copyout(old, uap->pointer(2)) : EOK;
}
