/* sysctl(3). NetBSD: sys/sys/sysctl.h. */
#ifndef _SYS_SYSCTL_H_
#define _SYS_SYSCTL_H_

#include <sys/cdefs.h>
#include <sys/lwp.h>
#include <sys/types.h>

#define CTL_MAXNAME 12
#define CTL_KERN 1
#define CTL_VM 2
#define CTL_DEBUG 5
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
#define KERN_SECURELVL 9
#define KERN_HOSTNAME 10
#define KERN_BOOTTIME 21
#define KERN_PROC2 47
#define KERN_FORKFSLEEP 65
#define KERN_SCHED 1000000 /* NetBSD numbers this one when it boots */
#define KERN_SCHED_NAME 1
#define KERN_SCHED_RTTS 2 /* milliseconds */
#define KERN_SCHED_PRI_MIN 3
#define KERN_SCHED_PRI_MAX 4

/* {CTL_KERN, KERN_PROC2, one of these, its argument, size of an entry, entries} */
#define KERN_PROC_ALL 0
#define KERN_PROC_PID 1
#define KERN_PROC_PGRP 2
#define KERN_PROC_SESSION 3
#define KERN_PROC_UID 5
#define KERN_PROC_RUID 6

#define VM_UVMEXP2 5
#define VM_MINADDRESS 14
#define VM_MAXADDRESS 15
#define VM_USER_VA0_DISABLE 1000001 /* NetBSD numbers this one when it boots */

#define HW_MACHINE 1
#define HW_MODEL 2
#define HW_NCPU 3
#define HW_PHYSMEM 5
#define HW_PAGESIZE 7
#define HW_MACHINE_ARCH 10
#define HW_PHYSMEM64 13

#define KI_NGROUPS 16
#define KI_WMESGLEN 8
#define KI_MAXCOMLEN 24
#define KI_MAXLOGNAME 24

#define EPROC_CTTY 0x01    /* has a controlling terminal */
#define EPROC_SLEADER 0x02 /* leads its session */

typedef struct {
    __uint32_t __bits[4];
} ki_sigset_t;

/* One process as KERN_PROC2 lists it. */
struct kinfo_proc2 {
    __uint64_t p_forw;
    __uint64_t p_back;
    __uint64_t p_paddr; /* address of the process */
    __uint64_t p_addr;
    __uint64_t p_fd; /* addresses of what it has */
    __uint64_t p_cwdi;
    __uint64_t p_stats;
    __uint64_t p_limit;
    __uint64_t p_vmspace;
    __uint64_t p_sigacts;
    __uint64_t p_sess;
    __uint64_t p_tsess;
    __uint64_t p_ru;
    __int32_t p_eflag; /* EPROC_* */
    __int32_t p_exitsig; /* what its parent gets when it ends */
    __int32_t p_flag;
    __int32_t p_pid;
    __int32_t p_ppid;
    __int32_t p_sid;
    __int32_t p__pgid; /* group */
    __int32_t p_tpgid; /* foreground group of its terminal, -1 without one */
    __uint32_t p_uid; /* effective */
    __uint32_t p_ruid; /* real */
    __uint32_t p_gid;
    __uint32_t p_rgid;
    __uint32_t p_groups[KI_NGROUPS];
    __int16_t p_ngroups;
    __int16_t p_jobc;
    __uint32_t p_tdev;
    __uint32_t p_estcpu;
    __uint32_t p_rtime_sec; /* time it ran */
    __uint32_t p_rtime_usec;
    __int32_t p_cpticks;
    __uint32_t p_pctcpu;
    __uint32_t p_swtime;
    __uint32_t p_slptime;
    __int32_t p_schedflags;
    __uint64_t p_uticks;
    __uint64_t p_sticks;
    __uint64_t p_iticks;
    __uint64_t p_tracep;
    __int32_t p_traceflag;
    __int32_t p_holdcnt;
    ki_sigset_t p_siglist;
    ki_sigset_t p_sigmask;
    ki_sigset_t p_sigignore;
    ki_sigset_t p_sigcatch;
    __int8_t p_stat; /* state of its first LWP, LS* */
    __uint8_t p_priority;
    __uint8_t p_usrpri;
    __uint8_t p_nice;
    __uint16_t p_xstat;
    __uint16_t p_acflag; /* AFORK and others */
    char p_comm[KI_MAXCOMLEN];
    char p_wmesg[KI_WMESGLEN]; /* where its first LWP sleeps */
    __uint64_t p_wchan;
    char p_login[KI_MAXLOGNAME];
    __int32_t p_vm_rssize; /* resident pages */
    __int32_t p_vm_tsize;
    __int32_t p_vm_dsize;
    __int32_t p_vm_ssize;
    __int64_t p_uvalid;
    __uint32_t p_ustart_sec; /* when it was made */
    __uint32_t p_ustart_usec;
    __uint32_t p_uutime_sec;
    __uint32_t p_uutime_usec;
    __uint32_t p_ustime_sec;
    __uint32_t p_ustime_usec;
    __uint64_t p_uru_maxrss;
    __uint64_t p_uru_ixrss;
    __uint64_t p_uru_idrss;
    __uint64_t p_uru_isrss;
    __uint64_t p_uru_minflt;
    __uint64_t p_uru_majflt;
    __uint64_t p_uru_nswap;
    __uint64_t p_uru_inblock;
    __uint64_t p_uru_oublock;
    __uint64_t p_uru_msgsnd;
    __uint64_t p_uru_msgrcv;
    __uint64_t p_uru_nsignals;
    __uint64_t p_uru_nvcsw;
    __uint64_t p_uru_nivcsw;
    __uint32_t p_uctime_sec; /* time of its children */
    __uint32_t p_uctime_usec;
    __uint64_t p_cpuid;
    __uint64_t p_realflag;
    __uint64_t p_nlwps;
    __uint64_t p_nrlwps;
    __uint64_t p_realstat; /* 1 IDL, 2 active, 3 dying, 4 stopped, 5 zombie, 6 dead */
    __uint32_t p_svuid;
    __uint32_t p_svgid;
};

