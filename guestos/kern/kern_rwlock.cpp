// Locks for many readers or one writer: rwlock(9).
#include "sys/rwlock.hpp"

#include "machine/cpu.hpp"
#include "sys/sleepq.hpp"
#include "sys/systm.hpp"

namespace {

uintptr_t rw_self() {
    return reinterpret_cast<uintptr_t>(static_cast<lwp*>(curlwp));
}

// What the lock becomes when `op` gets it, 0 if it can't now. A reader also
// waits behind a writer that waits, so that writers are not starved.
uintptr_t rw_acquired(uintptr_t owner, krw_t op) {
    if (op == RW_READER) {
        return (owner & (RW_WRITE_LOCKED | RW_WRITE_WANTED)) == 0 ? owner + RW_READ_INCR : 0;
    }
    return (owner & ~(RW_HAS_WAITERS | RW_WRITE_WANTED)) == 0
               ? rw_self() | RW_WRITE_LOCKED | (owner & RW_FLAGS)
               : 0;
}

bool rw_try(krwlock_t* rw, krw_t op) {
    uintptr_t owner = rw->rw_owner.load(std::memory_order_relaxed);
    for (;;) {
        const uintptr_t next = rw_acquired(owner, op);
        if (next == 0) {
            return false;
        }
        if (rw->rw_owner.compare_exchange_weak(owner, next, std::memory_order_acquire)) {
            return true;
        }
    }
}

// Notes that somebody waits. False if the lock could be had now.
bool rw_set_waiters(krwlock_t* rw, krw_t op) {
    const uintptr_t bits = op == RW_WRITER ? RW_HAS_WAITERS | RW_WRITE_WANTED : RW_HAS_WAITERS;
    uintptr_t owner = rw->rw_owner.load(std::memory_order_relaxed);
    while (rw_acquired(owner, op) == 0) {
        if (rw->rw_owner.compare_exchange_weak(owner, owner | bits, std::memory_order_acquire)) {
            return true;
        }
    }
    return false;
}

[[gnu::noinline]] void rw_vector_enter(krwlock_t* rw, krw_t op) {
    KASSERT(!cpu_intr_p());
    KASSERT(!rw_write_held(rw));
    while (!rw_try(rw, op)) {
        kmutex_t* lock = nullptr;
        sleepq_t* sq = turnstile_lookup(rw, &lock);
        if (!rw_set_waiters(rw, op)) {
            mutex_spin_exit(lock);
            continue;
        }
        sleepq_enter(sq, curlwp, lock);
        sleepq_enqueue(sq, rw, "rwlock", &rw_syncobj, false);
        (void)sleepq_block(0, false);
    }
}

// Drops the holding described by `held` and wakes everybody who waits; they
// compete anew.
[[gnu::noinline]] void rw_release(krwlock_t* rw, uintptr_t held) {
    uintptr_t owner = rw->rw_owner.load(std::memory_order_relaxed);
    for (;;) {
        const uintptr_t left = owner - held;
        if ((left & RW_HAS_WAITERS) == 0 || (left & ~RW_FLAGS) != 0) {
            // Nobody waits, or other readers remain to wake them.
            if (rw->rw_owner.compare_exchange_weak(owner, left, std::memory_order_release)) {
                return;
            }
            continue;
        }
        kmutex_t* lock = nullptr;
        sleepq_t* sq = turnstile_lookup(rw, &lock);
        if (rw->rw_owner.compare_exchange_strong(owner, 0, std::memory_order_release)) {
            sleepq_wake(sq, rw, ~0U, lock);
            return;
        }
        mutex_spin_exit(lock);
    }
}

} // namespace

void rw_init(krwlock_t* rw) {
    rw->rw_owner.store(0, std::memory_order_relaxed);
}

void rw_destroy(krwlock_t* rw) {
    KASSERT(rw->rw_owner.load() == 0);
}

void rw_enter(krwlock_t* rw, krw_t op) {
    uintptr_t expected = 0;
    const uintptr_t next = op == RW_READER ? RW_READ_INCR : rw_self() | RW_WRITE_LOCKED;
    if (predict_false(
            !rw->rw_owner.compare_exchange_strong(expected, next, std::memory_order_acquire))) {
        rw_vector_enter(rw, op);
    }
}

bool rw_tryenter(krwlock_t* rw, krw_t op) {
    return rw_try(rw, op);
}

void rw_exit(krwlock_t* rw) {
    uintptr_t owner = rw->rw_owner.load(std::memory_order_relaxed);
    if (owner == RW_READ_INCR && // one reader, and nobody waits
        rw->rw_owner.compare_exchange_weak(owner, 0, std::memory_order_release)) {
        return;
    }
    if ((owner & RW_WRITE_LOCKED) != 0) {
        KASSERT((owner & ~RW_FLAGS) == rw_self());
        rw_release(rw, rw_self() | RW_WRITE_LOCKED);
    } else {
        KASSERT((owner & ~RW_FLAGS) != 0);
        rw_release(rw, RW_READ_INCR);
    }
}

void rw_downgrade(krwlock_t* rw) {
    KASSERT(rw_write_held(rw));
    uintptr_t owner = rw->rw_owner.load(std::memory_order_relaxed);
    for (;;) {
        if ((owner & RW_HAS_WAITERS) == 0) {
            if (rw->rw_owner.compare_exchange_weak(owner, RW_READ_INCR,
                                                   std::memory_order_release)) {
                return;
            }
            continue;
        }
        kmutex_t* lock = nullptr;
        sleepq_t* sq = turnstile_lookup(rw, &lock);
        rw->rw_owner.store(RW_READ_INCR, std::memory_order_release);
        sleepq_wake(sq, rw, ~0U, lock);
        return;
    }
}

bool rw_tryupgrade(krwlock_t* rw) {
    uintptr_t owner = rw->rw_owner.load(std::memory_order_relaxed);
    while ((owner & ~RW_FLAGS) == RW_READ_INCR && (owner & RW_WRITE_LOCKED) == 0) {
        const uintptr_t next = rw_self() | RW_WRITE_LOCKED | (owner & RW_FLAGS);
        if (rw->rw_owner.compare_exchange_weak(owner, next, std::memory_order_acquire)) {
            return true;
        }
    }
    return false;
}

bool rw_write_held(const krwlock_t* rw) {
    const uintptr_t owner = rw->rw_owner.load(std::memory_order_relaxed);
    return (owner & RW_WRITE_LOCKED) != 0 && (owner & ~RW_FLAGS) == rw_self();
}

bool rw_read_held(const krwlock_t* rw) {
    const uintptr_t owner = rw->rw_owner.load(std::memory_order_relaxed);
    return (owner & RW_WRITE_LOCKED) == 0 && (owner & ~RW_FLAGS) != 0;
}

bool rw_lock_held(const krwlock_t* rw) {
    return rw_write_held(rw) || rw_read_held(rw);
}
