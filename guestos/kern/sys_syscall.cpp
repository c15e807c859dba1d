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

// Stops for the tracer where the call begins. => true: the tracer does the call
bool trace_enter(proc* p, unsigned number, const syscall_args& args) {
    constexpr register_t none[2] = {};
    proc_stoptrace(abi::TRAP_SCE, number, args.reg, none, EOK);
    return (p->p_slflag & PSL_SYSCALLEMU) != 0;
}

// And where it ends.
void trace_exit(proc* p, unsigned number, const syscall_args& args, const register_t* retval,
                Errno error) {
    if ((p->p_slflag & PSL_SYSCALL) != 0) {
        proc_stoptrace(abi::TRAP_SCX, number, args.reg, retval, error);
    }
    mutex_enter(&proc_lock);
    mutex_enter(p->p_lock);
    p->p_slflag &= ~PSL_SYSCALLEMU;
    mutex_exit(p->p_lock);
    mutex_exit(&proc_lock);
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
    const bool emulated = predict_false((l->l_proc->p_slflag & PSL_SYSCALL) != 0) &&
                          trace_enter(l->l_proc, number, args);
    const Errno error = predict_false(emulated) ? EJUSTRETURN : call(l, &args, retval);
    sdt_probe(abi::ProbeId::SyscallReturn, pid, number, error, retval[0], retval[1]);
    if (predict_false(l->l_proc->p_traceflag != 0)) {
        ktr_sysret(number, error, retval);
        ktr_flush();
    }
    syscall_result(tf, error, retval);
    if (predict_false((l->l_proc->p_slflag & (PSL_SYSCALL | PSL_SYSCALLEMU)) != 0)) {
        trace_exit(l->l_proc, number, args, retval, error);
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
