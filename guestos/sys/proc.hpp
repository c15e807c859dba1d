// Processes, process groups, sessions. kern/kern_proc.cpp, kern/kern_pgrp.cpp
//
// Letters in brackets say what guards a field:
//   a  atomic
//   c  changed only by the process itself
//   l  proc_lock
//   p  p_lock
//   P  p_lock and proc_lock to change, either to read
//   s  p_stmutex
//   !  set once, before anybody sees the process
#pragma once

#include "abi/wait.hpp"
#include "machine/proc.hpp" // struct mdproc
#include "sys/condvar.hpp"
#include "sys/flags.hpp"
#include "sys/lwp.hpp"
#include "sys/mutex.hpp"
#include "sys/param.hpp"
#include "sys/queue.hpp"
#include "sys/rwlock.hpp"
#include "sys/signalvar.hpp"

struct cwdinfo;
struct execsw;
struct pgrp;
struct filedesc;
struct kauth_cred;
struct knote;
struct ktr_desc;
struct plimit;
struct proc;
struct pstats;
struct tty;
struct vmspace;
struct vnode;

// p_stat [P]
enum proc_stat : i8 {
    SIDL = 1,    // being made
    SACTIVE = 2, // its LWPs run or sleep
    SDYING = 3,  // in exit1
    SSTOP = 4,   // by a signal or a tracer
    SZOMB = 5,   // waits to be waited for
    SDEAD = 6,   // waited for, about to be freed
};

// p_flag [p], of which some are [!]
enum ProcFlag : u32 {
    PK_SYSTEM = 0x00000002,
    PK_ADVLOCK = 0x00000001,    // may have locks of fcntl
    PK_SUGID = 0x00000100,      // has had changed privileges since exec
    PK_EXEC = 0x00004000,       // has called exec
    PK_NOCLDWAIT = 0x00020000,  // children leave no zombies
    PK_32 = 0x00040000,         // a 32-bit program (never set)
    PK_CLDSIGIGN = 0x00080000,  // ignores SIGCHLD
    PK_MARKER = 0x80000000,
};
template <> inline constexpr bool is_flags<ProcFlag> = true;

// p_sflag [p]
enum ProcSigFlag : u32 {
    PS_NOCLDSTOP = 0x00000008,  // no SIGCHLD when children stop
    PS_WCORE = 0x00000400,
    PS_WEXIT = 0x00002000,      // exit1 has begun
    PS_STOPFORK = 0x00800000,   // children are born stopped
    PS_STOPEXEC = 0x01000000,
    PS_STOPEXIT = 0x02000000,
    PS_COREDUMP = 0x04000000,
    PS_NOTIFYSTOP = 0x10000000, // the parent is told once all LWPs have stopped
    PS_ORPHANPG = 0x20000000,
    PS_CONTINUED = 0x40000000,  // went on, and its parent has not waited for that
    PS_STOPPING = 0x80000000,   // on its way to SSTOP
};
template <> inline constexpr bool is_flags<ProcSigFlag> = true;

// p_slflag [P]
enum ProcTraceFlag : u32 {
    PSL_TRACEFORK = 0x00000001,
    PSL_TRACEVFORK = 0x00000002,
    PSL_TRACEVFORK_DONE = 0x00000004,
    PSL_TRACELWP_CREATE = 0x00000008,
    PSL_TRACELWP_EXIT = 0x00000010,
    PSL_TRACEPOSIX_SPAWN = 0x00000020,
    PSL_TRACED = 0x00000800,
    PSL_TRACEDCHILD = 0x00001000, // born under a tracer's fork event
    PSL_CHTRACED = 0x00400000,
    PSL_SYSCALL = 0x04000000,
    PSL_SYSCALLEMU = 0x08000000, // the call that it is about to make is its tracer's affair
};
template <> inline constexpr bool is_flags<ProcTraceFlag> = true;

// p_lflag [l]
enum ProcLinkFlag : u32 {
    PL_CONTROLT = 0x00000002, // has a controlling terminal
    PL_PPWAIT = 0x00000010,   // its vfork parent waits
    PL_JOBC = 0x00010000,     // counted in pg_jobc. Deviation: NetBSD does not note it
};
template <> inline constexpr bool is_flags<ProcLinkFlag> = true;

// p_stflag [s]
enum ProcProfFlag : u32 { PST_PROFIL = 0x00000020 };
template <> inline constexpr bool is_flags<ProcProfFlag> = true;

enum { AFORK = 0x01, ASU = 0x02, ACORE = 0x08, AXSIG = 0x10 }; // p_acflag

// Starts at zero in a new process.
struct proc_zeroed {
    int p_nlwps;           // [p] LWPs
    int p_nzlwps;          // [p] of those, zombies
    int p_nrlwps;          // [p] of those, running, runnable or soon to be
    int p_nlwpwait;        // [p] LWPs in lwp_wait
    int p_ndlwps;          // [p] detached LWPs
    u32 p_nstopchild;      // [l] children that are stopped or zombies and not reported
    u32 p_waited;          // [l] its parent knows that it stopped or died
    lwp* p_zomblwp;        // [p] a dead, detached LWP to be freed
    lwp* p_vforklwp;       // [l] LWP of the parent that waits for us

