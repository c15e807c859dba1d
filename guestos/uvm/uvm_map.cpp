// Maps: putting ranges in, taking them out, changing what they allow.
//
// Locks, outermost first: map -> amap -> object -> pmap. A map is locked for
// writing to change entries and for reading while a fault looks at one.

#include "uvm/uvm_map.hpp"

#include "abi/mman.hpp"
#include "sys/inject.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

void vm_map_lock(vm_map* map) {
    rw_enter(&map->lock, RW_WRITER);
}

void vm_map_unlock(vm_map* map) {
    rw_exit(&map->lock);
}

void vm_map_lock_read(vm_map* map) {
    rw_enter(&map->lock, RW_READER);
}

void vm_map_unlock_read(vm_map* map) {
    rw_exit(&map->lock);
}

void uvm_map_setup(vm_map* map, vaddr_t min, vaddr_t max, pmap_t pmap) {
    rw_init(&map->lock);
    map->pmap = pmap;
    map->entries.init();
    map->root = map->hint = nullptr;
    map->min_offset = min;
    map->max_offset = max;
    map->size = 0;
    map->nentries = 0;
    map->timestamp = 0;
    map->wirefuture = false;
    map->seed = 0x9e3779b9;
}

// --- mapping -------------------------------------------------------------------------

vaddr_t uvm_map_findspace(vm_map* map, vaddr_t hint, vsize_t length, vsize_t align) {
    hint = roundup2(max(hint, map->min_offset), align);
    vm_map_entry* entry;
    if (uvm_map_lookup_entry(map, hint, &entry)) {
        hint = roundup2(entry->end, align);
    }
    // `entry` ends at or below the hint; look at the gaps from there on.
    for (entry = entry == nullptr ? map->entries.first() : map->entries.next(entry);;
         entry = map->entries.next(entry)) {
        if (hint + length < hint || hint + length > map->max_offset) {
            return 0;
        }
        if (entry == nullptr || hint + length <= entry->start) {
            return hint;
        }
        hint = max(hint, roundup2(entry->end, align));
    }
}

// Is nothing mapped in the range?
static bool range_free(vm_map* map, vaddr_t start, vaddr_t end) {
    vm_map_entry* entry;
    if (uvm_map_lookup_entry(map, start, &entry)) {
        return false;
    }
    const vm_map_entry* next = entry == nullptr ? map->entries.first() : map->entries.next(entry);
    return next == nullptr || next->start >= end;
}

// Makes `prev` longer instead of a new entry, for anonymous memory of the same
// kind that follows it: the break, mostly. False if it can't be.
static bool extend_previous(vm_map* map, vm_map_entry* prev, vaddr_t start, vsize_t size,
                            const uvm_flag& flags) {
    if (prev == nullptr || prev->end != start || prev->uobj != nullptr || !prev->copy_on_write() ||
        prev->protection != flags.prot || prev->max_protection != flags.maxprot ||
        prev->inheritance != flags.inherit || prev->advice != flags.advice ||
        prev->wired_count != 0) {
        return false;
    }
    if (prev->aref.ar_amap != nullptr && !amap_extend(prev, size)) {
        return false;
    }
    prev->end += size;
    map->size += size;
    ++map->timestamp;
    return true;
}

static void enter_range(vm_map* map, vaddr_t start, vsize_t size, uvm_object* uobj, voff_t uoffset,
                        const uvm_flag& flags) {
    vm_map_entry* prev;
    const bool hit = uvm_map_lookup_entry(map, start, &prev);
    KASSERT(!hit);
    if (uobj == nullptr && flags.copyonwrite && extend_previous(map, prev, start, size, flags)) {
        return;
    }
    vm_map_entry* entry = uvm_mapent_alloc();
    entry->start = start;
    entry->end = start + size;
    entry->uobj = uobj;
    entry->offset = uobj == nullptr ? 0 : uoffset;
    entry->protection = flags.prot;
    entry->max_protection = flags.maxprot;
    entry->inheritance = flags.inherit;
    entry->advice = flags.advice;
    entry->etype = flags.copyonwrite ? UVM_ET_COPYONWRITE | UVM_ET_NEEDSCOPY : 0;
    uvm_map_entry_link(map, prev, entry);
}

Errno uvm_map(vm_map* map, vaddr_t* startp, vsize_t size, uvm_object* uobj, voff_t uoffset,
              vsize_t align, const uvm_flag& flags) {
    vm_map_entry_list dead;
    vaddr_t start = *startp;
    Errno error = EOK;
    KASSERT((start & PAGE_MASK) == 0 && (size & PAGE_MASK) == 0);
    KASSERT(uobj != nullptr || flags.copyonwrite);

    vm_map_lock(map);
    if (size == 0) {
        error = EINVAL;
    } else if (!flags.fixed) {
        start = uvm_map_findspace(map, start, size, max(align, PAGE_SIZE));
        error = start == 0 ? ENOMEM : EOK;
    } else if (start < map->min_offset || start + size < start || start + size > map->max_offset) {
        error = EINVAL;
    } else if (flags.unmap) {
        uvm_unmap_remove(map, start, start + size, &dead);
    } else if (!range_free(map, start, start + size)) {
        error = ENOMEM;
    }
    if (error == EOK) {
        enter_range(map, start, size, uobj, uoffset, flags);
        *startp = start;
    }
    vm_map_unlock(map);

    uvm_unmap_detach(&dead);
    if (error != EOK && uobj != nullptr) {
        uobj->pgops->pgo_detach(uobj);
    }
    return error;
}

