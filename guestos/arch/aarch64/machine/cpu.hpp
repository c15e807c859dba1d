// This CPU and the running thread. cpu_info is found through TPIDR_EL1; what
// the machine-independent scheduler keeps for each CPU is ci_data.
#pragma once

#include "abi/probe.hpp"
#include "machine/frame.hpp"
#include "machine/pcb.hpp"
#include "sys/cpu_data.hpp"
#include "sys/intr.hpp"
#include "sys/param.hpp"

struct lwp;
struct pmap;
struct proc;

// The first fields' offsets are known to vectors.S (asm.h).
struct cpu_info : cpu_intr_state {
    lwp* ci_curlwp;    // offset 8
    u64 ci_scratch[2]; // offset 16: registers of a stack overflow
    vaddr_t ci_ovf_sp; // offset 32: stack to report it on
    volatile int ci_want_resched;
    bool ci_intr_usermode; // the interrupt being handled came from user mode
    unsigned ci_index;     // 0..MAXCPUS-1
    u64 ci_mpidr;          // affinity fields of MPIDR_EL1

    pmap* ci_pmap;       // whose table TTBR0_EL1 holds
    u64 ci_asid;         // generation and ASID in use here: pmap_asid.cpp
    lwp* ci_fpu_lwp;     // whose FP registers were loaded here last, or null
    bool ci_fpu_enabled; // CPACR_EL1.FPEN lets EL0 use FP

    cpu_data ci_data; // machine-independent part: sys/cpu_data.hpp

    abi::ProbeRecord ci_probe[2]; // thread level, interrupt level
};

extern cpu_info cpu_info_store[MAXCPUS];
extern unsigned ncpu;

inline cpu_info* curcpu() {
    cpu_info* ci;
    asm volatile("mrs %0, tpidr_el1" : "=r"(ci));
    return ci;
}

inline lwp* curlwp_get() {
    return curcpu()->ci_curlwp;
}

// `curlwp` reads like NetBSD's and is whatever thread runs here now.
struct curlwp_t {
    operator lwp*() const { return curlwp_get(); }
    lwp* operator->() const { return curlwp_get(); }
};
inline constexpr curlwp_t curlwp{};

inline unsigned cpu_index(const cpu_info* ci) {
    return ci->ci_index;
}
inline cpu_info* cpu_lookup(unsigned index) {
    return &cpu_info_store[index];
}

// --- machine-dependent services for the machine-independent kernel ----------

// Saves the running thread and continues `newlwp`; returns on `oldlwp`'s stack
// when that runs again, with the LWP it was switched from.
// => interrupts masked (IPL_SCHED); oldlwp may be null if it has gone for good
// => the caller calls pmap_activate for the new LWP afterwards
lwp* cpu_switchto(lwp* oldlwp, lwp* newlwp, bool returning);

// The LWP has got its U-area (l_addr): finds the trap frame in it.
void cpu_lwp_setuarea(lwp* l);
// Makes l2 ready to run `func(arg)` on its own stack, with a copy of l1's user
// registers and FP state, and user SP = stack + stacksize rounded down to 16
// if stack is not null.
// => l2->l_addr is set (uvm_lwp_setuarea); l1 is curlwp or lwp0
// When func returns the LWP goes to user mode.
void cpu_lwp_fork(lwp* l1, lwp* l2, void* stack, size_t stacksize, void (*func)(void*), void* arg);
// Sets user registers for a fresh image: everything 0, PC, SP.
void cpu_setregs(lwp* l, vaddr_t pc, vaddr_t sp);
// Frees machine-dependent state; FP registers of the LWP are dropped.
void cpu_lwp_free(lwp* l, bool discard);
// Brings l's FP registers, if loaded on a CPU, into its pcb.
void fpu_save(lwp* l);
// FP state as after exec: zero.
void fpu_discard(lwp* l);
// Machine-dependent part of child_return: fork's results in the child, x0 = 0,
// x1 = 1, carry clear.
void md_child_return(lwp* l);
// The thread pointer that user mode sees; l->l_private is its MI copy.
Errno cpu_lwp_setprivate(lwp* l, void* value);
void* cpu_lwp_getprivate(lwp* l);

// Asks CPU `ci` to go through the scheduler before it returns to user mode.
// => with `ci` a remote CPU an SGI is sent
void cpu_need_resched(cpu_info* ci, lwp* l, int flags);
// Makes `l` go through ast() before user mode: a signal, a profiling tick.
void cpu_signotify(lwp* l);
vaddr_t cpu_userpc(const lwp* l); // where it is in user mode
inline void cpu_did_resched(lwp*) {
    curcpu()->ci_want_resched = 0;
}

// Waits for an interrupt, in the idle loop. => interrupts enabled
void cpu_idle();
// Full barrier between CPUs.
inline void membar_sync() {
    asm volatile("dmb ish" ::: "memory");
}
inline void membar_producer() {
    asm volatile("dmb ishst" ::: "memory");
}
inline void membar_consumer() {
    asm volatile("dmb ishld" ::: "memory");
}

// --- supplied by the machine-independent kernel ------------------------------
// A system call; its number is the ISS of tf_esr, its arguments tf_x[0..7].
void syscall(lwp* l, trapframe* tf);
// One tick of the timer on this CPU. => interrupt context
void hardclock(bool usermode);
// mi_userret() is in sys/lwp.hpp, and a fault that is the program's own becomes
// trapsignal() of sys/signalvar.hpp.
