// Character devices of this kernel: major numbers as NetBSD/evbarm64's.
#pragma once

#include "sys/vnode.hpp"

inline constexpr unsigned MAJOR_CONS = 0;
inline constexpr unsigned MAJOR_CTTY = 1;
inline constexpr unsigned MAJOR_MEM = 2;
inline constexpr unsigned MINOR_NULL = 2;
inline constexpr unsigned MINOR_ZERO = 12;

extern const cdevsw cons_cdevsw; // dev/constty.cpp: /dev/console
extern const cdevsw ctty_cdevsw; // dev/constty.cpp: /dev/tty
extern const cdevsw mem_cdevsw;  // dev/mem.cpp: /dev/null, /dev/zero

void constty_init(); // from now on what is typed reaches readers
