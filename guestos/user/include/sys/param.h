/* NetBSD: sys/sys/param.h. */
#ifndef _SYS_PARAM_H
#define _SYS_PARAM_H

#include <limits.h>
#include <machine/endian.h>
#include <sys/cdefs.h>
#include <sys/signal.h>
#include <sys/types.h>

#define __NetBSD_Version__ 1100000000 /* whose interfaces these are */

#define MAXPATHLEN 1024
#define MAXCOMLEN 16
#define MAXLOGNAME 24
#define MAXHOSTNAMELEN 256
#define NGROUPS NGROUPS_MAX
#define NOFILE 256 /* descriptors, unless RLIMIT_NOFILE changes it */
#define NODEV ((dev_t)-1)
#define DEV_BSIZE 512
#define NBBY 8
#define PAGE_SHIFT 12
#define PAGE_SIZE (1 << PAGE_SHIFT)
#define PAGE_MASK (PAGE_SIZE - 1)
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define howmany(x, y) (((x) + ((y)-1)) / (y))
#define roundup(x, y) ((((x) + ((y)-1)) / (y)) * (y))
#define rounddown(x, y) (((x) / (y)) * (y))
#define roundup2(x, m) (((x) + ((m)-1)) & ~((__typeof__(x))(m)-1))
#define powerof2(x) ((((x)-1) & (x)) == 0)
#define setbit(a, i) ((a)[(i) / NBBY] |= 1 << (i) % NBBY)
#define clrbit(a, i) ((a)[(i) / NBBY] &= ~(1 << (i) % NBBY))
#define isset(a, i) (((a)[(i) / NBBY] & 1 << (i) % NBBY) != 0)
#define isclr(a, i) (((a)[(i) / NBBY] & 1 << (i) % NBBY) == 0)

#endif
