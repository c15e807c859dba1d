// What event queues can watch: processes, signals, time, descriptors, the
// program's own events. kqueue(2)
#include "machine/cpu.hpp"
#include "sys/callout.hpp"
#include "sys/event.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/signalvar.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"

bool proc_watchable(const proc* p) {
    const kauth_cred* cred = curlwp->l_cred;
    return cred->cr_euid == 0 || (p->p_cred->cr_uid == cred->cr_uid && (p->p_flag & PK_SUGID) == 0);
}

namespace {

// --- EVFILT_PROC ----------------------------------------------------------------------

Errno proc_attach(knote* kn) {
    mutex_enter(&proc_lock);
    proc* p = kn->kn_kevent.ident <= 0x7fffffff ? proc_find(static_cast<pid_t>(kn->kn_kevent.ident))
                                                : nullptr;
    if (p == nullptr || (p->p_sflag & PS_WEXIT) != 0) {
        mutex_exit(&proc_lock);
        return ESRCH;
    }
    if (!proc_watchable(p)) {
        mutex_exit(&proc_lock);
        return EACCES;
    }
    kn->kn_obj = p;
    kn->kn_kevent.flags |= abi::EV_CLEAR; // news is told once
    klist_insert(&p->p_klist, kn);
    mutex_exit(&proc_lock);
    return EOK;
}

// Also of EVFILT_SIGNAL: both are on their process's list.
void proc_detach(knote* kn) {
    mutex_enter(&proc_lock);
    auto* p = static_cast<proc*>(kn->kn_obj);
    if (p != nullptr) {
        klist_remove(&p->p_klist, kn);
    }
    mutex_exit(&proc_lock);
}

bool proc_event(knote* kn, u32 hint) {
    mutex_enter(&kevent_lock);
    if (hint == abi::NOTE_EXEC) {
        kn->kn_kevent.fflags |= kn->kn_sfflags & abi::NOTE_EXEC;
    }
    const bool news = kn->kn_kevent.fflags != 0;
    mutex_exit(&kevent_lock);
    return news && (hint & NOTE_SIGNAL) == 0;
}

// --- EVFILT_SIGNAL: counts what is sent to us, whatever we do with it -----------------

Errno signal_attach(knote* kn) {
    if (kn->kn_kevent.ident == 0 || kn->kn_kevent.ident >= NSIG) {
        return EINVAL;
    }
    proc* p = curlwp->l_proc;
    mutex_enter(&proc_lock);
    kn->kn_obj = p;
    kn->kn_kevent.flags |= abi::EV_CLEAR;
    klist_insert(&p->p_klist, kn);
    mutex_exit(&proc_lock);
    return EOK;
}

bool signal_event(knote* kn, u32 hint) {
    mutex_enter(&kevent_lock);
    const bool ours = hint == (NOTE_SIGNAL | static_cast<u32>(kn->kn_kevent.ident));
    kn->kn_kevent.data += ours;
    const bool news = ours || (hint == 0 && kn->kn_kevent.data != 0);
    mutex_exit(&kevent_lock);
    return news;
}

// --- EVFILT_USER ----------------------------------------------------------------------

Errno user_attach(knote* kn) {
    mutex_enter(&kevent_lock);
    kn->kn_triggered = (kn->kn_sfflags & abi::NOTE_TRIGGER) != 0;
    kn->kn_sfflags &= abi::NOTE_FFLAGSMASK;
    kn->kn_sfflags &= ~u32{abi::NOTE_TRIGGER};
    mutex_exit(&kevent_lock);
    return EOK;
}

void user_detach(knote*) {}

bool user_event(knote* kn, u32) {
    mutex_enter(&kevent_lock);
    const bool triggered = kn->kn_triggered;
    kn->kn_kevent.fflags = kn->kn_sfflags;
    mutex_exit(&kevent_lock);
    return triggered;
}

// => kevent_lock held
void user_touch(knote* kn, const abi::kevent* kev) {
    const u32 given = kev->fflags & abi::NOTE_FFLAGSMASK & ~u32{abi::NOTE_TRIGGER};
    switch (kev->fflags & abi::NOTE_FFCTRLMASK) {
    case abi::NOTE_FFAND:
        kn->kn_sfflags &= given;
        break;
    case abi::NOTE_FFOR:
        kn->kn_sfflags |= given;
        break;
    case abi::NOTE_FFCOPY:
        kn->kn_sfflags = given;
        break;
    default:
        break;
    }
    if ((kev->fflags & abi::NOTE_TRIGGER) != 0) {
        kn->kn_triggered = true;
    }
}

// --- EVFILT_TIMER: counts periods that have passed -------------------------------------
// Deviation: clock ticks are as fine as it gets.

struct kqtimer {
    callout ch;
    int ticks;
    bool once;
    bool over; // [kevent_lock] its knote goes
};

// A period, or with NOTE_ABSTIME a point in time, in ticks from now.
Errno timer_ticks(u32 fflags, i64 data, int* ticks) {
    constexpr i64 kUnits[] = {1'000'000, 1'000'000'000, 1'000, 1}; // by NOTE_*SECONDS
    i64 ns = 0;
    if (data < 0 || (fflags & ~u32{abi::NOTE_ABSTIME | abi::NOTE_NSECONDS}) != 0 ||
        __builtin_mul_overflow(data, kUnits[fflags & abi::NOTE_NSECONDS], &ns)) {
        return EINVAL;
    }
    if ((fflags & abi::NOTE_ABSTIME) == 0 && data == 0) {
        return EINVAL; // it would never end
    }
    if ((fflags & abi::NOTE_ABSTIME) != 0) {
        abi::timespec now;
        nanotime(&now);
        ns -= timespec2ns(now);
    }
    const abi::timespec ts = ns2timespec(max(ns, i64{0}));
    *ticks = max(tstohz(&ts), 1);
    return EOK;
}

void timer_expire(void* arg) {
    auto* kn = static_cast<knote*>(arg);
    auto* timer = static_cast<kqtimer*>(kn->kn_obj);
    mutex_enter(&kevent_lock);
    kn->kn_kevent.data++;
    if (!timer->once && !timer->over) {
        callout_schedule(&timer->ch, timer->ticks);
    }
    mutex_exit(&kevent_lock);
    knote_activate(kn);
}

// A period starts over, and what came of it is told once; a point in time comes once,
// and stays told. => kevent_lock held, or nobody else has the knote
void timer_start(knote* kn, u32 flags, int ticks) {
    constexpr u32 kOurs = abi::EV_ONESHOT | abi::EV_CLEAR;
    auto* timer = static_cast<kqtimer*>(kn->kn_obj);
    const bool at_time = (kn->kn_sfflags & abi::NOTE_ABSTIME) != 0;
    kn->kn_kevent.flags &= ~kOurs;
    kn->kn_kevent.flags |= (flags & kOurs) | (at_time ? 0 : u32{abi::EV_CLEAR});
    timer->ticks = ticks;
    timer->once = at_time || (flags & abi::EV_ONESHOT) != 0;
    callout_reset(&timer->ch, ticks, timer_expire, kn);
}

Errno timer_attach(knote* kn) {
    int ticks = 0;
    const Errno error = timer_ticks(kn->kn_sfflags, kn->kn_sdata, &ticks);
    if (error != EOK) {
        return error;
    }
    auto* timer = kmem_new<kqtimer>(KM_SLEEP);
    kn->kn_obj = timer;
    callout_init(&timer->ch);
    timer_start(kn, kn->kn_kevent.flags, ticks);
    return EOK;
}

void timer_detach(knote* kn) {
    auto* timer = static_cast<kqtimer*>(kn->kn_obj);
    mutex_enter(&kevent_lock);
    timer->over = true;
    mutex_exit(&kevent_lock);
    (void)callout_halt(&timer->ch);
    callout_destroy(&timer->ch);
    kmem_delete(timer);
}

bool timer_event(knote* kn, u32) {
    mutex_enter(&kevent_lock);
    const bool expired = kn->kn_kevent.data != 0;
    mutex_exit(&kevent_lock);
    return expired;
}

// Added again, it starts anew with the period given. => kevent_lock held
void timer_touch(knote* kn, const abi::kevent* kev) {
    int ticks = 0;
    if ((kev->flags & abi::EV_ADD) != 0 && timer_ticks(kev->fflags, kev->data, &ticks) == EOK) {
        kn->kn_sfflags = kev->fflags;
        kn->kn_kevent.data = 0;
        timer_start(kn, kev->flags, ticks);
    }
}

// --- EVFILT_READ, EVFILT_WRITE, EVFILT_VNODE: the file knows
// ----------------------------------------

// The file puts its own filter in place of this one.
Errno file_attach(knote* kn) {
    file* fp = kn->kn_fp;
    return fp->f_ops->fo_kqfilter != nullptr ? fp->f_ops->fo_kqfilter(fp, kn) : EOPNOTSUPP;
}

constexpr filterops proc_filter{false, proc_attach, proc_detach, proc_event, nullptr};
constexpr filterops signal_filter{false, signal_attach, proc_detach, signal_event, nullptr};
constexpr filterops user_filter{false, user_attach, user_detach, user_event, user_touch};
constexpr filterops timer_filter{false, timer_attach, timer_detach, timer_event, timer_touch};
constexpr filterops file_filter{true, file_attach, nullptr, nullptr, nullptr};

} // namespace

