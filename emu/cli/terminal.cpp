#include "cli/terminal.hpp"

#include <atomic>
#include <termios.h>
#include <unistd.h>

namespace forkscope {

namespace {

termios saved_mode;
std::atomic<bool> is_raw = false;

} // namespace

RawTerminal::RawTerminal() {
    if (isatty(STDIN_FILENO) == 0 || tcgetattr(STDIN_FILENO, &saved_mode) != 0) {
        return;
    }
    termios raw = saved_mode;
    raw.c_iflag &=
        ~static_cast<tcflag_t>(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    is_raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

RawTerminal::~RawTerminal() {
    restore_now();
}

void RawTerminal::restore_now() {
    if (is_raw.exchange(false)) {
        tcsetattr(STDIN_FILENO, TCSANOW, &saved_mode);
    }
}

} // namespace forkscope