/* {CTL_VM, VM_UVMEXP2}; with a third number, what that CPU alone has counted.
 * Deviation: NetBSD's has more counters at the end. */
struct uvmexp_sysctl {
    __int64_t pagesize, pagemask, pageshift, npages, free, active, inactive, paging, wired,
        zeropages, reserve_pagedaemon, reserve_kernel, freemin, freetarg, inactarg, wiredmax,
        nswapdev, swpages, swpginuse, swpgonly, nswget, unused1, cpuhit, cpumiss, faults, traps,
        intrs, swtch, softs, syscalls, pageins, swapins, swapouts, pgswapin, pgswapout, forks,
        forks_ppwait, forks_sharevm;
};

/* p_realstat */
#define SIDL 1
#define SACTIVE 2
#define SDYING 3
#define SSTOP 4
#define SZOMB 5
#define SDEAD 6

/* Below CTL_DEBUG; see guestos/abi/sysctl.hpp. */
#define DEBUG_VM 1
#define DEBUG_INJECT 2
#define DEBUG_LEAKS 3
#define DEBUG_FAULTAROUND 4
#define DEBUG_ASIDS 5
#define DEBUG_SKIP_TLBI 6

#define INJECT_UAREA 0
#define INJECT_PID 1
#define INJECT_PAGE 2
#define INJECT_ANON 3
#define INJECT_AMAP 4
#define INJECT_TABLE 5
#define INJECT_KMEM 6

struct debug_vm {
    __uint64_t frames;
    __uint64_t frames_free;
    __uint64_t anons;
    __uint64_t amaps;
    __uint64_t spaces;
    __uint64_t tables;
    __uint64_t uareas;
    __uint64_t entries;
    __uint64_t faults;
    __uint64_t cow_copy;
    __uint64_t cow_reuse;
    __uint64_t zero_fill;
    __uint64_t file_fill;
    __uint64_t anon_map;
    __uint64_t eager_copy;
    __uint64_t write_protected;
};

__BEGIN_DECLS
int sysctl(const int *, unsigned int, void *, size_t *, const void *, size_t);
int sysctlbyname(const char *, void *, size_t *, const void *, size_t);
int sysctlnametomib(const char *, int *, size_t *);
__END_DECLS

#endif
