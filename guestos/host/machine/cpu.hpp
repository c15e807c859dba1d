// The fake machine's one CPU and the thread that a test says is running.
#pragma once

#include "abi/probe.hpp"
#include "machine/frame.hpp"
#include "sys/cpu_data.hpp"
#include "sys/intr.hpp"
#include "sys/param.hpp"

struct lwp;
struct pmap;

struct cpu_info : cpu_intr_state {
    lwp* ci_curlwp;
    volatile int ci_want_resched;
    unsigned ci_index;
    pmap* ci_pmap;
    cpu_data ci_data;
    abi::ProbeRecord ci_probe[2];
};

extern cpu_info cpu_info_store[MAXCPUS];
extern unsigned ncpu;

inline cpu_info* curcpu() {
    return &cpu_info_store[0];
}
inline lwp* curlwp_get() {
    return curcpu()->ci_curlwp;
}
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

inline void cpu_need_resched(cpu_info* ci, lwp*, int) {
    ci->ci_want_resched = 1;
}
void cpu_signotify(lwp* l);
vaddr_t cpu_userpc(const lwp* l);
inline void cpu_did_resched(lwp*) {
    curcpu()->ci_want_resched = 0;
}
lwp* cpu_switchto(lwp* oldlwp, lwp* newlwp, bool returning);
void cpu_lwp_fork(lwp* l1, lwp* l2, void* stack, size_t stacksize, void (*func)(void*), void* arg);
void cpu_setregs(lwp* l, vaddr_t pc, vaddr_t sp);
void cpu_lwp_free(lwp* l, bool discard);
void md_child_return(lwp* l);
Errno cpu_lwp_setprivate(lwp* l, void* value);
void* cpu_lwp_getprivate(lwp* l);
void cpu_idle();
