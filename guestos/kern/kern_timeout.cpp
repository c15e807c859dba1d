// Callouts: a wheel of lists by the tick they are due at, and a thread that
// calls the functions. callout(9)
#include "sys/callout.hpp"

#include "machine/cpu.hpp"
#include "sys/condvar.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/systm.hpp"

namespace {

constexpr unsigned kWheelSize = 256; // ticks of a turn

using callout_list = LIST_HEAD<callout, &callout::c_list>;

// => lock comes after every LWP's lock, since sleeps with a limit arm a callout
struct callout_state {
    kmutex_t lock;
    callout_list wheel[kWheelSize];
    callout_list due;              // their tick has come
    lwp* thread;                   // the one that calls functions
    kmutex_t wakelock;             // guards the rest; taken before LWP locks
    std::atomic<callout*> running; // its function is being called
    kcondvar_t done;               // it has returned
    bool pending;                  // there is something in `due`
    kcondvar_t work;
};
callout_state cs;

// => lock held
void callout_arm(callout* c, int ticks) {
    if (c->c_pending) {
        cs.wheel[0].remove(c);
    }
    c->c_time = hardclock_ticks + static_cast<u64>(max(ticks, 1));
    c->c_pending = true;
    cs.wheel[c->c_time % kWheelSize].insert_head(c);
}

// Which callout is at work. Whoever waits for the last one is told.
void callout_set_running(callout* c) {
    cs.running.store(c);
    if (c == nullptr) {
        mutex_spin_enter(&cs.wakelock);
        cv_broadcast(&cs.done);
        mutex_spin_exit(&cs.wakelock);
    }
}

// Calls everything that is due. => lock held on entry and exit
void callout_run_due() {
    while (callout* c = cs.due.first()) {
        cs.due.remove(c);
        c->c_pending = false;
        void (*func)(void*) = c->c_func;
        void* arg = c->c_arg;
        callout_set_running(c);
        mutex_spin_exit(&cs.lock);
        func(arg); // may free the callout
        callout_set_running(nullptr);
        mutex_spin_enter(&cs.lock);
    }
}

void callout_thread(void*) {
    for (;;) {
        mutex_spin_enter(&cs.wakelock);
        while (!cs.pending) {
            cv_wait(&cs.work, &cs.wakelock);
        }
        cs.pending = false;
        mutex_spin_exit(&cs.wakelock);
        mutex_spin_enter(&cs.lock);
        callout_run_due();
        mutex_spin_exit(&cs.lock);
    }
}

} // namespace

void callout_startup() {
    mutex_init(&cs.lock, MUTEX_DEFAULT, IPL_SCHED);
    mutex_init(&cs.wakelock, MUTEX_DEFAULT, IPL_SCHED);
    for (callout_list& list : cs.wheel) {
        list.init();
    }
    cs.due.init();
    cs.pending = false;
    cs.running.store(nullptr);
    cv_init(&cs.done, "callout");
    cv_init(&cs.work, "softclk");
}

void callout_init_cpu() {
    const Errno error =
        kthread_create(PRI_SOFTCLOCK, curcpu(), callout_thread, nullptr, &cs.thread, "softclk/0");
    if (error != EOK) {
        panic("callout_init_cpu: no thread: %d", error);
    }
}

void callout_hardclock() {
    mutex_spin_enter(&cs.lock);
    for (callout& c : cs.wheel[hardclock_ticks % kWheelSize]) {
        if (c.c_time <= hardclock_ticks) {
            cs.wheel[0].remove(&c);
            cs.due.insert_head(&c);
        }
    }
    const bool any = !cs.due.empty();
    mutex_spin_exit(&cs.lock);
    if (any) {
        mutex_spin_enter(&cs.wakelock);
        cs.pending = true;
        cv_signal(&cs.work);
        mutex_spin_exit(&cs.wakelock);
    }
}

void callout_init(callout* c) {
    *c = {};
}

void callout_destroy(callout* c) {
    KASSERT(!c->c_pending && cs.running.load() != c);
}

void callout_reset(callout* c, int ticks, void (*func)(void*), void* arg) {
    mutex_spin_enter(&cs.lock);
    c->c_func = func;
    c->c_arg = arg;
    callout_arm(c, ticks);
    mutex_spin_exit(&cs.lock);
}

void callout_schedule(callout* c, int ticks) {
    mutex_spin_enter(&cs.lock);
    callout_arm(c, ticks);
    mutex_spin_exit(&cs.lock);
}

bool callout_stop(callout* c) {
    mutex_spin_enter(&cs.lock);
    const bool pending = c->c_pending;
    if (pending) {
        cs.wheel[0].remove(c);
        c->c_pending = false;
    }
    mutex_spin_exit(&cs.lock);
    return pending;
}

bool callout_halt(callout* c) {
    const bool pending = callout_stop(c);
    mutex_spin_enter(&cs.wakelock);
    while (cs.running.load() == c && curlwp != cs.thread) {
        cv_wait(&cs.done, &cs.wakelock);
    }
    mutex_spin_exit(&cs.wakelock);
    return pending;
}
