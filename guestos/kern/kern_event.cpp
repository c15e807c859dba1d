// Event queues and what they watch: knote(9). Their calls: sys_kqueue.cpp
#include "sys/eventvar.hpp"

#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/systm.hpp"

kmutex_t kevent_lock;
LIST_HEAD<kqueue, &kqueue::kq_list> kqueues; // [kevent_lock]

namespace {

pool knote_pool;
kcondvar_t influx_cv; // [kevent_lock] a knote has one user less

// Of one queue. Deviation: NetBSD has no bound but memory; a bound keeps one
// program from taking it all, and makes NOTE_TRACKERR something to see.
constexpr unsigned kMaxKnotes = 1024;

} // namespace

void kqueue_init() {
    mutex_init(&kevent_lock, MUTEX_DEFAULT, IPL_NONE);
    cv_init(&influx_cv, "kqflux");
    pool_init(&knote_pool, sizeof(knote), 0, "knote", IPL_NONE);
}

// --- knotes ---------------------------------------------------------------------------

void klist_insert(knote** list, knote* kn) {
    kn->kn_selnext = *list;
    *list = kn;
}

void klist_remove(knote** list, knote* kn) {
    while (*list != kn) {
        list = &(*list)->kn_selnext;
    }
    *list = kn->kn_selnext;
}

namespace {

// Puts the knote onto its queue. A queue that others watch goes to those that have
// to tell of it. => kevent_lock held
void knote_put(knote* kn, kqueue** telling) {
    kqueue* kq = kn->kn_kq;
    if ((kn->kn_status & (KN_QUEUED | KN_DISABLED | KN_WILLDETACH)) != 0) {
        return;
    }
    kn->kn_status |= KN_QUEUED;
    kq->kq_head.insert_tail(kn);
    kq->kq_count++;
    cv_broadcast(&kq->kq_cv);
    if (kq->kq_watchers != nullptr && !kq->kq_tells) {
        kq->kq_tells = true;
        kq->kq_telling = *telling;
        *telling = kq;
    }
}

// => kevent_lock held
void knote_dequeue(knote* kn) {
    if ((kn->kn_status & KN_QUEUED) != 0) {
        kn->kn_status &= ~u32{KN_QUEUED};
        kn->kn_kq->kq_head.remove(kn);
        kn->kn_kq->kq_count--;
    }
}

// => kevent_lock held
void knote_unlist(knote* kn) {
    kn->kn_kq->kq_knotes.remove(kn);
    kn->kn_kq->kq_nknotes--;
}

} // namespace

knote* knote_alloc(kqueue* kq, PoolFlags flags) {
    mutex_enter(&kevent_lock);
    const bool room = kq->kq_nknotes < kMaxKnotes;
    kq->kq_nknotes += room;
    mutex_exit(&kevent_lock);
    auto* kn = room ? pool_get<knote>(&knote_pool, flags | PR_ZERO) : nullptr;
    if (kn != nullptr) {
        kn->kn_kq = kq;
    } else if (room) {
        mutex_enter(&kevent_lock);
        kq->kq_nknotes--;
        mutex_exit(&kevent_lock);
    }
    return kn;
}

void knote_discard(knote* kn) {
    mutex_enter(&kevent_lock);
    kn->kn_kq->kq_nknotes--;
    mutex_exit(&kevent_lock);
    pool_put(&knote_pool, kn);
}

// Queues may watch each other in chains and rings: what is to be told stands in line
// rather than on the stack, and a knote that is queued already ends it.
void knote_enqueue(knote* kn) {
    kqueue* telling = nullptr;
    knote_put(kn, &telling);
    while (kqueue* kq = telling) {
        telling = kq->kq_telling;
        kq->kq_tells = false;
        for (knote* watcher = kq->kq_watchers; watcher != nullptr; watcher = watcher->kn_selnext) {
            watcher->kn_status |= KN_ACTIVE;
            knote_put(watcher, &telling);
        }
    }
}

void knote_leave(knote* kn) {
    kn->kn_influx--;
    cv_broadcast(&influx_cv);
}

