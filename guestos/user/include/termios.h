/* termios(4). NetBSD: sys/sys/termios.h. */
#ifndef _TERMIOS_H_
#define _TERMIOS_H_

#include <sys/cdefs.h>
#include <sys/types.h>

#define VEOF 0
#define VEOL 1
#define VEOL2 2
#define VERASE 3
#define VWERASE 4
#define VKILL 5
#define VREPRINT 6
#define VINTR 8
#define VQUIT 9
#define VSUSP 10
#define VDSUSP 11
#define VSTART 12
#define VSTOP 13
#define VLNEXT 14
#define VDISCARD 15
#define VMIN 16
#define VTIME 17
#define VSTATUS 18
#define NCCS 20

typedef unsigned int tcflag_t;
typedef unsigned char cc_t;
typedef int speed_t;

struct termios {
    tcflag_t c_iflag;
    tcflag_t c_oflag;
    tcflag_t c_cflag;
    tcflag_t c_lflag;
    cc_t c_cc[NCCS];
    speed_t c_ispeed;
    speed_t c_ospeed;
};

/* c_iflag */
#define IGNBRK 0x00000001U
#define BRKINT 0x00000002U
#define IGNPAR 0x00000004U
#define ISTRIP 0x00000020U
#define INLCR 0x00000040U
#define IGNCR 0x00000080U
#define ICRNL 0x00000100U
#define IXON 0x00000200U
#define IXOFF 0x00000400U
#define IXANY 0x00000800U
#define IMAXBEL 0x00002000U
/* c_oflag */
#define OPOST 0x00000001U
#define ONLCR 0x00000002U
/* c_cflag */
#define CSIZE 0x00000300U
#define CS8 0x00000300U
#define CREAD 0x00000800U
#define HUPCL 0x00004000U
#define CLOCAL 0x00008000U
/* c_lflag */
#define ECHOKE 0x00000001U
#define ECHOE 0x00000002U
#define ECHOK 0x00000004U
#define ECHO 0x00000008U
#define ECHONL 0x00000010U
#define ECHOCTL 0x00000040U
#define ISIG 0x00000080U
#define ICANON 0x00000100U
#define IEXTEN 0x00000400U
#define TOSTOP 0x00400000U
#define NOFLSH 0x80000000U

#define TCSANOW 0
#define TCSADRAIN 1
#define TCSAFLUSH 2

__BEGIN_DECLS
int tcgetattr(int, struct termios *);
int tcsetattr(int, int, const struct termios *);
void cfmakeraw(struct termios *);
__END_DECLS

#endif
