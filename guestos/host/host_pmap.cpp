// The fake pmap: a sorted map from addresses to translations, pv lists like the
// real one's, and a TLB in front of it that forgets nothing by itself. A mapping
// whose permission was taken away can be used until the invalidation is
// completed: what is forgotten in the kernel shows in a test.

#include "host/host.hpp"
#include "host/host_physmem.hpp"
#include "machine/cpu.hpp"
#include "sys/lwp.hpp"
#include "sys/proc.hpp"
#include "sys/systm.hpp"

#include <map>
#include <set>

namespace {

struct translation {
    paddr_t pa;
    vm_prot_t prot;
    bool wired;
};

host::TlbCounts counts;
pmap_counts live;

} // namespace

struct pmap {
    u32 refs = 1;
    std::map<vaddr_t, translation> table;
    size_t most = 0; // entries that the table has had
    std::map<vaddr_t, translation> tlb;
    std::set<vaddr_t> pending; // lost something; the TLB has not been told
};

namespace {

pmap kernel_pmap;

void tlb_forget(pmap* pm, vaddr_t va) {
    pm->tlb.erase(va);
    pm->pending.erase(va);
    ++counts.pages;
}

void pv_add(paddr_t pa, pmap* pm, vaddr_t va) {
    vm_page* pg = PHYS_TO_VM_PAGE(pa);
    pv_entry* first = &pg->mdpage.mdpg_pv;
    if (first->pv_pmap == nullptr) {
        *first = {pm, va, nullptr};
    } else {
        first->pv_next = new pv_entry{pm, va, first->pv_next};
    }
    ++live.pv_entries;
}

void pv_remove(paddr_t pa, pmap* pm, vaddr_t va) {
    pv_entry* first = &PHYS_TO_VM_PAGE(pa)->mdpage.mdpg_pv;
    pv_entry* gone = first->pv_next;
    if (first->pv_pmap == pm && first->pv_va == va) {
        *first = gone == nullptr ? pv_entry{} : *gone;
    } else {
        pv_entry** link = &first->pv_next;
        for (; gone->pv_pmap != pm || gone->pv_va != va; gone = *link) {
            link = &gone->pv_next;
        }
        *link = gone->pv_next;
    }
    delete gone;
    --live.pv_entries;
}

// The translation that a CPU would use, from the TLB if it is there.
const translation* translate(pmap* pm, vaddr_t va) {
    if (auto hit = pm->tlb.find(va); hit != pm->tlb.end()) {
        return &hit->second;
    }
    auto walk = pm->table.find(va);
    if (walk == pm->table.end() || walk->second.prot == VM_PROT_NONE) {
        return nullptr;
    }
    return &(pm->tlb[va] = walk->second);
}

} // namespace

void pmap_init() {
    live = {};
    kernel_pmap = {};
}

pmap_t pmap_kernel() {
    return &kernel_pmap;
}

pmap_t pmap_create() {
    ++live.spaces;
    return new pmap;
}

void pmap_reference(pmap_t pm) {
    ++pm->refs;
}

void pmap_destroy(pmap_t pm) {
    if (--pm->refs == 0) {
        KASSERT(pm->table.empty());
        --live.spaces;
        delete pm;
    }
}

Errno pmap_enter(pmap_t pm, vaddr_t va, paddr_t pa, vm_prot_t prot, PmapFlags flags) {
    KASSERT(PHYS_TO_VM_PAGE(pa) != nullptr && ((va | pa) & PAGE_MASK) == 0);
    auto old = pm->table.find(va);
    if (old == pm->table.end() || old->second.pa != pa) {
        if (old != pm->table.end()) {
            pv_remove(old->second.pa, pm, va);
        }
        pv_add(pa, pm, va);
    }
    if (old != pm->table.end()) {
        tlb_forget(pm, va);
    }
    pm->table[va] = {pa, prot, (flags & PMAP_WIRED) != 0};
    pm->most = max(pm->most, pm->table.size());
    return EOK;
}

void pmap_remove(pmap_t pm, vaddr_t sva, vaddr_t eva) {
    for (auto it = pm->table.lower_bound(sva); it != pm->table.end() && it->first < eva;) {
        pv_remove(it->second.pa, pm, it->first);
        pm->pending.insert(it->first);
        it = pm->table.erase(it);
    }
}

void pmap_remove_all(pmap_t pm) {
    for (const auto& [va, t] : pm->table) {
        pv_remove(t.pa, pm, va);
    }
    pm->table.clear();
    pm->tlb.clear(); // a new ASID
    pm->pending.clear();
}

size_t pmap_protect(pmap_t pm, vaddr_t sva, vaddr_t eva, vm_prot_t prot) {
    if ((prot & VM_PROT_READ) == 0) {
        pmap_remove(pm, sva, eva);
        return 0;
    }
    size_t n = 0;
    for (auto it = pm->table.lower_bound(sva); it != pm->table.end() && it->first < eva; ++it) {
        const vm_prot_t old = it->second.prot;
        it->second.prot = old & prot;
        if (it->second.prot != old) {
            n += (old & ~prot & VM_PROT_WRITE) != 0;
            pm->pending.insert(it->first);
        }
    }
    return n;
}