void knote_detach(knote* kn) {
    KASSERT((kn->kn_status & KN_WILLDETACH) == 0);
    kn->kn_status |= KN_WILLDETACH;
    while (kn->kn_influx > 0) {
        cv_wait(&influx_cv, &kevent_lock);
    }
    mutex_exit(&kevent_lock);
    kn->kn_fop->f_detach(kn);
    mutex_enter(&kevent_lock);
    knote_dequeue(kn);
    knote_unlist(kn);
    mutex_exit(&kevent_lock);
    pool_put(&knote_pool, kn);
}

namespace {

// => kevent_lock held
knote* knote_find(kqueue* kq, u64 ident, u32 filter) {
    for (knote& kn : kq->kq_knotes) {
        if (kn.kn_kevent.ident == ident && kn.kn_kevent.filter == filter &&
            (kn.kn_status & KN_WILLDETACH) == 0) {
            return &kn;
        }
    }
    return nullptr;
}

} // namespace

void knote_activate(knote* kn) {
    mutex_enter(&kevent_lock);
    kn->kn_status |= KN_ACTIVE;
    knote_enqueue(kn);
    mutex_exit(&kevent_lock);
}

void knote_tell(knote* list, u32 hint) {
    for (knote* kn = list; kn != nullptr; kn = kn->kn_selnext) {
        if (kn->kn_fop->f_event(kn, hint)) {
            knote_activate(kn);
        }
    }
}

void knote_fdclose(filedesc* fdp, int fd) {
    mutex_enter(&kevent_lock);
    for (bool found = true; found;) {
        found = false;
        for (kqueue& kq : kqueues) {
            for (knote& kn : kq.kq_knotes) {
                if (!found && kq.kq_fdp == fdp && kn.kn_fop->f_isfd &&
                    (kn.kn_status & KN_WILLDETACH) == 0 &&
                    (fd == -1 || kn.kn_kevent.ident == static_cast<u64>(fd))) {
                    found = true;
                    knote_detach(&kn); // the lists may have changed: begin again
                    mutex_enter(&kevent_lock);
                    break;
                }
            }
            if (found) {
                break;
            }
        }
    }
    mutex_exit(&kevent_lock);
}

// --- changes --------------------------------------------------------------------------

namespace {

constexpr u32 kCommands = abi::EV_ADD | abi::EV_DELETE | abi::EV_ENABLE | abi::EV_DISABLE |
                          abi::EV_RECEIPT | abi::EV_ERROR | abi::EV_EOF;

// A knote is made and put where it watches.
Errno knote_add(kqueue* kq, const filterops* fop, const abi::kevent* kev, file* fp) {
    knote* kn = knote_alloc(kq, PR_WAITOK);
    if (kn == nullptr) {
        return ENOMEM;
    }
    kn->kn_fop = fop;
    kn->kn_fp = fp;
    kn->kn_sfflags = kev->fflags;
    kn->kn_sdata = kev->data;
    kn->kn_kevent = *kev;
    kn->kn_kevent.flags &= ~kCommands;
    kn->kn_kevent.fflags = 0;
    kn->kn_kevent.data = 0;
    kn->kn_status = (kev->flags & abi::EV_DISABLE) != 0 ? u32{KN_DISABLED} : 0;
    kn->kn_influx = 1;
    mutex_enter(&kevent_lock);
    kq->kq_knotes.insert_head(kn);
    mutex_exit(&kevent_lock);
    const Errno error = fop->f_attach(kn);
    const bool told = error == EOK && kn->kn_fop->f_event(kn, 0);
    mutex_enter(&kevent_lock);
    knote_leave(kn);
    if (error != EOK) {
        knote_unlist(kn);
        mutex_exit(&kevent_lock);
        pool_put(&knote_pool, kn);
        return error;
    }
    mutex_exit(&kevent_lock);
    if (told) {
        knote_activate(kn);
    }
    return EOK;
}

// A knote that is there changes. => kevent_lock held; released
void knote_change(knote* kn, const abi::kevent* kev) {
    kn->kn_influx++;
    if (kn->kn_fop->f_touch != nullptr) {
        kn->kn_fop->f_touch(kn, kev);
    } else if ((kev->flags & abi::EV_ADD) != 0) {
        kn->kn_sfflags = kev->fflags;
    }
    if ((kev->flags & abi::EV_ADD) != 0) {
        kn->kn_kevent.udata = kev->udata;
    }
    if ((kev->flags & abi::EV_DISABLE) != 0) {
        kn->kn_status |= KN_DISABLED;
        knote_dequeue(kn);
    }
    if ((kev->flags & abi::EV_ENABLE) != 0) {
        kn->kn_status &= ~u32{KN_DISABLED};
    }
    mutex_exit(&kevent_lock);
    const bool told = kn->kn_fop->f_event(kn, 0);
    if (told) {
        knote_activate(kn);
    }
    mutex_enter(&kevent_lock);
    knote_leave(kn);
    mutex_exit(&kevent_lock);
}

} // namespace

