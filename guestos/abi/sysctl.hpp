// sysctl(3) names as numbers, and reboot(2).
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

enum { CTL_KERN = 1, CTL_VM = 2, CTL_HW = 6, CTL_PROC = 10, CTL_MAXNAME = 12 };

enum {
    KERN_OSTYPE = 1,
    KERN_OSRELEASE = 2,
    KERN_OSREV = 3,
    KERN_VERSION = 4,
    KERN_MAXPROC = 6,
    KERN_MAXFILES = 7,
    KERN_ARGMAX = 8,
    KERN_HOSTNAME = 10,
    KERN_BOOTTIME = 21,
    KERN_PROC2 = 47,
    KERN_FORKFSLEEP = 65,
};

// The second level below KERN_PROC2: {CTL_KERN, KERN_PROC2, op, arg, size, count}.
enum { KERN_PROC_ALL = 0, KERN_PROC_PID = 1, KERN_PROC_PGRP = 2 };

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

// One process as KERN_PROC2 lists it. Deviation: far shorter than NetBSD's
// kinfo_proc2; the caller passes the size it knows and gets that much of it.
struct kinfo_proc {
    pid_t p_pid;
    pid_t p_ppid;
    pid_t p__pgid;
    pid_t p_sid;
    uid_t p_uid;
    uid_t p_ruid;
    int32_t p_stat;   // 1 IDL, 2 active, 3 dying, 4 stopped, 5 zombie, 6 dead
    int32_t p_nlwps;
    uint64_t p_cpticks; // clock ticks it ran
    uint64_t p_vm_pages; // pages resident in its pmap
    char p_comm[24];
    char p_wmesg[8];  // where its first LWP sleeps
    int8_t p_lstat;   // state of its first LWP
    int8_t p_spare[7];
};
ABI_SIZE(struct kinfo_proc, 88);

enum { RB_AUTOBOOT = 0, RB_HALT = 0x8, RB_POWERDOWN = 0x808 };

ABI_END
