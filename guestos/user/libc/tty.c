// termios(4) over ioctl(2).
#include <errno.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

int tcgetattr(int fd, struct termios *termios) {
    return ioctl(fd, TIOCGETA, termios);
}

int tcsetattr(int fd, int when, const struct termios *termios) {
    static const unsigned long command[] = {TIOCSETA, TIOCSETAW, TIOCSETAF};
    if (when < TCSANOW || when > TCSAFLUSH) {
        errno = EINVAL;
        return -1;
    }
    return ioctl(fd, command[when], termios);
}

void cfmakeraw(struct termios *termios) {
    termios->c_iflag &= ~(IGNBRK | BRKINT | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    termios->c_oflag &= ~OPOST;
    termios->c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    termios->c_cflag |= CS8 | CREAD;
    termios->c_cc[VMIN] = 1;
    termios->c_cc[VTIME] = 0;
}

int isatty(int fd) {
    struct termios termios;
    return tcgetattr(fd, &termios) == 0;
}

pid_t tcgetpgrp(int fd) {
    pid_t group;
    return ioctl(fd, TIOCGPGRP, &group) == -1 ? -1 : group;
}

int tcsetpgrp(int fd, pid_t group) {
    return ioctl(fd, TIOCSPGRP, &group);
}