const filter_desc kFilters[kFilterCount]{
    {"EVFILT_READ", abi::EVFILT_READ, &file_filter},
    {"EVFILT_WRITE", abi::EVFILT_WRITE, &file_filter},
    {"EVFILT_AIO", abi::EVFILT_AIO, nullptr}, // a name and a number, as in NetBSD
    {"EVFILT_VNODE", abi::EVFILT_VNODE, &file_filter},
    {"EVFILT_PROC", abi::EVFILT_PROC, &proc_filter},
    {"EVFILT_SIGNAL", abi::EVFILT_SIGNAL, &signal_filter},
    {"EVFILT_TIMER", abi::EVFILT_TIMER, &timer_filter},
    {"EVFILT_USER", abi::EVFILT_USER, &user_filter},
};

const filterops* filter_find(u32 filter) {
    for (const filter_desc& desc : kFilters) {
        if (desc.filter == filter) {
            return desc.ops;
        }
    }
    return nullptr;
}

// --- what happens to processes --------------------------------------------------------

void knote_proc_exec(proc* p) {
    KASSERT(mutex_owned(&proc_lock));
    knote_tell(p->p_klist, abi::NOTE_EXEC);
}

// The process goes: its watchers hear of that last.
void knote_proc_exit(proc* p, int status) {
    KASSERT(mutex_owned(&proc_lock));
    while (knote* kn = p->p_klist) {
        klist_remove(&p->p_klist, kn);
        mutex_enter(&kevent_lock);
        kn->kn_obj = nullptr;
        bool news = false;
        if (kn->kn_kevent.filter == abi::EVFILT_PROC) {
            kn->kn_kevent.data = status;
            kn->kn_kevent.flags |= abi::EV_EOF | abi::EV_ONESHOT;
            kn->kn_kevent.fflags |= kn->kn_sfflags & abi::NOTE_EXIT;
            news = kn->kn_kevent.fflags != 0;
        }
        mutex_exit(&kevent_lock);
        if (news) {
            knote_activate(kn);
        }
    }
}
