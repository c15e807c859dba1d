// Condition variables: condvar(9).
#include "sys/condvar.hpp"

#include "machine/cpu.hpp"
#include "sys/systm.hpp"

namespace {

// Puts the calling LWP on the variable's queue and lets go of the interlock.
// => from here to sleepq_block the bucket's lock is held: no wake-up is lost
void cv_enter(kcondvar_t* cv, kmutex_t* mtx, bool catch_signals) {
    lwp* l = curlwp;
    KASSERT(mutex_owned(mtx));
    KASSERT(!cpu_intr_p());
    kmutex_t* lock = sleepq_hashlock(cv);
    sleepq_enter(&cv->cv_sleepq, l, lock);
    sleepq_enqueue(&cv->cv_sleepq, cv, cv->cv_wmesg, &cv_syncobj, catch_signals);
    mutex_exit(mtx);
}

void cv_wakeup(kcondvar_t* cv, unsigned expected) {
    if (cv->cv_sleepq.empty()) {
        return;
    }
    kmutex_t* lock = sleepq_hashlock(cv);
    sleepq_wake(&cv->cv_sleepq, cv, expected, lock);
}

} // namespace

void cv_init(kcondvar_t* cv, const char* wmesg) {
    cv->cv_sleepq.init();
    cv->cv_wmesg = wmesg;
}

void cv_destroy(kcondvar_t* cv) {
    KASSERT(!cv_has_waiters(cv));
}

void cv_wait(kcondvar_t* cv, kmutex_t* mtx) {
    cv_enter(cv, mtx, false);
    (void)sleepq_block(0, false);
    mutex_enter(mtx);
}

Errno cv_wait_sig(kcondvar_t* cv, kmutex_t* mtx) {
    cv_enter(cv, mtx, true);
    const Errno error = sleepq_block(0, true);
    mutex_enter(mtx);
    return error;
}

Errno cv_timedwait(kcondvar_t* cv, kmutex_t* mtx, int timo) {
    cv_enter(cv, mtx, false);
    const Errno error = sleepq_block(timo, false);
    mutex_enter(mtx);
    return error;
}

Errno cv_timedwait_sig(kcondvar_t* cv, kmutex_t* mtx, int timo) {
    cv_enter(cv, mtx, true);
    const Errno error = sleepq_block(timo, true);
    mutex_enter(mtx);
    return error;
}

void cv_signal(kcondvar_t* cv) {
    cv_wakeup(cv, 1);
}

void cv_broadcast(kcondvar_t* cv) {
    cv_wakeup(cv, ~0U);
}

bool cv_has_waiters(const kcondvar_t* cv) {
    return !cv->cv_sleepq.empty();
}
