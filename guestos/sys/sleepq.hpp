// Sleep queues: what cv, kpause, mutexes and rwlocks put waiting LWPs on.
// sleepq(9). kern/kern_sleepq.cpp
//
// A queue is guarded by the lock of the bucket that its wait channel hashes to.
// While an LWP sleeps, that lock is its l_mutex.
#pragma once

#include "sys/lwp.hpp"
#include "sys/mutex.hpp"

using sleepq_t = TAILQ_HEAD<lwp, &lwp::l_sleepchain>;

// How a kind of object wants the LWPs that wait for it to be handled.
struct syncobj {
    const char* sobj_name;
    // Takes the LWP off its queue, as a signal or time-out does.
    // => the LWP is locked; it is unlocked on return
    void (*sobj_unsleep)(lwp* l);
};
extern const syncobj sched_syncobj; // not waiting
extern const syncobj cv_syncobj;
extern const syncobj kpause_syncobj;
extern const syncobj mutex_syncobj;
extern const syncobj rw_syncobj;

void sleeptab_init();
// The lock that goes with a wait channel; it is taken.
kmutex_t* sleepq_hashlock(wchan_t wchan);
// Where LWPs wait for a mutex or rwlock, and the lock of that queue, taken.
// These locks come after those above: a mutex may be released on the way into
// a sleep.
sleepq_t* turnstile_lookup(wchan_t obj, kmutex_t** lock);

// Puts the calling LWP on the queue; sleepq_block then gives up the CPU.
// => the bucket's lock is held, and becomes the LWP's own
void sleepq_enter(sleepq_t* sq, lwp* l, kmutex_t* lock);
void sleepq_enqueue(sleepq_t* sq, wchan_t wchan, const char* wmesg, const syncobj* sobj,
                    bool catch_signals);
// Sleeps until woken, for at most `timo` ticks if not 0.
// => the LWP is on a queue and locked; unlocked on return
// => EWOULDBLOCK after the time, EINTR or ERESTART for a signal if caught
[[nodiscard]] Errno sleepq_block(int timo, bool catch_signals);

// Wakes LWPs that wait for `wchan`, at most `expected` of them.
// => the bucket's lock `lock` is held, and released on return
void sleepq_wake(sleepq_t* sq, wchan_t wchan, unsigned expected, kmutex_t* lock);
// Takes one LWP off its queue and makes it runnable. => both locked
void sleepq_remove(sleepq_t* sq, lwp* l);
void sleepq_unsleep(lwp* l); // the usual sobj_unsleep

// A signal or an ending process breaks an interruptible sleep; otherwise
// nothing happens.
// => l is locked; unlocked on return
void sleepq_abort(lwp* l);

// Sleeps for `timo` ticks, at least one. => mtx may be null, else is released
[[nodiscard]] Errno kpause(const char* wmesg, bool intr, int timo, kmutex_t* mtx);
