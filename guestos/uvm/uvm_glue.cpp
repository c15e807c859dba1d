// Where virtual memory meets processes: U-areas, fork, exit.
//
// A U-area is a kernel stack with the trap frame and the pcb at its upper end.
// It fills the upper half of UAREA_ALIGN bytes of kernel space; the lower half
// has no frames. A stack that overflows therefore faults, and the bit of the
// address that tells the halves apart lets the exception vectors notice.
//
//   +------------------+ UAREA_ALIGN * (n + 1)
//   | pcb              |
//   | trap frame       |  user mode's registers
//   |------------------|
//   | stack, downwards |
//   +------------------+ uaddr = UAREA_ALIGN * n + USPACE
//   | nothing          |
//   +------------------+ UAREA_ALIGN * n

#include "machine/cpu.hpp"
#include "sys/inject.hpp"
#include "sys/lwp.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

// U-areas that are not in use keep their frames, up to this number.
constexpr unsigned UAREA_CACHE = 16;

struct uarea_cache {
    kmutex_t lock;
    unsigned n;
    vaddr_t uaddr[UAREA_CACHE];
};
uarea_cache uareas;

void uarea_destroy(vaddr_t uaddr) {
    uvm_km_unpopulate(uaddr, USPACE);
    uvm_km_va_free(uaddr - USPACE, UAREA_ALIGN);
}

} // namespace

void uvm_glue_init() {
    mutex_init(&uareas.lock, MUTEX_DEFAULT, IPL_NONE);
}

vaddr_t uvm_uarea_alloc() {
    if (inject(Inject::Uarea)) {
        return 0;
    }
    mutex_enter(&uareas.lock);
    vaddr_t uaddr = uareas.n == 0 ? 0 : uareas.uaddr[--uareas.n];
    mutex_exit(&uareas.lock);
    if (uaddr == 0) {
        const vaddr_t va = uvm_km_va_alloc(UAREA_ALIGN, UAREA_ALIGN);
        if (va == 0) {
            return 0;
        }
        uaddr = va + USPACE;
        if (uvm_km_populate(uaddr, USPACE, false) != EOK) {
            uvm_km_va_free(va, UAREA_ALIGN);
            return 0;
        }
    }
    ++uvmexp.uareas;
    return uaddr;
}

void uvm_uarea_free(vaddr_t uaddr) {
    --uvmexp.uareas;
    mutex_enter(&uareas.lock);
    if (uareas.n < UAREA_CACHE) {
        uareas.uaddr[uareas.n++] = uaddr;
        uaddr = 0;
    }
    mutex_exit(&uareas.lock);
    if (uaddr != 0) {
        uarea_destroy(uaddr);
    }
}

void uvm_uarea_drain() {
    mutex_enter(&uareas.lock);
    while (uareas.n > 0) {
        uarea_destroy(uareas.uaddr[--uareas.n]);
    }
    mutex_exit(&uareas.lock);
}

void uvm_lwp_setuarea(lwp* l, vaddr_t uaddr) {
    l->l_addr = uaddr;
    cpu_lwp_setuarea(l);
}

vaddr_t uvm_lwp_getuarea(lwp* l) {
    return l->l_addr;
}
