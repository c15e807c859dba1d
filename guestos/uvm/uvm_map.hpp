// Address spaces: maps and their entries.
#pragma once

#include "sys/queue.hpp"
#include "sys/rwlock.hpp"
#include "uvm/uvm_amap.hpp"
#include "uvm/uvm_object.hpp"
#include "uvm/uvm_pmap.hpp"

enum MapEntryFlags : u8 {
    UVM_ET_COPYONWRITE = 1, // private: writes go to anons
    UVM_ET_NEEDSCOPY = 2,   // the amap must be copied before the first write
};

// One range of one kind. => the map's lock guards it
struct vm_map_entry {
    TAILQ_ENTRY<vm_map_entry> link; // in order of address
    vm_map_entry* left;             // tree by address: uvm_mapent.cpp
    vm_map_entry* right;
    u32 priority;
    vaddr_t start; // page aligned
    vaddr_t end;
    uvm_object* uobj; // nullptr: no object under the amap
    voff_t offset;    // of start, in the object
    vm_aref aref;
    vm_prot_t protection;
    vm_prot_t max_protection;
    vm_inherit_t inheritance;
    uvm_advice_t advice;
    u8 etype; // MapEntryFlags
    u16 wired_count;

    [[nodiscard]] bool copy_on_write() const { return (etype & UVM_ET_COPYONWRITE) != 0; }
    [[nodiscard]] bool needs_copy() const { return (etype & UVM_ET_NEEDSCOPY) != 0; }
};

struct vm_map {
    krwlock_t lock;
    pmap_t pmap;
    TAILQ_HEAD<vm_map_entry, &vm_map_entry::link> entries;
    vm_map_entry* root; // tree by address
    vm_map_entry* hint; // last lookup's result
    vaddr_t min_offset; // first and
    vaddr_t max_offset; // past-the-last address
    vsize_t size;       // mapped, bytes
    u32 nentries;
    u32 timestamp;   // rises with every change
    bool wirefuture; // mlockall(MCL_FUTURE)
    u32 seed;        // of the tree's priorities
};

// An address space as processes see it.
struct vmspace {
    vm_map vm_map_;
    u32 vm_refcnt;       // processes that use it
    vaddr_t vm_taddr;    // text
    vsize_t vm_tsize;    // pages
    vaddr_t vm_daddr;    // data; the break starts at its end
    vsize_t vm_dsize;    // pages, break included
    vsize_t vm_ssize;    // pages of stack in use
    vaddr_t vm_minsaddr; // lowest and
    vaddr_t vm_maxsaddr; // highest address of the stack
    vm_map& map() { return vm_map_; }
};

// uvm_map's flags: what a new entry is like.
struct uvm_flag {
    vm_prot_t prot = VM_PROT_RW;
    vm_prot_t maxprot = VM_PROT_ALL;
    vm_inherit_t inherit = VM_INHERIT_COPY;
    uvm_advice_t advice = UVM_ADV_NORMAL;
    bool fixed = false;       // at the given address, which must be free
    bool unmap = false;       // with fixed: what is there goes first
    bool copyonwrite = false; // private mapping of an object, or anonymous
};

void uvm_map_init();
void uvm_space_init();
void uvm_map_setup(vm_map* map, vaddr_t min, vaddr_t max, pmap_t pmap);

// Maps `size` bytes of `uobj` from `uoffset`, or anonymous memory if uobj is
// null, at `*startp` (a hint unless flags.fixed), and stores where.
// => consumes one reference of uobj, on failure too
// => ENOMEM: no room, or taken (fixed without unmap); EINVAL: bad range
Errno uvm_map(vm_map* map, vaddr_t* startp, vsize_t size, uvm_object* uobj, voff_t uoffset,
              vsize_t align, const uvm_flag& flags);
void uvm_unmap(vm_map* map, vaddr_t start, vaddr_t end);
Errno uvm_map_protect(vm_map* map, vaddr_t start, vaddr_t end, vm_prot_t prot, bool set_max);
Errno uvm_map_inherit(vm_map* map, vaddr_t start, vaddr_t end, vm_inherit_t inherit);
Errno uvm_map_advice(vm_map* map, vaddr_t start, vaddr_t end, uvm_advice_t advice);
// mlock and munlock. => EFAULT/ENOMEM: a page could not be had, nothing wired
Errno uvm_map_pageable(vm_map* map, vaddr_t start, vaddr_t end, bool pageable);
Errno uvm_map_pageable_all(vm_map* map, int mcl_flags, vsize_t limit);
// Is something mapped everywhere in the range?
bool uvm_map_is_mapped(vm_map* map, vaddr_t start, vaddr_t end);
// MADV_FREE: drops anonymous pages.
Errno uvm_map_clean(vm_map* map, vaddr_t start, vaddr_t end, bool free);
// Does every page of the range allow `prot`? => map locked
bool uvm_map_checkprot(vm_map* map, vaddr_t start, vaddr_t end, vm_prot_t prot);
// The entry that holds `va`. => false: *entry is the one before, or null
bool uvm_map_lookup_entry(vm_map* map, vaddr_t va, vm_map_entry** entry);
// A free range of `length` at or after `hint`, searched upwards; 0: none.
vaddr_t uvm_map_findspace(vm_map* map, vaddr_t hint, vsize_t length, vsize_t align);

void vm_map_lock(vm_map* map);
void vm_map_unlock(vm_map* map);
void vm_map_lock_read(vm_map* map);
void vm_map_unlock_read(vm_map* map);

// --- uvm_mapent.cpp: entries, and the tree they hang in --------------------------
// => map locked for writing
vm_map_entry* uvm_mapent_alloc();                          // zeroed; may sleep
vm_map_entry* uvm_mapent_clone(const vm_map_entry* entry); // takes no references
void uvm_mapent_free(vm_map_entry* entry);
void uvm_map_entry_link(vm_map* map, vm_map_entry* after_where, vm_map_entry* entry);
void uvm_map_entry_unlink(vm_map* map, vm_map_entry* entry);
// Splits the entry so that it begins at `start`, or ends at `end`; the other
// part is an entry of its own.
void uvm_map_clip_start(vm_map* map, vm_map_entry* entry, vaddr_t start);
void uvm_map_clip_end(vm_map* map, vm_map_entry* entry, vaddr_t end);
u64 uvm_mapent_count(); // that exist, of all maps

// --- the two halves of uvm_unmap ---------------------------------------------------
using vm_map_entry_list = TAILQ_HEAD<vm_map_entry, &vm_map_entry::link>;
// Takes the range out of the map. => map locked for writing
void uvm_unmap_remove(vm_map* map, vaddr_t start, vaddr_t end, vm_map_entry_list* dead);
// Drops what the entries referred to, and the entries. => map unlocked, or unused
void uvm_unmap_detach(vm_map_entry_list* dead);
