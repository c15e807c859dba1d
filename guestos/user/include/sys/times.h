/* times(3). NetBSD: sys/sys/times.h. */
#ifndef _SYS_TIMES_H_
#define _SYS_TIMES_H_

#include <sys/cdefs.h>
#include <sys/types.h>

/* In ticks: sysconf(_SC_CLK_TCK) of them are a second. */
struct tms {
    clock_t tms_utime;
    clock_t tms_stime;
    clock_t tms_cutime; /* of the children that were waited for */
    clock_t tms_cstime;
};

__BEGIN_DECLS
clock_t times(struct tms *);
__END_DECLS

#endif
