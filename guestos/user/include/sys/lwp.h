/* LWPs as programs see them. NetBSD: sys/sys/lwp.h. */
#ifndef _SYS_LWP_H_
#define _SYS_LWP_H_

/* States: p_stat of struct kinfo_proc2 */
#define LSIDL 1
#define LSRUN 2
#define LSSLEEP 3
#define LSSTOP 4
#define LSZOMB 5
#define LSONPROC 7
#define LSSUSPENDED 8

/* Flags of _lwp_create(2) */
#define LWP_DETACHED 0x00000040  /* nobody waits for it */
#define LWP_SUSPENDED 0x00000080 /* until _lwp_continue */

#endif
