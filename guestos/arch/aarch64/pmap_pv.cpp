// From frames to the places where they are mapped: pv entries. The first
// mapping of a frame is kept in its vm_page, the others in a list behind it.
// Entries without use wait in a list of their own, so that fork and exit, which
// need and free many, do not go through the pool for each.

#include "machine/pmap.hpp"
#include "sys/pool.hpp"
#include "sys/systm.hpp"

pv_entry* pmap_pv_free;

namespace {

constexpr unsigned PV_REFILL = 32;

pool pv_pool;

} // namespace

void pmap_pv_init() {
    pool_init(&pv_pool, sizeof(pv_entry), 8, "pvpl", IPL_NONE);
}

// => pmap_lock held; the list is empty
bool pmap_pv_refill() {
    for (unsigned i = 0; i < PV_REFILL; ++i) {
        auto* pv = pool_get<pv_entry>(&pv_pool, PR_NOWAIT | PR_RESERVE);
        if (pv == nullptr) {
            break;
        }
        pv->pv_next = pmap_pv_free;
        pmap_pv_free = pv;
    }
    return pmap_pv_free != nullptr;
}

void pmap_pv_reclaim() {
    while (pmap_pv_free != nullptr) {
        pv_entry* pv = pmap_pv_free;
        pmap_pv_free = pv->pv_next;
        pool_put(&pv_pool, pv);
    }
}

unsigned pmap_page_mappings(const vm_page* pg) {
    unsigned n = 0;
    for (const pv_entry* pv = &pg->mdpage.mdpg_pv; pv != nullptr; pv = pv->pv_next) {
        n += pv->pv_pmap != nullptr;
    }
    return n;
}
