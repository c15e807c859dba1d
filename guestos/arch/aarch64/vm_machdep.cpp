// Threads, as far as the machine knows them: making, switching, ending.

#include "machine/armreg.hpp"
#include "machine/machdep.hpp"
#include "sys/lwp.hpp"
#include "sys/ptrace.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

pcb* lwp_getpcb(lwp* l) {
    return lwp_getpcb_at(l->l_addr);
}

void cpu_lwp_setuarea(lwp* l) {
    l->l_md.md_utf = reinterpret_cast<trapframe*>(lwp_getpcb(l)) - 1;
}

void cpu_lwp_fork(lwp* l1, lwp* l2, void* stack, size_t stacksize, void (*func)(void*), void* arg) {
    pcb* to = lwp_getpcb(l2);
    fpu_save(l1);
    *to = *lwp_getpcb(l1);
    to->pcb_onfault = 0;
    l2->l_md.md_tpidr = l1 == curlwp ? reg_tpidr_el0_read() : l1->l_md.md_tpidr;
    l2->l_md.md_astpending = 0;
    l2->l_md.md_fpu_cpu = nullptr;
    l2->l_md.md_step = {};

    trapframe* tf = l2->l_md.md_utf;
    *tf = *l1->l_md.md_utf;
    if (stack != nullptr) {
        tf->tf_sp = rounddown2(reinterpret_cast<vaddr_t>(stack) + stacksize, 16);
    }
    to->pcb_x19_x30[0] = reinterpret_cast<u64>(func);
    to->pcb_x19_x30[1] = reinterpret_cast<u64>(arg);
    to->pcb_x19_x30[2] = reinterpret_cast<u64>(l2);
    to->pcb_x19_x30[11] = reinterpret_cast<u64>(&lwp_trampoline);
    to->pcb_sp = reinterpret_cast<u64>(tf);
}

void cpu_setregs(lwp* l, vaddr_t pc, vaddr_t sp) {
    trapframe* tf = l->l_md.md_utf;
    memset(tf, 0, sizeof(*tf));
    tf->tf_pc = pc;
    tf->tf_sp = sp;
    tf->tf_spsr = SPSR_EL0T;
    (void)cpu_lwp_setprivate(l, nullptr);
    fpu_discard(l);
    process_sstep(l, false);
}

void cpu_lwp_free(lwp* l, bool) {
    fpu_forget(l);
}

void md_child_return(lwp* l) {
    trapframe* tf = l->l_md.md_utf;
    tf->tf_x[0] = 0;
    tf->tf_x[1] = 1;
    tf->tf_spsr &= ~SPSR_C;
}

lwp* cpu_switchto(lwp* oldlwp, lwp* newlwp, bool) {
    cpu_info* ci = curcpu();
    pcb* from = nullptr;
    if (oldlwp != nullptr) {
        oldlwp->l_md.md_tpidr = reg_tpidr_el0_read();
        fpu_switch_out(ci, oldlwp);
        from = lwp_getpcb(oldlwp);
    }
    reg_tpidr_el0_write(newlwp->l_md.md_tpidr);
    ci->ci_curlwp = newlwp;
    return cpu_switch(from, lwp_getpcb(newlwp), oldlwp);
}

Errno cpu_lwp_setprivate(lwp* l, void* value) {
    l->l_md.md_tpidr = reinterpret_cast<u64>(value);
    if (l == curlwp) {
        reg_tpidr_el0_write(l->l_md.md_tpidr);
    }
    return EOK;
}

void* cpu_lwp_getprivate(lwp* l) {
    return reinterpret_cast<void*>(l == curlwp ? reg_tpidr_el0_read() : l->l_md.md_tpidr);
}

void cpu_need_resched(cpu_info* ci, lwp*, int) {
    ci->ci_want_resched = 1;
    // With several CPUs a remote one gets an SGI here (gic_send_sgi).
    KASSERT(ci == curcpu());
}

vaddr_t cpu_userpc(const lwp* l) {
    return l->l_md.md_utf->tf_pc;
}

void cpu_signotify(lwp* l) {
    l->l_md.md_astpending = 1;
}

// The interrupt that ends the wait is taken here.
void cpu_idle() {
    intr_mask();
    if (!curcpu()->ci_want_resched) {
        asm volatile("dsb sy\n\twfi" ::: "memory");
    }
    intr_unmask();
}
