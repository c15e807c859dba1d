// System calls on time: nanosleep(2), clock_gettime(2), gettimeofday(2).
#include "machine/cpu.hpp"
#include "sys/kauth.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sleepq.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"

Errno itimespecfix(const abi::timespec* ts) {
    return ts->tv_sec < 0 || ts->tv_nsec < 0 || ts->tv_nsec >= 1'000'000'000 ? EINVAL : EOK;
}

int tstohz(const abi::timespec* ts) {
    constexpr i64 kMaxSeconds = 0x7fffffff / hz - 1;
    constexpr i64 tick_ns = 1'000'000'000 / hz;
    if (ts->tv_sec > kMaxSeconds) {
        return 0x7fffffff;
    }
    return static_cast<int>(ts->tv_sec * hz + (ts->tv_nsec + tick_ns - 1) / tick_ns);
}

namespace {

// Time that the process, or with CLOCK_VIRTUAL its user mode, has used.
abi::timespec used_time(proc* p, bool user_only) {
    abi::timeval user;
    abi::timeval system;
    mutex_enter(p->p_lock);
    calcru(p, &user, &system);
    mutex_exit(p->p_lock);
    return ns2timespec(timeval2ns(user) + (user_only ? 0 : timeval2ns(system)));
}

constexpr int kCpuClocks = abi::CLOCK_THREAD_CPUTIME_ID | abi::CLOCK_PROCESS_CPUTIME_ID;

// The exact run time of an LWP of this process, or of any process. => ESRCH
Errno cpu_clock(lwp* l, clockid_t clock, abi::timespec* ts) {
    const int id = clock & ~kCpuClocks;
    proc* p = l->l_proc;
    if ((clock & kCpuClocks) == abi::CLOCK_THREAD_CPUTIME_ID) {
        mutex_enter(p->p_lock);
        const lwp* target = id == 0 ? l : proc_find_lwp(p, id);
        const bool found = target != nullptr;
        *ts = ns2timespec(found ? lwp_rtime(target) : 0);
        mutex_exit(p->p_lock);
        return found ? EOK : ESRCH;
    }
    if ((clock & kCpuClocks) != abi::CLOCK_PROCESS_CPUTIME_ID) {
        return EINVAL;
    }
    mutex_enter(&proc_lock);
    p = id == 0 ? p : proc_find(id);
    if (p != nullptr) {
        mutex_enter(p->p_lock);
        *ts = ns2timespec(proc_rtime(p));
        mutex_exit(p->p_lock);
    }
    mutex_exit(&proc_lock);
    return p != nullptr ? EOK : ESRCH;
}

Errno clock_gettime1(lwp* l, clockid_t clock, abi::timespec* ts) {
    switch (clock) {
    case abi::CLOCK_REALTIME:
        nanotime(ts);
        return EOK;
    case abi::CLOCK_MONOTONIC:
        nanouptime(ts);
        return EOK;
    case abi::CLOCK_VIRTUAL:
    case abi::CLOCK_PROF:
        *ts = used_time(l->l_proc, clock == abi::CLOCK_VIRTUAL);
        return EOK;
    default:
        return cpu_clock(l, clock, ts);
    }
}

// Sleeps at least `wanted` nanoseconds; a signal ends it, and `*left` remain.
Errno sleep_for(u64 wanted, u64* left) {
    const u64 start = nsecuptime();
    Errno error = EOK;
    for (*left = wanted; *left > 0 && error == EOK;) {
        const abi::timespec ts = ns2timespec(*left);
        error = kpause("nanoslp", true, max(tstohz(&ts), 1), nullptr);
        error = error == EWOULDBLOCK ? EOK : error == ERESTART ? EINTR : error;
        const u64 slept = nsecuptime() - start;
        *left = slept < wanted ? wanted - slept : 0;
    }
    return error;
}

} // namespace

// nanosleep(2)
Errno sys___nanosleep50(lwp*, const syscall_args* uap, register_t*) {
    abi::timespec request;
    Errno error = copyin(uap->pointer(0), request);
    if (error == EOK) {
        error = itimespecfix(&request);
    }
    if (error != EOK) {
        return error;
    }
    u64 left = 0;
    error = sleep_for(timespec2ns(request), &left);
    if (uap->pointer(1) != nullptr) {
        const Errno copy_error = copyout(ns2timespec(left), uap->pointer(1));
        error = copy_error != EOK ? copy_error : error;
    }
    return error;
}

