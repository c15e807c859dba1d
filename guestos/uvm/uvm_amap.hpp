// Anonymous maps: arrays of anons. A map entry refers to a run of slots of an
// amap; entries of several processes may refer to one amap, and several amaps
// to one anon. Structure after NetBSD's uvm_amap.
#pragma once

#include "sys/flags.hpp"
#include "sys/mutex.hpp"
#include "uvm/uvm_anon.hpp"

struct vm_amap;
struct vm_map;
struct vm_map_entry;

enum AmapFlags : u32 {
    AMAP_SHARED = 1, // entries of more than one process refer to it, by sharing
};
template <> inline constexpr bool is_flags<AmapFlags> = true;

// => am_lock guards everything; it is one lock for all amaps that share anons
struct vm_amap {
    kmutex_t* am_lock;
    u32 am_ref; // map entries that refer to this amap
    AmapFlags am_flags;
    u32 am_maxslot; // slots allocated
    u32 am_nslot;   // slots in use by entries
    u32 am_nused;   // slots with an anon
    u32* am_slots;  // the am_nused used slots, in no order
    u32* am_bckptr; // am_slots[am_bckptr[s]] == s for each used slot s
    vm_anon** am_anon;
};

// A map entry's reference to an amap.
struct vm_aref {
    u32 ar_pageoff; // first slot
    vm_amap* ar_amap;
};

// Large entries get an amap piece by piece, where they are touched: an entry of
// more than this is split at multiples of it.
inline constexpr vsize_t UVM_AMAP_CHUNK = 64 * PAGE_SIZE;

void uvm_amap_init();
// An amap for `npages` slots, one reference, no anons. `lock` is the lock of the
// amaps that it will share anons with (one more reference is taken), or nullptr.
// => may sleep, never fails
[[nodiscard]] vm_amap* amap_alloc(u32 npages, kmutex_t* lock);

size_t amap_array_pages(const vm_amap* amap); // whole pages its arrays fill
void amap_lock(vm_amap* amap);
void amap_unlock(vm_amap* amap);

// The anon at byte `offset` of the reference, or nullptr. => amap locked
vm_anon* amap_lookup(const vm_aref* aref, vsize_t offset);
void amap_lookups(const vm_aref* aref, vsize_t offset, vm_anon** anons, unsigned npages);
// Puts an anon into a slot; replaces one that is there. => amap locked
void amap_add(vm_aref* aref, vsize_t offset, vm_anon* anon, bool replace);
// Takes the anon out of a slot. => amap locked; its reference passes to the caller
void amap_unadd(vm_aref* aref, vsize_t offset);

// A reference of an entry is taken or dropped. With the last one the amap goes,
// and every anon that only it referred to.
void amap_ref(vm_amap* amap, bool shared);
void amap_unref(vm_amap* amap);

// Resolves needs_copy: afterwards the entry has an amap of its own, whose anons
// it shares with others, each counted once more.
// => map locked for writing; a large entry without amap is split around
//    [startva, endva) unless that is empty; may sleep, never fails
void amap_copy(vm_map* map, vm_map_entry* entry, vaddr_t startva, vaddr_t endva);
// Copies every anon that is shared, now, to frames of `pages`: for wired memory at fork.
// => entry's amap is its own; map locked for writing; may sleep
void amap_cow_now(vm_map_entry* entry, uvm_pglist* pages);
// Pages of anonymous memory that the entry has.
u32 amap_count(const vm_map_entry* entry);
// Takes write permission away wherever the entry's pages are mapped.
void amap_share_protect(vm_map_entry* entry);
// Gives the second part of an entry, split at byte `offset`, its reference.
// Deviation: an amap that nobody else refers to is divided. NetBSD counts
// references slot by slot (ppref) instead, so that the slots of a part that is
// unmapped can be emptied.
void amap_splitref(vm_aref* origref, vm_aref* splitref, vaddr_t offset);
// Makes room for an entry that grows by `addsize` bytes at its end; false if
// the amap is shared or would become large.
bool amap_extend(vm_map_entry* entry, vsize_t addsize);
// Drops all anons of a range of slots. => amap locked
void amap_wiperange(vm_amap* amap, u32 slotoff, u32 slots);
