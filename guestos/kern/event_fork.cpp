// Event queues that follow forks: NOTE_FORK, NOTE_TRACK, NOTE_CHILD of EVFILT_PROC.
#include "sys/eventvar.hpp"
#include "sys/proc.hpp"
#include "sys/systm.hpp"

namespace {

// A knote that its user holds: it does not go meanwhile. => no locks held
bool knote_enter(knote* kn) {
    mutex_enter(&kevent_lock);
    const bool stays = (kn->kn_status & KN_WILLDETACH) == 0;
    kn->kn_influx += stays;
    mutex_exit(&kevent_lock);
    return stays;
}

// => proc_lock held
void knote_note_fork(knote* kn, u32 note) {
    mutex_enter(&kevent_lock);
    kn->kn_kevent.fflags |= note;
    kn->kn_status |= KN_ACTIVE;
    knote_enqueue(kn);
    mutex_exit(&kevent_lock);
}

// A knote for the child p2 like the parent's, with nothing to tell yet, and on no
// list. Null: the queue is full, or no memory
knote* knote_follow(const knote* kn, const proc* p2) {
    knote* child = knote_alloc(kn->kn_kq, PR_NOWAIT);
    if (child == nullptr) {
        return nullptr;
    }
    child->kn_fop = kn->kn_fop;
    child->kn_sfflags = kn->kn_sfflags;
    child->kn_kevent = kn->kn_kevent;
    child->kn_kevent.ident = static_cast<u64>(p2->p_pid);
    child->kn_kevent.fflags = 0;
    child->kn_kevent.data = 0;
    return child;
}

// The child's knotes of a queue that follows forks. ENOMEM: the queue is full
Errno knote_track(knote* kn, proc* p2, pid_t parent) {
    if (!proc_watchable(p2)) {
        return EACCES;
    }
    knote* watch = knote_follow(kn, p2);
    knote* birth = watch != nullptr ? knote_follow(kn, p2) : nullptr;
    if (birth == nullptr) {
        if (watch != nullptr) {
            knote_discard(watch);
        }
        return ENOMEM;
    }
    watch->kn_obj = p2;
    birth->kn_sfflags = 0;
    birth->kn_kevent.flags |= abi::EV_ONESHOT;
    birth->kn_kevent.fflags = abi::NOTE_CHILD;
    birth->kn_kevent.data = parent;
    mutex_enter(&proc_lock);
    klist_insert(&p2->p_klist, watch);
    mutex_exit(&proc_lock);
    mutex_enter(&kevent_lock);
    kn->kn_kq->kq_knotes.insert_head(watch);
    kn->kn_kq->kq_knotes.insert_head(birth);
    birth->kn_status |= KN_ACTIVE;
    knote_enqueue(birth);
    mutex_exit(&kevent_lock);
    return EOK;
}

} // namespace

void knote_proc_fork(proc* p1, proc* p2) {
    mutex_enter(&proc_lock);
    for (knote* kn = p1->p_klist; kn != nullptr; kn = kn->kn_selnext) {
        if (kn->kn_kevent.filter != abi::EVFILT_PROC) {
            continue;
        }
        u32 note = kn->kn_sfflags & abi::NOTE_FORK;
        if ((kn->kn_sfflags & abi::NOTE_TRACK) != 0 && knote_enter(kn)) {
            mutex_exit(&proc_lock); // memory is allocated; the knote stays on the list
            if (knote_track(kn, p2, p1->p_pid) != EOK) {
                note |= abi::NOTE_TRACKERR;
            }
            mutex_enter(&proc_lock);
            mutex_enter(&kevent_lock);
            knote_leave(kn);
            mutex_exit(&kevent_lock);
        }
        if (note != 0) {
            knote_note_fork(kn, note);
        }
    }
    mutex_exit(&proc_lock);
}
