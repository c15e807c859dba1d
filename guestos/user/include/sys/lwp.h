/* Flags of _lwp_create(2). NetBSD: sys/sys/lwp.h. */
#ifndef _SYS_LWP_H_
#define _SYS_LWP_H_

#define LWP_DETACHED 0x00000040  /* nobody waits for it */
#define LWP_SUSPENDED 0x00000080 /* until _lwp_continue */

#endif
