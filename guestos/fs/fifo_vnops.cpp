// Vnodes of FIFOs: a pipe that has a name. mkfifo(2)
//
// The pipe is there while somebody has the FIFO open.
#include "machine/cpu.hpp"
#include "sys/kauth.hpp"
#include "sys/pipe.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"

namespace {

kmutex_t fifo_lock; // v_fifo of every vnode; before a pipe's own lock

// Until the other side is there, or has been.
// => the pipe's lock held
Errno fifo_wait(struct pipe* pp, int fflags) {
    const unsigned ropens = pp->ropens;
    const unsigned wopens = pp->wopens;
    Errno error = EOK;
    switch (fflags & (FREAD | FWRITE)) {
    case FREAD:
        while (pp->nwriters == 0 && pp->wopens == wopens && error == EOK &&
               (fflags & abi::O_NONBLOCK) == 0) {
            error = cv_wait_sig(&pp->readers, &pp->lock);
        }
        break;
    case FWRITE:
        while (pp->nreaders == 0 && pp->ropens == ropens && error == EOK) {
            error = (fflags & abi::O_NONBLOCK) != 0 ? ENXIO : cv_wait_sig(&pp->writers, &pp->lock);
        }
        break;
    default:
        break;
    }
    return error;
}

} // namespace

void fifo_init() {
    mutex_init(&fifo_lock, MUTEX_DEFAULT, IPL_NONE);
}

Errno fifo_open(vnode* vp, int fflags, lwp*) {
    mutex_enter(&fifo_lock);
    if (vp->v_fifo == nullptr) {
        vp->v_fifo = pipe_create();
    }
    struct pipe* pp = vp->v_fifo;
    mutex_enter(&pp->lock);
    pipe_open_end(pp, fflags);
    mutex_exit(&fifo_lock);
    const Errno error = fifo_wait(pp, fflags);
    mutex_exit(&pp->lock);
    if (error != EOK) {
        (void)fifo_close(vp, fflags);
    }
    return error;
}

Errno fifo_close(vnode* vp, int fflags) {
    mutex_enter(&fifo_lock);
    struct pipe* pp = vp->v_fifo;
    mutex_enter(&pp->lock);
    pipe_close_end(pp, fflags);
    const bool gone = pp->nreaders == 0 && pp->nwriters == 0;
    mutex_exit(&pp->lock);
    if (gone) {
        vp->v_fifo = nullptr;
    }
    mutex_exit(&fifo_lock);
    if (gone) {
        pipe_destroy(pp);
    }
    return EOK;
}
