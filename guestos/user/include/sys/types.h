/*
 * The system's types: picolibc's header, with the widths of machine/_types.h,
 * and what NetBSD has besides.
 */
#ifndef _GUEST_SYS_TYPES_H
#define _GUEST_SYS_TYPES_H

#include <stddef.h>
#include_next <sys/types.h>

typedef __int64_t quad_t;
typedef __uint64_t u_quad_t;
typedef __uint64_t rlim_t;
typedef __int32_t lwpid_t;
typedef unsigned long cpuid_t;
typedef __uint32_t fixpt_t;
typedef __int32_t segsz_t;
typedef __int32_t devmajor_t;
typedef __int32_t devminor_t;

/* What an id of waitid(2) and wait6(2) names. NetBSD: sys/sys/idtype.h. */
typedef enum {
    P_ALL,
    P_PID,
    P_LWPID,
    P_PPID,
    P_PGID,
    P_SID,
    P_CID,
    P_UID,
    P_GID,
} idtype_t;
#define P_MYID (-1)

#define major(dev) ((devmajor_t)(((dev)&0x000fff00) >> 8))
#define minor(dev) ((devminor_t)((((dev)&0xfff00000) >> 12) | ((dev)&0x000000ff)))
#define makedev(x, y)                                                                              \
    ((dev_t)((((dev_t)(x) << 8) & 0x000fff00) | (((dev_t)(y) << 12) & 0xfff00000) |                \
             ((dev_t)(y)&0x000000ff)))

#endif
