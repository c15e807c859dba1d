// Machine-dependent members of struct lwp and struct proc.
#pragma once

#include "machine/frame.hpp"
#include "machine/pcb.hpp"

struct mdlwp {
    trapframe* md_utf;
    volatile int md_astpending;
};

struct mdproc {};
