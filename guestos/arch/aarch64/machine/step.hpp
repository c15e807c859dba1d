// Single steps of a traced program. arch/aarch64/step_decode.cpp,
// arch/aarch64/process_step.cpp
//
// Deviation: NetBSD sets PSTATE.SS, which the engine does not honour. As on
// processors without such a bit, a breakpoint is planted where the program will
// be after one instruction. It is in memory only while the thread is in user
// mode: put there on the way out of the kernel, taken away on the way in, so
// that nobody else ever meets it.
#pragma once

#include "sys/types.hpp"

struct lwp;

// A sequence of exclusive accesses is one step: its end and one way out of it.
inline constexpr unsigned kStepTargets = 2;

// Where the program can be after one instruction.
struct step_targets {
    vaddr_t at[kStepTargets];
    unsigned count; // 0: the kernel is next
};

// The registers that say where an instruction goes.
struct step_registers {
    vaddr_t pc;
    u64 spsr;
    const u64* x; // X0..X30
};

// Reads an instruction of the program. => false: it can't be read
using step_fetch = bool (*)(vaddr_t va, u32* insn);

step_targets step_decode(const step_registers& r, u32 insn, step_fetch fetch);

// Of an LWP, in its mdlwp.
struct mdstep {
    bool wanted;          // one more instruction, then it stops
    unsigned planted;     // breakpoints that are in memory
    step_targets targets; // where the last ones were
    paddr_t word[kStepTargets]; // 0: it could not be put there
    u32 saved[kStepTargets];     // what was there
};

void step_plant(lwp* l);   // => the last thing before user mode; may sleep
void step_unplant(lwp* l); // => the first thing after it
// Has the breakpoint at pc ended the step? => the step is over then
bool step_done(lwp* l, vaddr_t pc);
