#ifndef _FCNTL_H_
#define _FCNTL_H_

#include <sys/fcntl.h>

#endif
