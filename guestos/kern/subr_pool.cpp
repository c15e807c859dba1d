// Pools: objects of one size, cut from pages; caches of constructed objects in
// front of them, one magazine for each CPU.
//
// A page begins with its header; the items follow, free ones linked through
// their first word. The page of an item is found by its address.

#include "sys/pool.hpp"

#include "machine/cpu.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_page.hpp"

struct pool_page {
    pool_page* ph_next;  // on pr_partpages or pr_emptypages
    pool_page** ph_prev; // nullptr: full, on neither
    pool* ph_pool;
    void* ph_free; // first free item
    unsigned ph_nfree;
    unsigned ph_pad;
};
static_assert(sizeof(pool_page) == 40);

namespace {

constexpr unsigned POOL_HEADER = 64;
constexpr unsigned POOL_MAXITEM = 2016;

TAILQ_HEAD<pool, &pool::pr_poollist> pool_list;
TAILQ_HEAD<pool_cache, &pool_cache::pc_cachelist> cache_list;
kmutex_t pool_list_lock;
pool cache_pool; // of pool_caches

void** link_of(void* item) {
    return static_cast<void**>(item);
}

pool_page* page_of(void* item) {
    return reinterpret_cast<pool_page*>(trunc_page(reinterpret_cast<vaddr_t>(item)));
}

void page_link(pool_page** head, pool_page* ph) {
    ph->ph_next = *head;
    ph->ph_prev = head;
    if (*head != nullptr) {
        (*head)->ph_prev = &ph->ph_next;
    }
    *head = ph;
}

void page_unlink(pool_page* ph) {
    *ph->ph_prev = ph->ph_next;
    if (ph->ph_next != nullptr) {
        ph->ph_next->ph_prev = ph->ph_prev;
    }
    ph->ph_prev = nullptr;
}

// A new page, all of it free, or nullptr. => pool locked
pool_page* page_create(pool* pp) {
    void* page = uvm_kpage_alloc(UVM_PGA_USERESERVE);
    if (page == nullptr) {
        return nullptr;
    }
    auto* ph = static_cast<pool_page*>(page);
    *ph = {nullptr, nullptr, pp, nullptr, pp->pr_itemsperpage, 0};
    u8* item = static_cast<u8*>(page) + roundup2(POOL_HEADER, pp->pr_align);
    item += (pp->pr_itemsperpage - 1) * pp->pr_size;
    for (unsigned i = 0; i < pp->pr_itemsperpage; ++i, item -= pp->pr_size) {
        *link_of(item) = ph->ph_free;
        ph->ph_free = item;
    }
    ++pp->pr_npages;
    return ph;
}

// => pool locked
void* item_get(pool* pp) {
    pool_page* ph = pp->pr_partpages;
    if (ph == nullptr) {
        ph = pp->pr_emptypages;
        if (ph != nullptr) {
            page_unlink(ph);
            --pp->pr_nempty;
        } else if ((ph = page_create(pp)) == nullptr) {
            return nullptr;
        }
        page_link(&pp->pr_partpages, ph);
    }
    void* item = ph->ph_free;
    ph->ph_free = *link_of(item);
    if (--ph->ph_nfree == 0) {
        page_unlink(ph);
    }
    ++pp->pr_nout;
    ++pp->pr_nget;
    return item;
}

// => pool locked
void item_put(pool* pp, void* item) {
    pool_page* ph = page_of(item);
    KASSERT(ph->ph_pool == pp && pp->pr_nout > 0);
    *link_of(item) = ph->ph_free;
    ph->ph_free = item;
    --pp->pr_nout;
    if (++ph->ph_nfree == 1) {
        page_link(&pp->pr_partpages, ph);
    }
    if (ph->ph_nfree == pp->pr_itemsperpage) {
        page_unlink(ph);
        page_link(&pp->pr_emptypages, ph);
        ++pp->pr_nempty;
    }
}

} // namespace

void pool_subsystem_init() {
    mutex_init(&pool_list_lock, MUTEX_DEFAULT, IPL_NONE);
    pool_list.init();
    cache_list.init();
    pool_init(&cache_pool, sizeof(pool_cache), CACHE_LINE_SIZE, "pcache", IPL_NONE);
}

