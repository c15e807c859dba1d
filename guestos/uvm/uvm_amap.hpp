// Anonymous maps: arrays of anons. A map entry refers to a run of slots of an
// amap; entries of several processes may refer to one amap, and several amaps
// to one anon. Structure after NetBSD's uvm_amap.
#pragma once

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
    u32 am_ref;     // map entries that refer to this amap
    u32 am_flags;   // AmapFlags
    u32 am_maxslot; // slots allocated
    u32 am_nslot;   // slots in use by entries
    u32 am_nused;   // slots with an anon
    u32* am_slots;  // the am_nused used slots, in no order
    u32* am_bckptr; // am_slots[am_bckptr[s]] == s for each used slot s
    vm_anon** am_anon;
    LIST_ENTRY<vm_amap> am_list;
};

// A map entry's reference to an amap.
struct vm_aref {
    u32 ar_pageoff; // first slot
    vm_amap* ar_amap;
};

// Flags of amap_copy.
enum AmapCopyFlags : unsigned {
    AMAP_COPY_NONE = 0,
    AMAP_COPY_NOWAIT = 1,  // nothing may sleep; then the entry may still need copy
    AMAP_COPY_NOCHUNK = 2, // do not split a large entry
    AMAP_COPY_NOMERGE = 4,
};
template <> inline constexpr bool is_flags<AmapCopyFlags> = true;

void uvm_amap_init();
// An amap for `size` bytes, one reference, no anons; nullptr if no memory.
[[nodiscard]] vm_amap* amap_alloc(vsize_t size, bool can_sleep);
void amap_free(vm_amap* amap); // => one reference, no anon left, unlocked

void amap_lock(vm_amap* amap);
void amap_unlock(vm_amap* amap);

// The anon at byte `offset` of the reference, or nullptr. => amap locked
vm_anon* amap_lookup(const vm_aref* aref, vsize_t offset);
void amap_lookups(const vm_aref* aref, vsize_t offset, vm_anon** anons, unsigned npages);
// Puts an anon into a slot; replaces one that is there. => amap locked
void amap_add(vm_aref* aref, vsize_t offset, vm_anon* anon, bool replace);
// Takes the anon out of a slot. => amap locked; its reference passes to the caller
void amap_unadd(vm_aref* aref, vsize_t offset);

// An entry's reference to its amap is taken or dropped. With the last one the
// amap and what only it referred to goes.
void amap_ref(vm_amap* amap, u32 offset, u32 npages, bool shared);
void amap_unref(vm_amap* amap, u32 offset, u32 npages, bool all);

// Resolves needs_copy: afterwards the entry's amap is its own. => map locked
// for writing; anons stay shared, counted once more each
Errno amap_copy(vm_map* map, vm_map_entry* entry, AmapCopyFlags flags, vaddr_t startva,
                vaddr_t endva);
// Copies every shared anon now: for wired memory at fork. => map locked
void amap_cow_now(vm_map* map, vm_map_entry* entry);
// Read-only in every space, by what the pages are mapped as. => amap locked
void amap_share_protect(vm_map_entry* entry, vm_prot_t prot);
// Gives the second part of a split entry its own reference.
void amap_splitref(vm_aref* origref, vm_aref* splitref, vaddr_t offset);
// Makes room for an entry that grows by `addsize` bytes at its end.
Errno amap_extend(vm_map_entry* entry, vsize_t addsize);
// Drops all anons of a range of slots. => amap locked
void amap_wiperange(vm_amap* amap, u32 slotoff, u32 slots);
