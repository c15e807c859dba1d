// The state of one CPU that the engine does not keep: the system registers that
// the emulator answers for itself, and where the CPU stands between two blocks.
#pragma once

#include "mmu/walker.hpp"

namespace forkscope {

// System registers. Arm ARM DDI 0487, D17.2 "General system control registers".
struct SystemState {
    u64 par = 0;     // PAR_EL1
    u64 cpacr = 0;   // CPACR_EL1
    u64 csselr = 0;  // CSSELR_EL1
    u64 actlr = 0;   // ACTLR_EL1: nothing in it
    u64 afsr0 = 0;   // AFSR0_EL1
    u64 afsr1 = 0;   // AFSR1_EL1
    u64 amair = 0;   // AMAIR_EL1
    u64 mdscr = 0;   // MDSCR_EL1: kept, without effect
    u64 mdccint = 0; // MDCCINT_EL1
    u64 osdlr = 0;   // OSDLR_EL1
    u64 oslock = 1;  // OSLSR_EL1.OSLK
    u64 dbgprcr = 0; // DBGPRCR_EL1
    u64 dbgclaim = 0; // DBGCLAIMSET_EL1
};

struct CpuState {
    TranslationRegime regime;
    SystemState system;
    Cycle idle_cycles = 0;    // spent in WFI, of all cycles
    Cycle latest_moment = 0;  // what now() has said: it never goes back
    Cycle charged_until = 0;  // in the ledger
    u32 level = 1;            // exception level of the block being executed
    bool upper_el0 = false;   // EL0 code has been seen in the upper half
    bool irq_line = false;
    bool fiq_line = false;
};

} // namespace forkscope
