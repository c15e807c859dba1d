/* NetBSD: sys/sys/unistd.h, include/unistd.h. */
#ifndef _SYS_UNISTD_H_
#define _SYS_UNISTD_H_

#include <unistd.h>

#endif