void pool_init(pool* pp, size_t size, unsigned align, const char* wchan, ipl_t ipl) {
    memset(static_cast<void*>(pp), 0, sizeof(*pp));
    pp->pr_align = align == 0 ? 16 : align;
    pp->pr_size = static_cast<unsigned>(roundup2(max(size, sizeof(void*)), pp->pr_align));
    KASSERT(pp->pr_size <= POOL_MAXITEM);
    pp->pr_itemsperpage =
        static_cast<unsigned>((PAGE_SIZE - roundup2(POOL_HEADER, pp->pr_align)) / pp->pr_size);
    pp->pr_wchan = wchan;
    pp->pr_ipl = ipl;
    mutex_init(&pp->pr_lock, MUTEX_DEFAULT, ipl);
    mutex_enter(&pool_list_lock);
    pool_list.insert_tail(pp);
    mutex_exit(&pool_list_lock);
}

void pool_destroy(pool* pp) {
    KASSERT(pp->pr_nout == 0);
    pool_reclaim(pp);
    mutex_enter(&pool_list_lock);
    pool_list.remove(pp);
    mutex_exit(&pool_list_lock);
    mutex_destroy(&pp->pr_lock);
}

void* pool_get(pool* pp, PoolFlags flags) {
    void* item;
    for (;;) {
        mutex_enter(&pp->pr_lock);
        item = item_get(pp);
        mutex_exit(&pp->pr_lock);
        if (item != nullptr || (flags & PR_WAITOK) == 0) {
            break;
        }
        uvm_wait(pp->pr_wchan);
    }
    if ((flags & PR_ZERO) != 0 && item != nullptr) {
        memset(item, 0, pp->pr_size);
    }
    return item;
}

void pool_put(pool* pp, void* item) {
    mutex_enter(&pp->pr_lock);
    item_put(pp, item);
    mutex_exit(&pp->pr_lock);
}

unsigned pool_reclaim(pool* pp) {
    mutex_enter(&pp->pr_lock);
    pool_page* ph = pp->pr_emptypages;
    const unsigned n = pp->pr_nempty;
    pp->pr_emptypages = nullptr;
    pp->pr_npages -= n;
    pp->pr_nempty = 0;
    mutex_exit(&pp->pr_lock);
    while (ph != nullptr) {
        pool_page* next = ph->ph_next;
        uvm_kpage_free(ph);
        ph = next;
    }
    return n;
}

// --- caches ---------------------------------------------------------------------------

void pool_cache_bootstrap(pool_cache* pc, size_t size, unsigned align, const char* wchan, ipl_t ipl,
                          Errno (*ctor)(void*, void*, PoolFlags), void (*dtor)(void*, void*),
                          void* arg) {
    pool_init(&pc->pc_pool, size, align, wchan, ipl);
    pc->pc_ctor = ctor;
    pc->pc_dtor = dtor;
    pc->pc_arg = arg;
    for (pool_cache_cpu& cc : pc->pc_cpus) {
        cc.cc_avail = 0;
    }
    mutex_enter(&pool_list_lock);
    cache_list.insert_tail(pc);
    mutex_exit(&pool_list_lock);
}

pool_cache_t pool_cache_init(size_t size, unsigned align, const char* wchan, ipl_t ipl,
                             Errno (*ctor)(void*, void*, PoolFlags), void (*dtor)(void*, void*),
                             void* arg) {
    auto* pc = pool_get<pool_cache>(&cache_pool, PR_WAITOK);
    pool_cache_bootstrap(pc, size, align, wchan, ipl, ctor, dtor, arg);
    return pc;
}

// The magazine is empty: fill half of it, without constructing.
static void cache_refill(pool_cache* pc, pool_cache_cpu* cc) {
    mutex_enter(&pc->pc_pool.pr_lock);
    while (cc->cc_avail < PCG_NOBJECTS / 2) {
        void* obj = item_get(&pc->pc_pool);
        if (obj == nullptr) {
            break;
        }
        cc->cc_objects[cc->cc_avail++] = obj;
    }
    mutex_exit(&pc->pc_pool.pr_lock);
}

// An object from the pool, constructed. nullptr: no memory, or no luck.
static void* cache_get_slow(pool_cache* pc, PoolFlags flags) {
    void* obj = pool_get(&pc->pc_pool, flags);
    if (obj != nullptr && pc->pc_ctor != nullptr && pc->pc_ctor(pc->pc_arg, obj, flags) != EOK) {
        pool_put(&pc->pc_pool, obj);
        return nullptr;
    }
    return obj;
}

static pool_cache_cpu* cache_of_this_cpu(pool_cache* pc) {
    return &pc->pc_cpus[cpu_index(curcpu())];
}