Errno kqueue_register(kqueue* kq, const abi::kevent* kev) {
    const filterops* fop = filter_find(kev->filter);
    if (fop == nullptr) {
        return EINVAL;
    }
    file* fp = nullptr;
    if (fop->f_isfd) {
        fp = kev->ident <= 0x7fffffff ? fd_getfile(static_cast<int>(kev->ident)) : nullptr;
        if (fp == nullptr) {
            return EBADF;
        }
    }
    Errno error = EOK;
    mutex_enter(&kevent_lock);
    knote* kn = knote_find(kq, kev->ident, kev->filter);
    if (kn == nullptr) {
        mutex_exit(&kevent_lock);
        error = (kev->flags & abi::EV_ADD) != 0 ? knote_add(kq, fop, kev, fp) : ENOENT;
    } else if ((kev->flags & abi::EV_DELETE) != 0) {
        knote_detach(kn);
    } else {
        knote_change(kn, kev);
    }
    if (fp != nullptr) {
        fd_putfile(fp); // the descriptor holds it; knote_fdclose comes before it goes
    }
    return error;
}

// --- events ---------------------------------------------------------------------------

namespace {

// Takes the first knote off the queue and says what it has to tell, if it still
// has anything.
// => kevent_lock held, and dropped meanwhile
bool kqueue_take(kqueue* kq, abi::kevent* kev) {
    knote* kn = kq->kq_head.first();
    knote_dequeue(kn);
    if ((kn->kn_kevent.flags & abi::EV_EOF) == 0 || kn->kn_fop->f_isfd) {
        kn->kn_influx++;
        mutex_exit(&kevent_lock);
        const bool tells = kn->kn_fop->f_event(kn, 0);
        mutex_enter(&kevent_lock);
        knote_leave(kn);
        if ((kn->kn_status & (KN_WILLDETACH | KN_DISABLED)) != 0 || !tells) {
            kn->kn_status &= ~u32{KN_ACTIVE};
            return false;
        }
    }
    *kev = kn->kn_kevent;
    if ((kn->kn_kevent.flags & abi::EV_ONESHOT) != 0) {
        knote_detach(kn);
        mutex_enter(&kevent_lock);
    } else if ((kn->kn_kevent.flags & abi::EV_CLEAR) != 0) {
        kn->kn_kevent.fflags = 0;
        kn->kn_kevent.data = 0;
        kn->kn_triggered = false;
        kn->kn_status &= ~u32{KN_ACTIVE};
    } else if ((kn->kn_kevent.flags & abi::EV_DISPATCH) != 0) {
        kn->kn_status |= KN_DISABLED;
    } else {
        knote_enqueue(kn); // as long as it holds
    }
    return true;
}

} // namespace

Errno kqueue_scan(kqueue* kq, abi::kevent* events, size_t n, int timo, size_t* told) {
    *told = 0;
    mutex_enter(&kevent_lock);
    while (*told == 0) {
        Errno error = EOK;
        while (kq->kq_count == 0 && error == EOK) {
            error = timo < 0 ? EWOULDBLOCK : cv_timedwait_sig(&kq->kq_cv, &kevent_lock, timo);
        }
        if (error != EOK) {
            mutex_exit(&kevent_lock);
            return error == EWOULDBLOCK ? EOK : EINTR;
        }
        for (unsigned left = kq->kq_count; left > 0 && kq->kq_count > 0 && *told < n; left--) {
            *told += kqueue_take(kq, &events[*told]);
        }
    }
    mutex_exit(&kevent_lock);
    return EOK;
}
