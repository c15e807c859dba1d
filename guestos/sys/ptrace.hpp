// Tracing of one process by another: ptrace(2). kern/sys_ptrace.cpp,
// arch/aarch64/process_machdep.cpp
#pragma once

#include "abi/ptrace.hpp"
#include "sys/types.hpp"

struct lwp;

// Registers of an LWP that is stopped. Machine-dependent
void process_read_regs(lwp* l, abi::reg* regs);
[[nodiscard]] Errno process_write_regs(lwp* l, const abi::reg* regs); // EINVAL: not the program's
void process_set_pc(lwp* l, vaddr_t pc);
