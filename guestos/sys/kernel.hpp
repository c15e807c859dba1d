// Where kernel-wide initialisation meets: init_main.cpp calls, in this order,
// what the machine-independent upper half has to set up.
#pragma once

#include "sys/types.hpp"

struct cpu_info;

// Before anything sleeps or locks: proc0 and lwp0 become real, tables exist.
// => pools and kmem work; curlwp is lwp0
void kern_init_early();
// Scheduler, idle LWP of the first CPU, callouts. => interrupts still masked
void kern_init_cpu(cpu_info* ci);
// With the clock running: root file system, reaper, init. Does not return.
[[noreturn]] void kern_start();
// The end of init is the end of the run.
[[noreturn]] void init_exited(int exitcode, int signo);
