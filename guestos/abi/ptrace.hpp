// ptrace(2) on NetBSD/aarch64: requests, events and what they pass.
#pragma once

#include "abi/signal.hpp"

ABI_BEGIN

enum {
    PT_TRACE_ME = 0,
    PT_READ_I = 1,
    PT_READ_D = 2,
    PT_WRITE_I = 4,
    PT_WRITE_D = 5,
    PT_CONTINUE = 7,
    PT_KILL = 8,
    PT_ATTACH = 9,
    PT_DETACH = 10,
    PT_IO = 11,
    PT_DUMPCORE = 12,
    PT_LWPINFO = 13,
    PT_SYSCALL = 14,
    PT_SYSCALLEMU = 15,
    PT_SET_EVENT_MASK = 16,
    PT_GET_EVENT_MASK = 17,
    PT_GET_PROCESS_STATE = 18,
    PT_SET_SIGINFO = 19,
    PT_GET_SIGINFO = 20,
    PT_RESUME = 21,
    PT_SUSPEND = 22,
    PT_STOP = 23,
    PT_LWPSTATUS = 24,
    PT_LWPNEXT = 25,
    PT_SET_SIGPASS = 26,
    PT_GET_SIGPASS = 27,
    PT_GETREGS = 32, // from here on the machine's own
    PT_SETREGS = 33,
    PT_GETFPREGS = 34,
    PT_SETFPREGS = 35,
    PT_STEP = 36,
    PT_SETSTEP = 37,
    PT_CLEARSTEP = 38,
};

// Events: what to tell of, and what was told.
enum {
    PTRACE_FORK = 0x0001,
    PTRACE_VFORK = 0x0002,
    PTRACE_VFORK_DONE = 0x0004,
    PTRACE_LWP_CREATE = 0x0008,
    PTRACE_LWP_EXIT = 0x0010,
    PTRACE_POSIX_SPAWN = 0x0020,
};

struct ptrace_event {
    int32_t pe_set_event;
};

struct ptrace_state {
    int32_t pe_report_event;
    int32_t pe_other; // pid or lid, by event
};
ABI_SIZE(struct ptrace_state, 8);

struct ptrace_siginfo {
    siginfo_t psi_siginfo;
    lwpid_t psi_lwpid; // 0: the whole process
};

struct ptrace_lwpinfo {
    lwpid_t pl_lwpid; // in: the one before, 0 for the first; out: 0 none
    int32_t pl_event;
};
enum { PL_EVENT_NONE = 0, PL_EVENT_SIGNAL = 1, PL_EVENT_SUSPENDED = 2 };

enum { PL_LNAMELEN = 20 };

struct ptrace_lwpstatus {
    lwpid_t pl_lwpid; // in: which, out: which it is about, 0 none
    sigset_t pl_sigpend;
    sigset_t pl_sigmask;
    char pl_name[PL_LNAMELEN];
    uint64_t pl_private;
};
ABI_SIZE(struct ptrace_lwpstatus, 64);

struct ptrace_io_desc {
    int32_t piod_op;
    uint64_t piod_offs; // in the traced program
    uint64_t piod_addr; // in the tracer
    uint64_t piod_len;  // in: wanted, out: moved
};
ABI_SIZE(struct ptrace_io_desc, 32);
enum { PIOD_READ_D = 1, PIOD_WRITE_D = 2, PIOD_READ_I = 3, PIOD_WRITE_I = 4, PIOD_READ_AUXV = 5 };

// NetBSD: sys/arch/aarch64/include/reg.h
struct reg {
    uint64_t r_reg[31];
    uint64_t r_sp;
    uint64_t r_pc;
    uint64_t r_spsr;
    uint64_t r_tpidr;
};
ABI_SIZE(struct reg, 280);

// The same file. V0..V31, low half first
struct fpreg {
    uint64_t fp_reg[32][2] __attribute__((aligned(16)));
    uint32_t fpcr;
    uint32_t fpsr;
};
ABI_SIZE(struct fpreg, 528);

ABI_END
