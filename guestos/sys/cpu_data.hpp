// The part of a CPU's data that the machine-independent kernel owns: run queues,
// spin mutex nesting, counters. The machine's cpu_info holds one as ci_data.
#pragma once

#include "sys/intr.hpp"
#include "sys/lwp.hpp"
#include "sys/queue.hpp"

// Run queues of one CPU: a list for every priority and a bitmap of those that
// are not empty. Knows nothing of locks or CPUs, so that tests can drive it.
struct runqueue {
    using queue = TAILQ_HEAD<lwp, &lwp::l_runq>;
    static constexpr unsigned kWords = (PRI_COUNT + 63) / 64;

    queue rq_queue[PRI_COUNT];
    u64 rq_bitmap[kWords] = {};
    unsigned rq_count = 0;

    void init();
    void enqueue(lwp* l, pri_t pri, bool at_head = false);
    void dequeue(lwp* l, pri_t pri);
    pri_t highest() const; // PRI_NONE if empty
    lwp* first() const;    // of the highest priority; nullptr if empty
};

// Per-CPU state of the scheduler, part of cpu_data.
struct schedstate_percpu {
    kmutex_t* spc_mutex;   // guards the run queue and LWPs on it
    kmutex_t* spc_lwplock; // guards LWPs that are on this CPU
    runqueue spc_runq;     // [spc_mutex]
    pri_t spc_curpriority; // of the LWP on the CPU
    u64 spc_lastmod;       // time of the last switch, nanoseconds
    u64 spc_ticks;         // ticks seen
    u64 spc_nswitches;
    u64 spc_cp_time[4];    // ticks by CP_*
};
enum { CP_USER, CP_SYS, CP_INTR, CP_IDLE };

// The part of a CPU's data that the machine-independent kernel owns. The
// machine's cpu_info holds one as ci_data.
struct cpu_data {
    schedstate_percpu cpu_schedstate;
    lwp* cpu_idlelwp;
    int cpu_mtx_count;   // spin mutexes held, counted downwards from 0
    ipl_t cpu_mtx_oldspl; // level to go back to when the last is released
    struct callout_cpu* cpu_callout;
    u64 cpu_counts[8];   // by cpu_count
    u64 cpu_ticks;
};

enum cpu_count {
    CPU_COUNT_FORKS,
    CPU_COUNT_FORKS_PPWAIT,
    CPU_COUNT_FORKS_SHAREVM,
    CPU_COUNT_NSWTCH,
    CPU_COUNT_NSYSCALL,
    CPU_COUNT_NTRAP,
    CPU_COUNT_NINTR,
    CPU_COUNT_MAX,
};
