// select(2), poll(2) and their forms with a signal mask: waiting for one of several
// descriptors.
//
// Deviation: the descriptors are looked at every tick; nothing announces events.
#include "abi/poll.hpp"
#include "sys/filedesc.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/signalvar.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"

namespace {

constexpr unsigned kMaxPoll = 256; // FD_SETSIZE

int poll_scan(abi::pollfd* fds, unsigned n) {
    int ready = 0;
    for (unsigned i = 0; i < n; i++) {
        fds[i].revents = 0;
        if (fds[i].fd < 0) {
            continue;
        }
        file* fp = fd_getfile(fds[i].fd);
        if (fp == nullptr) {
            fds[i].revents = abi::POLLNVAL;
        } else {
            const int wanted = fds[i].events | abi::POLLERR | abi::POLLHUP;
            fds[i].revents = static_cast<int16_t>(fp->f_ops->fo_poll(fp, wanted));
            fd_putfile(fp);
        }
        ready += fds[i].revents != 0;
    }
    return ready;
}

// Looks until a descriptor is ready or the time is over.
// => `timeout` null: for ever
Errno poll_wait(abi::pollfd* fds, unsigned n, const abi::timespec* timeout, int* ready) {
    constexpr time_t kLong = 1'000'000'000; // seconds; as good as for ever
    const u64 begin = nsecuptime();
    u64 time = 0;
    if (timeout != nullptr) {
        time = timespec2ns({min(timeout->tv_sec, kLong), timeout->tv_nsec});
    }
    *ready = poll_scan(fds, n);
    while (*ready == 0 && (timeout == nullptr || nsecuptime() - begin < time)) {
        const Errno error = kpause("select", true, 1, nullptr);
        if (error != EOK && error != EWOULDBLOCK) {
            return error == ERESTART ? EINTR : error; // never begun anew
        }
        *ready = poll_scan(fds, n);
    }
    return EOK;
}

// The same with the signal mask at `umask`, unless that is null.
Errno poll_wait_masked(lwp* l, abi::pollfd* fds, unsigned n, const abi::timespec* timeout,
                       const void* umask, int* ready) {
    if (umask != nullptr) {
        abi::sigset_t mask;
        const Errno error = copyin(umask, mask);
        if (error != EOK) {
            return error;
        }
        sigsuspendsetup(l, &mask);
    }
    const Errno error = poll_wait(fds, n, timeout, ready);
    if (umask != nullptr) {
        sigsuspendteardown(l);
    }
    return error;
}

Errno copyin_timeout(const void* uaddr, abi::timespec* ts) {
    const Errno error = copyin(uaddr, *ts);
    return error != EOK ? error : itimespecfix(ts);
}

Errno copyin_timeval(const void* uaddr, abi::timespec* ts) {
    abi::timeval tv;
    const Errno error = copyin(uaddr, tv);
    if (error != EOK) {
        return error;
    }
    *ts = {tv.tv_sec, i64{tv.tv_usec} * 1000};
    return itimespecfix(ts);
}

Errno poll1(lwp* l, const syscall_args* uap, const abi::timespec* timeout, const void* umask,
            register_t* retval) {
    const auto n = uap->integer<unsigned>(1);
    if (n > kMaxPoll) {
        return EINVAL;
    }
    abi::pollfd fds[kMaxPoll];
    int ready = 0;
    Errno error = copyin(uap->pointer(0), fds, n * sizeof(fds[0]));
    if (error == EOK) {
        error = poll_wait_masked(l, fds, n, timeout, umask, &ready);
    }
    retval[0] = static_cast<register_t>(ready);
    return error != EOK ? error : copyout(fds, uap->pointer(0), n * sizeof(fds[0]));
}

// --- sets of descriptors ------------------------------------------------------------

// What is waited for in the sets for reading, writing and exceptions, and what
// counts as that: at the end of a pipe nothing blocks.
struct select_kind {
    int wanted;
    int holds;
};
constexpr select_kind select_kinds[] = {
    {abi::POLLRDNORM, abi::POLLRDNORM | abi::POLLHUP | abi::POLLERR},
    {abi::POLLOUT, abi::POLLOUT | abi::POLLHUP | abi::POLLERR},
    {abi::POLLRDBAND, abi::POLLRDBAND},
};
constexpr unsigned kSets = 3;

struct select_sets {
    u32 bits[kSets][kMaxPoll / 32] = {};
    [[nodiscard]] bool has(unsigned set, unsigned fd) const {
        return (bits[set][fd / 32] >> fd % 32 & 1) != 0;
    }
};

// => the number of descriptors, each once
unsigned sets_to_fds(const select_sets* sets, unsigned nd, abi::pollfd* fds) {
    unsigned n = 0;
    for (unsigned fd = 0; fd < nd; fd++) {
        int wanted = 0;
        for (unsigned set = 0; set < kSets; set++) {
            wanted |= sets->has(set, fd) ? select_kinds[set].wanted : 0;
        }
        if (wanted != 0) {
            fds[n++] = {static_cast<int32_t>(fd), static_cast<int16_t>(wanted), 0};
        }
    }
    return n;
}

// Leaves those bits that hold, and counts them. => EBADF
Errno fds_to_sets(const abi::pollfd* fds, unsigned n, select_sets* sets, int* ready) {
    select_sets result;
    *ready = 0;
    for (unsigned i = 0; i < n; i++) {
        const auto fd = static_cast<unsigned>(fds[i].fd);
        if ((fds[i].revents & abi::POLLNVAL) != 0) {
            return EBADF;
        }
        for (unsigned set = 0; set < kSets; set++) {
            if (sets->has(set, fd) && (fds[i].revents & select_kinds[set].holds) != 0) {
                result.bits[set][fd / 32] |= u32{1} << fd % 32;
                (*ready)++;
            }
        }
    }
    *sets = result;
    return EOK;
}

// Descriptors above those that select can wait for are none: who asks for one gets
// EBADF. => those above all that can be open are not looked at
Errno check_high_bits(const syscall_args* uap, unsigned nd) {
    for (unsigned fd = kMaxPoll; fd < min(nd, static_cast<unsigned>(maxfiles)); fd += 32) {
        for (unsigned set = 0; set < kSets; set++) {
            const auto* bits = uap->pointer<const u32>(1 + set);
            u32 word = 0;
            const Errno error = bits != nullptr ? copyin(bits + fd / 32, word) : EOK;
            if (error != EOK) {
                return error;
            }
            if (nd - fd < 32) {
                word &= (u32{1} << (nd - fd)) - 1;
            }
            if (word != 0) {
                return EBADF;
            }
        }
    }
    return EOK;
}

// => the sets are the call's second to fourth argument
Errno select1(lwp* l, const syscall_args* uap, const abi::timespec* timeout, const void* umask,
              register_t* retval) {
    const int wanted = uap->integer<int>(0);
    const unsigned nd = min(static_cast<unsigned>(wanted), kMaxPoll);
    if (wanted < 0 ||
        (nd < static_cast<unsigned>(wanted) && l->l_proc->p_fd->fd_nfiles > kMaxPoll)) {
        return EINVAL;
    }
    Errno error = check_high_bits(uap, static_cast<unsigned>(wanted));
    if (error != EOK) {
        return error;
    }
    const size_t size = static_cast<size_t>(nd + 31) / 32 * sizeof(u32);
    select_sets sets;
    for (unsigned set = 0; set < kSets; set++) {
        if (uap->pointer(1 + set) != nullptr) {
            error = copyin(uap->pointer(1 + set), sets.bits[set], size);
            if (error != EOK) {
                return error;
            }
        }
    }
    abi::pollfd fds[kMaxPoll];
    const unsigned n = sets_to_fds(&sets, nd, fds);
    int ready = 0;
    error = poll_wait_masked(l, fds, n, timeout, umask, &ready);
    if (error == EOK) {
        error = fds_to_sets(fds, n, &sets, &ready);
    }
    for (unsigned set = 0; error == EOK && set < kSets; set++) {
        if (uap->pointer(1 + set) != nullptr) {
            error = copyout(sets.bits[set], uap->pointer(1 + set), size);
        }
    }
    retval[0] = static_cast<register_t>(ready);
    return error;
}

} // namespace

