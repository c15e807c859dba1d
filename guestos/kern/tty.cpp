// The line discipline of terminals: editing, echo, signals, job control.
#include "sys/tty.hpp"

#include "abi/poll.hpp"
#include "machine/cpu.hpp"
#include "sys/event.hpp"
#include "sys/kauth.hpp"
#include "sys/proc.hpp"
#include "sys/signalvar.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"

namespace {

constexpr u8 CTRL(char c) {
    return static_cast<u8>(c & 037);
}
constexpr u8 kDisabled = 0xff; // _POSIX_VDISABLE

constexpr u8 default_cc[abi::NCCS] = {
    CTRL('d'), kDisabled, kDisabled,  0177,      CTRL('w'), CTRL('u'), CTRL('r'),
    kDisabled, CTRL('c'), CTRL('\\'), CTRL('z'), CTRL('y'), CTRL('q'), CTRL('s'),
    CTRL('v'), CTRL('o'), 1,          0,         CTRL('t'), kDisabled,
};

bool lflag(const tty* tp, u32 flag) {
    return (tp->t_termios.c_lflag & flag) != 0;
}
bool iflag(const tty* tp, u32 flag) {
    return (tp->t_termios.c_iflag & flag) != 0;
}
bool is_cc(const tty* tp, int c, int which) {
    return c == tp->t_termios.c_cc[which] && c != kDisabled;
}

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

// --- input ----------------------------------------------------------------------------

// => t_lock held
void tty_wake_readers(tty* tp) {
    cv_broadcast(&tp->t_incv);
    knote_tell(tp->t_rklist, NOTE_SUBMIT);
}

void tty_wake_writers(tty* tp) {
    cv_broadcast(&tp->t_outcv);
    knote_tell(tp->t_wklist, NOTE_SUBMIT);
}

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

void tty_flush(tty* tp) {
    tp->t_line.clear();
    tp->t_input.clear();
    tp->t_lines = 0;
}

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

// --- read and write -------------------------------------------------------------------

namespace {

// A process of the session that is not in the foreground may not go on.
// => EOK: it is in the foreground, or has nothing to do with this terminal
// => ERESTART: it has been sent `sig`
// => EIO: nobody could bring it to the foreground
Errno tty_background(tty* tp, int sig) {
    lwp* l = curlwp;
    proc* p = l->l_proc;
    Errno error = EOK;
    mutex_enter(&proc_lock);
    const bool controls = (p->p_lflag & PL_CONTROLT) != 0 && p->p_pgrp->pg_session == tp->t_session;
    if (controls && p->p_pgrp != tp->t_pgrp) {
        const bool deaf =
            sigismember(&p->p_sigctx.ps_sigignore, sig) || sigismember(&l->l_sigmask, sig);
        if (sig == SIGTTOU && deaf) {
            error = EOK;
        } else if (deaf || p->p_pgrp->pg_jobc == 0 || (p->p_lflag & PL_PPWAIT) != 0) {
            error = EIO;
        } else {
            pgsignal(p->p_pgrp, sig, true);
            error = ERESTART;
        }
    }
    mutex_exit(&proc_lock);
    return error;
}

// Is there enough to return? => t_lock held
bool tty_readable(const tty* tp) {
    if (lflag(tp, ICANON)) {
        return tp->t_lines > 0;
    }
    return tp->t_input.size() >= max(1U, static_cast<unsigned>(tp->t_termios.c_cc[abi::VMIN]));
}

// Waits for input by the rules of VMIN and VTIME. => t_lock held
Errno tty_wait_input(tty* tp, int fflags) {
    const bool canonical = lflag(tp, ICANON);
    const int vmin = tp->t_termios.c_cc[abi::VMIN];
    const int vtime = tp->t_termios.c_cc[abi::VTIME];
    if (!canonical && vmin == 0 && vtime == 0) {
        return EOK;
    }
    while (!tty_readable(tp)) {
        if ((fflags & abi::O_NONBLOCK) != 0) {
            return tp->t_input.size() > 0 && !canonical ? EOK : EAGAIN;
        }
        // The clock runs from the first character on, or, without a minimum,
        // from the beginning.
        const bool timed = !canonical && vtime != 0 && (vmin == 0 || tp->t_input.size() > 0);
        const Errno error = cv_timedwait_sig(&tp->t_incv, &tp->t_lock, timed ? vtime * hz / 10 : 0);
        if (error == EWOULDBLOCK) {
            return EOK;
        }
        if (error != EOK) {
            return error;
        }
    }
    return EOK;
}

} // namespace

Errno ttread(tty* tp, uio* uio, int fflags) {
    Errno error = tty_background(tp, SIGTTIN);
    if (error != EOK) {
        return error;
    }
    mutex_enter(&tp->t_lock);
    error = tty_wait_input(tp, fflags);
    const bool canonical = lflag(tp, ICANON);
    while (error == EOK && uio->uio_resid > 0 && tp->t_input.size() > 0) {
        const u16 c = tp->t_input.get();
        if (c == kTtyEof) {
            tp->t_lines -= tp->t_lines > 0;
            break;
        }
        auto byte = static_cast<u8>(c);
        error = uiomove(&byte, 1, uio);
        const bool end = c == '\n' || is_cc(tp, c, abi::VEOL) || is_cc(tp, c, abi::VEOL2);
        if (canonical && end) {
            tp->t_lines--;
            break;
        }
    }
    mutex_exit(&tp->t_lock);
    return error;
}

Errno ttwrite(tty* tp, uio* uio, int fflags) {
    if (lflag(tp, TOSTOP)) {
        const Errno error = tty_background(tp, SIGTTOU);
        if (error != EOK) {
            return error;
        }
    }
    Errno error = EOK;
    mutex_enter(&tp->t_lock);
    while (uio->uio_resid > 0 && error == EOK) {
        if (tp->t_stopped) {
            error =
                (fflags & abi::O_NONBLOCK) != 0 ? EAGAIN : cv_wait_sig(&tp->t_outcv, &tp->t_lock);
            continue;
        }
        char chunk[128];
        const size_t n = min(uio->uio_resid, sizeof(chunk));
        error = uiomove(chunk, n, uio);
        for (size_t i = 0; i < n && error == EOK; i++) {
            ttyoutput(tp, chunk[i]);
        }
        if (error == EOK && uio->uio_resid > 0 && (curlwp->l_flag & LW_PENDSIG) != 0) {
            error = EINTR; // a long write can be ended
        }
    }
    mutex_exit(&tp->t_lock);
    return error;
}

int ttpoll(tty* tp, int events) {
    mutex_enter(&tp->t_lock);
    int revents = tp->t_stopped ? 0 : events & abi::POLLOUT;
    if (tty_readable(tp)) {
        revents |= events & (abi::POLLIN | abi::POLLRDNORM);
    }
    mutex_exit(&tp->t_lock);
    return revents;
}

// --- event queues ---------------------------------------------------------------------

namespace {

// => t_lock held
bool tty_tell(const tty* tp, knote* kn) {
    const bool reads = kn->kn_kevent.filter == abi::EVFILT_READ;
    const bool ready = reads ? tty_readable(tp) : !tp->t_stopped;
    mutex_enter(&kevent_lock);
    kn->kn_kevent.data = reads && ready ? tp->t_input.size() : 0;
    mutex_exit(&kevent_lock);
    return ready;
}

bool tty_event(knote* kn, u32 hint) {
    auto* tp = static_cast<tty*>(kn->kn_obj);
    if (hint == NOTE_SUBMIT) {
        return tty_tell(tp, kn);
    }
    mutex_enter(&tp->t_lock);
    const bool ready = tty_tell(tp, kn);
    mutex_exit(&tp->t_lock);
    return ready;
}

knote** tty_klist(tty* tp, const knote* kn) {
    return kn->kn_kevent.filter == abi::EVFILT_READ ? &tp->t_rklist : &tp->t_wklist;
}

void tty_detach(knote* kn) {
    auto* tp = static_cast<tty*>(kn->kn_obj);
    mutex_enter(&tp->t_lock);
    klist_remove(tty_klist(tp, kn), kn);
    mutex_exit(&tp->t_lock);
}

constexpr filterops tty_filter{true, nullptr, tty_detach, tty_event, nullptr};

} // namespace

Errno ttkqfilter(tty* tp, knote* kn) {
    kn->kn_fop = &tty_filter;
    kn->kn_obj = tp;
    mutex_enter(&tp->t_lock);
    klist_insert(tty_klist(tp, kn), kn);
    mutex_exit(&tp->t_lock);
    return EOK;
}

// --- ioctl and job control ------------------------------------------------------------

namespace {

void tty_set_termios(tty* tp, const abi::termios* t, bool flush) {
    mutex_enter(&tp->t_lock);
    if (flush) {
        tty_flush(tp);
    }
    const bool was_canonical = lflag(tp, ICANON);
    tp->t_termios = *t;
    if (was_canonical && !lflag(tp, ICANON) && tp->t_line.size() > 0) {
        tty_line_done(tp);
    }
    if (!was_canonical && lflag(tp, ICANON)) {
        tp->t_lines = tp->t_input.size() > 0 ? 1 : 0;
    }
    tty_wake_readers(tp);
    mutex_exit(&tp->t_lock);
}

// TIOCSCTTY. => proc_lock held
Errno tty_set_controlling(tty* tp, proc* p, vnode* vp) {
    session* ss = p->p_pgrp->pg_session;
    if (ss->s_leader != p || (ss->s_ttyvp != nullptr && ss->s_ttyp != tp) ||
        (tp->t_session != nullptr && tp->t_session != ss)) {
        return EPERM;
    }
    if (tp->t_session == nullptr) {
        vref(vp);
        ss->s_ttyvp = vp;
        ss->s_ttyp = tp;
        tp->t_session = ss;
        proc_sesshold(ss);
    }
    tp->t_pgrp = p->p_pgrp;
    p->p_lflag |= PL_CONTROLT;
    return EOK;
}

// TIOCSPGRP. => proc_lock held
Errno tty_set_pgrp(tty* tp, const proc* p, pid_t pgid) {
    pgrp* pg = pgrp_find(pgid);
    if ((p->p_lflag & PL_CONTROLT) == 0 || p->p_pgrp->pg_session != tp->t_session) {
        return ENOTTY;
    }
    if (pg == nullptr) {
        return EINVAL;
    }
    if (pg->pg_session != p->p_pgrp->pg_session) {
        return EPERM;
    }
    tp->t_pgrp = pg;
    return EOK;
}

Errno tty_job_ioctl(tty* tp, u64 com, void* data, vnode* vp, lwp* l) {
    proc* p = l->l_proc;
    auto* number = static_cast<i32*>(data);
    Errno error = EOK;
    if (com == TIOCSPGRP) {
        error = tty_background(tp, SIGTTOU);
        if (error != EOK) {
            return error;
        }
    }
    mutex_enter(&proc_lock);
    const bool controls = (p->p_lflag & PL_CONTROLT) != 0 && p->p_pgrp->pg_session == tp->t_session;
    switch (com) {
    case TIOCSCTTY:
        error = tty_set_controlling(tp, p, vp);
        break;
    case TIOCSPGRP:
        error = tty_set_pgrp(tp, p, *number);
        break;
    case TIOCGPGRP:
        *number = tp->t_pgrp != nullptr ? tp->t_pgrp->pg_id : 0x7fffffff;
        error = controls ? EOK : ENOTTY;
        break;
    case TIOCGSID:
        *number = tp->t_session != nullptr ? tp->t_session->s_sid : 0;
        error = controls ? EOK : ENOTTY;
        break;
    case TIOCNOTTY:
        p->p_lflag &= ~PL_CONTROLT;
        break;
    default:
        error = EPASSTHROUGH;
        break;
    }
    mutex_exit(&proc_lock);
    return error;
}

} // namespace

Errno ttioctl(tty* tp, u64 com, void* data, vnode* vp, lwp* l) {
    switch (com) {
    case TIOCGETA:
        *static_cast<abi::termios*>(data) = tp->t_termios;
        return EOK;
    case TIOCSETA:
    case TIOCSETAW:
    case TIOCSETAF: {
        const Errno error = tty_background(tp, SIGTTOU);
        if (error == EOK) {
            tty_set_termios(tp, static_cast<const abi::termios*>(data), com == TIOCSETAF);
        }
        return error;
    }
    case TIOCGWINSZ:
        *static_cast<abi::winsize*>(data) = tp->t_winsize;
        return EOK;
    case TIOCSWINSZ:
        tp->t_winsize = *static_cast<const abi::winsize*>(data);
        mutex_enter(&proc_lock);
        if (tp->t_pgrp != nullptr) {
            pgsignal(tp->t_pgrp, SIGWINCH, true);
        }
        mutex_exit(&proc_lock);
        return EOK;
    case TIOCSTI:
        if (l->l_cred->cr_euid != 0) {
            return EACCES;
        }
        ttyinput(*static_cast<const u8*>(data), tp);
        return EOK;
    case FIONREAD:
        *static_cast<i32*>(data) = static_cast<i32>(tp->t_input.size());
        return EOK;
    default:
        return tty_job_ioctl(tp, com, data, vp, l);
    }
}

void tty_leave_session(tty* tp) {
    KASSERT(mutex_owned(&proc_lock));
    session* ss = tp->t_session;
    tp->t_session = nullptr;
    tp->t_pgrp = nullptr;
    vnode* vp = ss->s_ttyvp;
    ss->s_ttyvp = nullptr;
    ss->s_ttyp = nullptr;
    proc_sessrele(ss); // releases proc_lock
    vrele(vp);
    mutex_enter(&proc_lock);
}
