// From frames to the places where they are mapped: pv entries. The first
// mapping of a frame is kept in its vm_page, the others in a list behind it.

#include "machine/pmap.hpp"
#include "sys/pool.hpp"
#include "sys/systm.hpp"

namespace {

pool_cache pv_cache;

} // namespace

void pmap_pv_init() {
    pool_cache_bootstrap(&pv_cache, sizeof(pv_entry), 8, "pvpl", IPL_NONE);
}

// => pmap_lock held
Errno pmap_pv_enter(vm_page* pg, pmap* pm, vaddr_t va) {
    pv_entry* first = &pg->mdpage.mdpg_pv;
    if (first->pv_pmap == nullptr) {
        first->pv_pmap = pm;
        first->pv_va = va;
    } else {
        auto* pv = static_cast<pv_entry*>(pool_cache_get(&pv_cache, PR_NOWAIT | PR_RESERVE));
        if (pv == nullptr) {
            return ENOMEM;
        }
        pv->pv_pmap = pm;
        pv->pv_va = va;
        pv->pv_next = first->pv_next;
        first->pv_next = pv;
    }
    ++pmap_count.pv_entries;
    return EOK;
}

// => pmap_lock held; the mapping is on the list
void pmap_pv_remove(vm_page* pg, pmap* pm, vaddr_t va) {
    pv_entry* first = &pg->mdpage.mdpg_pv;
    pv_entry* gone = first->pv_next;
    if (first->pv_pmap == pm && first->pv_va == va) {
        if (gone == nullptr) {
            first->pv_pmap = nullptr;
        } else {
            *first = *gone; // the second moves up
        }
    } else {
        pv_entry** link = &first->pv_next;
        while (gone->pv_pmap != pm || gone->pv_va != va) {
            link = &gone->pv_next;
            gone = *link;
        }
        *link = gone->pv_next;
    }
    if (gone != nullptr) {
        pool_cache_put(&pv_cache, gone);
    }
    --pmap_count.pv_entries;
}

unsigned pmap_page_mappings(const vm_page* pg) {
    unsigned n = 0;
    for (const pv_entry* pv = &pg->mdpage.mdpg_pv; pv != nullptr; pv = pv->pv_next) {
        n += pv->pv_pmap != nullptr;
    }
    return n;
}
