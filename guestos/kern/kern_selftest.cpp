// Checks that the kernel runs on itself: boot option `selftest`. What needs the
// machine, and so can't be a unit test on the host: switching, waking, time.
#include "sys/selftest.hpp"

#include "machine/cpu.hpp"
#include "sys/callout.hpp"
#include "sys/condvar.hpp"
#include "sys/proc.hpp"
#include "sys/rwlock.hpp"
#include "sys/sched.hpp"
#include "sys/sleepq.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

unsigned checks, failures;

void check(bool condition, const char* sentence) {
    checks++;
    failures += !condition;
    kprintf("%s - %s\n", condition ? "ok" : "FAILED", sentence);
}

// --- time -----------------------------------------------------------------------------

void test_pause() {
    const u64 ticks = getticks();
    const Errno error = kpause("selftest", false, 3, nullptr);
    check(error == EWOULDBLOCK, "a pause ends by time");
    check(getticks() - ticks >= 3, "a pause of three ticks takes three ticks");
}

struct callout_record {
    callout c;
    int number;
};
int fired[3];
int nfired;

void note_callout(void* arg) {
    fired[nfired++] = static_cast<callout_record*>(arg)->number;
}

void test_callouts() {
    static callout_record records[4];
    constexpr int delay[4] = {4, 1, 2, 300};
    for (int i = 0; i < 4; i++) {
        records[i].number = i;
        callout_init(&records[i].c);
        callout_reset(&records[i].c, delay[i], note_callout, &records[i]);
    }
    (void)kpause("selftest", false, 8, nullptr);
    check(nfired == 3 && fired[0] == 1 && fired[1] == 2 && fired[2] == 0,
          "callouts are called in the order they are due");
    check(callout_stop(&records[3].c), "one that is not due can be stopped");
    check(!callout_stop(&records[0].c), "one that has been called can't");
}

// --- threads --------------------------------------------------------------------------

// Threads that pass a turn round, each counting.
constexpr int kThreads = 4;
constexpr int kTurns = 25;

struct ring {
    kmutex_t lock;
    kcondvar_t cv;
    int turn;      // [lock] whose it is
    int count;     // [lock] turns taken
    int order_bad; // [lock] taken by the wrong one
    int done;      // [lock] threads that have ended
};
ring r;

void ring_thread(void* arg) {
    const int self = *static_cast<const int*>(arg);
    mutex_enter(&r.lock);
    for (int i = 0; i < kTurns; i++) {
        while (r.turn != self) {
            cv_wait(&r.cv, &r.lock);
        }
        r.order_bad += r.count % kThreads != self;
        r.count++;
        r.turn = (self + 1) % kThreads;
        cv_broadcast(&r.cv);
    }
    r.done++;
    cv_broadcast(&r.cv);
    mutex_exit(&r.lock);
    kthread_exit(0);
}

void test_condvar() {
    mutex_init(&r.lock, MUTEX_DEFAULT, IPL_NONE);
    cv_init(&r.cv, "ring");
    static int numbers[kThreads];
    for (int i = 0; i < kThreads; i++) {
        numbers[i] = i;
        (void)kthread_create(PRI_KTHREAD, nullptr, ring_thread, &numbers[i], nullptr, "ring");
    }
    mutex_enter(&r.lock);
    Errno error = EOK;
    while (r.done < kThreads && error == EOK) {
        error = cv_timedwait(&r.cv, &r.lock, 10 * hz);
    }
    mutex_exit(&r.lock);
    check(error == EOK, "four threads that wait for each other come to an end");
    check(r.count == kThreads * kTurns && r.order_bad == 0, "each in its turn");
}

// Threads that sleep while they hold a mutex: the others must wait.
kmutex_t contended;
int inside, inside_max, finished;

void mutex_thread(void*) {
    for (int i = 0; i < 3; i++) {
        mutex_enter(&contended);
        inside++;
        inside_max = max(inside_max, inside);
        (void)kpause("selftest", false, 1, nullptr);
        inside--;
        mutex_exit(&contended);
    }
    mutex_enter(&contended);
    finished++;
    mutex_exit(&contended);
    kthread_exit(0);
}

void test_mutex() {
    mutex_init(&contended, MUTEX_DEFAULT, IPL_NONE);
    for (int i = 0; i < 3; i++) {
        (void)kthread_create(PRI_KTHREAD, nullptr, mutex_thread, nullptr, nullptr, "mutex");
    }
    for (int i = 0; i < 10 * hz && finished < 3; i++) {
        (void)kpause("selftest", false, 1, nullptr);
    }
    check(finished == 3, "three threads get through a mutex whose holders sleep");
    check(inside_max == 1, "one at a time");
    check(mutex_tryenter(&contended), "and leave it free");
    mutex_exit(&contended);
}

krwlock_t rw;
int readers, readers_max, rw_finished;
bool writing, overlap;

void reader_thread(void*) {
    rw_enter(&rw, RW_READER);
    readers++;
    readers_max = max(readers_max, readers);
    overlap |= writing;
    (void)kpause("selftest", false, 2, nullptr);
    readers--;
    rw_exit(&rw);
    rw_finished++;
    kthread_exit(0);
}

void writer_thread(void*) {
    rw_enter(&rw, RW_WRITER);
    writing = true;
    overlap |= readers != 0;
    (void)kpause("selftest", false, 2, nullptr);
    writing = false;
    rw_exit(&rw);
    rw_finished++;
    kthread_exit(0);
}

void test_rwlock() {
    rw_init(&rw);
    for (int i = 0; i < 6; i++) {
        (void)kthread_create(PRI_KTHREAD, nullptr, i % 3 == 2 ? writer_thread : reader_thread,
                             nullptr, nullptr, "rwlock");
    }
    for (int i = 0; i < 10 * hz && rw_finished < 6; i++) {
        (void)kpause("selftest", false, 1, nullptr);
    }
    check(rw_finished == 6, "readers and writers get through a lock");
    check(readers_max >= 2, "readers together");
    check(!overlap, "a writer alone");
}

void test_threads_leave_nothing() {
    mutex_enter(proc0.p_lock);
    const int lwps = proc0.p_nlwps - proc0.p_nzlwps;
    const int zombies = proc0.p_nzlwps;
    mutex_exit(proc0.p_lock);
    check(zombies <= 1, "threads that have ended are freed by those that end after them");
    check(lwps == 3, "what is left is the swapper, the idle thread and the callouts'");
}

} // namespace

void selftest_run() {
    pmap_selftest(check);
    uvm_selftest(check);
    test_pause();
    test_callouts();
    test_condvar();
    test_mutex();
    test_rwlock();
    test_threads_leave_nothing();
    kprintf("kernel selftest: %u checks, %u failed\n", checks, failures);
}
