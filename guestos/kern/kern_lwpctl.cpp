// Pages that the kernel writes and the program reads: for each LWP that asks, on
// which CPU it runs and how often it has been put on one. _lwp_ctl(2)
//
// The pages are an object that the process maps. The kernel writes them through its
// direct map: they stay where they are as long as the object has a reference.
#include "sys/lwpctl.hpp"

#include "abi/mman.hpp"
#include "machine/cpu.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"
#include "uvm/uvm_object.hpp"

namespace {

constexpr unsigned kPerPage = PAGE_SIZE / sizeof(abi::lwpctl);
constexpr unsigned kMaxLwps = MAXLWP;
constexpr vsize_t kAreaSize = kMaxLwps * sizeof(abi::lwpctl);

} // namespace

struct lcproc {
    kmutex_t lp_lock;
    uvm_object* lp_uao; // one reference; the map has another
    vaddr_t lp_uva;     // where the program sees it
    u64 lp_used[kMaxLwps / 64];
};

namespace {

// => lp_lock held; kMaxLwps if there is none
unsigned take_free_slot(lcproc* lp) {
    for (unsigned word = 0; word < kMaxLwps / 64; word++) {
        if (~lp->lp_used[word] != 0) {
            const auto bit = static_cast<unsigned>(__builtin_ctzll(~lp->lp_used[word]));
            lp->lp_used[word] |= u64{1} << bit;
            return word * 64 + bit;
        }
    }
    return kMaxLwps;
}

void release_slot(lcproc* lp, unsigned slot) {
    lp->lp_used[slot / 64] &= ~(u64{1} << slot % 64);
}

// The process's pages, made if it has none. An area that can't be mapped stays
// without an address, and is tried again.
lcproc* find_area(proc* p) {
    lcproc* lp = p->p_lwpctl;
    if (lp == nullptr) {
        lcproc* made = kmem_new<lcproc>(KM_SLEEP);
        mutex_init(&made->lp_lock, MUTEX_DEFAULT, IPL_NONE);
        made->lp_uao = uao_create(kAreaSize);
        mutex_enter(p->p_lock);
        lp = p->p_lwpctl;
        if (lp == nullptr) {
            lp = p->p_lwpctl = made;
            made = nullptr;
        }
        mutex_exit(p->p_lock);
        if (made != nullptr) { // another LWP was first
            uao_detach(made->lp_uao);
            kmem_delete(made);
        }
    }
    return lp;
}

// => lp_lock held
Errno map_area(proc* p, lcproc* lp) {
    if (lp->lp_uva != 0) {
        return EOK;
    }
    uvm_flag flags;
    flags.maxprot = VM_PROT_RW;
    flags.inherit = VM_INHERIT_NONE;
    uao_reference(lp->lp_uao); // the map's
    vaddr_t va = VM_MAXUSER_ADDRESS / 2; // out of the way of the heap and of the stack
    const Errno error =
        uvm_map(&p->p_vmspace->vm_map_, &va, kAreaSize, lp->lp_uao, 0, PAGE_SIZE, flags);
    lp->lp_uva = error == EOK ? va : 0;
    return error;
}

// The kernel's view of a slot, its page made if need be. => lp_lock held
Errno slot_address(lcproc* lp, unsigned slot, abi::lwpctl** where) {
    const auto offset = static_cast<voff_t>(slot / kPerPage * PAGE_SIZE);
    vm_page* pg = nullptr;
    PageFill fill;
    mutex_enter(lp->lp_uao->vmobjlock);
    const Errno error = lp->lp_uao->pgops->pgo_get(lp->lp_uao, offset, &pg, &fill);
    mutex_exit(lp->lp_uao->vmobjlock);
    if (error == EOK) {
        *where = static_cast<abi::lwpctl*>(uvm_page_kva(pg)) + slot % kPerPage;
    }
    return error;
}

// => lp_lock held
Errno give_slot(lwp* l, lcproc* lp) {
    const unsigned slot = take_free_slot(lp);
    if (slot == kMaxLwps) {
        return ENOMEM;
    }
    abi::lwpctl* lc = nullptr;
    const Errno error = slot_address(lp, slot, &lc);
    if (error != EOK) {
        release_slot(lp, slot);
        return error;
    }
    *lc = {static_cast<int>(cpu_index(curcpu())), 0};
    l->l_lwpctl_slot = slot;
    l->l_lwpctl = lc;
    return EOK;
}

} // namespace

Errno lwp_ctl_alloc(vaddr_t* uaddr) {
    lwp* l = curlwp;
    proc* p = l->l_proc;
    if ((p->p_lflag & PL_PPWAIT) != 0) {
        return EBUSY;
    }
    lcproc* lp = find_area(p);
    mutex_enter(&lp->lp_lock);
    Errno error = map_area(p, lp);
    if (error == EOK && l->l_lwpctl == nullptr) {
        error = give_slot(l, lp);
    }
    *uaddr = lp->lp_uva + l->l_lwpctl_slot * sizeof(abi::lwpctl);
    mutex_exit(&lp->lp_lock);
    return error;
}

void lwp_ctl_free(lwp* l) {
    lcproc* lp = l->l_proc->p_lwpctl;
    mutex_enter(&lp->lp_lock);
    l->l_lwpctl->lc_curcpu = abi::LWPCTL_CPU_EXITED;
    l->l_lwpctl = nullptr;
    release_slot(lp, l->l_lwpctl_slot);
    mutex_exit(&lp->lp_lock);
}

void lwp_ctl_exit(lwp* l, proc* p) {
    lcproc* lp = p->p_lwpctl;
    l->l_lwpctl = nullptr;
    p->p_lwpctl = nullptr;
    if (lp->lp_uva != 0) {
        uvm_unmap(&p->p_vmspace->vm_map_, lp->lp_uva, lp->lp_uva + kAreaSize);
    }
    uao_detach(lp->lp_uao);
    mutex_destroy(&lp->lp_lock);
    kmem_delete(lp);
}

// what it wants to know, where the address of its lwpctl goes
Errno sys__lwp_ctl(lwp*, const syscall_args* uap, register_t*) {
    constexpr int known = abi::LWPCTL_FEATURE_CURCPU | abi::LWPCTL_FEATURE_PCTR;
    if ((uap->integer<int>(0) & ~known) != 0) {
        return ENODEV;
    }
    vaddr_t uaddr = 0;
    const Errno error = lwp_ctl_alloc(&uaddr);
    return error != EOK ? error : copyout(uaddr, uap->pointer(1));
}
