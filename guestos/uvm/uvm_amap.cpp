// Amaps. An amap is three arrays over its slots:
//
//   am_anon    slot -> anon or nullptr
//   am_slots   the used slots, dense, in no order
//   am_bckptr  used slot -> its place in am_slots
//
//   slot        0     1     2     3     4
//   am_anon    [A]   [ ]   [B]   [ ]   [C]
//   am_slots   [4]   [0]   [2]                am_nused = 3
//   am_bckptr  [1]         [2]         [0]
//
// so that looking up a slot, adding, removing, and visiting all anons are each
// as cheap as they can be: fork's copy of a sparse amap costs what is in it.

#include "uvm/uvm_amap.hpp"

#include "machine/cpu.hpp"
#include "sys/kmem.hpp"
#include "sys/lwp.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/sdt.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_map.hpp"
#include "uvm/uvm_pmap.hpp"

namespace {

pool_cache uvm_amap_cache;

// One block of memory holds the three arrays.
constexpr size_t kSlotBytes = sizeof(vm_anon*) + 2 * sizeof(u32);
constexpr u32 kSlotQuantum = 4; // slots are allocated in multiples of this

u32 entry_pages(const vm_map_entry* entry) {
    return static_cast<u32>(atop(entry->end - entry->start));
}

void arrays_alloc(vm_amap* amap, u32 maxslot) {
    auto* block = static_cast<u8*>(kmem_alloc(maxslot * kSlotBytes, KM_SLEEP));
    amap->am_anon = reinterpret_cast<vm_anon**>(block);
    amap->am_slots = reinterpret_cast<u32*>(block + maxslot * sizeof(vm_anon*));
    amap->am_bckptr = amap->am_slots + maxslot;
    amap->am_maxslot = maxslot;
    memset(amap->am_anon, 0, maxslot * sizeof(vm_anon*));
}

void arrays_free(vm_amap* amap) {
    kmem_free(amap->am_anon, amap->am_maxslot * kSlotBytes);
}

// => slot is empty, amap locked or not yet seen by others
void slot_fill(vm_amap* amap, u32 slot, vm_anon* anon) {
    amap->am_anon[slot] = anon;
    amap->am_bckptr[slot] = amap->am_nused;
    amap->am_slots[amap->am_nused++] = slot;
    anon->an_lock = amap->am_lock;
}

// => slot is used, amap locked
vm_anon* slot_empty(vm_amap* amap, u32 slot) {
    vm_anon* anon = amap->am_anon[slot];
    amap->am_anon[slot] = nullptr;
    const u32 at = amap->am_bckptr[slot];
    const u32 moved = amap->am_slots[--amap->am_nused];
    amap->am_slots[at] = moved; // the last one fills the gap
    amap->am_bckptr[moved] = at;
    return anon;
}

void anon_drop(vm_anon* anon) {
    if (--anon->an_ref == 0) {
        uvm_anfree(anon);
    }
}

// => no anons, no references, unlocked
void amap_free(vm_amap* amap) {
    KASSERT(amap->am_ref == 0 && amap->am_nused == 0);
    mutex_obj_free(amap->am_lock);
    arrays_free(amap);
    --uvmexp.amaps;
    pool_cache_put(&uvm_amap_cache, amap);
}

// Calls f(slot, anon) for the used slots of a range. f may empty the slot.
template <typename F> void for_each_anon(vm_amap* amap, u32 slotoff, u32 slots, F f) {
    for (u32 i = amap->am_nused; i-- > 0;) {
        const u32 slot = amap->am_slots[i];
        if (slot >= slotoff && slot - slotoff < slots) {
            f(slot, amap->am_anon[slot]);
        }
    }
}

// The part of the entry around [startva, endva) that gets an amap; the rest is
// split off.
void chunk_entry(vm_map* map, vm_map_entry* entry, vaddr_t startva, vaddr_t endva) {
    if (startva == endva || entry->end - entry->start <= UVM_AMAP_CHUNK) {
        return;
    }
    startva = rounddown2(startva, UVM_AMAP_CHUNK);
    endva = roundup2(endva, UVM_AMAP_CHUNK);
    if (startva > entry->start) {
        uvm_map_clip_start(map, entry, startva);
    }
    if (endva < entry->end) {
        uvm_map_clip_end(map, entry, endva);
    }
}

} // namespace

void uvm_amap_init() {
    pool_cache_bootstrap(&uvm_amap_cache, sizeof(vm_amap), 8, "amappl", IPL_NONE);
}

vm_amap* amap_alloc(u32 npages, kmutex_t* lock) {
    auto* amap = pool_cache_get<vm_amap>(&uvm_amap_cache, PR_WAITOK);
    *amap = {};
    amap->am_ref = 1;
    amap->am_nslot = npages;
    arrays_alloc(amap, static_cast<u32>(roundup2(npages, kSlotQuantum)));
    if (lock == nullptr) {
        lock = mutex_obj_alloc(MUTEX_DEFAULT, IPL_NONE);
    } else {
        mutex_obj_hold(lock);
    }
    amap->am_lock = lock;
    ++uvmexp.amaps;
    return amap;
}