void pmap_unwire(pmap_t pm, vaddr_t va) {
    if (const auto it = pm->table.find(va); it != pm->table.end()) {
        it->second.wired = false;
    }
}

bool pmap_extract_prot(pmap_t pm, vaddr_t va, paddr_t* pa, vm_prot_t* prot) {
    auto it = pm->table.find(trunc_page(va));
    if (it == pm->table.end()) {
        return false;
    }
    *pa = it->second.pa | (va & PAGE_MASK);
    *prot = it->second.prot;
    return true;
}

bool pmap_extract(pmap_t pm, vaddr_t va, paddr_t* pa) {
    vm_prot_t prot;
    return pmap_extract_prot(pm, va, pa, &prot);
}

void pmap_copy(pmap_t dst, pmap_t src, vaddr_t dst_addr, vsize_t len, vaddr_t src_addr) {
    KASSERT(dst_addr == src_addr);
    for (auto it = src->table.lower_bound(src_addr);
         it != src->table.end() && it->first < src_addr + len; ++it) {
        dst->table[it->first] = {it->second.pa, it->second.prot & ~VM_PROT_WRITE, false};
        dst->most = max(dst->most, dst->table.size());
        pv_add(it->second.pa, dst, it->first);
    }
}

void pmap_update(pmap_t pm) {
    if (!pm->pending.empty()) {
        pm->tlb.clear();
        pm->pending.clear();
        ++counts.spaces;
    }
}

void pmap_page_protect(vm_page* pg, vm_prot_t prot) {
    if ((prot & VM_PROT_WRITE) != 0) {
        return;
    }
    pv_entry* first = &pg->mdpage.mdpg_pv;
    if ((prot & VM_PROT_READ) == 0) {
        while (first->pv_pmap != nullptr) {
            pmap* pm = first->pv_pmap;
            const vaddr_t va = first->pv_va;
            pm->table.erase(va);
            tlb_forget(pm, va);
            pv_remove(VM_PAGE_TO_PHYS(pg), pm, va);
        }
        return;
    }
    for (const pv_entry* pv = first; pv != nullptr && pv->pv_pmap != nullptr; pv = pv->pv_next) {
        translation& t = pv->pv_pmap->table.at(pv->pv_va);
        t.prot = t.prot & ~VM_PROT_WRITE;
        tlb_forget(pv->pv_pmap, pv->pv_va);
    }
}

unsigned pmap_page_mappings(const vm_page* pg) {
    unsigned n = 0;
    for (const pv_entry* pv = &pg->mdpage.mdpg_pv; pv != nullptr; pv = pv->pv_next) {
        n += pv->pv_pmap != nullptr;
    }
    return n;
}

void pmap_activate(lwp*) {}
void pmap_deactivate(lwp*) {}
u64 pmap_resident_count(pmap_t pm) {
    return pm->table.size();
}

u64 pmap_resident_max(pmap_t pm) {
    return pm->most;
}

u64 pmap_wired_count(pmap_t pm) {
    u64 n = 0;
    for (const auto& [va, t] : pm->table) {
        n += t.wired;
    }
    return n;
}

unsigned pmap_asid(pmap_t) {
    return 0;
}
pmap_counts pmap_get_counts() {
    return live;
}
u64 pmap_table_count(pmap_t) {
    return 0;
}
unsigned pmap_reclaim() {
    return 0;
}
unsigned pmap_asid_limit(unsigned) {
    return 256;
}

namespace host {

void tlb_reset() {
    counts = {};
}

TlbCounts tlb_counts() {
    return counts;
}

static bool allowed(vmspace* vm, vaddr_t va, vm_prot_t access, paddr_t* pa) {
    const translation* t = translate(vm->vm_map_.pmap, trunc_page(va));
    if (t == nullptr || (t->prot & access) != access) {
        return false;
    }
    *pa = t->pa | (va & PAGE_MASK);
    return true;
}

static Access access(vmspace* vm, vaddr_t va, vm_prot_t kind, const u8* store_value) {
    Access result{EOK, 0, 0};
    paddr_t pa;
    while (!allowed(vm, va, kind, &pa)) {
        result.error = uvm_fault(&vm->vm_map_, va, kind);
        if (result.error != EOK) {
            return result;
        }
        if (++result.faults > 4) {
            panic("the access faults for ever");
        }
    }
    auto* p = static_cast<u8*>(pmap_direct_map(pa));
    if (store_value != nullptr) {
        *p = *store_value;
    }
    result.value = *p;
    return result;
}

Access load(vmspace* vm, vaddr_t va) {
    return access(vm, va, VM_PROT_READ, nullptr);
}

Access store(vmspace* vm, vaddr_t va, u8 value) {
    return access(vm, va, VM_PROT_WRITE, &value);
}

bool would_load(vmspace* vm, vaddr_t va) {
    paddr_t pa;
    return allowed(vm, va, VM_PROT_READ, &pa);
}

bool would_store(vmspace* vm, vaddr_t va) {
    paddr_t pa;
    return allowed(vm, va, VM_PROT_WRITE, &pa);
}

} // namespace host
