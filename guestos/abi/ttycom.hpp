// termios(4) and the ioctl(2) commands of terminals and descriptors.
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

// Places of the control characters in c_cc.
enum {
    VEOF = 0,
    VEOL = 1,
    VEOL2 = 2,
    VERASE = 3,
    VWERASE = 4,
    VKILL = 5,
    VREPRINT = 6,
    VINTR = 8,
    VQUIT = 9,
    VSUSP = 10,
    VDSUSP = 11,
    VSTART = 12,
    VSTOP = 13,
    VLNEXT = 14,
    VDISCARD = 15,
    VMIN = 16,
    VTIME = 17,
    VSTATUS = 18,
    NCCS = 20,
};

#define TTY_BIT(bit) ((uint32_t)1 << (bit))
// c_iflag
#define ISTRIP TTY_BIT(5)
#define INLCR TTY_BIT(6)
#define IGNCR TTY_BIT(7)
#define ICRNL TTY_BIT(8)
#define IXON TTY_BIT(9)
#define IXANY TTY_BIT(11)
#define IMAXBEL TTY_BIT(13)
#define BRKINT TTY_BIT(1)
// c_oflag
#define OPOST TTY_BIT(0)
#define ONLCR TTY_BIT(1)
// c_cflag
#define CS8 ((uint32_t)0x300)
#define CREAD TTY_BIT(11)
#define HUPCL TTY_BIT(14)
// c_lflag
#define ECHOKE TTY_BIT(0)
#define ECHOE TTY_BIT(1)
#define ECHOK TTY_BIT(2)
#define ECHO TTY_BIT(3)
#define ECHONL TTY_BIT(4)
#define ECHOCTL TTY_BIT(6)
#define ISIG TTY_BIT(7)
#define ICANON TTY_BIT(8)
#define IEXTEN TTY_BIT(10)
#define TOSTOP TTY_BIT(22)
#define NOFLSH TTY_BIT(31)

struct termios {
    uint32_t c_iflag;
    uint32_t c_oflag;
    uint32_t c_cflag;
    uint32_t c_lflag;
    uint8_t c_cc[NCCS];
    int32_t c_ispeed;
    int32_t c_ospeed;
};
ABI_SIZE(struct termios, 44);

struct winsize {
    uint16_t ws_row;
    uint16_t ws_col;
    uint16_t ws_xpixel;
    uint16_t ws_ypixel;
};

// ioctl(2): direction, size of the argument, group, number.
#define IOC_NONE(group, number) ((uint64_t)0x20000000 | (uint64_t)(group) << 8 | (number))
#define IOC_READ(group, number, type) \
    ((uint64_t)0x40000000 | (uint64_t)sizeof(type) << 16 | (uint64_t)(group) << 8 | (number))
#define IOC_WRITE(group, number, type) \
    ((uint64_t)0x80000000 | (uint64_t)sizeof(type) << 16 | (uint64_t)(group) << 8 | (number))

#define FIOCLEX IOC_NONE('f', 1)
#define FIONCLEX IOC_NONE('f', 2)
#define FIONBIO IOC_WRITE('f', 126, int32_t)
#define FIONREAD IOC_READ('f', 127, int32_t)
#define TIOCGETA IOC_READ('t', 19, ABI_STRUCT(termios))
#define TIOCSETA IOC_WRITE('t', 20, ABI_STRUCT(termios))
#define TIOCSETAW IOC_WRITE('t', 21, ABI_STRUCT(termios))
#define TIOCSETAF IOC_WRITE('t', 22, ABI_STRUCT(termios))
#define TIOCSCTTY IOC_NONE('t', 97)
#define TIOCGSID IOC_READ('t', 99, int32_t)
#define TIOCSWINSZ IOC_WRITE('t', 103, ABI_STRUCT(winsize))
#define TIOCGWINSZ IOC_READ('t', 104, ABI_STRUCT(winsize))
#define TIOCNOTTY IOC_NONE('t', 113)
#define TIOCSTI IOC_WRITE('t', 114, char) // as if it had been typed
#define TIOCSPGRP IOC_WRITE('t', 118, int32_t)
#define TIOCGPGRP IOC_READ('t', 119, int32_t)

ABI_END
