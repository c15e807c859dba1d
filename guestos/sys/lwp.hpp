// Light-weight processes: the threads that the scheduler knows. lwp(9).
// kern/kern_lwp.cpp, kern/kern_lwp_exit.cpp
//
// Letters in brackets say what guards a field:
//   a  atomic
//   c  changed only by the LWP itself
//   l  l_mutex, whatever lock that is at the moment (lwp_lock)
//   p  l_proc->p_lock
//   !  set once, before anybody sees the LWP
#pragma once

#include "machine/proc.hpp" // struct mdlwp
#include "sys/callout.hpp"
#include "sys/flags.hpp"
#include "sys/mutex.hpp"
#include "sys/param.hpp"
#include "sys/queue.hpp"
#include "sys/signal.hpp"
#include "sys/types.hpp"

struct cpu_info;
struct filedesc;
struct kauth_cred;
struct kcondvar_t;
struct lwp;
struct proc;
struct syncobj;
namespace abi {
struct lwpctl;
struct ucontext;
}

using wchan_t = const volatile void*;

// Priorities; higher runs first.
using pri_t = int;
inline constexpr pri_t PRI_NONE = -1;
inline constexpr pri_t PRI_IDLE = 0;
inline constexpr pri_t PRI_USER = 0; // 0..63, moved by the time-sharing policy
inline constexpr pri_t MAXPRI_USER = 63;
inline constexpr pri_t PRI_KERNEL = 64; // 64..95, while in a kernel sleep
inline constexpr pri_t PRI_KTHREAD = 96;
inline constexpr pri_t PRI_USER_RT = 128; // 128..191: SCHED_FIFO and SCHED_RR
inline constexpr pri_t PRI_SOFTCLOCK = 192;
inline constexpr pri_t PRI_COUNT = 224;

enum lwp_stat : i8 {
    LSIDL = 1,
    LSRUN = 2,
    LSSLEEP = 3,
    LSSTOP = 4,
    LSZOMB = 5,
    LSONPROC = 7,
    LSSUSPENDED = 8,
};

enum lwp_class : u8 { SCHED_OTHER = 0, SCHED_FIFO = 1, SCHED_RR = 2 };

// l_flag [l]
enum LwpFlag : u32 {
    LW_IDLE = 0x00000001,
    LW_SINTR = 0x00000080,   // sleeps, and signals may break it
    LW_SYSTEM = 0x00000200,  // kernel thread
    LW_DBGSUSPEND = 0x00010000, // stays stopped when its tracer lets the others go on
    LW_WSUSPEND = 0x00020000, // shall suspend before it returns to user mode
    LW_WCORE = 0x00080000,
    LW_WEXIT = 0x00100000,   // shall exit before it returns to user mode
    LW_PENDSIG = 0x01000000, // a signal may have to be delivered
    LW_CANCELLED = 0x02000000, // its next interruptible sleep ends at once
    LW_CACHECRED = 0x04000000,
    LW_WREBOOT = 0x08000000,
};
template <> inline constexpr bool is_flags<LwpFlag> = true;
// What must be dealt with before going back to user mode.
inline constexpr LwpFlag LW_USERRET =
    LW_WEXIT | LW_PENDSIG | LW_WREBOOT | LW_WSUSPEND | LW_WCORE | LW_CACHECRED;

// l_pflag [c]
enum LwpPrivateFlag : u32 {
    LP_KTRACTIVE = 0x00000001,
    LP_KTRCSW = 0x00000002,
    LP_OWEUPC = 0x00000010, // ticks are to be counted: profil(2)
    LP_INTR = 0x00000040,
    LP_SINGLESTEP = 0x00000400, // steps whenever its tracer lets it go on
    LP_SYSCTLWRITE = 0x00000080,
};
template <> inline constexpr bool is_flags<LwpPrivateFlag> = true;

// l_prflag [p]
enum LwpProcFlag : u32 {
    LPR_DETACHED = 0x00800000, // nobody will _lwp_wait for it
    LPR_CRMOD = 0x00000100,    // the process has new credentials
    LPR_DRAINED = 0x80000000,  // its references are gone
};
template <> inline constexpr bool is_flags<LwpProcFlag> = true;

// Arguments of lwp_create
enum LwpCreateFlag : u32 {
    LWP_DETACHED = 0x00000040,
    LWP_SUSPENDED = 0x00000080,
    LWP_VFORK = 0x80000000,
};
template <> inline constexpr bool is_flags<LwpCreateFlag> = true;

// Starts at zero in a new LWP.
struct lwp_zeroed {
    // Scheduling
    LwpFlag l_flag;         // [l]
    lwp_stat l_stat;        // [l]
    bool l_kpriority;       // [l] runs at kernel priority until it is in user mode
    int l_tsticks;          // [l] ticks left of its time slice
    bool l_yielding;        // [l] gives way to its equals
    u64 l_rtime;            // [l] time on a CPU, nanoseconds
    u64 l_stime;            // [l] when it was last put on a CPU, nanoseconds
    u64 l_cpticks;          // [l] hardclock ticks seen on a CPU
    bool l_running;         // [l] on a CPU, or its registers are still being saved
    u64 l_nvcsw;            // [c] switches of its own will
    u64 l_nivcsw;           // [c] others
    u64 l_minflt;           // [c] faults served from memory
    u64 l_majflt;           // [c] faults for which a file was read
    vaddr_t l_prof_pc;      // [c] where the last tick that profil(2) has not counted was
    u32 l_prof_ticks;       // [c] and how many there are

    // Sleeping
    wchan_t l_wchan;        // [l] what it waits for; null if awake
    const char* l_wmesg;    // [l] name of that
    const syncobj* l_syncobj; // [l]
    void* l_sleepq;         // [l] the sleepq_t it is on
    Errno l_sleeperr;       // [l] why it was woken, if not for the event

