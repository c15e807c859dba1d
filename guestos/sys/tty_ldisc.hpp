// The line discipline's inside, for read, write and ioctl of terminals.
// kern/tty_ldisc.cpp
#pragma once

#include "sys/tty.hpp"

inline constexpr u8 kDisabled = 0xff; // _POSIX_VDISABLE

inline bool lflag(const tty* tp, u32 flag) {
    return (tp->t_termios.c_lflag & flag) != 0;
}
inline bool is_cc(const tty* tp, int c, int which) {
    return c == tp->t_termios.c_cc[which] && c != kDisabled;
}

// => t_lock of the terminal held, in all of them
void ttyoutput(tty* tp, int c); // a character for the device, processed
void tty_wake_readers(tty* tp);
void tty_line_done(tty* tp); // what has been typed may be read
void tty_flush(tty* tp);     // what has come and was not read goes
