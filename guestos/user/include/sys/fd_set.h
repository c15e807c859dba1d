#ifndef _SYS_FD_SET_H_
#define _SYS_FD_SET_H_

#include <sys/select.h>

#endif
