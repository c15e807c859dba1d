// Signal frames, and contexts that programs save and restore.

#include "abi/ucontext.hpp"
#include "machine/armreg.hpp"
#include "machine/machdep.hpp"
#include "sys/proc.hpp"
#include "sys/signalvar.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"

namespace {

void save_fpregs(lwp* l, abi::ucontext* uc) {
    const pcb* p = lwp_getpcb(l);
    if (!p->pcb_fpused) {
        return;
    }
    fpu_save(l);
    memcpy(uc->uc_mcontext.fregs.qregs, p->pcb_fpregs.fp_v, sizeof(p->pcb_fpregs.fp_v));
    uc->uc_mcontext.fregs.fpcr = static_cast<u32>(p->pcb_fpregs.fp_fpcr);
    uc->uc_mcontext.fregs.fpsr = static_cast<u32>(p->pcb_fpregs.fp_fpsr);
    uc->uc_flags |= abi::UC_FPU;
}

void restore_fpregs(lwp* l, const abi::ucontext* uc) {
    fpu_discard(l);
    pcb* p = lwp_getpcb(l);
    memcpy(p->pcb_fpregs.fp_v, uc->uc_mcontext.fregs.qregs, sizeof(p->pcb_fpregs.fp_v));
    p->pcb_fpregs.fp_fpcr = uc->uc_mcontext.fregs.fpcr;
    p->pcb_fpregs.fp_fpsr = uc->uc_mcontext.fregs.fpsr;
    p->pcb_fpused = true;
}

void getucontext(lwp* l, abi::ucontext* uc) {
    const trapframe* tf = l->l_md.md_utf;
    uc->uc_flags |= abi::UC_CPU | abi::UC_SIGMASK | abi::UC_STACK | abi::UC_TLSBASE;
    memcpy(uc->uc_mcontext.gregs, tf->tf_x, sizeof(tf->tf_x));
    uc->uc_mcontext.gregs[abi::REG_SP] = tf->tf_sp;
    uc->uc_mcontext.gregs[abi::REG_PC] = tf->tf_pc;
    uc->uc_mcontext.gregs[abi::REG_SPSR] = tf->tf_spsr;
    uc->uc_mcontext.gregs[abi::REG_TPIDR] = reinterpret_cast<u64>(cpu_lwp_getprivate(l));
    uc->uc_sigmask = l->l_sigmask;
    uc->uc_stack = l->l_sigstk;
    save_fpregs(l, uc);
}

} // namespace

// Of the saved program status only the condition flags are the program's own.
void setucontext(lwp* l, const abi::ucontext* uc) {
    trapframe* tf = l->l_md.md_utf;
    if ((uc->uc_flags & abi::UC_CPU) != 0) {
        memcpy(tf->tf_x, uc->uc_mcontext.gregs, sizeof(tf->tf_x));
        tf->tf_sp = uc->uc_mcontext.gregs[abi::REG_SP];
        tf->tf_pc = uc->uc_mcontext.gregs[abi::REG_PC];
        tf->tf_spsr = SPSR_EL0T | (uc->uc_mcontext.gregs[abi::REG_SPSR] & SPSR_NZCV);
    }
    if ((uc->uc_flags & abi::UC_TLSBASE) != 0) {
        lwp_setprivate(l, reinterpret_cast<void*>(uc->uc_mcontext.gregs[abi::REG_TPIDR]));
    }
    if ((uc->uc_flags & abi::UC_FPU) != 0) {
        restore_fpregs(l, uc);
    }
    if ((uc->uc_flags & abi::UC_SIGMASK) != 0) {
        (void)sigprocmask1(l, abi::SIG_SETMASK, &uc->uc_sigmask, nullptr);
    }
    if ((uc->uc_flags & abi::UC_SETSTACK) != 0) {
        l->l_sigstk.ss_flags |= abi::SS_ONSTACK;
    }
    if ((uc->uc_flags & abi::UC_CLRSTACK) != 0) {
        l->l_sigstk.ss_flags &= ~abi::SS_ONSTACK;
    }
}

namespace {

// The handler's stack: the alternate one if it is wanted, there and not in use.
vaddr_t frame_address(lwp* l, const sigact_desc& sd, bool* onstack) {
    const abi::stack_t& alt = l->l_sigstk;
    *onstack = (alt.ss_flags & (abi::SS_DISABLE | abi::SS_ONSTACK)) == 0 &&
               (sd.sd_sigact.sa_flags & abi::SA_ONSTACK) != 0;
    const vaddr_t top = *onstack ? alt.ss_sp + alt.ss_size : l->l_md.md_utf->tf_sp;
    return rounddown2(top - sizeof(abi::sigframe_siginfo), 16);
}

} // namespace

// A frame that can't be written ends the process.
void sendsig(const ksiginfo* ksi, const abi::sigset_t* mask) {
    lwp* l = curlwp;
    proc* p = l->l_proc;
    const sigact_desc sd = p->p_sigacts->sa_sigdesc[ksi->ksi_info.signo];
    bool onstack = false;
    const vaddr_t fp = frame_address(l, sd, &onstack);
    abi::sigframe_siginfo frame{};
    frame.sf_si.info = ksi->ksi_info;
    getucontext(l, &frame.sf_uc);
    frame.sf_uc.uc_flags |=
        (l->l_sigstk.ss_flags & abi::SS_ONSTACK) != 0 ? abi::UC_SETSTACK : abi::UC_CLRSTACK;
    frame.sf_uc.uc_sigmask = *mask;
    mutex_exit(p->p_lock);
    const Errno error = copyout(frame, reinterpret_cast<void*>(fp));
    mutex_enter(p->p_lock);
    if (error != EOK) {
        sigexit(l, SIGILL);
    }
    const vaddr_t uc = fp + offsetof(abi::sigframe_siginfo, sf_uc);
    trapframe* tf = l->l_md.md_utf;
    tf->tf_x[0] = static_cast<u64>(ksi->ksi_info.signo);
    tf->tf_x[1] = fp + offsetof(abi::sigframe_siginfo, sf_si);
    tf->tf_x[2] = uc;
    tf->tf_x[28] = uc;
    tf->tf_x[30] = sd.sd_tramp;
    tf->tf_sp = fp;
    tf->tf_pc = sd.sd_sigact.sa_handler;
    if (onstack) {
        l->l_sigstk.ss_flags |= abi::SS_ONSTACK;
    }
}

Errno sys_getcontext(lwp* l, const syscall_args* uap, register_t*) {
    abi::ucontext uc{};
    mutex_enter(l->l_proc->p_lock);
    getucontext(l, &uc);
    mutex_exit(l->l_proc->p_lock);
    return copyout(uc, uap->pointer(0));
}

Errno sys_setcontext(lwp* l, const syscall_args* uap, register_t*) {
    if (uap->pointer(0) == nullptr) { // the end of the last context
        mutex_enter(l->l_proc->p_lock);
        exit1(l, 0, 0);
    }
    abi::ucontext uc;
    const Errno error = copyin(uap->pointer(0), uc);
    if (error != EOK) {
        return error;
    }
    mutex_enter(l->l_proc->p_lock);
    setucontext(l, &uc);
    mutex_exit(l->l_proc->p_lock);
    return EJUSTRETURN;
}