// The way that is not short: priority levels, zeroing, an empty magazine.
[[gnu::noinline]] static void* cache_get(pool_cache* pc, PoolFlags flags) {
    const ipl_t s = splraise(pc->pc_pool.pr_ipl);
    pool_cache_cpu* cc = cache_of_this_cpu(pc);
    if (cc->cc_avail == 0 && pc->pc_ctor == nullptr) {
        cache_refill(pc, cc);
    }
    void* obj = cc->cc_avail == 0 ? nullptr : cc->cc_objects[--cc->cc_avail];
    splx(s);
    if (obj == nullptr) {
        return cache_get_slow(pc, flags);
    }
    if ((flags & PR_ZERO) != 0) {
        memset(obj, 0, pc->pc_pool.pr_size);
    }
    return obj;
}

// The kernel is not preempted: without interrupts in the game the magazine of
// this CPU needs no lock.
void* pool_cache_get(pool_cache_t pc, PoolFlags flags) {
    pool_cache_cpu* cc = cache_of_this_cpu(pc);
    if (predict_true(cc->cc_avail != 0 && pc->pc_pool.pr_ipl == IPL_NONE &&
                     (flags & PR_ZERO) == 0)) {
        return cc->cc_objects[--cc->cc_avail];
    }
    return cache_get(pc, flags);
}

static void cache_destroy_object(pool_cache* pc, void* obj) {
    if (pc->pc_dtor != nullptr) {
        pc->pc_dtor(pc->pc_arg, obj);
    }
    pool_put(&pc->pc_pool, obj);
}

// The magazine is full: half of it goes back.
static void cache_spill(pool_cache* pc, pool_cache_cpu* cc) {
    while (cc->cc_avail > PCG_NOBJECTS / 2) {
        cache_destroy_object(pc, cc->cc_objects[--cc->cc_avail]);
    }
}

[[gnu::noinline]] static void cache_put(pool_cache* pc, void* obj) {
    const ipl_t s = splraise(pc->pc_pool.pr_ipl);
    pool_cache_cpu* cc = cache_of_this_cpu(pc);
    if (cc->cc_avail == PCG_NOBJECTS) {
        cache_spill(pc, cc);
    }
    cc->cc_objects[cc->cc_avail++] = obj;
    splx(s);
}

void pool_cache_put(pool_cache_t pc, void* obj) {
    pool_cache_cpu* cc = cache_of_this_cpu(pc);
    if (predict_true(cc->cc_avail != PCG_NOBJECTS && pc->pc_pool.pr_ipl == IPL_NONE)) {
        cc->cc_objects[cc->cc_avail++] = obj;
    } else {
        cache_put(pc, obj);
    }
}

// Deviation: only this CPU's magazine; with several CPUs each must do its own.
void pool_cache_invalidate(pool_cache_t pc) {
    const ipl_t s = splraise(pc->pc_pool.pr_ipl);
    pool_cache_cpu* cc = &pc->pc_cpus[cpu_index(curcpu())];
    while (cc->cc_avail > 0) {
        cache_destroy_object(pc, cc->cc_objects[--cc->cc_avail]);
    }
    splx(s);
}

unsigned pool_reclaim_all() {
    mutex_enter(&pool_list_lock);
    for (pool_cache& pc : cache_list) {
        pool_cache_invalidate(&pc);
    }
    unsigned n = 0;
    for (pool& pp : pool_list) {
        n += pool_reclaim(&pp);
    }
    mutex_exit(&pool_list_lock);
    return n;
}

static bool same_pool(const pool& pp, const char* wchan) {
    return strcmp(pp.pr_wchan, wchan) == 0;
}

unsigned pool_count(const char* wchan) {
    unsigned n = 0;
    mutex_enter(&pool_list_lock);
    for (const pool& pp : pool_list) {
        n += same_pool(pp, wchan) ? pp.pr_nout : 0;
    }
    for (const pool_cache& pc : cache_list) {
        if (same_pool(pc.pc_pool, wchan)) {
            n -= pc.pc_cpus[cpu_index(curcpu())].cc_avail;
        }
    }
    mutex_exit(&pool_list_lock);
    return n;
}

void pool_foreach(void (*f)(const pool& pp, void* arg), void* arg) {
    mutex_enter(&pool_list_lock);
    for (const pool& pp : pool_list) {
        f(pp, arg);
    }
    mutex_exit(&pool_list_lock);
}
