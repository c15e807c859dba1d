// Event queues: kqueue(2), knote(9). kern/kern_event.cpp, kern/event_filters.cpp,
// kern/event_fork.cpp
//
// A knote is one interest of one queue. It is on the list of its queue and, by
// kn_selnext, on the list of what it watches, which that object's lock guards.
// Order of locks: the object's lock, then kevent_lock.
#pragma once

#include "abi/event.hpp"
#include "sys/condvar.hpp"
#include "sys/file.hpp"
#include "sys/mutex.hpp"
#include "sys/queue.hpp"

struct filedesc;
struct knote;
struct kqueue;
struct proc;

struct filterops {
    bool f_isfd; // the identifier is a descriptor
    Errno (*f_attach)(knote* kn); // onto the object's list
    void (*f_detach)(knote* kn);                // off it; takes the object's lock
    // Is there something to tell? kn_data and kn_fflags are brought up to date.
    // => hint 0: no locks held; else the object's lock is held
    bool (*f_event)(knote* kn, u32 hint);
    void (*f_touch)(knote* kn, const abi::kevent* kev); // EV_ADD again; may be null
};

enum KnoteStatus : u32 {
    KN_ACTIVE = 0x01,     // has something to tell
    KN_QUEUED = 0x02,     // on kq_head
    KN_DISABLED = 0x04,
    KN_WILLDETACH = 0x08, // about to go: leave it alone
};

struct knote {
    knote* kn_selnext;          // [object's lock]
    TAILQ_ENTRY<knote> kn_tqe;  // [kevent_lock] kq_head
    LIST_ENTRY<knote> kn_link;  // [kevent_lock] kq_knotes
    kqueue* kn_kq;
    const filterops* kn_fop;
    u32 kn_status;              // [kevent_lock] KN_*
    unsigned kn_influx;         // [kevent_lock] users without a lock: it may not go
    u32 kn_sfflags;             // what is asked for
    i64 kn_sdata;               // and with which number
    bool kn_triggered;          // [kevent_lock] EVFILT_USER
    abi::kevent kn_kevent;      // [kevent_lock] what is told
    file* kn_fp;                // f_isfd: lives as long as the descriptor
    void* kn_obj;               // what it watches; null once that has gone
};

struct kqueue {
    TAILQ_HEAD<knote, &knote::kn_tqe> kq_head;    // [kevent_lock] with something to tell
    LIST_HEAD<knote, &knote::kn_link> kq_knotes;  // [kevent_lock] all
    unsigned kq_nknotes;                          // [kevent_lock] how many
    unsigned kq_count;                            // [kevent_lock] length of kq_head
    kcondvar_t kq_cv;                             // [kevent_lock] kevent waits
    knote* kq_watchers;                           // [kevent_lock] of other queues, on this one
    kqueue* kq_telling;                           // [kevent_lock] next to tell its watchers
    bool kq_tells;                                // [kevent_lock] is about to tell them
    filedesc* kq_fdp;                             // whose descriptors it watches
    LIST_ENTRY<kqueue> kq_list;                   // [kevent_lock] every queue
};

extern kmutex_t kevent_lock;

void kqueue_init();
// Hints for knotes on a process's list.
inline constexpr u32 NOTE_SIGNAL = 0x08000000; // and the number
inline constexpr u32 NOTE_SUBMIT = 0x01000000; // any other object: its lock is held

// Tells the knotes of a list. => the object's lock held
void knote_tell(knote* list, u32 hint);
void knote_activate(knote* kn); // => kevent_lock not held
// On and off an object's list. => its lock held
void klist_insert(knote** list, knote* kn);
void klist_remove(knote** list, knote* kn);
// A descriptor goes (-1: all of the table's): what watched it goes first.
void knote_fdclose(filedesc* fdp, int fd);

// => proc_lock not held, and dropped meanwhile
void knote_proc_fork(proc* p1, proc* p2);
void knote_proc_exec(proc* p);             // => proc_lock held
void knote_proc_exit(proc* p, int status); // => proc_lock held

// May the running LWP's user watch p? => proc_lock held, or p is being made
bool proc_watchable(const proc* p);
// The filters there are.
struct filter_desc {
    const char* name;
    u32 filter; // abi::EVFILT_*
    const filterops* ops;
};
inline constexpr size_t kFilterCount = 8;
extern const filter_desc kFilters[kFilterCount];
// => kevent_lock held; null: no such filter, or one by name alone
const filterops* filter_find(u32 filter);