size_t amap_array_pages(const vm_amap* amap) {
    const size_t size = amap->am_maxslot * kSlotBytes;
    return size <= KMEM_MAXPOOLED ? 0 : atop(round_page(size));
}

void amap_lock(vm_amap* amap) {
    mutex_enter(amap->am_lock);
}

void amap_unlock(vm_amap* amap) {
    mutex_exit(amap->am_lock);
}

// --- slots -------------------------------------------------------------------------

static u32 slot_at(const vm_aref* aref, vsize_t offset) {
    const u32 slot = aref->ar_pageoff + static_cast<u32>(atop(offset));
    KASSERT(slot < aref->ar_amap->am_nslot);
    return slot;
}

vm_anon* amap_lookup(const vm_aref* aref, vsize_t offset) {
    return aref->ar_amap->am_anon[slot_at(aref, offset)];
}

void amap_lookups(const vm_aref* aref, vsize_t offset, vm_anon** anons, unsigned npages) {
    const u32 slot = slot_at(aref, offset);
    KASSERT(slot + npages <= aref->ar_amap->am_nslot);
    for (unsigned i = 0; i < npages; ++i) {
        anons[i] = aref->ar_amap->am_anon[slot + i];
    }
}

void amap_add(vm_aref* aref, vsize_t offset, vm_anon* anon, bool replace) {
    vm_amap* amap = aref->ar_amap;
    const u32 slot = slot_at(aref, offset);
    KASSERT(mutex_owned(amap->am_lock));
    if (!replace) {
        KASSERT(amap->am_anon[slot] == nullptr);
        slot_fill(amap, slot, anon);
        return;
    }
    vm_anon* old = amap->am_anon[slot];
    KASSERT(old != nullptr);
    if ((amap->am_flags & AMAP_SHARED) != 0 && old->an_page != nullptr) {
        // The others that share the amap must find the new page.
        pmap_page_protect(old->an_page, VM_PROT_NONE);
    }
    amap->am_anon[slot] = anon;
    anon->an_lock = amap->am_lock;
}

void amap_unadd(vm_aref* aref, vsize_t offset) {
    KASSERT(mutex_owned(aref->ar_amap->am_lock));
    slot_empty(aref->ar_amap, slot_at(aref, offset));
}

void amap_wiperange(vm_amap* amap, u32 slotoff, u32 slots) {
    for_each_anon(amap, slotoff, slots,
                  [amap](u32 slot, vm_anon*) { anon_drop(slot_empty(amap, slot)); });
}

// --- references --------------------------------------------------------------------

void amap_ref(vm_amap* amap, bool shared) {
    amap_lock(amap);
    if (shared) {
        amap->am_flags |= AMAP_SHARED;
    }
    ++amap->am_ref;
    amap_unlock(amap);
}

void amap_unref(vm_amap* amap) {
    amap_lock(amap);
    if (--amap->am_ref == 0) {
        amap_wiperange(amap, 0, amap->am_nslot);
        amap_unlock(amap);
        amap_free(amap);
        return;
    }
    if (amap->am_ref == 1) {
        amap->am_flags &= ~AMAP_SHARED; // whoever is left shares with nobody
    }
    amap_unlock(amap);
}

// --- copying -----------------------------------------------------------------------

// The entry is the only user of its amap: it takes it over. Anons outside the
// entry's part, left by others, go.
static void amap_take_over(vm_map_entry* entry) {
    vm_amap* amap = entry->aref.ar_amap;
    const u32 npages = entry_pages(entry);
    if (amap->am_nused != 0 && amap->am_nslot != npages) {
        amap_lock(amap);
        const u32 end = entry->aref.ar_pageoff + npages;
        amap_wiperange(amap, 0, entry->aref.ar_pageoff);
        amap_wiperange(amap, end, amap->am_nslot - end);
        amap_unlock(amap);
    }
}

void amap_copy(vm_map* map, vm_map_entry* entry, vaddr_t startva, vaddr_t endva) {
    vm_amap* src = entry->aref.ar_amap;
    if (src == nullptr) {
        chunk_entry(map, entry, startva, endva);
        entry->aref = {0, amap_alloc(entry_pages(entry), nullptr)};
    } else if (src->am_ref == 1) {
        amap_take_over(entry);
    } else {
        const u32 npages = entry_pages(entry);
        const u32 first = entry->aref.ar_pageoff;
        vm_amap* amap = amap_alloc(npages, src->am_lock);
        amap_lock(src);
        for_each_anon(src, first, npages, [&](u32 slot, vm_anon* anon) {
            ++anon->an_ref;
            slot_fill(amap, slot - first, anon);
        });
        amap_unlock(src);
        entry->aref = {0, amap};
        amap_unref(src);
    }
    entry->etype &= static_cast<u8>(~UVM_ET_NEEDSCOPY);
}

