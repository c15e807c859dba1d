// The message buffer and the log's levels.

#include "dev/cons.hpp"
#include "sys/intr.hpp"
#include "sys/log.hpp"
#include "sys/param.hpp"
#include "sys/sched.hpp"

LogLevel log_console_level = Notice;

namespace {

// A ring of the newest characters; msg_end counts every character ever.
constexpr size_t MSG_BUFSIZE = 16384;
char msgbuf[MSG_BUFSIZE];
u64 msg_end;

} // namespace

void log_append(const char* s, size_t len) {
    const ipl_t old = splhigh();
    for (size_t i = 0; i < len; ++i) {
        msgbuf[msg_end++ % MSG_BUFSIZE] = s[i];
    }
    splx(old);
}

void log(LogLevel level, const char* fmt, ...) {
    char line[256];
    va_list ap;
    va_start(ap, fmt);
    const int n = kvsnprintf(line, sizeof(line) - 1, fmt, ap);
    va_end(ap);
    size_t len = min(static_cast<size_t>(n), sizeof(line) - 2);
    line[len++] = '\n';
    log_append(line, len);
    if (level <= log_console_level) {
        cnwrite(line, len);
    }
}

size_t logread(char* buf, size_t size) {
    const ipl_t old = splhigh();
    const size_t n = min(size, static_cast<size_t>(min(msg_end, u64{MSG_BUFSIZE})));
    for (size_t i = 0; i < n; ++i) {
        buf[i] = msgbuf[(msg_end - n + i) % MSG_BUFSIZE];
    }
    splx(old);
    return n;
}

bool ratecheck(u64* last, unsigned seconds) {
    const u64 now = getticks() + 1; // 0 is never
    if (*last != 0 && now - *last < u64{seconds} * hz) {
        return false;
    }
    *last = now;
    return true;
}
