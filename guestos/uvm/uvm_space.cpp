// Address spaces of processes: making, forking, leaving.

#include "machine/cpu.hpp"
#include "sys/lwp.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/sdt.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

vmspace vmspace0;
bool uvm_fork_skip_tlbi;

namespace {

pool_cache uvm_vmspace_cache;

// A fork's copy of an address space, under way.
struct space_fork {
    uvm_pglist* pages;   // for copies of wired memory
    u64 entries;         // in the child
    u64 write_protected; // descriptors of the parent that lost write permission
};

void take_references(vm_map_entry* entry, bool shared) {
    if (entry->aref.ar_amap != nullptr) {
        amap_ref(entry->aref.ar_amap, shared);
    }
    if (entry->uobj != nullptr) {
        entry->uobj->pgops->pgo_reference(entry->uobj);
    }
}

// A copy of a parent's entry at the end of the child's map.
vm_map_entry* entry_for_child(vm_map* new_map, const vm_map_entry* old_entry) {
    vm_map_entry* entry = uvm_mapent_clone(old_entry);
    entry->wired_count = 0;
    uvm_map_entry_link(new_map, new_map->entries.last(), entry);
    return entry;
}

// MAP_INHERIT_SHARE: both see the same memory. An amap that is still to be
// copied is copied first, so that there is one to share.
void forkshared(vm_map* old_map, vm_map* new_map, vm_map_entry* old_entry) {
    if (old_entry->needs_copy()) {
        amap_copy(old_map, old_entry, 0, 0);
    }
    vm_map_entry* entry = entry_for_child(new_map, old_entry);
    take_references(entry, true);
    pmap_copy(new_map->pmap, old_map->pmap, entry->start, entry->end - entry->start,
              old_entry->start);
}

// MAP_INHERIT_COPY: both refer to the same amap and both must copy it before
// they write. The parent loses hardware write permission, once: an entry that
// needs copy already has none.
//
// Two kinds can't wait. Wired memory is copied page by page at once, and the
// parent keeps its pages and permissions. An amap that the parent shares with
// others is copied for the child, and whoever maps its pages loses write
// permission; the sharers go on sharing.
void forkcopy(vm_map* old_map, vm_map* new_map, vm_map_entry* old_entry, space_fork* f) {
    vm_map_entry* entry = entry_for_child(new_map, old_entry);
    entry->etype |= UVM_ET_COPYONWRITE | UVM_ET_NEEDSCOPY;
    take_references(entry, false);
    vm_amap* amap = old_entry->aref.ar_amap;
    if (amap != nullptr && old_entry->wired_count != 0) {
        amap_copy(new_map, entry, 0, 0);
        amap_cow_now(entry, f->pages);
        return;
    }
    if (amap != nullptr && (amap->am_flags & AMAP_SHARED) != 0) {
        amap_copy(new_map, entry, 0, 0);
        amap_share_protect(old_entry);
    } else if (amap != nullptr && !old_entry->needs_copy()) {
        if ((old_entry->max_protection & VM_PROT_WRITE) != 0) {
            f->write_protected += pmap_protect(old_map->pmap, old_entry->start, old_entry->end,
                                               old_entry->protection & ~VM_PROT_WRITE);
        }
        old_entry->etype |= UVM_ET_NEEDSCOPY;
    }
    pmap_copy(new_map->pmap, old_map->pmap, entry->start, entry->end - entry->start,
              old_entry->start);
}

// MAP_INHERIT_ZERO: fresh memory in the same place.
void forkzero(vm_map* new_map, const vm_map_entry* old_entry) {
    vm_map_entry* entry = entry_for_child(new_map, old_entry);
    entry->uobj = nullptr;
    entry->offset = 0;
    entry->aref = {0, nullptr};
    entry->etype = UVM_ET_COPYONWRITE | UVM_ET_NEEDSCOPY;
}

void fork_entry(vm_map* old_map, vm_map* new_map, vm_map_entry* entry, space_fork* f) {
    switch (entry->inheritance) {
    case VM_INHERIT_SHARE:
        forkshared(old_map, new_map, entry);
        break;
    case VM_INHERIT_COPY:
        forkcopy(old_map, new_map, entry, f);
        break;
    case VM_INHERIT_ZERO:
        forkzero(new_map, entry);
        break;
    case VM_INHERIT_NONE:
    case VM_INHERIT_DONATE_COPY:
        break;
    }
}

// Everything is unmapped. => nobody else uses the space
void unmap_all(vm_map* map) {
    if (map->nentries == 0) {
        return;
    }
    vm_map_entry_list dead;
    vm_map_lock(map);
    pmap_remove_all(map->pmap);
    uvm_unmap_remove(map, map->min_offset, map->max_offset, &dead);
    vm_map_unlock(map);
    uvm_unmap_detach(&dead);
}

vmspace* fork_space(vmspace* vm1, space_fork* f) {
    vm_map* old_map = &vm1->vm_map_;
    vmspace* vm2 = uvmspace_alloc(old_map->min_offset, old_map->max_offset);
    vm2->vm_taddr = vm1->vm_taddr;
    vm2->vm_tsize = vm1->vm_tsize;
    vm2->vm_daddr = vm1->vm_daddr;
    vm2->vm_dsize = vm1->vm_dsize;
    vm2->vm_ssize = vm1->vm_ssize;
    vm2->vm_minsaddr = vm1->vm_minsaddr;
    vm2->vm_maxsaddr = vm1->vm_maxsaddr;
    vm_map_lock(old_map);
    for (vm_map_entry& entry : old_map->entries) {
        fork_entry(old_map, &vm2->vm_map_, &entry, f);
    }
    // The parent's stale TLB entries go here, before either side runs again.
    if (predict_true(!uvm_fork_skip_tlbi)) {
        pmap_update(old_map->pmap);
    }
    vm_map_unlock(old_map);
    uvm_fork_release(f->pages); // what is left over
    f->entries = vm2->vm_map_.nentries;
    uvmexp.write_protected += f->write_protected;
    return vm2;
}

} // namespace

