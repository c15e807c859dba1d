// Machine-dependent members of struct lwp and struct proc.
#pragma once

#include "machine/frame.hpp"
#include "machine/pcb.hpp"
#include "machine/step.hpp"

struct cpu_info;

struct mdlwp {
    trapframe* md_utf;          // registers of user mode, at the top of the stack
    volatile int md_astpending; // go through ast() before user mode
    u64 md_tpidr;               // TPIDR_EL0 while not running: the TLS register
    cpu_info* md_fpu_cpu;       // CPU whose FP registers were loaded last for us
    mdstep md_step;             // ptrace: one instruction at a time
};

struct mdproc {};
