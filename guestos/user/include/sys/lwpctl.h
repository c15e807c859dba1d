/* What _lwp_ctl(2) shows of an LWP. NetBSD: sys/sys/lwpctl.h. */
#ifndef _SYS_LWPCTL_H_
#define _SYS_LWPCTL_H_

typedef struct lwpctl {
    volatile int lc_curcpu; /* where it runs */
    volatile int lc_pctr;   /* rises whenever it has been put on a CPU */
} lwpctl_t;

#define LWPCTL_CPU_NONE (-1)
#define LWPCTL_CPU_EXITED (-2)

#define LWPCTL_FEATURE_CURCPU 0x00000001
#define LWPCTL_FEATURE_PCTR 0x00000002

#endif