    u64 p_rtime;           // [p] time of LWPs that have gone, nanoseconds
    u64 p_xcputime;        // [p] no SIGXCPU before it has run so many seconds
    u64 p_uticks;          // [s] clock ticks in user mode
    u64 p_sticks;          // [s] in the kernel
    u64 p_iticks;          // [s] in interrupts
    abi::timeval p_xutime; // [p] user time last told: it never goes back
    abi::timeval p_xstime; // [p] system time last told

    u32 p_traceflag;       // [k] KTRFAC_*, [k] is ktrace's lock
    ktr_desc* p_tracep;    // [k] where its trace goes
    vnode* p_textvp;       // [c] the program's file
    knote* p_klist;        // [l] kqueue watchers
    u32 p_mqueue_cnt;      // [a] message queues open
    sigpend p_sigpend;     // [p] signals pending for whoever takes them
    int p_xsig;            // [p] signal that stopped or killed it
    int p_xexit;           // [p] exit code, all bits of it
    u16 p_acflag;          // [p] accounting
    vaddr_t p_stackbase;   // [c] where its first stack began
    struct lcproc* p_lwpctl; // [p] pages of _lwp_ctl, null if nobody asked
};

// Is copied from the parent.
struct proc_copied {
    struct {
        abi::ksiginfo_abi ps_info;   // the signal a tracer is told of
        lwpid_t ps_lwp;              // the LWP it is for
        int ps_signo;                // 0: none
        bool ps_faked;               // made up by the tracer's events
        int ps_inject;               // the signal a tracer lets it go on with
        abi::sigset_t ps_sigignore;  // signals that are ignored
        abi::sigset_t ps_sigcatch;   // signals that have handlers
        abi::sigset_t ps_sigpass;    // signals that a tracer is not told of
    } p_sigctx;                      // [p]
    u8 p_nice;                        // [p] 0..40, 20 in the middle
    char p_comm[MAXCOMLEN + 1];       // [p] name
    vaddr_t p_psstrp;                 // [c] address of its ps_strings
    pgrp* p_pgrp;                     // [l] process group
};

struct proc : proc_zeroed, proc_copied {
    // Place among the others
    LIST_ENTRY<proc> p_list;    // [l] allproc or zombproc
    LIST_ENTRY<proc> p_sibling; // [l] children of p_pptr
    LIST_ENTRY<proc> p_pglist;  // [l] process group
    LIST_HEAD<proc, &proc::p_sibling> p_children; // [l]
    proc* p_pptr;               // [l] parent
    pid_t p_pid;                // [!]
    pid_t p_ppid;               // [l] parent's pid
    pid_t p_oppid;              // [l] pid of the one that forked it
    int p_exitsig;              // [l] signal for the parent at exit

    // State
    proc_stat p_stat;           // [P]
    ProcFlag p_flag;            // [p]
    ProcSigFlag p_sflag;        // [p]
    ProcTraceFlag p_slflag;     // [P]
    ProcLinkFlag p_lflag;       // [l]
    ProcProfFlag p_stflag;      // [s]

    // LWPs
    LIST_HEAD<lwp, &lwp::l_sibling> p_lwps; // [p]

    // Locks and waiting
    kmutex_t* p_lock;           // [!] shared by processes that share signals
    kmutex_t p_stmutex;         // statistics; spins
    kmutex_t p_auxlock;         // lesser things; sleeps
    krwlock_t p_reflock;        // held by who looks at it from outside
    kcondvar_t p_waitcv;        // [l] wait4
    kcondvar_t p_lwpcv;         // [p] changes of LWPs

    // What it has
    kauth_cred* p_cred;         // [p] credentials
    filedesc* p_fd;             // [!] descriptors
    cwdinfo* p_cwdi;            // [!] directories, umask
    plimit* p_limit;            // [p] to change
    pstats* p_stats;            // [p]
    vmspace* p_vmspace;         // [c] address space
    sigacts* p_sigacts;         // [p] to change
    char* p_path;               // [c] the program's path
    const struct emul* p_emul;  // [c]
    const execsw* p_execsw;     // [c] what loaded the program
    mdproc p_md;
};

// --- sessions and process groups -----------------------------------------------
struct session {
    int s_count;    // [l] process groups in it
    proc* s_leader; // [l] null once it has gone
    vnode* s_ttyvp; // [l] controlling terminal, null if none
    tty* s_ttyp;    // [l] the same
    pid_t s_sid;    // [!]
    char s_login[17];
};

struct pgrp {
    LIST_HEAD<proc, &proc::p_pglist> pg_members; // [l]
    session* pg_session;                         // [!]
    pid_t pg_id;                                 // [!]
    int pg_jobc; // [l] members whose parent is in another group of the session
};

