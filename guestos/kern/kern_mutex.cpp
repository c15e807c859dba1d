// Adaptive and spin mutexes: mutex(9).
#include "sys/mutex.hpp"

#include "machine/cpu.hpp"
#include "sys/pool.hpp"
#include "sys/sleepq.hpp"
#include "sys/systm.hpp"

namespace {

constexpr uintptr_t MUTEX_BIT_WAITERS = 1;

bool mutex_spin_p(const kmutex_t* mtx) {
    return mtx->mtx_ipl >= IPL_VM;
}

uintptr_t mutex_self() {
    return reinterpret_cast<uintptr_t>(static_cast<lwp*>(curlwp));
}

// Notes in the mutex that somebody waits. False if its owner has let go.
bool mutex_set_waiters(kmutex_t* mtx) {
    uintptr_t owner = mtx->mtx_owner.load(std::memory_order_relaxed);
    while (owner != 0) {
        if (mtx->mtx_owner.compare_exchange_weak(owner, owner | MUTEX_BIT_WAITERS,
                                                 std::memory_order_acquire)) {
            return true;
        }
    }
    return false;
}

// The mutex is taken: sleep until it may be free, and try again.
// => the waiters bit changes only under the turnstile's lock or by an owner that
//    saw it clear, so no wake-up is lost
// => out of line, as below: the short way needs no stack frame then
[[gnu::noinline]] void mutex_vector_enter(kmutex_t* mtx) {
    lwp* l = curlwp;
    KASSERT(!cpu_intr_p());
    KASSERT(curcpu()->ci_data.cpu_mtx_count == 0);
    KASSERT((mtx->mtx_owner.load() & ~MUTEX_BIT_WAITERS) != mutex_self());
    uintptr_t expected = 0;
    while (!mtx->mtx_owner.compare_exchange_strong(expected, mutex_self(),
                                                   std::memory_order_acquire)) {
        expected = 0;
        kmutex_t* lock = nullptr;
        sleepq_t* sq = turnstile_lookup(mtx, &lock);
        if (!mutex_set_waiters(mtx)) {
            mutex_spin_exit(lock);
            continue;
        }
        sleepq_enter(sq, l, lock);
        sleepq_enqueue(sq, mtx, "mutex", &mutex_syncobj, false);
        (void)sleepq_block(0, false);
    }
}

[[gnu::noinline]] void mutex_vector_exit(kmutex_t* mtx) {
    KASSERT((mtx->mtx_owner.load() & ~MUTEX_BIT_WAITERS) == mutex_self());
    kmutex_t* lock = nullptr;
    sleepq_t* sq = turnstile_lookup(mtx, &lock);
    mtx->mtx_owner.store(0, std::memory_order_release);
    sleepq_wake(sq, mtx, ~0U, lock);
}

} // namespace

void mutex_init(kmutex_t* mtx, kmutex_type_t, ipl_t ipl) {
    mtx->mtx_owner.store(0, std::memory_order_relaxed);
    mtx->mtx_ipl = ipl;
}

void mutex_destroy(kmutex_t* mtx) {
    KASSERT(mtx->mtx_owner.load() == 0);
}

void mutex_enter(kmutex_t* mtx) {
    if (mutex_spin_p(mtx)) {
        mutex_spin_enter(mtx);
        return;
    }
    uintptr_t expected = 0;
    if (predict_false(!mtx->mtx_owner.compare_exchange_strong(expected, mutex_self(),
                                                              std::memory_order_acquire))) {
        mutex_vector_enter(mtx);
    }
}

void mutex_exit(kmutex_t* mtx) {
    if (mutex_spin_p(mtx)) {
        mutex_spin_exit(mtx);
        return;
    }
    uintptr_t expected = mutex_self();
    if (predict_false(
            !mtx->mtx_owner.compare_exchange_strong(expected, 0, std::memory_order_release))) {
        mutex_vector_exit(mtx);
    }
}

bool mutex_tryenter(kmutex_t* mtx) {
    uintptr_t expected = 0;
    if (!mutex_spin_p(mtx)) {
        return mtx->mtx_owner.compare_exchange_strong(expected, mutex_self(),
                                                      std::memory_order_acquire);
    }
    const ipl_t s = splraise(mtx->mtx_ipl);
    if (!mtx->mtx_owner.compare_exchange_strong(expected, 1, std::memory_order_acquire)) {
        splx(s);
        return false;
    }
    cpu_data& cd = curcpu()->ci_data;
    if (cd.cpu_mtx_count-- == 0) {
        cd.cpu_mtx_oldspl = s;
    }
    return true;
}

bool mutex_owned(const kmutex_t* mtx) {
    const uintptr_t owner = mtx->mtx_owner.load(std::memory_order_relaxed);
    return mutex_spin_p(mtx) ? owner != 0 : (owner & ~MUTEX_BIT_WAITERS) == mutex_self();
}

void mutex_spin_enter(kmutex_t* mtx) {
    const ipl_t s = splraise(mtx->mtx_ipl);
    cpu_data& cd = curcpu()->ci_data;
    if (cd.cpu_mtx_count-- == 0) {
        cd.cpu_mtx_oldspl = s;
    }
    while (mtx->mtx_owner.exchange(1, std::memory_order_acquire) != 0) {
        KASSERT(ncpu > 1);
        while (mtx->mtx_owner.load(std::memory_order_relaxed) != 0) {
        }
    }
}

void mutex_spin_exit(kmutex_t* mtx) {
    KASSERT(mtx->mtx_owner.load(std::memory_order_relaxed) != 0);
    mtx->mtx_owner.store(0, std::memory_order_release);
    cpu_data& cd = curcpu()->ci_data;
    const ipl_t s = cd.cpu_mtx_oldspl;
    if (++cd.cpu_mtx_count == 0) {
        splx(s);
    }
}

// --- mutexes with a reference count ---------------------------------------------------

namespace {

struct kmutexobj {
    kmutex_t mo_lock; // first: the object is found from it
    std::atomic<unsigned> mo_refcnt;
};

pool_cache mutex_obj_cache;

} // namespace

void mutex_obj_init() {
    pool_cache_bootstrap(&mutex_obj_cache, sizeof(kmutexobj), 16, "mutex", IPL_NONE);
}

kmutex_t* mutex_obj_alloc(kmutex_type_t type, ipl_t ipl) {
    auto* mo = pool_cache_get<kmutexobj>(&mutex_obj_cache, PR_WAITOK);
    mutex_init(&mo->mo_lock, type, ipl);
    mo->mo_refcnt.store(1);
    return &mo->mo_lock;
}

void mutex_obj_hold(kmutex_t* mtx) {
    reinterpret_cast<kmutexobj*>(mtx)->mo_refcnt.fetch_add(1);
}

bool mutex_obj_free(kmutex_t* mtx) {
    auto* mo = reinterpret_cast<kmutexobj*>(mtx);
    if (mo->mo_refcnt.fetch_sub(1) > 1) {
        return false;
    }
    mutex_destroy(mtx);
    pool_cache_put(&mutex_obj_cache, mo);
    return true;
}
