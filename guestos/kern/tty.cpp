// Terminals: read and write, event queues, ioctl and job control. tty(4)
#include "sys/tty_ldisc.hpp"

#include "abi/poll.hpp"
#include "machine/cpu.hpp"
#include "sys/event.hpp"
#include "sys/kauth.hpp"
#include "sys/proc.hpp"
#include "sys/signalvar.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"

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
    if (pgid < 0) {
        return EINVAL;
    }
    if (pg == nullptr || pg->pg_session != p->p_pgrp->pg_session) {
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
