// The console as a terminal: /dev/console, and /dev/tty, which is whatever
// terminal controls the process.
#include "dev/cons.hpp"
#include "machine/cpu.hpp"
#include "sys/conf.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/systm.hpp"
#include "sys/tty.hpp"

namespace {

tty constty;

// --- characters from the interrupt handler -----------------------------------------
// The line discipline may sleep, so a thread runs it.

constexpr unsigned kRing = 256;

struct cons_ring {
    kmutex_t lock; // spins
    kcondvar_t cv;
    u8 chars[kRing];
    unsigned in, out;
};
cons_ring ring;

// => interrupt context; what does not fit is lost, as on any line
void cons_intr(int c) {
    mutex_spin_enter(&ring.lock);
    if (ring.in - ring.out < kRing) {
        ring.chars[ring.in++ % kRing] = static_cast<u8>(c);
        cv_signal(&ring.cv);
    }
    mutex_spin_exit(&ring.lock);
}

void cons_thread(void*) {
    for (;;) {
        mutex_spin_enter(&ring.lock);
        while (ring.in == ring.out) {
            cv_wait(&ring.cv, &ring.lock);
        }
        const int c = ring.chars[ring.out++ % kRing];
        mutex_spin_exit(&ring.lock);
        ttyinput(c, &constty);
    }
}

// --- devices ---------------------------------------------------------------------------

Errno cons_read(dev_t, uio* uio, int fflags) { return ttread(&constty, uio, fflags); }
Errno cons_write(dev_t, uio* uio, int fflags) { return ttwrite(&constty, uio, fflags); }
Errno cons_ioctl(dev_t, u64 com, void* data, int, vnode* vp) {
    return ttioctl(&constty, com, data, vp, curlwp);
}
int cons_poll(dev_t, int events) { return ttpoll(&constty, events); }
Errno cons_kqfilter(dev_t, knote* kn) { return ttkqfilter(&constty, kn); }

tty* ctty() {
    const proc* p = curlwp->l_proc;
    return (p->p_lflag & PL_CONTROLT) != 0 ? p->p_pgrp->pg_session->s_ttyp : nullptr;
}

Errno ctty_open(dev_t, int, lwp*) { return ctty() != nullptr ? EOK : ENXIO; }
Errno ctty_read(dev_t, uio* uio, int fflags) {
    tty* tp = ctty();
    return tp != nullptr ? ttread(tp, uio, fflags) : EIO;
}
Errno ctty_write(dev_t, uio* uio, int fflags) {
    tty* tp = ctty();
    return tp != nullptr ? ttwrite(tp, uio, fflags) : EIO;
}
Errno ctty_ioctl(dev_t, u64 com, void* data, int, vnode*) {
    tty* tp = ctty();
    if (tp == nullptr) {
        return EIO;
    }
    if (com == TIOCSCTTY) {
        return EINVAL;
    }
    return ttioctl(tp, com, data, nullptr, curlwp);
}
int ctty_poll(dev_t, int events) {
    tty* tp = ctty();
    return tp != nullptr ? ttpoll(tp, events) : 0;
}
Errno ctty_kqfilter(dev_t, knote* kn) {
    tty* tp = ctty();
    return tp != nullptr ? ttkqfilter(tp, kn) : ENXIO;
}

} // namespace

const cdevsw cons_cdevsw{"constty",  nullptr,    nullptr,   cons_read,
                         cons_write, cons_ioctl, cons_poll, cons_kqfilter};
const cdevsw ctty_cdevsw{"ctty",     ctty_open,  nullptr,   ctty_read,
                         ctty_write, ctty_ioctl, ctty_poll, ctty_kqfilter};

void constty_init() {
    tty_init(&constty, cnputc);
    mutex_init(&ring.lock, MUTEX_DEFAULT, IPL_VM);
    cv_init(&ring.cv, "cons");
    const Errno error = kthread_create(PRI_KTHREAD, curcpu(), cons_thread, nullptr, nullptr, "cons");
    if (error != EOK) {
        panic("constty_init: no thread: %d", error);
    }
    cn_set_input(cons_intr);
}
