// Pools of objects of one size, and caches of constructed ones in front of
// them: pool(9), pool_cache(9). kern/subr_pool.cpp
#pragma once

#include "sys/cdefs.hpp"
#include "sys/flags.hpp"
#include "sys/intr.hpp"
#include "sys/mutex.hpp"
#include "sys/param.hpp"
#include "sys/queue.hpp"

enum PoolFlags : unsigned {
    PR_WAITOK = 0x01,  // may sleep until there is memory: never returns null
    PR_NOWAIT = 0x02,  // null if there is no memory
    PR_ZERO = 0x04,    // the object is zeroed
    PR_RESERVE = 0x08, // may take from the pages kept back for the kernel
};
template <> inline constexpr bool is_flags<PoolFlags> = true;

struct pool_page; // header at the start of a page of items

struct pool {
    kmutex_t pr_lock;
    // Pages by what they hold; a page moves as its items come and go.
    TAILQ_ENTRY<pool> pr_poollist; // every pool, for pool_reclaim_all
    pool_page* pr_partpages;       // some items free
    pool_page* pr_emptypages;      // all items free
    const char* pr_wchan;          // name
    unsigned pr_size;              // of an item, bytes, alignment included
    unsigned pr_itemsperpage;
    unsigned pr_align;
    ipl_t pr_ipl;
    unsigned pr_npages;
    unsigned pr_nempty;
    unsigned pr_nout; // items in use
    u64 pr_nget;      // items ever given out
};

void pool_subsystem_init(); // before all others

// => `size` at most 2016 bytes; align a power of two, 0 means 16
void pool_init(pool* pp, size_t size, unsigned align, const char* wchan, ipl_t ipl);
void pool_destroy(pool* pp); // => every item has been put back
[[nodiscard]] void* pool_get(pool* pp, PoolFlags flags);
void pool_put(pool* pp, void* item);
// Gives empty pages back to the system; returns how many.
unsigned pool_reclaim(pool* pp);

// A full or partly full magazine of constructed objects.
inline constexpr unsigned PCG_NOBJECTS = 24;
struct pool_cache_cpu {
    unsigned cc_avail;
    void* cc_objects[PCG_NOBJECTS];
};

struct pool_cache {
    pool pc_pool;
    Errno (*pc_ctor)(void* arg, void* obj, PoolFlags flags);
    void (*pc_dtor)(void* arg, void* obj);
    void* pc_arg;
    TAILQ_ENTRY<pool_cache> pc_cachelist;
    pool_cache_cpu pc_cpus[MAXCPUS];
};
using pool_cache_t = pool_cache*;

// An object keeps its constructed state while it is in the cache.
// => a constructor that fails makes pool_cache_get return null
void pool_cache_bootstrap(pool_cache* pc, size_t size, unsigned align, const char* wchan, ipl_t ipl,
                          Errno (*ctor)(void*, void*, PoolFlags) = nullptr,
                          void (*dtor)(void*, void*) = nullptr, void* arg = nullptr);
[[nodiscard]] pool_cache_t pool_cache_init(size_t size, unsigned align, const char* wchan,
                                           ipl_t ipl,
                                           Errno (*ctor)(void*, void*, PoolFlags) = nullptr,
                                           void (*dtor)(void*, void*) = nullptr,
                                           void* arg = nullptr);
[[nodiscard]] void* pool_cache_get(pool_cache_t pc, PoolFlags flags);
void pool_cache_put(pool_cache_t pc, void* obj);
void pool_cache_invalidate(pool_cache_t pc); // destroys the objects kept here

// Empties every cache and gives every empty page back; returns the pages.
unsigned pool_reclaim_all();
// Calls f for every pool, those behind caches too.
void pool_foreach(void (*f)(const pool& pp, void* arg), void* arg);
// Objects in use of the pool or cache with that name; 0 if there is none.
unsigned pool_count(const char* wchan);

// Typed shorthands.
template <typename T> [[nodiscard]] T* pool_get(pool* pp, PoolFlags flags) {
    return static_cast<T*>(pool_get(pp, flags));
}
template <typename T> [[nodiscard]] T* pool_cache_get(pool_cache_t pc, PoolFlags flags) {
    return static_cast<T*>(pool_cache_get(pc, flags));
}