u32 amap_count(const vm_map_entry* entry) {
    u32 count = 0;
    if (vm_amap* amap = entry->aref.ar_amap) {
        for_each_anon(amap, entry->aref.ar_pageoff, entry_pages(entry),
                      [&](u32, vm_anon*) { ++count; });
    }
    return count;
}

// A frame that was set aside; or, when another LWP has wired more meanwhile than
// the fork counted on, any. => may sleep
static vm_page* page_set_aside(uvm_pglist* pages) {
    vm_page* pg = pages->remove_head();
    while (pg == nullptr) {
        pg = uvm_pagealloc(nullptr, 0, nullptr, UVM_PGA_NONE);
        if (pg == nullptr) {
            uvm_wait("cownow");
        }
    }
    return pg;
}

// A copy of an anon with its page. => may sleep
static vm_anon* anon_duplicate(const vm_anon* anon, uvm_pglist* pages) {
    vm_anon* copy;
    while ((copy = uvm_analloc()) == nullptr) {
        uvm_wait("cownow");
    }
    uvm_pageown(page_set_aside(pages), copy);
    uvm_pagecopy(anon->an_page, copy->an_page);
    return copy;
}

void amap_cow_now(vm_map_entry* entry, uvm_pglist* pages) {
    vm_amap* amap = entry->aref.ar_amap;
    const u32 first = entry->aref.ar_pageoff;
    // The anons can't go: their other owner is the forking process's map, which
    // is locked.
    for_each_anon(amap, first, entry_pages(entry), [&](u32 slot, vm_anon* anon) {
        if (anon->an_ref == 1) {
            return;
        }
        vm_anon* copy = anon_duplicate(anon, pages);
        amap_lock(amap);
        copy->an_lock = amap->am_lock;
        amap->am_anon[slot] = copy;
        --anon->an_ref;
        amap_unlock(amap);
        ++uvmexp.eager_copy;
        sdt_probe(abi::ProbeId::EagerCopy, curlwp->l_proc->p_pid, entry->start + ptoa(slot - first),
                  VM_PAGE_TO_PHYS(anon->an_page), VM_PAGE_TO_PHYS(copy->an_page));
    });
}

void amap_share_protect(vm_map_entry* entry) {
    vm_amap* amap = entry->aref.ar_amap;
    amap_lock(amap);
    for_each_anon(amap, entry->aref.ar_pageoff, entry_pages(entry), [](u32, vm_anon* anon) {
        if (anon->an_page != nullptr) {
            pmap_page_protect(anon->an_page, VM_PROT_READ);
        }
    });
    amap_unlock(amap);
}

// --- splitting and growing -----------------------------------------------------------

void amap_splitref(vm_aref* origref, vm_aref* splitref, vaddr_t offset) {
    vm_amap* amap = origref->ar_amap;
    const u32 leftslots = static_cast<u32>(atop(offset));
    const u32 split = origref->ar_pageoff + leftslots;
    KASSERT(leftslots != 0 && split < amap->am_nslot);
    if (amap->am_ref != 1) {
        amap_ref(amap, false);
        *splitref = {split, amap};
        return;
    }
    vm_amap* right = amap_alloc(amap->am_nslot - split, amap->am_lock);
    amap_lock(amap);
    for_each_anon(amap, split, amap->am_nslot - split, [&](u32 slot, vm_anon* anon) {
        slot_empty(amap, slot);
        slot_fill(right, slot - split, anon);
    });
    amap->am_nslot = split;
    amap_unlock(amap);
    *splitref = {0, right};
}

bool amap_extend(vm_map_entry* entry, vsize_t addsize) {
    vm_amap* amap = entry->aref.ar_amap;
    const u32 used = entry->aref.ar_pageoff + entry_pages(entry);
    const u64 wanted = used + atop(addsize);
    if (amap->am_ref != 1 || wanted > atop(UVM_AMAP_CHUNK)) {
        return false;
    }
    if (used < amap->am_nslot) {
        amap_lock(amap);
        amap_wiperange(amap, used, amap->am_nslot - used); // of entries that have gone
        amap_unlock(amap);
    }
    if (wanted > amap->am_maxslot) {
        vm_amap old = *amap;
        const u64 room = min(roundup2(wanted * 2, kSlotQuantum), atop(UVM_AMAP_CHUNK));
        arrays_alloc(amap, static_cast<u32>(room));
        amap_lock(amap);
        memcpy(amap->am_anon, old.am_anon, old.am_nslot * sizeof(vm_anon*));
        memcpy(amap->am_slots, old.am_slots, old.am_nused * sizeof(u32));
        memcpy(amap->am_bckptr, old.am_bckptr, old.am_nslot * sizeof(u32));
        amap_unlock(amap);
        arrays_free(&old);
    }
    amap->am_nslot = static_cast<u32>(wanted);
    return true;
}