// --- unmapping -----------------------------------------------------------------------

// The first entry that reaches into [start, ...), or nullptr.
static vm_map_entry* first_entry(vm_map* map, vaddr_t start) {
    vm_map_entry* entry;
    if (uvm_map_lookup_entry(map, start, &entry)) {
        return entry;
    }
    return entry == nullptr ? map->entries.first() : map->entries.next(entry);
}

void uvm_unmap_remove(vm_map* map, vaddr_t start, vaddr_t end, vm_map_entry_list* dead) {
    vm_map_entry* entry = first_entry(map, start);
    while (entry != nullptr && entry->start < end) {
        uvm_map_clip_start(map, entry, start);
        uvm_map_clip_end(map, entry, end);
        vm_map_entry* next = map->entries.next(entry);
        pmap_remove(map->pmap, entry->start, entry->end);
        uvm_map_entry_unlink(map, entry);
        dead->insert_tail(entry);
        entry = next;
    }
    pmap_update(map->pmap); // before anybody frees the pages
}

void uvm_unmap_detach(vm_map_entry_list* dead) {
    while (vm_map_entry* entry = dead->remove_head()) {
        if (entry->aref.ar_amap != nullptr) {
            amap_unref(entry->aref.ar_amap);
        }
        if (entry->uobj != nullptr) {
            entry->uobj->pgops->pgo_detach(entry->uobj);
        }
        uvm_mapent_free(entry);
    }
}

void uvm_unmap(vm_map* map, vaddr_t start, vaddr_t end) {
    vm_map_entry_list dead;
    vm_map_lock(map);
    uvm_unmap_remove(map, start, end, &dead);
    vm_map_unlock(map);
    uvm_unmap_detach(&dead);
}

// --- changing --------------------------------------------------------------------------

// Calls f(entry) for all entries of a range, clipped to it. f returns an errno.
// => map locked for writing
// => ENOMEM where something is not mapped, unless `holes_ok`
template <typename F>
static Errno for_range(vm_map* map, vaddr_t start, vaddr_t end, bool holes_ok, F f) {
    vaddr_t expected = start;
    for (vm_map_entry* entry = first_entry(map, start); entry != nullptr && entry->start < end;
         entry = map->entries.next(entry)) {
        uvm_map_clip_start(map, entry, start);
        uvm_map_clip_end(map, entry, end);
        if (entry->start != expected && !holes_ok) {
            return ENOMEM;
        }
        expected = entry->end;
        const Errno error = f(entry);
        if (error != EOK) {
            return error;
        }
    }
    return expected < end && !holes_ok ? ENOMEM : EOK;
}

// Can `prot` be had in the whole range?
static Errno check_protect(vm_map* map, vaddr_t start, vaddr_t end, vm_prot_t prot) {
    vaddr_t expected = start;
    for (vm_map_entry* entry = first_entry(map, start); entry != nullptr && entry->start < end;
         entry = map->entries.next(entry)) {
        if (entry->start > expected) {
            return ENOMEM;
        }
        if ((prot & entry->max_protection) != prot) {
            return EACCES;
        }
        expected = entry->end;
    }
    return expected < end ? ENOMEM : EOK;
}

// Private memory gets write permission from faults only, which know whether the
// page is shared.
static vm_prot_t pmap_prot(const vm_map_entry* entry) {
    return entry->copy_on_write() ? entry->protection & ~VM_PROT_WRITE : entry->protection;
}

Errno uvm_map_protect(vm_map* map, vaddr_t start, vaddr_t end, vm_prot_t prot, bool set_max) {
    vm_map_lock(map);
    Errno error = check_protect(map, start, end, prot);
    if (error == EOK) {
        error = for_range(map, start, end, false, [&](vm_map_entry* entry) {
            const vm_prot_t old = entry->protection;
            if (set_max) {
                entry->max_protection = prot;
                entry->protection = old & prot;
            } else {
                entry->protection = prot;
            }
            if (entry->protection != old) {
                pmap_protect(map->pmap, entry->start, entry->end, pmap_prot(entry));
            }
            return EOK;
        });
    }
    pmap_update(map->pmap);
    vm_map_unlock(map);
    return error;
}

Errno uvm_map_inherit(vm_map* map, vaddr_t start, vaddr_t end, vm_inherit_t inherit) {
    vm_map_lock(map);
    const Errno error = for_range(map, start, end, true, [inherit](vm_map_entry* entry) {
        entry->inheritance = inherit;
        return EOK;
    });
    vm_map_unlock(map);
    return error;
}

