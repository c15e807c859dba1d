// The page fault.
//
// A map entry may have two layers: an amap with anons above, an object with
// pages below. Where the fault finds a page, and what is wanted of it, decides
// what happens:
//
//        1A  anon, page is ours        1B  anon shared, write
//
//   amap     [anon:1] -> page            [anon:2] -> page     new anon:1
//               |                           |                    |
//             mapped as the entry         count - 1           copy, mapped
//             allows; anon shared and                         writable
//             read: mapped read-only      COW_COPY
//             permission fault and
//             anon:1: COW_REUSE
//   --------------------------------------------------------------------------
//        2A  page of the object         2B  promotion
//
//   amap        -                          -             ->   new anon:1
//                                                                ^
//   object   page, mapped as the        page  ------ copied -----+
//            entry allows; private:     or nothing: zeroed ------+
//            read-only                  FILE_FILL, or ZERO_FILL
//
// A page is looked for above first. With UVM_ET_NEEDSCOPY set the amap may
// still belong to others: it can be read through, and before anything is put
// into it the entry gets its own (amap_copy). Nothing here sleeps but locks;
// without a frame the fault fails with ENOMEM.

#include "machine/cpu.hpp"
#include "sys/inject.hpp"
#include "sys/lwp.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/sdt.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

unsigned uvm_fault_around = 8;

