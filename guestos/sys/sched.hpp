// The scheduler: run queues by priority and CPU, time slices. sched(9).
// kern/kern_runq.cpp (queues), kern/sched_ts.cpp (policy), kern/kern_synch.cpp
// (switching).
#pragma once

#include "machine/cpu.hpp"
#include "sys/lwp.hpp"

struct proc;

// --- policy ------------------------------------------------------------------
extern const int sched_rrticks; // length of a time slice
void sched_cpuattach(cpu_info* ci); // before the CPU's idle LWP exists
void sched_proc_fork(proc* parent, proc* child); // => parent's p_lock held
void sched_proc_exit(proc* parent, proc* child);
void sched_lwp_fork(lwp* l1, lwp* l2);
void sched_lwp_exit(lwp* l);
void sched_tick(cpu_info* ci);  // every hardclock tick, on its CPU
void sched_wakeup(lwp* l);      // it comes back from a sleep; => locked
void sched_nice(proc* p, int level); // => p_lock held
// A new priority for an LWP, wherever it is. => locked
void sched_changepri(lwp* l, pri_t pri);

// Every second, from a callout: who has used up its RLIMIT_CPU is told, or killed.
void sched_pstats();
void sched_pstats_start();

// --- queues ------------------------------------------------------------------
void sched_enqueue(lwp* l); // => l locked by the CPU's spc_mutex
void sched_dequeue(lwp* l); // => same
// Tells the CPU that l, just made runnable, may be better than what it runs.
void sched_resched_lwp(lwp* l);
bool sched_curcpu_runnable_p();
cpu_info* sched_takecpu(lwp* l); // the CPU for an LWP that becomes runnable

// --- switching ---------------------------------------------------------------
// Gives up the CPU. => l is curlwp and locked, no other spin mutex is held
// => returns unlocked, at the level from before the lock was taken
void mi_switch(lwp* l);
void yield();        // to others of the same priority
void preempt();      // at the end of a time slice or for a better LWP
void setrunnable(lwp* l); // => p_lock held and l locked; unlocked on return
// After a switch, on the new LWP's stack, before anything else of it.
void lwp_switched(lwp* prev);
[[noreturn]] void idle_loop(void* cpu);
Errno create_idle_lwp(cpu_info* ci);

// --- clock -------------------------------------------------------------------
// One tick of the virtual timer on this CPU, which interrupted user mode or not.
// => interrupt context
void hardclock(bool usermode);
extern u64 hardclock_ticks; // of the first CPU, since boot
u64 getticks();
int mstohz(int milliseconds); // rounded up to ticks
