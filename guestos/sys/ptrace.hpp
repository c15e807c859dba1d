// Tracing of one process by another: ptrace(2). kern/sys_ptrace.cpp,
// kern/sys_process.cpp, arch/aarch64/process_machdep.cpp
#pragma once

#include "abi/ptrace.hpp"
#include "sys/proc.hpp"
#include "sys/types.hpp"

// Registers of an LWP that is stopped. Machine-dependent
void process_read_regs(lwp* l, abi::reg* regs);
[[nodiscard]] Errno process_write_regs(lwp* l, const abi::reg* regs); // EINVAL: not the program's
void process_read_fpregs(lwp* l, abi::fpreg* regs);
void process_write_fpregs(lwp* l, const abi::fpreg* regs);
void process_set_pc(lwp* l, vaddr_t pc);
// One instruction, and it stops with SIGTRAP, TRAP_TRACE. Lasts until the next
// call, or the step is made.
void process_sstep(lwp* l, bool step);

// One request: the tracer p asks about, or changes, t.
struct tracing {
    lwp* l;
    proc* p;
    int req;
    void* addr; // the request's own
    int data;
    proc* t;
    register_t* retval;
};

// The events that can be asked for.
inline constexpr ProcTraceFlag kTraceEvents = PSL_TRACEFORK | PSL_TRACEVFORK | PSL_TRACEVFORK_DONE |
                                              PSL_TRACELWP_CREATE | PSL_TRACELWP_EXIT |
                                              PSL_TRACEPOSIX_SPAWN;

// The LWP whose registers are asked for: a positive `data` names it, else the
// first. => p_lock of t held
lwp* traced_lwp(const tracing& r, int lid);
// Where the auxiliary vector is in t's memory.
[[nodiscard]] Errno process_auxv(proc* t, vaddr_t* at);
// Requests that look at t, or change what it finds.
// => t can't go away: only we can let it run, and only we wait for it. It may
//    be killed; then its memory waits for p_reflock
Errno process_look(const tracing& r);
