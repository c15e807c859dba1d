// Exceptions: what they were, and who deals with them.

#include "dev/drivers.hpp"
#include "machine/armreg.hpp"
#include "machine/machdep.hpp"
#include "sys/log.hpp"
#include "sys/proc.hpp"
#include "sys/ptrace.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/signalvar.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

// Everything that has to happen before user mode.
// => on return interrupts are masked and nothing is left to do
void userret(lwp* l) {
    cpu_info* ci = curcpu();
    mi_userret(l);
    if (predict_false(l->l_md.md_step.wanted)) {
        step_plant(l);
    }
    intr_mask();
    while (predict_false(l->l_md.md_astpending || ci->ci_want_resched)) {
        step_unplant(l);
        intr_unmask();
        l->l_md.md_astpending = 0;
        if (ci->ci_want_resched) {
            preempt();
        }
        if ((l->l_pflag & LP_OWEUPC) != 0) {
            addupc_task(l);
        }
        mi_userret(l);
        if (l->l_md.md_step.wanted) {
            step_plant(l);
        }
        intr_mask();
    }
}

// Sends the running thread a signal for what it did.
void fault_signal(lwp* l, const trapframe* tf, int signo, int code, vaddr_t addr) {
    ksiginfo ksi;
    ksiginfo_init(&ksi, signo);
    ksi.ksi_flags = KSI_TRAP;
    ksi.ksi_info.code = code;
    ksi.ksi_info.reason.fault.addr = addr;
    ksi.ksi_info.reason.fault.trap = static_cast<i32>(esr_ec(tf->tf_esr));
    trapsignal(l, &ksi);
}

// --- aborts -------------------------------------------------------------------------

vm_prot_t abort_access(const trapframe* tf, bool instruction) {
    if (instruction) {
        return VM_PROT_EXECUTE;
    }
    return esr_wnr(tf->tf_esr) && !esr_cm(tf->tf_esr) ? VM_PROT_WRITE : VM_PROT_READ;
}

// Can uvm_fault do anything about it?
bool abort_is_fault(u64 esr) {
    const Fsc kind = fsc_kind(esr);
    return kind == Fsc::Translation || kind == Fsc::AccessFlag || kind == Fsc::Permission;
}

// A fault in user space by user or kernel, resolved if possible.
Errno resolve_user_fault(lwp* l, const trapframe* tf, bool instruction) {
    if (!abort_is_fault(tf->tf_esr) || tf->tf_far >= VM_MAXUSER_ADDRESS) {
        return EFAULT;
    }
    vm_map* map = &l->l_proc->p_vmspace->vm_map_;
    return uvm_fault(map, trunc_page(tf->tf_far), abort_access(tf, instruction));
}

void abort_el0(lwp* l, trapframe* tf, bool instruction) {
    if (esr_fsc(tf->tf_esr) == FSC_ALIGNMENT) {
        fault_signal(l, tf, SIGBUS, abi::BUS_ADRALN, tf->tf_far);
        return;
    }
    const Errno error = resolve_user_fault(l, tf, instruction);
    switch (error) {
    case EOK:
        break;
    case ENOMEM: {
        const proc* p = l->l_proc;
        if (p == initproc) {
            uvm_wait("initmem"); // it is needed: it tries again
            break;
        }
        log(Err, "UVM: pid %d (%s) killed: out of memory", p->p_pid, p->p_comm);
        fault_signal(l, tf, SIGKILL, abi::SI_NOINFO, tf->tf_far);
        break;
    }
    case EINVAL:
        fault_signal(l, tf, SIGBUS, abi::BUS_ADRERR, tf->tf_far);
        break;
    default:
        fault_signal(l, tf, SIGSEGV, error == EACCES ? abi::SEGV_ACCERR : abi::SEGV_MAPERR,
                     tf->tf_far);
        break;
    }
}

// The kernel touched user memory in copyin or one of its kin.
// => false: it was not that
bool abort_copyin(lwp* l, trapframe* tf) {
    pcb* p = lwp_getpcb(l);
    if (p->pcb_onfault == 0 || tf->tf_far >= VM_MAXUSER_ADDRESS) {
        return false;
    }
    const u64 onfault = p->pcb_onfault;
    p->pcb_onfault = 0; // a fault while resolving the fault is a panic
    const Errno error = resolve_user_fault(l, tf, false);
    p->pcb_onfault = onfault;
    if (error != EOK) {
        tf->tf_x[0] = EFAULT;
        tf->tf_pc = onfault;
    }
    return true;
}

