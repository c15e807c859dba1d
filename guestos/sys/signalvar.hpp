// Signals of processes: actions, sending, delivery. kern/kern_sig.cpp,
// kern/kern_sigacts.cpp, kern/kern_issignal.cpp, kern/sys_sig.cpp
#pragma once

#include "sys/flags.hpp"
#include "sys/mutex.hpp"
#include "sys/signal.hpp"

struct lwp;
struct pgrp;
struct proc;

// One action: what sigaction(2) set, and where the trampoline is.
struct sigact_desc {
    abi::sigaction sd_sigact;
    u64 sd_tramp; // address in the program
    int sd_vers;
};

// Signal actions, shared by processes made with FORK_SHARESIGS.
struct sigacts {
    sigact_desc sa_sigdesc[NSIG];
    std::atomic<int> sa_refcnt;
};

// Properties of a signal's default action.
enum SigProp : u32 {
    SA_KILL = 0x01,     // terminates the process
    SA_CORE = 0x02,     // and would leave a core
    SA_STOP = 0x04,     // stops it
    SA_TTYSTOP = 0x08,  // by job control
    SA_IGNORE = 0x10,   // nothing
    SA_CONT = 0x20,     // continues a stopped process
    SA_CANTMASK = 0x40, // neither caught nor masked
    SA_NORESET = 0x80,
    SA_TOLWP = 0x100,   // to the LWP that caused it
};
template <> inline constexpr bool is_flags<SigProp> = true;
SigProp sigprop(int sig);

extern const abi::sigset_t contsigmask, stopsigmask, sigcantmask;

void signal_init();
sigacts* sigactsinit(proc* p, bool share); // for a child of p
void sigactsfree(sigacts* ps);
void sigactsunshare(proc* p);
void siginit(proc* p);                     // proc0
// Exec: caught signals go back to their default. => p_lock not held
void execsigs(proc* p);

// Has SIGKILL been sent to it, or has it begun to exit?
bool proc_is_killed(const proc* p);

// --- sending -----------------------------------------------------------------
void ksiginfo_init(ksiginfo* ksi, int sig);
// => proc_lock held, p_lock not; may be called for any process
void psignal(proc* p, int sig);
void kpsignal(proc* p, ksiginfo* ksi);
// => proc_lock and p_lock held
Errno kpsignal2(proc* p, ksiginfo* ksi); // EAGAIN as from sigput
void pgsignal(pgrp* pg, int sig, bool checkctty); // => proc_lock held
// A fault of the running LWP, to be delivered at once.
void trapsignal(lwp* l, ksiginfo* ksi);
Errno killpg1(lwp* l, ksiginfo* ksi, int pgid, bool all);
void sigclear(sigpend* sp, const abi::sigset_t* mask, ksiginfo** freed);
void sigclearall(proc* p, const abi::sigset_t* mask, ksiginfo** freed);
void ksiginfo_queue_drain(ksiginfo* freed);
void sigpend_init(sigpend* sp);
// Makes a signal pending, with its circumstances; a second one of the same
// number replaces the first one's, but real-time signals stand in line. Without
// memory the circumstances are lost, not the signal.
// => EAGAIN: the line is full
Errno sigput(sigpend* sp, const ksiginfo* ksi);
void sigget(sigpend* sp, int sig, ksiginfo* out); // takes it off

// --- delivery ----------------------------------------------------------------
// The signal that the LWP must act on now, 0 if none; stops it if that is the
// action. => p_lock held
int issignal(lwp* l);
void postsig(int sig); // acts on it; => p_lock held
bool sigispending(lwp* l, int sig); // => p_lock held; 0: any
bool sigtake(lwp* l, const abi::sigset_t* set, ksiginfo* out);
[[noreturn]] void sigexit(lwp* l, int sig); // => p_lock held; released
// Makes the LWP run the handler when it is back in user mode; `mask` comes back
// when that returns. => p_lock held, and dropped meanwhile. Machine-dependent
void sendsig(const ksiginfo* ksi, const abi::sigset_t* mask);
void kpsendsig(lwp* l, const ksiginfo* ksi, const abi::sigset_t* mask);
// Errno of a sleep that a signal ended: EINTR, or ERESTART if the action says
// so. => p_lock held
Errno sigchecksleep(lwp* l);

// --- stop and continue ---------------------------------------------------------
// => all of these: proc_lock and p_lock held
void proc_stop(proc* p, int sig);
void proc_stop_done(proc* p); // every LWP has stopped: tell the parent
// One LWP runs no longer. It may be the last that a stop waits for.
void proc_lwp_leaves(proc* p);
void proc_unstop(proc* p);
// The calling LWP stops here, until its process is continued.
// => p_lock held, and dropped meanwhile
void sigswitch(lwp* l, proc* p);
// Starts to stop the process, if the signal is still pending now that both
// locks are held. Without `sp` it is a tracer's.
// => p_lock held, and dropped meanwhile
void sigstop(proc* p, sigpend* sp, int sig);
bool tty_may_stop(const proc* p); // does job control stop it?
// Is there a tracer that can be told? The parent can't while it waits in vfork.
bool proc_has_tracer(const proc* p);
// The tracer is told of a fault and the process stops.
// => proc_lock and p_lock held; both released
void faultswitch(const ksiginfo* ksi);
// The tracer is told and the process stops: ptrace. Events are abi::PTRACE_*.
// => proc_lock and p_lock held; both released
void eventswitch(int code, int event, int entity);
// => no locks held
void eventswitchchild(proc* p, int code, int event);
// The same for an LWP that begins or ends, if its tracer asked for the event.
void eventswitchlwp(lwp* l, int event);
// The same at the edges of a system call: TRAP_SCE, TRAP_SCX.
void proc_stoptrace(int code, unsigned number, const u64 args[8], const register_t retval[2],
                    Errno error);

// --- masks, actions ------------------------------------------------------------
Errno sigaction1(lwp* l, int sig, const abi::sigaction* nsa, abi::sigaction* osa, u64 tramp,
                 int vers);
Errno sigprocmask1(lwp* l, int how, const abi::sigset_t* nss, abi::sigset_t* oss);
void sigpending1(lwp* l, abi::sigset_t* ss);
void sigsuspendsetup(lwp* l, const abi::sigset_t* ss);
void sigsuspendteardown(lwp* l);