// descriptors, their number, milliseconds or -1
Errno sys_poll(lwp* l, const syscall_args* uap, register_t* retval) {
    const int ms = uap->integer<int>(2);
    if (ms < -1) {
        return EINVAL;
    }
    const abi::timespec timeout = ns2timespec(ms > 0 ? static_cast<u64>(ms) * 1'000'000 : 0);
    return poll1(l, uap, ms < 0 ? nullptr : &timeout, nullptr, retval);
}

// descriptors, their number, timespec, signal mask
Errno sys___pollts50(lwp* l, const syscall_args* uap, register_t* retval) {
    const bool forever = uap->pointer(2) == nullptr;
    abi::timespec timeout;
    const Errno error = forever ? EOK : copyin_timeout(uap->pointer(2), &timeout);
    return error != EOK ? error
                        : poll1(l, uap, forever ? nullptr : &timeout, uap->pointer(3), retval);
}

// descriptors below, three sets, timeval
Errno sys___select50(lwp* l, const syscall_args* uap, register_t* retval) {
    const bool forever = uap->pointer(4) == nullptr;
    abi::timespec timeout;
    const Errno error = forever ? EOK : copyin_timeval(uap->pointer(4), &timeout);
    return error != EOK ? error : select1(l, uap, forever ? nullptr : &timeout, nullptr, retval);
}

// descriptors below, three sets, timespec, signal mask
Errno sys___pselect50(lwp* l, const syscall_args* uap, register_t* retval) {
    const bool forever = uap->pointer(4) == nullptr;
    abi::timespec timeout;
    const Errno error = forever ? EOK : copyin_timeout(uap->pointer(4), &timeout);
    return error != EOK ? error
                        : select1(l, uap, forever ? nullptr : &timeout, uap->pointer(5), retval);
}
