/* picolibc's header, which in some of its versions needs __time_t defined before it. */
#ifndef _GUEST_SYS__TIMESPEC_H
#define _GUEST_SYS__TIMESPEC_H

#include <sys/_types.h>

#include_next <sys/_timespec.h>

#endif
