/* Spin locks of programs. NetBSD: sys/arch/aarch64/include/lock.h. */
#ifndef _MACHINE_LOCK_H_
#define _MACHINE_LOCK_H_

typedef volatile unsigned char __cpu_simple_lock_t;

#define __SIMPLELOCK_UNLOCKED 0
#define __SIMPLELOCK_LOCKED 1

static __inline void __cpu_simple_lock_init(__cpu_simple_lock_t *lock) {
    *lock = __SIMPLELOCK_UNLOCKED;
}

static __inline int __cpu_simple_lock_try(__cpu_simple_lock_t *lock) {
    return !__atomic_test_and_set(lock, __ATOMIC_ACQUIRE);
}

static __inline void __cpu_simple_lock(__cpu_simple_lock_t *lock) {
    while (!__cpu_simple_lock_try(lock))
        ;
}

static __inline void __cpu_simple_unlock(__cpu_simple_lock_t *lock) {
    __atomic_clear(lock, __ATOMIC_RELEASE);
}

#endif
