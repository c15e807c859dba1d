// What event queues can watch: processes, signals, descriptors, the program's
// own events. kqueue(2)
#include "machine/cpu.hpp"
#include "sys/event.hpp"
#include "sys/kauth.hpp"
#include "sys/proc.hpp"
#include "sys/signalvar.hpp"
#include "sys/systm.hpp"

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
    const kauth_cred* cred = curlwp->l_cred;
    if (cred->cr_euid != 0 && (p->p_cred->cr_uid != cred->cr_uid || (p->p_flag & PK_SUGID) != 0)) {
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

// --- EVFILT_READ, EVFILT_WRITE: the file knows ----------------------------------------

// The file puts its own filter in place of this one.
Errno file_attach(knote* kn) {
    file* fp = kn->kn_fp;
    return fp->f_ops->fo_kqfilter != nullptr ? fp->f_ops->fo_kqfilter(fp, kn) : EOPNOTSUPP;
}

constexpr filterops proc_filter{false, proc_attach, proc_detach, proc_event, nullptr};
constexpr filterops signal_filter{false, signal_attach, proc_detach, signal_event, nullptr};
constexpr filterops user_filter{false, user_attach, user_detach, user_event, user_touch};
constexpr filterops file_filter{true, file_attach, nullptr, nullptr, nullptr};

} // namespace

const filterops* filter_find(u32 filter) {
    switch (filter) {
    case abi::EVFILT_READ:
    case abi::EVFILT_WRITE:
        return &file_filter;
    case abi::EVFILT_PROC:
        return &proc_filter;
    case abi::EVFILT_SIGNAL:
        return &signal_filter;
    case abi::EVFILT_USER:
        return &user_filter;
    default:
        return nullptr;
    }
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
