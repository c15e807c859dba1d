// sysctl(3) names as numbers, and reboot(2).
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

enum { CTL_KERN = 1, CTL_VM = 2, CTL_DEBUG = 5, CTL_HW = 6, CTL_PROC = 10, CTL_MAXNAME = 12 };

enum {
    KERN_OSTYPE = 1,
    KERN_OSRELEASE = 2,
    KERN_OSREV = 3,
    KERN_VERSION = 4,
    KERN_MAXPROC = 6,
    KERN_MAXFILES = 7,
    KERN_ARGMAX = 8,
    KERN_SECURELVL = 9,
    KERN_HOSTNAME = 10,
    KERN_BOOTTIME = 21,
    KERN_PROC2 = 47,
    KERN_FORKFSLEEP = 65,
    KERN_SCHED = 1000000, // NetBSD numbers this one when it boots
};

// The third level below KERN_SCHED. SCHED_RTTS: a time slice, in milliseconds.
enum { KERN_SCHED_NAME = 1, KERN_SCHED_RTTS, KERN_SCHED_PRI_MIN, KERN_SCHED_PRI_MAX };

// The second level below KERN_PROC2: {CTL_KERN, KERN_PROC2, op, arg, size, count}.
enum {
    KERN_PROC_ALL = 0,
    KERN_PROC_PID = 1,
    KERN_PROC_PGRP = 2,
    KERN_PROC_SESSION = 3,
    KERN_PROC_UID = 5,
    KERN_PROC_RUID = 6,
};

enum {
    VM_UVMEXP2 = 5,
    VM_MINADDRESS = 14,
    VM_MAXADDRESS = 15,
    VM_USER_VA0_DISABLE = 1000001, // NetBSD numbers this one when it boots
};

// {CTL_PROC, pid or PROC_CURPROC, PROC_PID_STOPFORK}: children are born stopped.
enum { PROC_CURPROC = 0x7fffffff, PROC_PID_STOPFORK = 3 };

enum {
    HW_MACHINE = 1,
    HW_MODEL = 2,
    HW_NCPU = 3,
    HW_PHYSMEM = 5,
    HW_PAGESIZE = 7,
    HW_MACHINE_ARCH = 10,
    HW_PHYSMEM64 = 13,
};

enum { KI_NGROUPS = 16, KI_WMESGLEN = 8, KI_MAXCOMLEN = 24, KI_MAXLOGNAME = 24 };
enum { EPROC_CTTY = 1, EPROC_SLEADER = 2 };

struct ki_sigset {
    uint32_t bits[4];
};

