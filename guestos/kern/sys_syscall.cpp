// The way of a system call: number and arguments out of the trap frame, the
// call, the result into the trap frame. NetBSD/aarch64: syscall.c
#include "machine/armreg.hpp"
#include "machine/cpu.hpp"
#include "sys/ktrace.hpp"
#include "sys/proc.hpp"
#include "sys/sdt.hpp"
#include "sys/signalvar.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"

namespace {

// The number: SVC's immediate, or for the two indirect calls x17.
unsigned syscall_number(const trapframe* tf) {
    const auto imm = static_cast<unsigned>(tf->tf_esr & 0xffff);
    return imm == SYS_syscall || imm == SYS___syscall ? static_cast<unsigned>(tf->tf_x[17] & 0xffff)
                                                      : imm;
}

void syscall_result(trapframe* tf, Errno error, const register_t* retval) {
    switch (error) {
    case EOK:
        tf->tf_x[0] = static_cast<u64>(retval[0]);
        tf->tf_x[1] = static_cast<u64>(retval[1]);
        tf->tf_spsr &= ~SPSR_C;
        break;
    case ERESTART:
        tf->tf_pc -= 4; // at the SVC again
        break;
    case EJUSTRETURN:
        break;
    default:
        tf->tf_x[0] = static_cast<u64>(error);
        tf->tf_spsr |= SPSR_C;
        break;
    }
}

} // namespace

void syscall(lwp* l, trapframe* tf) {
    const unsigned number = syscall_number(tf);
    const pid_t pid = l->l_proc->p_pid;
    curcpu()->ci_data.cpu_counts[CPU_COUNT_NSYSCALL]++;
    if (predict_false(l->l_cred != l->l_proc->p_cred)) {
        lwp_update_creds(l); // another LWP has set them
    }
    syscall_args args;
    memcpy(args.reg, tf->tf_x, sizeof(args.reg));
    register_t retval[2] = {0, static_cast<register_t>(tf->tf_x[1])};
    sdt_probe(abi::ProbeId::SyscallEntry, pid, number, args.reg[0], args.reg[1], args.reg[2],
              args.reg[3]);
    const sysent* callp = number < SYS_NSYSENT ? &sysent_table[number] : nullptr;
    sy_call_t* call = callp != nullptr && callp->sy_call != nullptr ? callp->sy_call : sys_nosys;
    if (predict_false(l->l_proc->p_traceflag != 0)) {
        ktr_syscall(number, &args);
    }
    if (predict_false((l->l_proc->p_slflag & PSL_SYSCALL) != 0)) {
        constexpr register_t none[2] = {};
        proc_stoptrace(abi::TRAP_SCE, number, args.reg, none, EOK);
    }
    const Errno error = call(l, &args, retval);
    sdt_probe(abi::ProbeId::SyscallReturn, pid, number, error, retval[0], retval[1]);
    if (predict_false(l->l_proc->p_traceflag != 0)) {
        ktr_sysret(number, error, retval);
        ktr_flush();
    }
    syscall_result(tf, error, retval);
    if (predict_false((l->l_proc->p_slflag & PSL_SYSCALL) != 0)) {
        proc_stoptrace(abi::TRAP_SCX, number, args.reg, retval, error);
    }
    l->l_kpriority = false;
}

// A number that nothing belongs to.
Errno sys_nosys(lwp* l, const syscall_args*, register_t*) {
    mutex_enter(&proc_lock);
    psignal(l->l_proc, SIGSYS);
    mutex_exit(&proc_lock);
    return ENOSYS;
}