Errno sys___clock_gettime50(lwp* l, const syscall_args* uap, register_t*) {
    abi::timespec ts;
    const Errno error = clock_gettime1(l, uap->integer<clockid_t>(0), &ts);
    return error != EOK ? error : copyout(ts, uap->pointer(1));
}

Errno sys___clock_getres50(lwp* l, const syscall_args* uap, register_t*) {
    abi::timespec ts;
    const Errno error = clock_gettime1(l, uap->integer<clockid_t>(0), &ts);
    if (error != EOK || uap->pointer(1) == nullptr) {
        return error;
    }
    return copyout(abi::timespec{0, 16}, uap->pointer(1)); // 62.5 MHz
}

// kind of number, number, where the clock goes
Errno sys_clock_getcpuclockid2(lwp* l, const syscall_args* uap, register_t*) {
    const int kind = uap->integer<int>(0);
    const int id = uap->integer<int>(1);
    if ((kind != abi::P_PID && kind != abi::P_LWPID) || id < 0 || (id & kCpuClocks) != 0) {
        return EINVAL;
    }
    const clockid_t clock =
        id | (kind == abi::P_PID ? abi::CLOCK_PROCESS_CPUTIME_ID : abi::CLOCK_THREAD_CPUTIME_ID);
    abi::timespec ts;
    const Errno error = cpu_clock(l, clock, &ts); // there must be one
    return error != EOK ? error : copyout(clock, uap->pointer(2));
}

Errno sys___clock_settime50(lwp* l, const syscall_args* uap, register_t*) {
    abi::timespec ts;
    Errno error = copyin(uap->pointer(1), ts);
    if (error == EOK) {
        error = uap->integer<clockid_t>(0) != abi::CLOCK_REALTIME ? EINVAL : itimespecfix(&ts);
    }
    if (error == EOK) {
        error = kauth_authorize(l->l_cred, KAUTH_SYSTEM_TIME);
    }
    if (error == EOK) {
        tc_setclock(&ts);
    }
    return error;
}

Errno sys___gettimeofday50(lwp*, const syscall_args* uap, register_t*) {
    Errno error = EOK;
    if (uap->pointer(0) != nullptr) {
        abi::timeval tv;
        microtime(&tv);
        error = copyout(tv, uap->pointer(0));
    }
    if (error == EOK && uap->pointer(1) != nullptr) {
        constexpr i32 greenwich[2] = {0, 0};
        error = copyout(greenwich, uap->pointer(1), sizeof(greenwich));
    }
    return error;
}

// Like nanosleep, by either clock; with TIMER_ABSTIME until a point in time.
// => the result is the error itself, as POSIX has it for this call
Errno sys_clock_nanosleep(lwp* l, const syscall_args* uap, register_t* retval) {
    constexpr int kAbsolute = 1; // TIMER_ABSTIME
    const auto clock = uap->integer<clockid_t>(0);
    if (clock != abi::CLOCK_REALTIME && clock != abi::CLOCK_MONOTONIC) {
        return EINVAL;
    }
    const bool absolute = (uap->integer<int>(1) & kAbsolute) != 0;
    abi::timespec request;
    Errno error = copyin(uap->pointer(2), request);
    if (error == EOK) {
        error = itimespecfix(&request);
    }
    if (error != EOK) {
        return error;
    }
    abi::timespec now{};
    if (absolute) {
        (void)clock_gettime1(l, clock, &now);
    }
    const u64 wanted = timespec2ns(request);
    const u64 already = timespec2ns(now);
    u64 left = 0;
    error = sleep_for(wanted > already ? wanted - already : 0, &left);
    if (uap->pointer(3) != nullptr && !absolute) {
        const Errno copy_error = copyout(ns2timespec(left), uap->pointer(3));
        error = copy_error != EOK ? copy_error : error;
    }
    retval[0] = 0;
    return error;
}
