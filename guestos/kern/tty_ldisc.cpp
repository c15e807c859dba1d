// The line discipline: what becomes of a character on its way in or out. tty(4)
#include "sys/tty_ldisc.hpp"

#include "sys/event.hpp"
#include "sys/proc.hpp"
#include "sys/signalvar.hpp"
#include "sys/systm.hpp"

namespace {

constexpr u8 CTRL(char c) {
    return static_cast<u8>(c & 037);
}

constexpr u8 default_cc[abi::NCCS] = {
    CTRL('d'), kDisabled, kDisabled,  0177,      CTRL('w'), CTRL('u'), CTRL('r'),
    kDisabled, CTRL('c'), CTRL('\\'), CTRL('z'), CTRL('y'), CTRL('q'), CTRL('s'),
    CTRL('v'), CTRL('o'), 1,          0,         CTRL('t'), kDisabled,
};

bool iflag(const tty* tp, u32 flag) {
    return (tp->t_termios.c_iflag & flag) != 0;
}

} // namespace

// --- output ---------------------------------------------------------------------------

// One character, after output processing. => t_lock held
void ttyoutput(tty* tp, int c) {
    const bool process = (tp->t_termios.c_oflag & OPOST) != 0;
    if (c == '\n' && process && (tp->t_termios.c_oflag & ONLCR) != 0) {
        tp->t_putc('\r');
        tp->t_column = 0;
    }
    tp->t_putc(c);
    if (c == '\b') {
        tp->t_column -= tp->t_column > 0;
    } else if (c == '\r') {
        tp->t_column = 0;
    } else if (c >= ' ' && c != 0177) {
        tp->t_column++;
    }
}

namespace {

void ttyecho(tty* tp, int c) {
    if (!lflag(tp, ECHO) && !(lflag(tp, ECHONL) && c == '\n')) {
        return;
    }
    const bool control = (c < ' ' && c != '\t' && c != '\n') || c == 0177;
    if (control && lflag(tp, ECHOCTL)) {
        ttyoutput(tp, '^');
        ttyoutput(tp, c ^ 0100);
    } else {
        ttyoutput(tp, c);
    }
}

// Wipes the last character of the line off the screen.
void ttyrubout(tty* tp, int c) {
    if (!lflag(tp, ECHO)) {
        return;
    }
    const int columns = (c < ' ' || c == 0177) && lflag(tp, ECHOCTL) ? 2 : 1;
    for (int i = 0; i < columns; i++) {
        ttyoutput(tp, '\b');
        ttyoutput(tp, ' ');
        ttyoutput(tp, '\b');
    }
}

} // namespace

// --- input ----------------------------------------------------------------------------

// => t_lock held
void tty_wake_readers(tty* tp) {
    cv_broadcast(&tp->t_incv);
    knote_tell(tp->t_rklist, NOTE_SUBMIT);
}

namespace {

void tty_wake_writers(tty* tp) {
    cv_broadcast(&tp->t_outcv);
    knote_tell(tp->t_wklist, NOTE_SUBMIT);
}

} // namespace

// The line is complete: it may be read.
void tty_line_done(tty* tp) {
    while (tp->t_line.size() > 0) {
        const u16 c = tp->t_line.get();
        if (!tp->t_input.full()) {
            tp->t_input.put(c);
        }
    }
    tp->t_lines++;
    tty_wake_readers(tp);
}

namespace {

void tty_erase_line(tty* tp) {
    while (tp->t_line.size() > 0) {
        ttyrubout(tp, tp->t_line.unput());
    }
}

void tty_erase_word(tty* tp) {
    while (tp->t_line.size() > 0 && tp->t_line.last() == ' ') {
        ttyrubout(tp, tp->t_line.unput());
    }
    while (tp->t_line.size() > 0 && tp->t_line.last() != ' ') {
        ttyrubout(tp, tp->t_line.unput());
    }
}

// Canonical mode: line editing. True if the character is dealt with.
bool tty_edit(tty* tp, int c) {
    if (is_cc(tp, c, abi::VERASE)) {
        if (tp->t_line.size() > 0) {
            ttyrubout(tp, tp->t_line.unput());
        }
        return true;
    }
    if (is_cc(tp, c, abi::VKILL)) {
        tty_erase_line(tp);
        return true;
    }
    if (is_cc(tp, c, abi::VWERASE) && lflag(tp, IEXTEN)) {
        tty_erase_word(tp);
        return true;
    }
    if (is_cc(tp, c, abi::VEOF)) {
        if (!tp->t_line.full()) {
            tp->t_line.put(kTtyEof);
        }
        tty_line_done(tp);
        return true;
    }
    return false;
}

// The signal that a character stands for, 0 if none.
int tty_signal_char(const tty* tp, int c) {
    if (!lflag(tp, ISIG)) {
        return 0;
    }
    return is_cc(tp, c, abi::VINTR)   ? SIGINT
           : is_cc(tp, c, abi::VQUIT) ? SIGQUIT
           : is_cc(tp, c, abi::VSUSP) ? SIGTSTP
                                      : 0;
}

} // namespace

