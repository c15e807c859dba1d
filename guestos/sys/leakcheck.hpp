// The leak check: what processes took, they have given back when they are
// reaped. kern/kern_leakcheck.cpp
//
// The boot option `leakcheck` makes the kernel check whenever init is left
// without children; sysctl debug.leaks does it between two moments that a
// program chooses.
#pragma once

#include "sys/types.hpp"

struct proc;

// Who checks: each remembers for itself.
enum class LeakCheck : unsigned { Init, Program };

// Remembers what is in use, apart from what is the process's alone.
// => the process has no children; may sleep
void leakcheck_begin(LeakCheck who, proc* p);
// Compares. What is different is told on the console; the probe
// kernel:::leak-check fires. => returns how many things differ
unsigned leakcheck_end(LeakCheck who, proc* p);

// Tells the free frames by the probe uvm:::frames, 0 at boot and 1 at the end:
// those that caches of the kernel and contents of files fill count as free.
// => by init without memory of its own; may sleep
void frame_count(unsigned moment);

// From fork and from reaping: init's first child comes, its last one goes.
void leakcheck_fork(proc* parent);
void leakcheck_reaped(proc* parent);
