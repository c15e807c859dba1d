#ifndef _POLL_H_
#define _POLL_H_

#include <sys/poll.h>

#endif