// What is particular to a kind of program. There is one, NetBSD's own.
struct emul {
    const char* e_name;
    void (*e_proc_fork)(proc* p2, lwp* l1, unsigned flags); // may be null
    void (*e_proc_exit)(proc* p);
    void (*e_proc_exec)(proc* p);
};
extern const emul emul_netbsd;

// --- fork1's arguments -----------------------------------------------------------
enum ForkFlags : u32 {
    FORK_PPWAIT = 0x0001,     // the parent waits until the child execs or exits
    FORK_SHAREVM = 0x0002,    // one address space for both
    FORK_SHARECWD = 0x0004,   // one working directory, root and umask
    FORK_SHAREFILES = 0x0008, // one descriptor table
    FORK_SHARESIGS = 0x0010,  // one set of signal actions, one lock
    FORK_NOWAIT = 0x0020,     // the child is init's
    FORK_CLEANFILES = 0x0040, // no descriptors
    FORK_SYSTEM = 0x0080,     // a process of the kernel's own
};
template <> inline constexpr bool is_flags<ForkFlags> = true;

using proclist = LIST_HEAD<proc, &proc::p_list>;

// Has it stopped, or is it about to? => p_lock held
inline bool proc_is_stopping(const proc* p) {
    return (p->p_sflag & PS_STOPPING) != 0 || p->p_stat == SSTOP;
}

extern kmutex_t proc_lock;
extern proc proc0;
extern proc* initproc;
extern proclist allproc;  // [l] all but zombies
extern proclist zombproc; // [l] zombies
extern std::atomic<unsigned> nprocs; // processes, zombies included
extern int maxproc;
extern int forkfsleep; // ticks that a refused fork sleeps

// --- kern_proc.cpp -----------------------------------------------------------------
void procinit();
void proc0_init();
proc* proc_alloc(); // with a pid, state IDL; null if no pid is left
size_t proc_table_pages(); // that the table of numbers fills
// Frees a zombie. => proc_lock held; released
void proc_free(proc* p, abi::wrusage* wru);
void proc_free_mem(proc* p); // gives the structure back; the process count falls
// => proc_lock held. A process that is being made is not found.
proc* proc_find(pid_t pid);
proc* proc_find_raw(pid_t pid); // that too
pid_t proc_alloc_lwpid(proc* p, lwp* l); // 0: no number is left; => p_lock held
void proc_free_lwpid(proc* p, pid_t lid);
void proc_free_pid(pid_t pid);  // => proc_lock held
lwp* proc_find_lwp(proc* p, lwpid_t lid); // => p_lock held
// Tells the parent that p has stopped or gone on: SIGCHLD and a wake-up.
// => proc_lock held; PS_NOCLDSTOP in `mask` lets the parent opt out
void child_psignal(proc* p, ProcSigFlag mask);
void proc_reparent(proc* p, proc* newparent); // => proc_lock held
// The same, and the new parent traces it. => proc_lock held
void proc_changeparent(proc* p, proc* tracer);
// The signal that wait sees as the process's exit signal: a tracer's is SIGCHLD.
int proc_exitsig(const proc* p);

// --- kern_pgrp.cpp -----------------------------------------------------------------
void pgrp_init();
pgrp* pgrp_find(pid_t pgid);    // => proc_lock held
Errno proc_enterpgrp(proc* curp, pid_t pid, pid_t pgid, bool mksess);
void proc_leavepgrp(proc* p);   // => proc_lock held; released
void proc_sesshold(session* ss);
void proc_sessrele(session* ss); // => proc_lock held; released
void fixjobc(proc* p); // => proc_lock held

// --- kern_fork.cpp -----------------------------------------------------------------
[[nodiscard]] Errno fork1(lwp* l1, ForkFlags flags, int exitsig, void* stack, size_t stacksize,
                          void (*func)(void*), void* arg, register_t* retval);
void child_return(void* arg);
using forkhook = void (*)(proc* p2, proc* p1);
void forkhook_establish(forkhook hook);
void forkhook_disestablish(forkhook hook);
void doforkhooks(proc* p2, proc* p1); // kern_hook.cpp

// --- kern_exit.cpp -----------------------------------------------------------------
// Ends the process. => p_lock held
[[noreturn]] void exit1(lwp* l, int exitcode, int signo);
void proc_vfork_done(proc* p); // => proc_lock held

// --- kern_kthread.cpp ----------------------------------------------------------------
// A thread of process 0. => func never returns but by kthread_exit; without an
// arg it gets its own lwp
Errno kthread_create(pri_t pri, cpu_info* ci, void (*func)(void*), void* arg, lwp** lp,
                     const char* name);
[[noreturn]] void kthread_exit(int ecode);

// --- kern_exec.cpp -----------------------------------------------------------------
// The first process's way into its program. => path and strings of the kernel
[[nodiscard]] Errno kern_execve(lwp* l, const char* path, char* const* argv, char* const* envp);
