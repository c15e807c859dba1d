// What mmap(2) and its kin ask of a map. Arguments have been copied in; the
// system calls themselves are in kern/.

#include "abi/mman.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

// Where mappings without an address go, upwards. Deviation: NetBSD places them
// downwards from below the stack.
constexpr vaddr_t MMAP_BASE = 0x20'0000'0000;

// [addr, addr + size) rounded to pages. False: not within the map.
bool page_range(const vm_map* map, vaddr_t* addr, vsize_t* size) {
    const vaddr_t start = trunc_page(*addr);
    if (*addr + *size < *addr || *addr + *size > map->max_offset || start < map->min_offset) {
        return *size == 0;
    }
    *size = round_page(*addr + *size) - start;
    *addr = start;
    return true;
}

// The memory object that a mapping of no file needs: shared memory has one.
uvm_object* object_for(int flags, vsize_t size, uvm_object* uobj) {
    if (uobj == nullptr && (flags & abi::MAP_SHARED) != 0) {
        uobj = uao_create(static_cast<voff_t>(size));
        uobj->uo_anonymous = true;
    }
    return uobj;
}

Errno check_arguments(const vm_map* map, vaddr_t addr, vsize_t size, int flags, voff_t foff) {
    const int kind = flags & (abi::MAP_SHARED | abi::MAP_PRIVATE);
    if (size == 0 || kind == 0 || kind == (abi::MAP_SHARED | abi::MAP_PRIVATE) ||
        (foff & static_cast<voff_t>(PAGE_MASK)) != 0 || foff < 0) {
        return EINVAL;
    }
    if (size > map->max_offset) {
        return ENOMEM;
    }
    if ((flags & abi::MAP_FIXED) != 0 && ((addr & PAGE_MASK) != 0 || addr < map->min_offset)) {
        return EINVAL;
    }
    return EOK;
}

} // namespace

Errno uvm_mmap(vm_map* map, vaddr_t* addr, vsize_t size, vm_prot_t prot, vm_prot_t maxprot,
               int flags, uvm_object* uobj, voff_t foff, vsize_t locklimit) {
    Errno error = check_arguments(map, *addr, size, flags, foff);
    if (error == EOK && (prot & maxprot) != prot) {
        error = EACCES;
    }
    if (error != EOK) {
        if (uobj != nullptr) {
            uobj->pgops->pgo_detach(uobj);
        }
        return error;
    }
    size = round_page(size);
    const bool shared = (flags & abi::MAP_SHARED) != 0;
    uvm_flag flag;
    flag.prot = prot;
    flag.maxprot = maxprot;
    flag.inherit = shared ? VM_INHERIT_SHARE : VM_INHERIT_COPY;
    flag.copyonwrite = !shared;
    flag.fixed = flag.unmap = (flags & abi::MAP_FIXED) != 0;
    if (!flag.fixed) {
        const bool hint = *addr != 0 && *addr < map->max_offset - size;
        *addr = hint ? max(trunc_page(*addr), map->min_offset) : MMAP_BASE;
    }
    error = uvm_map(map, addr, size, object_for(flags, size, uobj), foff, 0, flag);
    const bool wired = map->wirefuture || (flags & abi::MAP_WIRED) != 0;
    if (error == EOK && wired && prot != VM_PROT_NONE) {
        if (locklimit != 0 && pmap_wired_count(map->pmap) + atop(size) > atop(locklimit)) {
            error = ENOMEM;
        } else {
            error = uvm_map_pageable(map, *addr, *addr + size, false);
        }
        if (error != EOK) {
            uvm_unmap(map, *addr, *addr + size);
        }
    }
    return error;
}

Errno uvm_mmap_munmap(vm_map* map, vaddr_t addr, vsize_t size) {
    if ((addr & PAGE_MASK) != 0 || !page_range(map, &addr, &size)) {
        return EINVAL;
    }
    if (size != 0) {
        uvm_unmap(map, addr, addr + size);
    }
    return EOK;
}

Errno uvm_mmap_mprotect(vm_map* map, vaddr_t addr, vsize_t size, vm_prot_t prot) {
    if ((addr & PAGE_MASK) != 0 || (prot & ~VM_PROT_ALL) != 0 || !page_range(map, &addr, &size)) {
        return EINVAL;
    }
    return size == 0 ? EOK : uvm_map_protect(map, addr, addr + size, prot, false);
}

