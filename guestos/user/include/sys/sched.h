#ifndef _SYS_SCHED_H_
#define _SYS_SCHED_H_

#include <sched.h>

#endif
