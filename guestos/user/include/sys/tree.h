/* picolibc's header, which later versions call deprecated. NetBSD: sys/sys/tree.h. */
#ifndef _GUEST_SYS_TREE_H
#define _GUEST_SYS_TREE_H

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcpp"
#include_next <sys/tree.h>
#pragma GCC diagnostic pop

#endif
