// Threads of the kernel's own: kthread(9).
#include "machine/cpu.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

Errno kthread_create(pri_t pri, cpu_info* ci, void (*func)(void*), void* arg, lwp** lp,
                     const char* name) {
    const vaddr_t uaddr = uvm_uarea_alloc();
    if (uaddr == 0) {
        return ENOMEM;
    }
    lwp* l = nullptr;
    const Errno error = lwp_create(&lwp0, &proc0, uaddr, LWP_DETACHED, nullptr, 0, func, arg, &l,
                                   SCHED_FIFO, &lwp0.l_sigmask, &lwp0.l_sigstk);
    if (error != EOK) {
        uvm_uarea_free(uaddr);
        return error;
    }
    kstrlcpy(l->l_name, name, sizeof(l->l_name));
    mutex_enter(proc0.p_lock);
    lwp_lock(l);
    l->l_flag |= LW_SYSTEM;
    l->l_priority = pri;
    if (ci != nullptr) {
        l->l_cpu = ci;
    }
    setrunnable(l);
    mutex_exit(proc0.p_lock);
    if (lp != nullptr) {
        *lp = l;
    }
    return EOK;
}

void kthread_exit(int ecode) {
    lwp* l = curlwp;
    if (ecode != 0) {
        kprintf("kthread %s exits (%d)\n", l->l_name, ecode);
    }
    lwp_exit(l);
    panic("kthread_exit: it runs on");
}
