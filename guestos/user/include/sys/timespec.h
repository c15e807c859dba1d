/* picolibc's would define itimerspec a second time. */
#ifndef _SYS_TIMESPEC_H_
#define _SYS_TIMESPEC_H_

#include <sys/time.h>

#endif
