// Limits and usage of a process. kern/kern_resource.cpp
#pragma once

#include "abi/wait.hpp"
#include "sys/callout.hpp"
#include "sys/mutex.hpp"
#include "sys/queue.hpp"
#include "sys/types.hpp"

struct lwp;
struct proc;

// Resource limits. Shared copy on write by reference count: while it is not
// writeable, nobody changes it. setrlimit makes a private, writeable copy.
struct plimit {
    kmutex_t pl_lock;                          // guards the limits once writeable
    std::atomic<unsigned> pl_refcnt;
    bool pl_writeable;                         // belongs to one process alone
    abi::rlimit pl_rlimit[abi::RLIM_NLIMITS];
};

plimit* lim_copy(plimit* lim); // not writeable, one reference
void lim_addref(plimit* lim);
void lim_free(plimit* lim);
void lim_privatise(proc* p);   // afterwards p's limits are writeable
Errno dosetrlimit(lwp* l, proc* p, int which, const abi::rlimit* limit);
extern plimit* lim_default;    // of proc0

// One of a process's interval timers. kern/kern_timer.cpp
struct itimer {
    callout it_ch;
    proc* it_proc;   // [!]
    int it_which;    // [!] ITIMER_*
    u64 it_due;      // [proc_lock] on its clock, nanoseconds; 0: it is off
    u64 it_interval; // [proc_lock] 0: it goes off once
};
inline constexpr unsigned ITIMER_COUNT = 4;

// Usage that is kept per process. The middle is copied by fork, the rest starts
// at zero.
// Where profil(2) counts. NetBSD: sys/sys/resourcevar.h
struct uprof {
    vaddr_t pr_base; // the counters
    vsize_t pr_size; // of them, bytes
    vaddr_t pr_off;  // program counter of the first
    u32 pr_scale;    // bytes of counters for 65,536 of program
};

struct pstats {
    abi::rusage p_ru;      // [p_lock] of LWPs that have gone, and counts
    abi::rusage p_cru;     // [p_lock] sum of children waited for
    uprof p_prof;          // [p_stmutex] copied by fork
    abi::timeval p_start;  // when it was made
    itimer p_timer[ITIMER_COUNT];
};
pstats* pstatscopy(const pstats* ps);
void pstatsfree(pstats* ps);
void itimers_init(proc* p); // off
void itimers_stop(proc* p); // => may sleep

// Exact time on CPUs so far, nanoseconds. => p_lock held
u64 lwp_rtime(const lwp* l);
u64 proc_rtime(const proc* p);
// User and system time of the process so far. => p_lock held
void calcru(proc* p, abi::timeval* user, abi::timeval* system);
// What a living or dead process has used, its children not. => p_lock held
void proc_usage(proc* p, abi::rusage* ru);
// The same for its last time: p_ru holds all of it from now on.
// => p_lock held; l is the last LWP
void proc_usage_end(lwp* l);
// Notes the most memory it has had, while it still has it. => p_lock held
void ruspace(proc* p, abi::rusage* ru);
// *to += *add
void ruadd(abi::rusage* to, const abi::rusage* add);
// Moves an LWP's counts. => p_lock held
// --- subr_prof.cpp ------------------------------------------------------------------
// A tick found the LWP in user mode at `pc`. => p_stmutex held
void addupc_intr(lwp* l, vaddr_t pc);
void addupc_task(lwp* l); // counts it; => the running LWP, which may sleep
void stopprofclock(proc* p);

void rulwp_fold(lwp* l, abi::rusage* ru);

// What a real user has.
struct uidinfo {
    LIST_ENTRY<uidinfo> ui_list;
    uid_t ui_uid;
    std::atomic<long> ui_proccnt; // processes
    std::atomic<long> ui_lwpcnt;  // LWPs, but for one of each process
    std::atomic<long> ui_lockcnt; // locks on files
};
uidinfo* uid_find(uid_t uid);
long chgproccnt(uid_t uid, int diff); // the count afterwards
long chglwpcnt(uid_t uid, int diff);
long chglockcnt(uid_t uid, int diff);
void uid_init();
void resource_init();