namespace {

// One fault on its way.
struct uvm_faultctx {
    vm_map* map;
    vaddr_t va;
    vm_prot_t access;     // what is wanted
    bool wire;            // the mapping is to be wired
    bool map_locked;      // by the caller, who keeps the lock
    bool debug;           // for a tracer: protection does not count
    vm_map_entry* entry;  // that holds va
    vm_prot_t enter_prot; // what the mapping may allow
    bool again;           // a lock was dropped: look everything up once more
    bool major;           // the page was read from its file
};

pid_t fault_pid() {
    return curlwp->l_proc->p_pid;
}

vsize_t entry_offset(const uvm_faultctx& f) {
    return f.va - f.entry->start;
}

void unlock_map(const uvm_faultctx& f) {
    if (!f.map_locked) {
        vm_map_unlock_read(f.map);
    }
}

// --- finding -----------------------------------------------------------------------

// May the tracer have the access that the program has not? What it writes must
// be the program's own copy.
bool debug_allowed(const uvm_faultctx& f) {
    const bool own = f.entry->copy_on_write() || f.entry->uobj == nullptr;
    return f.debug && f.entry->wired_count == 0 && (own || (f.access & VM_PROT_WRITE) == 0);
}

// Locks the map and finds the entry. => on error the map is unlocked again
Errno fault_lookup(uvm_faultctx& f) {
    if (!f.map_locked) {
        vm_map_lock_read(f.map);
    }
    Errno error = EOK;
    if (!uvm_map_lookup_entry(f.map, f.va, &f.entry)) {
        error = EFAULT;
    } else if ((f.entry->protection & f.access) != f.access && !debug_allowed(f)) {
        error = EACCES;
    }
    if (error != EOK) {
        unlock_map(f);
        return error;
    }
    f.enter_prot = f.entry->protection;
    if (f.entry->wired_count != 0) {
        f.access = f.enter_prot; // wired pages never fault again: break COW now
        f.wire = true;
    }
    return EOK;
}

// Gives the entry its own amap. The map's lock must be taken for writing, so
// the fault starts again.
void fault_amapcopy(uvm_faultctx& f) {
    if (f.map_locked) {
        amap_copy(f.map, f.entry, 0, 0);
    } else {
        vm_map_unlock_read(f.map);
        vm_map_lock(f.map);
        vm_map_entry* entry;
        if (uvm_map_lookup_entry(f.map, f.va, &entry) && entry->needs_copy()) {
            amap_copy(f.map, entry, f.va, f.va + PAGE_SIZE);
        }
        vm_map_unlock(f.map);
    }
    f.again = true;
}

// --- entering ------------------------------------------------------------------------

// Maps the page. => its owner is locked
Errno fault_enter(const uvm_faultctx& f, vm_page* pg, vm_prot_t prot) {
    const PmapFlags flags = f.wire ? PMAP_WIRED | PMAP_CANFAIL : PMAP_CANFAIL;
    return pmap_enter(f.map->pmap, f.va, VM_PAGE_TO_PHYS(pg), prot, flags);
}

// A new anon with an empty page, or nullptr.
vm_anon* new_anon(UvmPageAllocFlags flags) {
    vm_anon* anon = uvm_analloc();
    if (anon != nullptr && uvm_pagealloc(nullptr, 0, anon, flags) == nullptr) {
        anon->an_ref = 0;
        uvm_anfree(anon);
        anon = nullptr;
    }
    return anon;
}

// Maps pages around a read fault that are there already: what has been read is
// likely to be read nearby, and a mapping that is made now saves a fault.
// => amap locked; nothing here may fail
void map_neighbours(const uvm_faultctx& f, vm_amap* amap) {
    if (uvm_fault_around == 0 || f.wire || f.map_locked || amap == nullptr ||
        (f.access & VM_PROT_WRITE) != 0 || f.entry->advice == UVM_ADV_RANDOM) {
        return;
    }
    const vsize_t span = ptoa(uvm_fault_around);
    const vaddr_t from = max(f.entry->start, rounddown2(f.va, span));
    const vaddr_t to = min(f.entry->end, rounddown2(f.va, span) + span);
    for (vaddr_t va = from; va < to; va += PAGE_SIZE) {
        const vm_anon* anon = amap_lookup(&f.entry->aref, va - f.entry->start);
        paddr_t pa;
        if (va == f.va || anon == nullptr || pmap_extract(f.map->pmap, va, &pa)) {
            continue;
        }
        const vm_prot_t prot = f.enter_prot & ~VM_PROT_WRITE;
        (void)pmap_enter(f.map->pmap, va, VM_PAGE_TO_PHYS(anon->an_page), prot, PMAP_CANFAIL);
    }
}

// The same for the pages of an object. => object locked
void map_object_neighbours(const uvm_faultctx& f, uvm_object* uobj, vm_amap* amap) {
    if (uvm_fault_around == 0 || f.wire || f.map_locked || (f.access & VM_PROT_WRITE) != 0 ||
        f.entry->advice == UVM_ADV_RANDOM) {
        return;
    }
    const vsize_t span = ptoa(uvm_fault_around);
    const vaddr_t from = max(f.entry->start, rounddown2(f.va, span));
    const vaddr_t to = min(f.entry->end, rounddown2(f.va, span) + span);
    for (vaddr_t va = from; va < to; va += PAGE_SIZE) {
        const vsize_t off = va - f.entry->start;
        paddr_t pa;
        if (va == f.va || (amap != nullptr && amap_lookup(&f.entry->aref, off) != nullptr) ||
            pmap_extract(f.map->pmap, va, &pa)) {
            continue;
        }
        const vm_page* pg = uvm_pagelookup(uobj, f.entry->offset + static_cast<voff_t>(off));
        if (pg != nullptr) {
            (void)pmap_enter(f.map->pmap, va, VM_PAGE_TO_PHYS(pg), f.enter_prot & ~VM_PROT_WRITE,
                             PMAP_CANFAIL);
        }
    }
}

// --- case 1: there is an anon ---------------------------------------------------------

// 1B: the anon is shared and about to be written: a copy takes its place.
Errno fault_anon_copy(uvm_faultctx& f, vm_anon* old) {
    vm_anon* anon = new_anon(UVM_PGA_NONE);
    if (anon == nullptr) {
        return ENOMEM;
    }
    uvm_pagecopy(old->an_page, anon->an_page);
    amap_add(&f.entry->aref, entry_offset(f), anon, true);
    const u32 references = old->an_ref--;
    const paddr_t from = VM_PAGE_TO_PHYS(old->an_page);
    const Errno error = fault_enter(f, anon->an_page, f.enter_prot);
    ++uvmexp.cow_copy;
    sdt_probe(abi::ProbeId::CowCopy, fault_pid(), f.va, from, VM_PAGE_TO_PHYS(anon->an_page),
              references);
    return error;
}

// 1A: the anon's page is mapped as it is.
Errno fault_anon_map(uvm_faultctx& f, vm_amap* amap, vm_anon* anon) {
    vm_page* pg = anon->an_page;
    const bool write = (f.access & VM_PROT_WRITE) != 0;
    if (anon->an_ref > 1) {
        f.enter_prot = f.enter_prot & ~VM_PROT_WRITE;
    }
    const u64 resident = pmap_resident_count(f.map->pmap);
    const Errno error = fault_enter(f, pg, f.enter_prot);
    // It was mapped before, if entering it has added no mapping.
    const bool mapped = pmap_resident_count(f.map->pmap) == resident;
    if (write && !f.debug && mapped) {
        ++uvmexp.cow_reuse;
        sdt_probe(abi::ProbeId::CowReuse, fault_pid(), f.va, VM_PAGE_TO_PHYS(pg));
    } else {
        ++uvmexp.anon_map;
        sdt_probe(abi::ProbeId::AnonMap, fault_pid(), f.va, VM_PAGE_TO_PHYS(pg), anon->an_ref,
                  (f.enter_prot & VM_PROT_WRITE) != 0);
    }
    map_neighbours(f, amap);
    return error;
}

// --- case 2: there is none ------------------------------------------------------------

// 2B without an object: zeroed memory.
Errno fault_zero_fill(uvm_faultctx& f) {
    vm_anon* anon = new_anon(UVM_PGA_ZERO);
    if (anon == nullptr) {
        return ENOMEM;
    }
    amap_add(&f.entry->aref, entry_offset(f), anon, false);
    const Errno error = fault_enter(f, anon->an_page, f.enter_prot);
    ++uvmexp.zero_fill;
    sdt_probe(abi::ProbeId::ZeroFill, fault_pid(), f.va, VM_PAGE_TO_PHYS(anon->an_page));
    return error;
}

// 2B with an object: the page is copied for a private write. => object locked
Errno fault_promote(uvm_faultctx& f, const vm_page* pg, voff_t offset) {
    vm_anon* anon = new_anon(UVM_PGA_NONE);
    if (anon == nullptr) {
        return ENOMEM;
    }
    uvm_pagecopy(pg, anon->an_page);
    amap_add(&f.entry->aref, entry_offset(f), anon, false);
    const Errno error = fault_enter(f, anon->an_page, f.enter_prot);
    ++uvmexp.file_fill;
    sdt_probe(abi::ProbeId::FileFill, fault_pid(), f.va, VM_PAGE_TO_PHYS(anon->an_page),
              static_cast<u64>(offset), 1);
    return error;
}

// 2A: the object's own page. => object locked
Errno fault_object_map(uvm_faultctx& f, vm_amap* amap, vm_page* pg, voff_t offset, PageFill fill) {
    const Errno error = fault_enter(f, pg, f.enter_prot);
    const bool writable = (f.enter_prot & VM_PROT_WRITE) != 0;
    if (fill == PageFill::File) {
        ++uvmexp.file_fill;
        sdt_probe(abi::ProbeId::FileFill, fault_pid(), f.va, VM_PAGE_TO_PHYS(pg),
                  static_cast<u64>(offset), writable);
    } else if (fill == PageFill::Zero) {
        ++uvmexp.zero_fill;
        sdt_probe(abi::ProbeId::ZeroFill, fault_pid(), f.va, VM_PAGE_TO_PHYS(pg));
    }
    map_object_neighbours(f, f.entry->uobj, amap);
    return error;
}

Errno fault_lower(uvm_faultctx& f, vm_amap* amap) {
    uvm_object* uobj = f.entry->uobj;
    if (uobj == nullptr) {
        return fault_zero_fill(f);
    }
    const voff_t offset = f.entry->offset + static_cast<voff_t>(entry_offset(f));
    const bool private_write = f.entry->copy_on_write() && (f.access & VM_PROT_WRITE) != 0;
    vm_page* pg = nullptr;
    PageFill fill = PageFill::None;
    mutex_enter(uobj->vmobjlock);
    Errno error = uobj->pgops->pgo_get(uobj, offset, &pg, &fill);
    f.major = fill == PageFill::File;
    if (error == EOK && private_write) {
        error = fault_promote(f, pg, offset);
    } else if (error == EOK) {
        if (f.entry->copy_on_write()) {
            f.enter_prot = f.enter_prot & ~VM_PROT_WRITE;
        }
        error = fault_object_map(f, amap, pg, offset, fill);
    }
    mutex_exit(uobj->vmobjlock);
    return error;
}

// --- the fault ------------------------------------------------------------------------

// Can the entry's amap be used as it is? Reading a page that is there needs no
// amap of one's own.
// Deviation: NetBSD copies the amap of an anonymous entry on a read too.
bool needs_own_amap(const uvm_faultctx& f) {
    if ((f.access & VM_PROT_WRITE) != 0) {
        return true;
    }
    if (f.entry->uobj != nullptr) {
        return false;
    }
    const vm_aref* aref = &f.entry->aref;
    return aref->ar_amap == nullptr || amap_lookup(aref, entry_offset(f)) == nullptr;
}

// One attempt. => on return the map is unlocked (unless the caller's)
Errno fault_once(uvm_faultctx& f) {
    f.again = false;
    Errno error = fault_lookup(f);
    if (error != EOK) {
        return error;
    }
    if (f.entry->needs_copy()) {
        if (needs_own_amap(f)) {
            if (inject(Inject::Amap)) {
                unlock_map(f);
                return ENOMEM;
            }
            fault_amapcopy(f);
            return EOK;
        }
        f.enter_prot = f.enter_prot & ~VM_PROT_WRITE;
    }
    vm_amap* amap = f.entry->aref.ar_amap;
    vm_anon* anon = nullptr;
    if (amap != nullptr) {
        amap_lock(amap);
        anon = amap_lookup(&f.entry->aref, entry_offset(f));
    }
    if (anon == nullptr) {
        error = fault_lower(f, amap);
    } else if ((f.access & VM_PROT_WRITE) != 0 && anon->an_ref > 1) {
        error = fault_anon_copy(f, anon);
    } else {
        error = fault_anon_map(f, amap, anon);
    }
    if (amap != nullptr) {
        amap_unlock(amap);
    }
    unlock_map(f);
    return error;
}

// Memory that caches hold back is given up before a fault fails.
Errno fault_internal(uvm_faultctx& f) {
    ++uvmexp.faults;
    Errno error;
    bool reclaimed = false;
    do {
        error = fault_once(f);
        if (error == ENOMEM && !reclaimed && !f.map_locked) {
            reclaimed = true;
            f.again = uvm_reclaim();
        }
    } while (f.again);
    if (error == EOK) {
        ++(f.major ? curlwp->l_majflt : curlwp->l_minflt);
    }
    return error;
}

} // namespace