Errno uvm_map_advice(vm_map* map, vaddr_t start, vaddr_t end, uvm_advice_t advice) {
    vm_map_lock(map);
    const Errno error = for_range(map, start, end, false, [advice](vm_map_entry* entry) {
        entry->advice = advice;
        return EOK;
    });
    vm_map_unlock(map);
    return error;
}

bool uvm_map_checkprot(vm_map* map, vaddr_t start, vaddr_t end, vm_prot_t prot) {
    vm_map_entry* entry;
    if (!uvm_map_lookup_entry(map, start, &entry)) {
        return false;
    }
    while (start < end) {
        if (entry == nullptr || entry->start > start || (entry->protection & prot) != prot) {
            return false;
        }
        start = entry->end;
        entry = map->entries.next(entry);
    }
    return true;
}

// --- wiring ------------------------------------------------------------------------------

// => map locked for writing
static void unwire_entry(vm_map* map, vm_map_entry* entry) {
    if (entry->wired_count != 0) {
        uvm_fault_unwire_locked(map, entry->start, entry->end);
        entry->wired_count = 0;
    }
}

// An entry that a call has wired, until the call has wired them all.
static constexpr u16 kJustWired = 2;

// => map locked for writing; what can't be accessed at all can't be wired, and
//    mlockall(2) leaves it out
static Errno wire_entry(vm_map* map, vm_map_entry* entry, bool all) {
    if (entry->protection == VM_PROT_NONE && !all) {
        return ENOMEM;
    }
    if (entry->wired_count != 0 || entry->protection == VM_PROT_NONE) {
        return EOK;
    }
    if (entry->needs_copy() && (entry->max_protection & VM_PROT_WRITE) != 0) {
        if (inject(Inject::Amap)) {
            return ENOMEM;
        }
        amap_copy(map, entry, 0, 0);
    }
    entry->wired_count = kJustWired;
    const Errno error = uvm_fault_wire(map, entry->start, entry->end, entry->protection);
    if (error != EOK) {
        entry->wired_count = 0;
    }
    return error;
}

// All of a range is wired, or nothing that was not so before.
static Errno wire_range(vm_map* map, vaddr_t start, vaddr_t end, bool holes_ok) {
    const Errno error = for_range(map, start, end, holes_ok, [=](vm_map_entry* entry) {
        return wire_entry(map, entry, holes_ok);
    });
    (void)for_range(map, start, end, true, [&](vm_map_entry* entry) {
        if (entry->wired_count == kJustWired && error != EOK) {
            unwire_entry(map, entry);
        } else if (entry->wired_count == kJustWired) {
            entry->wired_count = 1;
        }
        return EOK;
    });
    return error;
}

static Errno unwire_range(vm_map* map, vaddr_t start, vaddr_t end, bool holes_ok) {
    return for_range(map, start, end, holes_ok, [map](vm_map_entry* entry) {
        unwire_entry(map, entry);
        return EOK;
    });
}

Errno uvm_map_pageable(vm_map* map, vaddr_t start, vaddr_t end, bool pageable) {
    vm_map_lock(map);
    const Errno error =
        pageable ? unwire_range(map, start, end, false) : wire_range(map, start, end, false);
    vm_map_unlock(map);
    return error;
}

Errno uvm_map_pageable_all(vm_map* map, int mcl_flags, vsize_t limit) {
    Errno error = EOK;
    vm_map_lock(map);
    map->wirefuture = (mcl_flags & abi::MCL_FUTURE) != 0;
    if ((mcl_flags & abi::MCL_CURRENT) != 0 && limit != 0 && map->size > limit) {
        error = ENOMEM;
    } else if ((mcl_flags & abi::MCL_CURRENT) != 0) {
        error = wire_range(map, map->min_offset, map->max_offset, true);
    } else if (mcl_flags == 0) {
        error = unwire_range(map, map->min_offset, map->max_offset, true);
    }
    vm_map_unlock(map);
    return error;
}

bool uvm_map_is_mapped(vm_map* map, vaddr_t start, vaddr_t end) {
    vm_map_lock_read(map);
    const bool mapped = uvm_map_checkprot(map, start, end, VM_PROT_NONE);
    vm_map_unlock_read(map);
    return mapped;
}

// MADV_FREE: anonymous pages of the range go; what is read there next is zero
// or what the object holds.
Errno uvm_map_clean(vm_map* map, vaddr_t start, vaddr_t end, bool free) {
    vm_map_lock(map);
    const Errno error = for_range(map, start, end, false, [&](vm_map_entry* entry) {
        vm_amap* amap = entry->aref.ar_amap;
        if (!free || amap == nullptr || entry->wired_count != 0) {
            return EOK;
        }
        if (entry->needs_copy()) {
            amap_copy(map, entry, 0, 0);
            amap = entry->aref.ar_amap;
        }
        pmap_remove(map->pmap, entry->start, entry->end);
        pmap_update(map->pmap);
        amap_lock(amap);
        amap_wiperange(amap, entry->aref.ar_pageoff,
                       static_cast<u32>(atop(entry->end - entry->start)));
        amap_unlock(amap);
        return EOK;
    });
    vm_map_unlock(map);
    return error;
}