void tty_flush(tty* tp) {
    tp->t_line.clear();
    tp->t_input.clear();
    tp->t_lines = 0;
}

namespace {

// Start and stop of output. True if the character is dealt with.
bool tty_flow(tty* tp, int c) {
    if (!iflag(tp, IXON)) {
        return false;
    }
    if (is_cc(tp, c, abi::VSTOP)) {
        tp->t_stopped = true;
        return true;
    }
    if (is_cc(tp, c, abi::VSTART) || (tp->t_stopped && iflag(tp, IXANY))) {
        tp->t_stopped = false;
        tty_wake_writers(tp);
        return is_cc(tp, c, abi::VSTART);
    }
    return false;
}

// An ordinary character joins the line.
void tty_append(tty* tp, int c) {
    const bool canonical = lflag(tp, ICANON);
    tty_queue& q = canonical ? tp->t_line : tp->t_input;
    if (q.full() || (canonical && tp->t_line.size() + tp->t_input.size() >= tty_queue::kSize)) {
        if (iflag(tp, IMAXBEL)) {
            ttyoutput(tp, 07);
        }
        return;
    }
    q.put(static_cast<u16>(c));
    ttyecho(tp, c);
    if (!canonical) {
        tty_wake_readers(tp);
    } else if (c == '\n' || is_cc(tp, c, abi::VEOL) || is_cc(tp, c, abi::VEOL2)) {
        tty_line_done(tp);
    }
}

// => t_lock held; returns the signal to send, or 0
int ttyinput_locked(tty* tp, int c) {
    if (tp->t_literal) {
        tp->t_literal = false;
        tty_append(tp, c);
        return 0;
    }
    if (lflag(tp, IEXTEN) && is_cc(tp, c, abi::VLNEXT)) {
        tp->t_literal = true;
        return 0;
    }
    if (const int sig = tty_signal_char(tp, c)) {
        if (!lflag(tp, NOFLSH)) {
            tty_flush(tp);
        }
        ttyecho(tp, c);
        tp->t_stopped = false;
        tty_wake_writers(tp);
        return sig;
    }
    if (tty_flow(tp, c)) {
        return 0;
    }
    if (c == '\r') {
        if (iflag(tp, IGNCR)) {
            return 0;
        }
        c = iflag(tp, ICRNL) ? '\n' : c;
    } else if (c == '\n' && iflag(tp, INLCR)) {
        c = '\r';
    }
    if (!lflag(tp, ICANON) || !tty_edit(tp, c)) {
        tty_append(tp, c);
    }
    return 0;
}

} // namespace

void tty_init(tty* tp, void (*putc)(int c)) {
    mutex_init(&tp->t_lock, MUTEX_DEFAULT, IPL_NONE);
    cv_init(&tp->t_incv, "ttyin");
    cv_init(&tp->t_outcv, "ttyout");
    tp->t_putc = putc;
    tp->t_winsize = {24, 80, 0, 0};
    tp->t_termios.c_iflag = BRKINT | ICRNL | IXON | IMAXBEL;
    tp->t_termios.c_oflag = OPOST | ONLCR;
    tp->t_termios.c_cflag = CREAD | CS8 | HUPCL;
    tp->t_termios.c_lflag = ECHO | ECHOE | ECHOK | ECHOKE | ECHOCTL | ISIG | ICANON | IEXTEN;
    tp->t_termios.c_ispeed = tp->t_termios.c_ospeed = 115200;
    memcpy(tp->t_termios.c_cc, default_cc, sizeof(default_cc));
}

void ttyinput(int c, tty* tp) {
    mutex_enter(&tp->t_lock);
    const int sig = ttyinput_locked(tp, iflag(tp, ISTRIP) ? c & 0177 : c);
    mutex_exit(&tp->t_lock);
    if (sig != 0) {
        mutex_enter(&proc_lock);
        if (tp->t_pgrp != nullptr) {
            pgsignal(tp->t_pgrp, sig, true);
        }
        mutex_exit(&proc_lock);
    }
}
