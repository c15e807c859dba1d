/* Byte orders: bswap(3), htobe32(3), be32dec(3). NetBSD: sys/sys/endian.h. */
#ifndef _SYS_ENDIAN_H_
#define _SYS_ENDIAN_H_

#include <machine/endian.h>
#include <sys/bswap.h>
#include <sys/types.h>

/* From and to bytes that need not be aligned. */
#define __ENDIAN_PAIR(order, bits)                                                                 \
    static inline __uint##bits##_t order##bits##dec(const void *from) {                            \
        __uint##bits##_t value;                                                                    \
        __builtin_memcpy(&value, from, sizeof(value));                                             \
        return order##bits##toh(value);                                                            \
    }                                                                                              \
    static inline void order##bits##enc(void *to, __uint##bits##_t value) {                        \
        value = hto##order##bits(value);                                                           \
        __builtin_memcpy(to, &value, sizeof(value));                                               \
    }
__ENDIAN_PAIR(be, 16)
__ENDIAN_PAIR(be, 32)
__ENDIAN_PAIR(be, 64)
__ENDIAN_PAIR(le, 16)
__ENDIAN_PAIR(le, 32)
__ENDIAN_PAIR(le, 64)
#undef __ENDIAN_PAIR

#endif
