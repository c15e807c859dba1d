/*
 * Widths of the kernel's types, where NetBSD/aarch64 differs from picolibc's
 * defaults. picolibc's sys/_types.h skips every type that is named here.
 * NetBSD: sys/arch/aarch64/include/int_types.h, sys/sys/ansi.h, sys/sys/types.h.
 */
#ifndef _MACHINE__TYPES_H
#define _MACHINE__TYPES_H

#include <machine/_default_types.h>

#define __machine_ssize_t_defined
typedef long _ssize_t;
#define __machine_off_t_defined
typedef __int64_t _off_t;
#define __machine_dev_t_defined
typedef __uint64_t __dev_t;
#define __machine_ino_t_defined
typedef __uint64_t __ino_t;
#define __machine_mode_t_defined
typedef __uint32_t __mode_t;
#define __machine_uid_t_defined
typedef __uint32_t __uid_t;
#define __machine_gid_t_defined
typedef __uint32_t __gid_t;
#define __machine_id_t_defined
typedef __uint32_t __id_t;
#define __machine_blkcnt_t_defined
typedef __int64_t __blkcnt_t;
#define __machine_blksize_t_defined
typedef __int32_t __blksize_t;
#define __machine_clock_t_defined
#define _CLOCK_T_ unsigned int
#define __machine_clockid_t_defined
#define _CLOCKID_T_ int

/* picolibc asks for these before it defines the public name only. */
#define _NLINK_T_DECLARED
typedef __uint32_t nlink_t;
#define _SUSECONDS_T_DECLARED
typedef __int32_t suseconds_t;
#define _USECONDS_T_DECLARED
typedef __uint32_t useconds_t;

#endif
