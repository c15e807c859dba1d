// The registers of a traced program.

#include "machine/armreg.hpp"
#include "machine/machdep.hpp"
#include "sys/proc.hpp"
#include "sys/ptrace.hpp"
#include "sys/systm.hpp"

void process_read_regs(lwp* l, abi::reg* regs) {
    const trapframe* tf = l->l_md.md_utf;
    memcpy(regs->r_reg, tf->tf_x, sizeof(regs->r_reg));
    regs->r_sp = tf->tf_sp;
    regs->r_pc = tf->tf_pc;
    regs->r_spsr = tf->tf_spsr;
    regs->r_tpidr = reinterpret_cast<u64>(cpu_lwp_getprivate(l));
}

// Of the program status only the condition flags may change.
Errno process_write_regs(lwp* l, const abi::reg* regs) {
    if ((regs->r_spsr & ~SPSR_NZCV) != SPSR_EL0T || (regs->r_pc & 3) != 0) {
        return EINVAL;
    }
    trapframe* tf = l->l_md.md_utf;
    memcpy(tf->tf_x, regs->r_reg, sizeof(regs->r_reg));
    tf->tf_sp = regs->r_sp;
    tf->tf_pc = regs->r_pc;
    tf->tf_spsr = regs->r_spsr;
    (void)cpu_lwp_setprivate(l, reinterpret_cast<void*>(regs->r_tpidr));
    return EOK;
}

void process_read_fpregs(lwp* l, abi::fpreg* regs) {
    const pcb* p = lwp_getpcb(l);
    *regs = {};
    if (p->pcb_fpused) {
        fpu_save(l);
        memcpy(regs->fp_reg, p->pcb_fpregs.fp_v, sizeof(regs->fp_reg));
        regs->fpcr = static_cast<u32>(p->pcb_fpregs.fp_fpcr);
        regs->fpsr = static_cast<u32>(p->pcb_fpregs.fp_fpsr);
    }
}

void process_write_fpregs(lwp* l, const abi::fpreg* regs) {
    fpu_discard(l);
    pcb* p = lwp_getpcb(l);
    memcpy(p->pcb_fpregs.fp_v, regs->fp_reg, sizeof(p->pcb_fpregs.fp_v));
    p->pcb_fpregs.fp_fpcr = regs->fpcr;
    p->pcb_fpregs.fp_fpsr = regs->fpsr;
    p->pcb_fpused = true;
}

void process_set_pc(lwp* l, vaddr_t pc) {
    l->l_md.md_utf->tf_pc = pc;
}
