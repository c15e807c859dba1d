// Objects of anonymous memory, and the contents of files: pages by offset,
// zero or copied from a piece of memory when they are first asked for.

#include "sys/pool.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"
#include "uvm/uvm_pmap.hpp"

namespace {

struct uvm_aobj : uvm_object {
    voff_t u_size;
    const u8* u_backing; // initial contents, or nullptr
    voff_t u_backed;     // bytes of them that count
};

pool_cache uvm_aobj_cache;

uvm_aobj* aobj(uvm_object* uobj) {
    return static_cast<uvm_aobj*>(uobj);
}
const uvm_aobj* aobj(const uvm_object* uobj) {
    return static_cast<const uvm_aobj*>(uobj);
}

// A page leaves the object. While somebody copies to or from it, it stays.
void page_drop(uvm_object* uobj, vm_page* pg) {
    pmap_page_protect(pg, VM_PROT_NONE);
    if (pg->busy == 0) {
        uvm_pagefree(pg);
        return;
    }
    radix_tree_remove_node(&uobj->uo_pages, atop(static_cast<u64>(pg->offset)));
    --uobj->uo_npages;
    --uvmexp.objpages;
    pg->uobject = nullptr;
    pg->flags |= PG_RELEASED;
}

Errno uao_put(uvm_object* uobj, voff_t start, voff_t stop, PgoFlags flags) {
    if ((flags & PGO_FREE) == 0) {
        return EOK;
    }
    u64 index = atop(static_cast<u64>(start));
    const u64 end = stop == 0 ? ~u64{0} : atop(round_page(static_cast<u64>(stop)));
    while (auto* pg = static_cast<vm_page*>(radix_tree_next(&uobj->uo_pages, &index))) {
        if (index >= end) {
            break;
        }
        page_drop(uobj, pg);
        ++index;
    }
    return EOK;
}

// Fills a new page of the object.
PageFill page_fill(const uvm_aobj* ao, vm_page* pg, voff_t offset) {
    const voff_t backed = ao->u_backed - offset;
    if (ao->u_backing == nullptr || backed <= 0) {
        uvm_pagezero(pg);
        return PageFill::Zero;
    }
    auto* kva = static_cast<u8*>(uvm_page_kva(pg));
    const size_t n = min(static_cast<size_t>(backed), size_t{PAGE_SIZE});
    memcpy(kva, ao->u_backing + offset, n);
    memset(kva + n, 0, PAGE_SIZE - n);
    pg->flags &= static_cast<u16>(~PG_FAKE);
    return PageFill::File;
}

Errno uao_get(uvm_object* uobj, voff_t offset, vm_page** page, PageFill* fill) {
    const uvm_aobj* ao = aobj(uobj);
    KASSERT(mutex_owned(uobj->vmobjlock));
    *fill = PageFill::None;
    *page = uvm_pagelookup(uobj, offset);
    if (*page != nullptr) {
        return EOK;
    }
    if (offset < 0 || offset >= ao->u_size) {
        return EINVAL;
    }
    vm_page* pg = uvm_pagealloc(uobj, offset, nullptr, UVM_PGA_NONE);
    if (pg == nullptr) {
        return ENOMEM;
    }
    *fill = page_fill(ao, pg, offset);
    *page = pg;
    return EOK;
}

const uvm_pagerops aobj_pager = {uao_reference, uao_detach, uao_get, uao_put};

} // namespace

void uvm_aobj_init() {
    pool_cache_bootstrap(&uvm_aobj_cache, sizeof(uvm_aobj), 8, "aobjpl", IPL_NONE);
}

uvm_object* uao_create(voff_t size) {
    return uao_create_backed(nullptr, size);
}

uvm_object* uao_create_backed(const void* data, voff_t size) {
    auto* ao = pool_cache_get<uvm_aobj>(&uvm_aobj_cache, PR_WAITOK);
    uvm_obj_init(ao, &aobj_pager, 1);
    ao->u_size = size;
    ao->u_backing = static_cast<const u8*>(data);
    ao->u_backed = data == nullptr ? 0 : size;
    return ao;
}

void uao_reference(uvm_object* uobj) {
    mutex_enter(uobj->vmobjlock);
    ++uobj->uo_refs;
    mutex_exit(uobj->vmobjlock);
}

void uao_detach(uvm_object* uobj) {
    mutex_enter(uobj->vmobjlock);
    if (--uobj->uo_refs > 0) {
        mutex_exit(uobj->vmobjlock);
        return;
    }
    (void)uao_put(uobj, 0, 0, PGO_FREE);
    mutex_exit(uobj->vmobjlock);
    uvm_obj_destroy(uobj);
    pool_cache_put(&uvm_aobj_cache, aobj(uobj));
}

voff_t uao_size(const uvm_object* uobj) {
    return aobj(uobj)->u_size;
}

void uao_setsize(uvm_object* uobj, voff_t size) {
    uvm_aobj* ao = aobj(uobj);
    mutex_enter(uobj->vmobjlock);
    if (size < ao->u_size) {
        (void)uao_put(uobj, static_cast<voff_t>(round_page(static_cast<u64>(size))), 0, PGO_FREE);
        ao->u_backed = min(ao->u_backed, size);
        const voff_t within = size & static_cast<voff_t>(PAGE_MASK);
        vm_page* last = within == 0 ? nullptr : uvm_pagelookup(uobj, size - within);
        if (last != nullptr) {
            memset(static_cast<u8*>(uvm_page_kva(last)) + within, 0,
                   PAGE_SIZE - static_cast<size_t>(within));
        }
    }
    ao->u_size = size;
    mutex_exit(uobj->vmobjlock);
}

const u8* uao_backing(const uvm_object* uobj, voff_t offset, size_t* len) {
    const uvm_aobj* ao = aobj(uobj);
    const voff_t left = ao->u_backed - offset;
    if (ao->u_backing == nullptr || left <= 0) {
        return nullptr;
    }
    *len = min(*len, static_cast<size_t>(left));
    return ao->u_backing + offset;
}