void uvm_space_init() {
    pool_cache_bootstrap(&uvm_vmspace_cache, sizeof(vmspace), 16, "vmsppl", IPL_NONE);
    uvm_map_setup(&vmspace0.vm_map_, 0, 0, pmap_kernel());
    vmspace0.vm_refcnt = 1;
}

vmspace* uvmspace_alloc(vaddr_t vmin, vaddr_t vmax) {
    auto* vm = pool_cache_get<vmspace>(&uvm_vmspace_cache, PR_WAITOK | PR_ZERO);
    uvm_map_setup(&vm->vm_map_, vmin, vmax, pmap_create());
    vm->vm_refcnt = 1;
    return vm;
}

void uvmspace_addref(vmspace* vm) {
    KASSERT(vm->vm_refcnt > 0);
    __atomic_fetch_add(&vm->vm_refcnt, 1, __ATOMIC_RELAXED);
}

void uvmspace_free(vmspace* vm) {
    if (__atomic_sub_fetch(&vm->vm_refcnt, 1, __ATOMIC_ACQ_REL) > 0) {
        return;
    }
    KASSERT(vm != &vmspace0);
    unmap_all(&vm->vm_map_);
    KASSERT(vm->vm_map_.nentries == 0);
    pmap_destroy(vm->vm_map_.pmap);
    rw_destroy(&vm->vm_map_.lock);
    pool_cache_put(&uvm_vmspace_cache, vm);
}

// Wired memory is copied at once, and can't share its frames until there are some.
// They are set aside, therefore, while the fork can still fail.
Errno uvm_fork_reserve(vmspace* vm1, uvm_pglist* pages) {
    vm_map* map = &vm1->vm_map_;
    u64 wanted = 0;
    vm_map_lock_read(map);
    for (const vm_map_entry& entry : map->entries) {
        if (entry.wired_count != 0 && entry.inheritance == VM_INHERIT_COPY) {
            wanted += amap_count(&entry);
        }
    }
    vm_map_unlock_read(map);
    for (; wanted > 0; --wanted) {
        vm_page* pg;
        while ((pg = uvm_pagealloc(nullptr, 0, nullptr, UVM_PGA_NONE)) == nullptr) {
            if (!uvm_reclaim()) {
                uvm_fork_release(pages);
                return ENOMEM;
            }
        }
        pages->insert_head(pg);
    }
    return EOK;
}

void uvm_fork_release(uvm_pglist* pages) {
    while (vm_page* pg = pages->remove_head()) {
        uvm_pagefree(pg);
    }
}

vmspace* uvmspace_fork(vmspace* vm1, uvm_pglist* pages) {
    space_fork f{pages, 0, 0};
    return fork_space(vm1, &f);
}

void uvmspace_share(proc* p1, proc* p2) {
    uvmspace_addref(p1->p_vmspace);
    p2->p_vmspace = p1->p_vmspace;
}

void uvm_proc_fork(proc* p1, proc* p2, bool shared, uvm_pglist* pages) {
    space_fork f{pages, 0, 0};
    if (shared) {
        uvmspace_share(p1, p2);
        f.entries = p1->p_vmspace->vm_map_.nentries;
    } else {
        p2->p_vmspace = fork_space(p1->p_vmspace, &f);
    }
    sdt_probe(abi::ProbeId::SpaceFork, p1->p_pid, p2->p_pid, shared, f.entries, f.write_protected,
              &p2->p_vmspace->vm_map_);
}

void uvmspace_exec(lwp* l, vaddr_t start, vaddr_t end) {
    proc* p = l->l_proc;
    vmspace* ovm = p->p_vmspace;
    if (ovm != &vmspace0 && ovm->vm_refcnt == 1) {
        unmap_all(&ovm->vm_map_);
        pmap_t pmap = ovm->vm_map_.pmap;
        uvm_map_setup(&ovm->vm_map_, start, end, pmap);
        pmap_activate(l);
        sdt_probe(abi::ProbeId::SpaceExec, p->p_pid, &ovm->vm_map_);
        return;
    }
    vmspace* nvm = uvmspace_alloc(start, end);
    pmap_deactivate(l);
    p->p_vmspace = nvm;
    pmap_activate(l);
    sdt_probe(abi::ProbeId::SpaceExec, p->p_pid, &nvm->vm_map_);
    uvmspace_free(ovm);
}

// => p is the running process; its LWPs but the running one have gone
void uvm_proc_exit(proc* p) {
    vmspace* vm = p->p_vmspace;
    uvmspace_addref(&vmspace0);
    pmap_deactivate(curlwp);
    p->p_vmspace = &vmspace0;
    pmap_activate(curlwp);
    sdt_probe(abi::ProbeId::SpaceExit, p->p_pid);
    uvmspace_free(vm);
}
