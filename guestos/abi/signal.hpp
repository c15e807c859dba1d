// Signal numbers, actions and what comes with a signal: signal(7),
// sigaction(2), siginfo(2).
#pragma once

#include "abi/types.hpp"

enum Signal {
    SIGHUP = 1,
    SIGINT = 2,
    SIGQUIT = 3,
    SIGILL = 4,
    SIGTRAP = 5,
    SIGABRT = 6,
    SIGEMT = 7,
    SIGFPE = 8,
    SIGKILL = 9,
    SIGBUS = 10,
    SIGSEGV = 11,
    SIGSYS = 12,
    SIGPIPE = 13,
    SIGALRM = 14,
    SIGTERM = 15,
    SIGURG = 16,
    SIGSTOP = 17,
    SIGTSTP = 18,
    SIGCONT = 19,
    SIGCHLD = 20,
    SIGTTIN = 21,
    SIGTTOU = 22,
    SIGIO = 23,
    SIGXCPU = 24,
    SIGXFSZ = 25,
    SIGVTALRM = 26,
    SIGPROF = 27,
    SIGWINCH = 28,
    SIGINFO = 29,
    SIGUSR1 = 30,
    SIGUSR2 = 31,
    SIGPWR = 32,
    SIGRTMIN = 33,
    SIGRTMAX = 63,
    NSIG = 64,
};

ABI_BEGIN

typedef struct sigset {
    uint32_t bits[4]; // signal n is bit (n - 1)
} sigset_t;
ABI_SIZE(sigset_t, 16);

// Handlers that are not functions.
enum { SIG_DFL_VALUE = 0, SIG_IGN_VALUE = 1, SIG_HOLD_VALUE = 3 };

struct sigaction {
    uint64_t sa_handler; // address in the program, or one of the values above
    sigset_t sa_mask;
    int32_t sa_flags;
};
ABI_SIZE(struct sigaction, 32);

enum {
    SA_ONSTACK = 0x0001,
    SA_RESTART = 0x0002,
    SA_RESETHAND = 0x0004,
    SA_NOCLDSTOP = 0x0008,
    SA_NODEFER = 0x0010,
    SA_NOCLDWAIT = 0x0020,
    SA_SIGINFO = 0x0040,
    SA_NOKERNINFO = 0x0080,
};

enum { SIG_BLOCK = 1, SIG_UNBLOCK = 2, SIG_SETMASK = 3 };

typedef struct sigaltstack {
    uint64_t ss_sp;
    uint64_t ss_size;
    int32_t ss_flags;
} stack_t;
ABI_SIZE(stack_t, 24);

enum { SS_ONSTACK = 0x0001, SS_DISABLE = 0x0004, MINSIGSTKSZ = 8192, SIGSTKSZ = 40960 };

union sigval {
    int32_t sival_int;
    uint64_t sival_ptr;
};

// The part of siginfo_t that the kernel fills.
struct ksiginfo_abi {
    int32_t signo;
    int32_t code;
    int32_t error;
    int32_t pad;
    union {
        struct {
            pid_t pid;
            uid_t uid;
            union sigval value;
        } rt;
        struct {
            pid_t pid;
            uid_t uid;
            int32_t status;
            int32_t utime;
            int32_t stime;
        } child;
        struct {
            uint64_t addr;
            int32_t trap;
            int32_t trap2;
            int32_t trap3;
        } fault;
        struct {
            int32_t sysnum;
            int32_t retval[2];
            int32_t error;
            uint64_t args[8];
        } syscall;
        struct {
            int32_t report_event;
            int32_t other; // pid or lid, by event
        } ptrace_state;
    } reason;
};

typedef union siginfo {
    char si_pad[128];
    struct ksiginfo_abi info;
} siginfo_t;
ABI_SIZE(siginfo_t, 128);

// si_code
enum {
    SI_USER = 0,
    SI_QUEUE = -1,
    SI_TIMER = -2,
    SI_LWP = -5,
    SI_NOINFO = 32767,
    ILL_ILLOPC = 1,
    ILL_ILLTRP = 4,
    SEGV_MAPERR = 1,
    SEGV_ACCERR = 2,
    BUS_ADRALN = 1,
    BUS_ADRERR = 2,
    BUS_OBJERR = 3,
    TRAP_BRKPT = 1,
    TRAP_TRACE = 2,
    TRAP_EXEC = 3,
    TRAP_CHLD = 4,
    TRAP_LWP = 5,
    TRAP_SCE = 7, // a system call begins, or
    TRAP_SCX = 8, // ends
    CLD_EXITED = 1,
    CLD_KILLED = 2,
    CLD_DUMPED = 3,
    CLD_TRAPPED = 4,
    CLD_STOPPED = 5,
    CLD_CONTINUED = 6,
};

ABI_END
