// poll(2).
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

struct pollfd {
    int32_t fd;
    int16_t events;
    int16_t revents;
};

enum {
    POLLIN = 0x0001,
    POLLPRI = 0x0002,
    POLLOUT = 0x0004,
    POLLERR = 0x0008,
    POLLHUP = 0x0010,
    POLLNVAL = 0x0020,
    POLLRDNORM = 0x0040,
    POLLRDBAND = 0x0080,
    POLLWRBAND = 0x0100,
};

ABI_END
