// brk(2), sbrk(2): the library knows where the break is, the kernel moves it.
#include "libc.h"

#include <errno.h>
#include <unistd.h>

extern char _end[];
static char *current = _end;

int brk(void *end) {
    if ((char *)end < _end)
        end = _end;
    if (__sys_brk(end) == -1)
        return -1;
    current = end;
    return 0;
}

void *sbrk(intptr_t increment) {
    char *old = current;
    if (increment < 0 && old - _end < -increment) {
        errno = EINVAL;
        return (void *)-1;
    }
    if (increment != 0 && brk(old + increment) == -1)
        return (void *)-1;
    return old;
}
