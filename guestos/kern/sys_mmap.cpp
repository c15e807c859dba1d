// System calls on memory: mmap(2) and its kin. What they do to maps is in
// uvm/uvm_mmap.cpp.
#include "abi/mman.hpp"
#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

vm_map* map_of(lwp* l) {
    return &l->l_proc->p_vmspace->vm_map_;
}

u64 lock_limit(lwp* l) {
    return l->l_proc->p_limit->pl_rlimit[abi::RLIMIT_MEMLOCK].rlim_cur;
}

// Whether the address space may have so many bytes more. => ENOMEM
Errno may_grow(lwp* l, vsize_t more) {
    const u64 limit = l->l_proc->p_limit->pl_rlimit[abi::RLIMIT_AS].rlim_cur;
    return more > limit || map_of(l)->size > limit - more ? ENOMEM : EOK;
}

// The object behind a descriptor, referenced, and what it may be mapped for: private
// memory may be written, whatever the descriptor allows.
Errno object_of_file(int fd, int flags, uvm_object** uobj, vm_prot_t* maxprot) {
    file* fp = nullptr;
    const Errno error = fd_getvnode(fd, &fp);
    if (error != EOK) {
        return error == EINVAL ? ENODEV : error;
    }
    vnode* vp = file_vnode(fp);
    const int fflags = fp->f_flag.load();
    Errno result = EOK;
    if (vp->v_uobj == nullptr) {
        result = ENODEV;
    } else {
        const bool writable = (flags & abi::MAP_SHARED) == 0 || (fflags & FWRITE) != 0;
        *maxprot = VM_PROT_EXECUTE | ((fflags & FREAD) != 0 ? VM_PROT_READ : VM_PROT_NONE) |
                   (writable ? VM_PROT_WRITE : VM_PROT_NONE);
        *uobj = vp->v_uobj;
        uao_reference(*uobj);
    }
    fd_putfile(fp);
    return result;
}

} // namespace

// addr, len, prot, flags, fd, pad, pos
Errno sys_mmap(lwp* l, const syscall_args* uap, register_t* retval) {
    vaddr_t addr = uap->reg[0];
    const vsize_t size = uap->reg[1];
    const int prot = uap->integer<int>(2) & (abi::PROT_READ | abi::PROT_WRITE | abi::PROT_EXEC);
    int flags = uap->integer<int>(3);
    off_t pos = uap->integer<off_t>(6);
    if ((flags & (abi::MAP_SHARED | abi::MAP_PRIVATE)) == 0) {
        flags |= abi::MAP_PRIVATE;
    }
    if ((flags & abi::MAP_FIXED) != 0 && ((addr & PAGE_MASK) != 0 || addr + size < addr)) {
        return EINVAL; // before the descriptor is looked at
    }
    if (may_grow(l, round_page(size)) != EOK) {
        return ENOMEM;
    }
    uvm_object* uobj = nullptr;
    vm_prot_t maxprot = VM_PROT_ALL;
    if ((flags & abi::MAP_ANON) != 0) {
        if (uap->integer<int>(4) != -1) {
            return EINVAL;
        }
        pos = 0;
    } else {
        const Errno error = object_of_file(uap->integer<int>(4), flags, &uobj, &maxprot);
        if (error != EOK) {
            return error;
        }
    }
    const Errno error = uvm_mmap(map_of(l), &addr, size, static_cast<vm_prot_t>(prot), maxprot,
                                 flags, uobj, pos, lock_limit(l));
    retval[0] = addr;
    return error;
}

Errno sys_munmap(lwp* l, const syscall_args* uap, register_t*) {
    return uvm_mmap_munmap(map_of(l), uap->reg[0], uap->reg[1]);
}

Errno sys_mprotect(lwp* l, const syscall_args* uap, register_t*) {
    const int prot = uap->integer<int>(2);
    if ((prot & ~(abi::PROT_READ | abi::PROT_WRITE | abi::PROT_EXEC)) != 0) {
        return EINVAL;
    }
    return uvm_mmap_mprotect(map_of(l), uap->reg[0], uap->reg[1], static_cast<vm_prot_t>(prot));
}

Errno sys_madvise(lwp* l, const syscall_args* uap, register_t*) {
    return uvm_mmap_madvise(map_of(l), uap->reg[0], uap->reg[1], uap->integer<int>(2));
}

Errno sys_minherit(lwp* l, const syscall_args* uap, register_t*) {
    return uvm_mmap_minherit(map_of(l), uap->reg[0], uap->reg[1], uap->integer<int>(2));
}

Errno sys___msync13(lwp* l, const syscall_args* uap, register_t*) {
    return uvm_mmap_msync(map_of(l), uap->reg[0], uap->reg[1], uap->integer<int>(2));
}

Errno sys_mincore(lwp* l, const syscall_args* uap, register_t*) {
    return uvm_mmap_mincore(map_of(l), uap->reg[0], uap->reg[1], uap->pointer<char>(2));
}

namespace {

Errno lock_range(lwp* l, const syscall_args* uap, bool pageable) {
    vaddr_t start = trunc_page(uap->reg[0]);
    vaddr_t end = 0;
    if (__builtin_add_overflow(uap->reg[0], uap->reg[1], &end) || end > VM_MAXUSER_ADDRESS) {
        return EINVAL;
    }
    end = round_page(end);
    if (start < VM_MIN_ADDRESS && start != end) {
        return EINVAL;
    }
    if (!pageable && ptoa(pmap_wired_count(map_of(l)->pmap)) + (end - start) > lock_limit(l)) {
        return EAGAIN;
    }
    return start == end ? EOK : uvm_map_pageable(map_of(l), start, end, pageable);
}

} // namespace

Errno sys_mlock(lwp* l, const syscall_args* uap, register_t*) {
    return lock_range(l, uap, false);
}

Errno sys_munlock(lwp* l, const syscall_args* uap, register_t*) {
    return lock_range(l, uap, true);
}

Errno sys_mlockall(lwp* l, const syscall_args* uap, register_t*) {
    const int flags = uap->integer<int>(0);
    if (flags == 0 || (flags & ~(abi::MCL_CURRENT | abi::MCL_FUTURE)) != 0) {
        return EINVAL;
    }
    return uvm_map_pageable_all(map_of(l), flags, lock_limit(l));
}

Errno sys_munlockall(lwp* l, const syscall_args*, register_t*) {
    return uvm_map_pageable_all(map_of(l), 0, 0);
}

Errno sys_obreak(lwp* l, const syscall_args* uap, register_t*) {
    const u64 limit = l->l_proc->p_limit->pl_rlimit[abi::RLIMIT_DATA].rlim_cur;
    vmspace* vm = l->l_proc->p_vmspace;
    const vaddr_t old = round_page(vm->vm_daddr + ptoa(vm->vm_dsize));
    const vaddr_t end = round_page(uap->reg[0]);
    if (end > old && may_grow(l, end - old) != EOK) {
        return ENOMEM;
    }
    return uvm_obreak(vm, uap->reg[0], limit);
}
