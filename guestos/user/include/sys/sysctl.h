/* sysctl(3). NetBSD: sys/sys/sysctl.h. */
#ifndef _SYS_SYSCTL_H_
#define _SYS_SYSCTL_H_

#include <sys/cdefs.h>
#include <sys/types.h>

#define CTL_MAXNAME 12
#define CTL_KERN 1
#define CTL_VM 2
#define CTL_HW 6
#define CTL_PROC 10 /* {CTL_PROC, pid, PROC_PID_STOPFORK} */
#define PROC_CURPROC 0x7fffffff
#define PROC_PID_STOPFORK 3 /* children are born stopped */

#define KERN_OSTYPE 1
#define KERN_OSRELEASE 2
#define KERN_OSREV 3
#define KERN_VERSION 4
#define KERN_MAXPROC 6
#define KERN_MAXFILES 7
#define KERN_ARGMAX 8
#define KERN_HOSTNAME 10
#define KERN_BOOTTIME 21
#define KERN_PROC2 47
#define KERN_FORKFSLEEP 65

/* {CTL_KERN, KERN_PROC2, one of these, its argument, size of an entry, entries} */
#define KERN_PROC_ALL 0
#define KERN_PROC_PID 1
#define KERN_PROC_PGRP 2

#define HW_MACHINE 1
#define HW_MODEL 2
#define HW_NCPU 3
#define HW_PHYSMEM 5
#define HW_PAGESIZE 7
#define HW_MACHINE_ARCH 10
#define HW_PHYSMEM64 13

/* One process as KERN_PROC2 lists it.
 * Deviation: shorter than NetBSD's kinfo_proc2, see guestos/abi/sysctl.hpp. */
struct kinfo_proc {
    pid_t p_pid;
    pid_t p_ppid;
    pid_t p__pgid;
    pid_t p_sid;
    uid_t p_uid;
    uid_t p_ruid;
    __int32_t p_stat; /* one of the states below */
    __int32_t p_nlwps;
    __uint64_t p_cpticks;
    __uint64_t p_vm_pages;
    char p_comm[24];
    char p_wmesg[8];
    __int8_t p_lstat;
    __int8_t p_spare[7];
};

/* p_stat */
#define SIDL 1
#define SACTIVE 2
#define SDYING 3
#define SSTOP 4
#define SZOMB 5
#define SDEAD 6

__BEGIN_DECLS
int sysctl(const int *, unsigned int, void *, size_t *, const void *, size_t);
__END_DECLS

#endif