Errno uvm_fault(vm_map* map, vaddr_t vaddr, vm_prot_t access_type) {
    uvm_faultctx f{map,   trunc_page(vaddr), access_type,  false, false,
                   false, nullptr,           VM_PROT_NONE, false, false};
    const Errno error = fault_internal(f);
    sdt_probe(abi::ProbeId::FaultDone, fault_pid(), vaddr, access_type, error);
    return error;
}

Errno uvm_fault_debug(vm_map* map, vaddr_t vaddr, vm_prot_t access_type) {
    uvm_faultctx f{map,  trunc_page(vaddr), access_type,  false, false,
                   true, nullptr,           VM_PROT_NONE, false, false};
    return fault_internal(f);
}

// Wires a range page by page. => map locked for writing; entries have amaps of
// their own where they can be written; nothing is wired on error
Errno uvm_fault_wire(vm_map* map, vaddr_t start, vaddr_t end, vm_prot_t access_type) {
    for (vaddr_t va = start; va < end; va += PAGE_SIZE) {
        uvm_faultctx f{map,   va,      access_type,  true,  true,
                       false, nullptr, VM_PROT_NONE, false, false};
        const Errno error = fault_internal(f);
        if (error != EOK) {
            uvm_fault_unwire_locked(map, start, va);
            return error;
        }
    }
    return EOK;
}

void uvm_fault_unwire_locked(vm_map* map, vaddr_t start, vaddr_t end) {
    for (vaddr_t va = start; va < end; va += PAGE_SIZE) {
        pmap_unwire(map->pmap, va);
    }
}