Errno uvm_mmap_minherit(vm_map* map, vaddr_t addr, vsize_t size, int inherit) {
    switch (inherit) {
    case VM_INHERIT_SHARE:
    case VM_INHERIT_COPY:
    case VM_INHERIT_NONE:
    case VM_INHERIT_ZERO:
        break;
    default:
        return EINVAL;
    }
    if (!page_range(map, &addr, &size)) {
        return EINVAL;
    }
    return size == 0 ? EOK
                     : uvm_map_inherit(map, addr, addr + size, static_cast<vm_inherit_t>(inherit));
}

Errno uvm_mmap_madvise(vm_map* map, vaddr_t addr, vsize_t size, int advice) {
    if (!page_range(map, &addr, &size)) {
        return EINVAL;
    }
    if (size == 0) {
        return EOK;
    }
    switch (advice) {
    case abi::MADV_NORMAL:
    case abi::MADV_RANDOM:
    case abi::MADV_SEQUENTIAL:
        return uvm_map_advice(map, addr, addr + size, static_cast<uvm_advice_t>(advice));
    case abi::MADV_WILLNEED:
    case abi::MADV_SPACEAVAIL:
    case abi::MADV_DONTNEED: // memory stays: there is nowhere to push it
        return EOK;
    case abi::MADV_FREE:
        return uvm_map_clean(map, addr, addr + size, true);
    default:
        return EINVAL;
    }
}

// Shared pages of a file are the file's own: there is nothing to write back.
Errno uvm_mmap_msync(vm_map* map, vaddr_t addr, vsize_t size, int flags) {
    constexpr int when = abi::MS_ASYNC | abi::MS_SYNC;
    if ((flags & ~(when | abi::MS_INVALIDATE)) != 0 || (flags & when) == when ||
        !page_range(map, &addr, &size)) {
        return EINVAL;
    }
    return size == 0 || uvm_map_is_mapped(map, addr, addr + size) ? EOK : EFAULT;
}

// Which pages are there: in the amap, or in the object if not. => may sleep
Errno uvm_mmap_mincore(vm_map* map, vaddr_t addr, vsize_t size, char* vec) {
    if (size == 0 || addr + size < addr) {
        return EINVAL;
    }
    if (!page_range(map, &addr, &size)) {
        return ENOMEM;
    }
    for (vaddr_t va = addr; va < addr + size; va += PAGE_SIZE) {
        vm_map_lock_read(map);
        vm_map_entry* entry;
        if (!uvm_map_lookup_entry(map, va, &entry)) {
            vm_map_unlock_read(map);
            return ENOMEM;
        }
        const vsize_t off = va - entry->start;
        bool resident = entry->aref.ar_amap != nullptr && amap_lookup(&entry->aref, off) != nullptr;
        if (!resident && entry->uobj != nullptr) {
            mutex_enter(entry->uobj->vmobjlock);
            resident =
                uvm_pagelookup(entry->uobj, entry->offset + static_cast<voff_t>(off)) != nullptr;
            mutex_exit(entry->uobj->vmobjlock);
        }
        vm_map_unlock_read(map);
        const char value = resident ? 1 : 0;
        const Errno error = copyout(&value, vec++, 1);
        if (error != EOK) {
            return error;
        }
    }
    return EOK;
}

// The break moves in whole pages; growth is anonymous memory that joins the
// entry before it where it can. brk(2)
Errno uvm_obreak(vmspace* vm, vaddr_t newend, vsize_t limit) {
    if (newend < vm->vm_daddr) {
        return EINVAL;
    }
    if (newend - vm->vm_daddr > limit) {
        return ENOMEM;
    }
    const vaddr_t end = round_page(newend);
    const vaddr_t old = round_page(vm->vm_daddr + ptoa(vm->vm_dsize));
    if (end > old) {
        uvm_flag flag;
        flag.fixed = true;
        flag.copyonwrite = true;
        vaddr_t at = old;
        const Errno error = uvm_map(&vm->vm_map_, &at, end - old, nullptr, 0, 0, flag);
        if (error != EOK) {
            return ENOMEM;
        }
        vm->vm_dsize += atop(end - old);
        if (vm->vm_map_.wirefuture) {
            return uvm_map_pageable(&vm->vm_map_, old, end, false);
        }
    } else if (end < old) {
        uvm_unmap(&vm->vm_map_, end, old);
        vm->vm_dsize -= atop(old - end);
    }
    return EOK;
}