    // Process
    LwpProcFlag l_prflag;   // [p]
    u32 l_refcnt;           // [p]
    sigpend l_sigpend;      // [p] signals for this LWP alone
    sigpend* l_sigpendset;  // [p] where issignal found the signal it returned
    abi::sigset_t* l_sigwait; // [p] what sigtimedwait waits for
    struct ksiginfo* l_sigwaited; // [p]
    bool l_sigrestore;      // [c] l_sigoldmask comes back at the next return
    abi::sigset_t l_sigoldmask; // [c]

    // Itself
    LwpPrivateFlag l_pflag;      // [c]
    kauth_cred* l_cred;          // [c] reference to the credentials it acts under
    filedesc* l_fd;              // [c] its process's descriptors
    int l_dupfd;                 // [c] what open of a descriptor device is to duplicate
    bool l_unparked;             // [p] _lwp_unpark has come, _lwp_park may go on
    bool l_vforkwaiting;         // [proc_lock] waits for a vfork child
    void* l_private;             // [c] thread pointer, as the library set it
    const void* l_ktr_syscall;   // [c]
    char l_name[MAXCOMLEN];      // [p] by _lwp_setname
    abi::lwpctl* l_lwpctl;       // [c] what _lwp_ctl shows of it, null if not asked for
    unsigned l_lwpctl_slot;      // [c] which of the process's
};

// Locks keep flags in the low bits of its address.
struct alignas(64) lwp : lwp_zeroed {
    // Scheduling
    TAILQ_ENTRY<lwp> l_runq;  // [l] run queue
    cpu_info* l_cpu;          // [l] CPU that it is on, or was on last
    kmutex_t* l_mutex;        // the lock that guards [l] now: take it with lwp_lock
    pri_t l_priority;         // [l] by policy
    pri_t l_qpriority;        // [l] of the run queue it is on
    lwp_class l_class;        // [l]
    u32 l_affinity;           // [l] CPUs it may run on, a bit each; 0: all

    // Sleeping
    TAILQ_ENTRY<lwp> l_sleepchain; // [l] sleep queue
    callout l_timeout_ch;          // ends a sleep with a limit
    kcondvar_t* l_waitcv;          // [proc_lock] vfork: waits on it for the child

    // Process
    LIST_ENTRY<lwp> l_list;    // [proc_lock] every LWP
    LIST_ENTRY<lwp> l_sibling; // [p] LWPs of the process
    proc* l_proc;              // [!]
    lwpid_t l_lid;             // [!]
    abi::sigset_t l_sigmask;   // [p]
    abi::stack_t l_sigstk;     // [p] alternate signal stack

    // Machine
    vaddr_t l_addr; // [!] U-area: kernel stack and what lies with it
    mdlwp l_md;     // [c]
};

// The priority that counts: the policy's, or the boost of a kernel sleep.
pri_t lwp_eprio(const lwp* l);

// LWPs that a user may have at most (RLIMIT_NTHR), and those of a process that
// _lwp_ctl can show.
inline constexpr int MAXLWP = 2048;

extern lwp lwp0; // of proc0

// --- creating and ending -----------------------------------------------------
void lwpinit();
void lwp0_init(); // => p_lock of proc0 exists
// Makes an LWP of p2 in the image of l1; it is IDL and on no queue.
// => the U-area becomes the LWP's, unless there is no number for it: EAGAIN. A
//    process's first LWP has its number, so there it never fails
[[nodiscard]] Errno lwp_create(lwp* l1, proc* p2, vaddr_t uaddr, LwpCreateFlag flags,
                               void* stack, size_t stacksize, void (*func)(void*), void* arg,
                               lwp** newlwp, lwp_class sclass, const abi::sigset_t* sigmask,
                               const abi::stack_t* sigstk);
// First code of an LWP, from cpu_lwp_fork's trampoline.
extern "C" void lwp_startup(lwp* prev, lwp* l);
void lwp_exit(lwp* l); // of curlwp it does not return
void lwp_update_creds(lwp* l); // it acts under its process's credentials again
void lwp_unlist(lwp* l); // off the list of all; => proc_lock held
void lwp_discard(lwp* l); // the memory of one that runs nowhere, its U-area apart
void exit_lwps(lwp* l); // the others of the process; => p_lock held
// Waits until an LWP of the process has ended (lid 0: any) and frees it.
// => p_lock held; ESRCH, EDEADLK: there is nothing to wait for
Errno lwp_wait(lwp* l, lwpid_t lid, lwpid_t* departed, bool exiting);
void lwp_free(lwp* l, bool recycle, bool last);
[[noreturn]] void lwp_exit_switchaway(lwp* l);

// --- locking -----------------------------------------------------------------
void lwp_lock(lwp* l);
void lwp_unlock(lwp* l);
bool lwp_locked(const lwp* l, const kmutex_t* mtx);
void lwp_setlock(lwp* l, kmutex_t* mtx);        // => old lock held, stays so
void lwp_unlock_to(lwp* l, kmutex_t* mtx);      // => releases the old one
void lwp_unsleep(lwp* l);                       // => locked; unlocked on return

// --- signals, return to user mode ----------------------------------------------
void lwp_need_userret(lwp* l); // => locked: see to it that it notices l_flag
void lwp_userret(lwp* l);      // deals with LW_USERRET
// Every return to user mode, after a trap, a system call or an interrupt.
// => may sleep, or not return
extern "C" void mi_userret(lwp* l);
void lwp_setprivate(lwp* l, void* ptr);
// The registers, mask and thread pointer that the context names become l's.
// => p_lock held; machine-dependent
void setucontext(lwp* l, const abi::ucontext* uc);