// One process as KERN_PROC2 lists it; the caller passes the size it knows and
// gets that much of it. NetBSD: sys/sys/sysctl.h.
// Deviation: what this kernel does not have is 0, and so are addresses.
struct kinfo_proc2 {
    uint64_t p_forw;
    uint64_t p_back;
    uint64_t p_paddr; // address of the process
    uint64_t p_addr;
    uint64_t p_fd; // addresses of what it has
    uint64_t p_cwdi;
    uint64_t p_stats;
    uint64_t p_limit;
    uint64_t p_vmspace;
    uint64_t p_sigacts;
    uint64_t p_sess;
    uint64_t p_tsess;
    uint64_t p_ru;
    int32_t p_eflag; // EPROC_*
    int32_t p_exitsig; // what its parent gets when it ends
    int32_t p_flag;
    int32_t p_pid;
    int32_t p_ppid;
    int32_t p_sid;
    int32_t p__pgid; // group
    int32_t p_tpgid; // foreground group of its terminal, -1 without one
    uint32_t p_uid; // effective
    uint32_t p_ruid; // real
    uint32_t p_gid;
    uint32_t p_rgid;
    uint32_t p_groups[KI_NGROUPS];
    int16_t p_ngroups;
    int16_t p_jobc;
    uint32_t p_tdev;
    uint32_t p_estcpu;
    uint32_t p_rtime_sec; // time it ran
    uint32_t p_rtime_usec;
    int32_t p_cpticks;
    uint32_t p_pctcpu;
    uint32_t p_swtime;
    uint32_t p_slptime;
    int32_t p_schedflags;
    uint64_t p_uticks;
    uint64_t p_sticks;
    uint64_t p_iticks;
    uint64_t p_tracep;
    int32_t p_traceflag;
    int32_t p_holdcnt;
    struct ki_sigset p_siglist;
    struct ki_sigset p_sigmask;
    struct ki_sigset p_sigignore;
    struct ki_sigset p_sigcatch;
    int8_t p_stat; // state of its first LWP, LS*
    uint8_t p_priority;
    uint8_t p_usrpri;
    uint8_t p_nice;
    uint16_t p_xstat;
    uint16_t p_acflag; // AFORK and others
    char p_comm[KI_MAXCOMLEN];
    char p_wmesg[KI_WMESGLEN]; // where its first LWP sleeps
    uint64_t p_wchan;
    char p_login[KI_MAXLOGNAME];
    int32_t p_vm_rssize; // resident pages
    int32_t p_vm_tsize;
    int32_t p_vm_dsize;
    int32_t p_vm_ssize;
    int64_t p_uvalid;
    uint32_t p_ustart_sec; // when it was made
    uint32_t p_ustart_usec;
    uint32_t p_uutime_sec;
    uint32_t p_uutime_usec;
    uint32_t p_ustime_sec;
    uint32_t p_ustime_usec;
    uint64_t p_uru_maxrss;
    uint64_t p_uru_ixrss;
    uint64_t p_uru_idrss;
    uint64_t p_uru_isrss;
    uint64_t p_uru_minflt;
    uint64_t p_uru_majflt;
    uint64_t p_uru_nswap;
    uint64_t p_uru_inblock;
    uint64_t p_uru_oublock;
    uint64_t p_uru_msgsnd;
    uint64_t p_uru_msgrcv;
    uint64_t p_uru_nsignals;
    uint64_t p_uru_nvcsw;
    uint64_t p_uru_nivcsw;
    uint32_t p_uctime_sec; // time of its children
    uint32_t p_uctime_usec;
    uint64_t p_cpuid;
    uint64_t p_realflag;
    uint64_t p_nlwps;
    uint64_t p_nrlwps;
    uint64_t p_realstat; // 1 IDL, 2 active, 3 dying, 4 stopped, 5 zombie, 6 dead
    uint32_t p_svuid;
    uint32_t p_svgid;
};
ABI_SIZE(struct kinfo_proc2, 648);

// {CTL_VM, VM_UVMEXP2}: counters of the whole system.
// Deviation: NetBSD's ends with more counters, and has no
// {CTL_VM, VM_UVMEXP2, n}, which tells what CPU n alone has counted.
struct uvmexp_sysctl {
    int64_t pagesize, pagemask, pageshift, npages, free, active, inactive, paging, wired,
        zeropages, reserve_pagedaemon, reserve_kernel, freemin, freetarg, inactarg, wiredmax,
        nswapdev, swpages, swpginuse, swpgonly, nswget, unused1, cpuhit, cpumiss, faults, traps,
        intrs, swtch, softs, syscalls, pageins, swapins, swapouts, pgswapin, pgswapout, forks,
        forks_ppwait, forks_sharevm;
};

// Below CTL_DEBUG; for root to change. This kernel's own.
enum {
    DEBUG_VM = 1,          // struct debug_vm
    DEBUG_INJECT = 2,      // int64_t, third level one of INJECT_*: n > 0 fails the nth
                           // allocation from now on, n < 0 that and all after it
    DEBUG_LEAKS = 3,       // int: writing takes note of what is in use, reading
                           // checks and tells how many things differ
    DEBUG_FAULTAROUND = 4, // int: pages mapped in around a read fault, 0 turns it off
    DEBUG_ASIDS = 5,       // int: how many ASIDs there are to give out
    DEBUG_SKIP_TLBI = 6,   // int: 1 is a fault for teaching, fork leaves out the TLBI
                           // after it has write-protected the parent
};
enum {
    INJECT_UAREA = 0,
    INJECT_PID = 1,
    INJECT_PAGE = 2,
    INJECT_ANON = 3,
    INJECT_AMAP = 4,
    INJECT_TABLE = 5,
    INJECT_KMEM = 6,
};

// What virtual memory has in use, and what it has done since boot.
struct debug_vm {
    uint64_t frames;
    uint64_t frames_free;
    uint64_t anons;
    uint64_t amaps;
    uint64_t spaces;
    uint64_t tables;
    uint64_t uareas;
    uint64_t entries;
    uint64_t faults;
    uint64_t cow_copy;
    uint64_t cow_reuse;
    uint64_t zero_fill;
    uint64_t file_fill;
    uint64_t anon_map;
    uint64_t eager_copy;
    uint64_t write_protected;
};
ABI_SIZE(struct debug_vm, 128);

enum { RB_AUTOBOOT = 0, RB_HALT = 0x8, RB_POWERDOWN = 0x808 };

ABI_END
