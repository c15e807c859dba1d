/* bswap(3). NetBSD: sys/sys/bswap.h. */
#ifndef _SYS_BSWAP_H_
#define _SYS_BSWAP_H_

#define bswap16(x) __builtin_bswap16(x)
#define bswap32(x) __builtin_bswap32(x)
#define bswap64(x) __builtin_bswap64(x)

#endif
