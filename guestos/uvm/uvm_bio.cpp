// read and write of objects: ubc. Pages are copied to and from through the
// direct map; a page that has not been made yet is read from where its contents
// lie, without making it.

#include "sys/systm.hpp"
#include "sys/uio.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

alignas(64) const u8 zeros[512] = {};

// A page at work: it does not go while its contents are copied.
// => object locked
void page_busy(vm_page* pg) {
    ++pg->busy;
}

void page_unbusy(vm_page* pg) {
    if (--pg->busy == 0 && (pg->flags & PG_RELEASED) != 0) {
        uvm_pagefree(pg);
    }
}

size_t left_in_page(voff_t offset, size_t todo) {
    return min(todo, size_t{PAGE_SIZE} - (static_cast<size_t>(offset) & PAGE_MASK));
}

voff_t page_start(voff_t offset) {
    return offset & ~static_cast<voff_t>(PAGE_MASK);
}

// Calls move(address, n) with up to n bytes of a resident page at `offset`.
// => object locked, and locked again on return; unlocked meanwhile
template <typename Move>
Errno move_page(uvm_object* uobj, vm_page* pg, voff_t offset, size_t n, bool write, Move move) {
    u8* kva = static_cast<u8*>(uvm_page_kva(pg)) + (static_cast<size_t>(offset) & PAGE_MASK);
    page_busy(pg);
    mutex_exit(uobj->vmobjlock);
    const Errno error = move(kva, n);
    mutex_enter(uobj->vmobjlock);
    if (write && (pg->flags & PG_SYNCED) != 0) {
        pmap_sync_icache(VM_PAGE_TO_PHYS(pg)); // somebody executes what was written
    }
    page_unbusy(pg);
    return error;
}

// Reads bytes whose page does not exist: from the initial contents, or zeros.
template <typename Move> Errno move_unmade(uvm_object* uobj, voff_t offset, size_t* n, Move move) {
    const u8* from = uao_backing(uobj, offset, n);
    if (from == nullptr) {
        from = zeros;
        *n = min(*n, sizeof(zeros));
    }
    mutex_exit(uobj->vmobjlock);
    const Errno error = move(const_cast<u8*>(from), *n);
    mutex_enter(uobj->vmobjlock);
    return error;
}

// Calls move(address, n) for `todo` bytes from `offset` on, in order.
template <typename Move>
Errno for_each_piece(uvm_object* uobj, voff_t offset, size_t todo, bool write, Move move) {
    Errno error = EOK;
    mutex_enter(uobj->vmobjlock);
    while (todo > 0 && error == EOK) {
        size_t n = left_in_page(offset, todo);
        vm_page* pg = uvm_pagelookup(uobj, page_start(offset));
        if (pg == nullptr && !write) {
            error = move_unmade(uobj, offset, &n, move);
        } else {
            PageFill fill;
            if (pg == nullptr) {
                error = uobj->pgops->pgo_get(uobj, page_start(offset), &pg, &fill);
            }
            if (error == EOK) {
                error = move_page(uobj, pg, offset, n, write, move);
            }
        }
        offset += static_cast<voff_t>(n);
        todo -= n;
    }
    mutex_exit(uobj->vmobjlock);
    return error;
}

} // namespace

Errno ubc_uiomove(uvm_object* uobj, uio* uio, vsize_t todo) {
    return for_each_piece(uobj, uio->uio_offset, todo, uio->uio_rw_ == UIO_WRITE,
                          [uio](u8* p, size_t n) { return uiomove(p, n, uio); });
}

Errno ubc_read(uvm_object* uobj, voff_t off, void* buf, size_t len) {
    auto* to = static_cast<u8*>(buf);
    return for_each_piece(uobj, off, len, false, [&to](const u8* p, size_t n) {
        memcpy(to, p, n);
        to += n;
        return EOK;
    });
}

Errno ubc_write(uvm_object* uobj, voff_t off, const void* buf, size_t len) {
    auto* from = static_cast<const u8*>(buf);
    return for_each_piece(uobj, off, len, true, [&from](u8* p, size_t n) {
        memcpy(p, from, n);
        from += n;
        return EOK;
    });
}
