// Mutual exclusion: mutex(9). kern/kern_mutex.cpp
//
// An adaptive mutex puts its waiters to sleep; its holder may sleep too. A spin
// mutex raises the interrupt priority level of the CPU that holds it. Which one
// a mutex is follows from the level given to mutex_init: IPL_NONE and the soft
// interrupt levels make it adaptive.
#pragma once

#include "sys/intr.hpp"
#include "sys/types.hpp"

#include <atomic>

struct lwp;

enum kmutex_type_t { MUTEX_DEFAULT };

struct kmutex_t {
    // Adaptive: the owner's lwp, bit 0 set while somebody waits. Spin: 1 while
    // held. 0: free.
    std::atomic<uintptr_t> mtx_owner;
    ipl_t mtx_ipl; // IPL_NONE: adaptive
};

void mutex_init(kmutex_t* mtx, kmutex_type_t type, ipl_t ipl);
void mutex_destroy(kmutex_t* mtx); // => nobody holds it

// => an adaptive mutex may not be taken from an interrupt handler, or while a
//    spin mutex is held
void mutex_enter(kmutex_t* mtx);
void mutex_exit(kmutex_t* mtx);
[[nodiscard]] bool mutex_tryenter(kmutex_t* mtx);
bool mutex_owned(const kmutex_t* mtx); // for assertions

// As above, for mutexes known to spin.
void mutex_spin_enter(kmutex_t* mtx);
void mutex_spin_exit(kmutex_t* mtx);

// Mutexes with a reference count, for locks that several objects share.
void mutex_obj_init(); // => pools work
kmutex_t* mutex_obj_alloc(kmutex_type_t type, ipl_t ipl);
void mutex_obj_hold(kmutex_t* mtx);
bool mutex_obj_free(kmutex_t* mtx); // true if this was the last reference
