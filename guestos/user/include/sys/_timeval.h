/* picolibc's header, which in some of its versions needs __suseconds_t defined before it. */
#ifndef _GUEST_SYS__TIMEVAL_H
#define _GUEST_SYS__TIMEVAL_H

#include <sys/_types.h>

#include_next <sys/_timeval.h>

#endif
