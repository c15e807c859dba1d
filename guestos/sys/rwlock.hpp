// Locks for many readers or one writer: rwlock(9). kern/kern_rwlock.cpp
#pragma once

#include "sys/types.hpp"

#include <atomic>

enum krw_t { RW_READER, RW_WRITER };

struct krwlock_t {
    // The count of readers times RW_READ_INCR, or the writer's lwp, and the
    // flag bits below.
    std::atomic<uintptr_t> rw_owner;
};

inline constexpr uintptr_t RW_HAS_WAITERS = 1;
inline constexpr uintptr_t RW_WRITE_WANTED = 2; // readers queue behind a waiting writer
inline constexpr uintptr_t RW_WRITE_LOCKED = 4;
inline constexpr uintptr_t RW_READ_INCR = 16;
inline constexpr uintptr_t RW_FLAGS = RW_READ_INCR - 1;

void rw_init(krwlock_t* rw);
void rw_destroy(krwlock_t* rw);
void rw_enter(krwlock_t* rw, krw_t op); // => may sleep
void rw_exit(krwlock_t* rw);
[[nodiscard]] bool rw_tryenter(krwlock_t* rw, krw_t op);
void rw_downgrade(krwlock_t* rw); // => the caller holds it as writer
[[nodiscard]] bool rw_tryupgrade(krwlock_t* rw);
bool rw_write_held(const krwlock_t* rw);
bool rw_read_held(const krwlock_t* rw);
bool rw_lock_held(const krwlock_t* rw);
