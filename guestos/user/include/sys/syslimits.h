/* NetBSD: sys/sys/syslimits.h. Not all picolibcs have all of it. */
#ifndef _GUEST_SYS_SYSLIMITS_H
#define _GUEST_SYS_SYSLIMITS_H

#include_next <sys/syslimits.h>

#undef NAME_MAX
#define NAME_MAX 511
#ifndef TTY_NAME_MAX
#define TTY_NAME_MAX 260
#endif
#ifndef NGROUPS_MAX
#define NGROUPS_MAX 16
#endif

#endif