[[noreturn]] void fatal(const trapframe* tf, const char* what) {
    intr_mask();
    dump_trapframe(tf);
    panic("%s: pc %#lx esr %#lx far %#lx", what, tf->tf_pc, tf->tf_esr, tf->tf_far);
}

void interrupt(trapframe* tf, bool usermode) {
    cpu_info* ci = curcpu();
    const ipl_t old = ci->ci_cpl;
    ci->ci_cpl = IPL_HIGH;
    ++ci->ci_intr_depth;
    ci->ci_intr_usermode = usermode;
    gic_irq_handler(tf);
    --ci->ci_intr_depth;
    ci->ci_cpl = old;
}

void trap_el0(lwp* l, trapframe* tf) {
    switch (esr_ec(tf->tf_esr)) {
    case EsrEc::FpTrap:
        fpu_trap(l);
        break;
    case EsrEc::DataAbortEl0:
        abort_el0(l, tf, false);
        break;
    case EsrEc::InstructionAbortEl0:
        abort_el0(l, tf, true);
        break;
    case EsrEc::PcAlignment:
        fault_signal(l, tf, SIGBUS, abi::BUS_ADRALN, tf->tf_pc);
        break;
    case EsrEc::SpAlignment:
        fault_signal(l, tf, SIGBUS, abi::BUS_ADRALN, tf->tf_sp);
        break;
    case EsrEc::Brk64:
        fault_signal(l, tf, SIGTRAP, step_done(l, tf->tf_pc) ? abi::TRAP_TRACE : abi::TRAP_BRKPT,
                     tf->tf_pc);
        break;
    case EsrEc::BreakpointEl0:
    case EsrEc::StepEl0:
    case EsrEc::WatchpointEl0:
        fault_signal(l, tf, SIGTRAP, abi::TRAP_BRKPT, tf->tf_pc);
        break;
    case EsrEc::FpException64:
        fault_signal(l, tf, SIGFPE, abi::SI_NOINFO, tf->tf_pc);
        break;
    default:
        fault_signal(l, tf, SIGILL, abi::ILL_ILLOPC, tf->tf_pc);
        break;
    }
}

// A traced thread has made its step by a system call.
void step_by_syscall(lwp* l, const trapframe* tf) {
    process_sstep(l, false);
    fault_signal(l, tf, SIGTRAP, abi::TRAP_TRACE, tf->tf_pc);
}

} // namespace

extern "C" {

// From vectors.S, with interrupts masked; on return from a handler of EL0 the
// thread goes to user mode.

void trap_el0_sync(trapframe* tf) {
    lwp* l = curlwp;
    if (predict_false(l->l_md.md_step.planted != 0)) {
        step_unplant(l);
    }
    intr_unmask();
    if (predict_true(esr_ec(tf->tf_esr) == EsrEc::Svc64)) {
        syscall(l, tf);
        if (predict_false(l->l_md.md_step.wanted)) {
            step_by_syscall(l, tf);
        }
    } else {
        trap_el0(l, tf);
    }
    userret(l);
}

void trap_el0_irq(trapframe* tf) {
    if (predict_false(curlwp->l_md.md_step.planted != 0)) {
        step_unplant(curlwp);
    }
    interrupt(tf, true);
    userret(curlwp);
}

void trap_el0_unexpected(trapframe* tf) {
    fatal(tf, "unexpected exception from user mode");
}

void trap_el1_sync(trapframe* tf) {
    const EsrEc ec = esr_ec(tf->tf_esr);
    if (ec == EsrEc::DataAbortEl1) {
        if ((tf->tf_spsr & SPSR_I) == 0) {
            intr_unmask();
        }
        if (abort_copyin(curlwp, tf)) {
            return;
        }
    }
    fatal(tf, ec == EsrEc::DataAbortEl1          ? "kernel data abort"
              : ec == EsrEc::InstructionAbortEl1 ? "kernel instruction abort"
                                                 : "kernel trap");
}

void trap_el1_irq(trapframe* tf) {
    interrupt(tf, false);
}

void trap_unexpected(trapframe* tf) {
    fatal(tf, "unexpected exception in the kernel");
}

void trap_stack_overflow(trapframe* tf) {
    fatal(tf, "kernel stack overflow");
}

// A thread's function has returned: to user mode.
void lwp_to_user(lwp* l) {
    userret(l);
}

} // extern "C"
