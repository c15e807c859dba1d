// Condition variables: condvar(9). kern/kern_condvar.cpp
#pragma once

#include "sys/mutex.hpp"
#include "sys/sleepq.hpp"

struct kcondvar_t {
    sleepq_t cv_sleepq;   // [its bucket's lock] who waits
    const char* cv_wmesg; // shown by ps
};

void cv_init(kcondvar_t* cv, const char* wmesg);
void cv_destroy(kcondvar_t* cv); // => nobody waits

// Wait until cv_signal or cv_broadcast.
// => the caller holds `mtx`, which is released while it sleeps
// => wakes without reason are possible: test the condition in a loop
void cv_wait(kcondvar_t* cv, kmutex_t* mtx);
// The same, but a signal ends the wait: EINTR or ERESTART.
[[nodiscard]] Errno cv_wait_sig(kcondvar_t* cv, kmutex_t* mtx);
// The same for at most `timo` ticks (0: for ever): EWOULDBLOCK.
[[nodiscard]] Errno cv_timedwait(kcondvar_t* cv, kmutex_t* mtx, int timo);
[[nodiscard]] Errno cv_timedwait_sig(kcondvar_t* cv, kmutex_t* mtx, int timo);

// => the caller holds the mutex that the waiters gave
void cv_signal(kcondvar_t* cv);
void cv_broadcast(kcondvar_t* cv);
bool cv_has_waiters(const kcondvar_t* cv);
