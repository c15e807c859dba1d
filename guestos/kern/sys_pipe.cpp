// Pipes: pipe(2). Bytes go through a ring buffer in the kernel.
#include "abi/poll.hpp"
#include "abi/ttycom.hpp"
#include "machine/cpu.hpp"
#include "sys/condvar.hpp"
#include "sys/event.hpp"
#include "sys/filedesc.hpp"
#include "sys/kmem.hpp"
#include "sys/pipe.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"

namespace {

pool pipe_pool;

// Moves up to `n` bytes between the ring at position `at` and the uio.
Errno ring_move(struct pipe* pp, size_t at, size_t n, uio* uio) {
    while (n > 0) {
        const size_t place = at % PIPE_SIZE;
        const size_t piece = min(n, PIPE_SIZE - place);
        const Errno error = uiomove(pp->buffer + place, piece, uio);
        if (error != EOK) {
            return error;
        }
        at += piece;
        n -= piece;
    }
    return EOK;
}

} // namespace

Errno pipe_read(struct pipe* pp, uio* uio, int fflags) {
    Errno error = EOK;
    mutex_enter(&pp->lock);
    while (uio->uio_resid > 0 && pp->used() == 0 && pp->nwriters > 0 && error == EOK) {
        error = (fflags & abi::O_NONBLOCK) != 0 ? EAGAIN : cv_wait_sig(&pp->readers, &pp->lock);
    }
    if (error == EOK) {
        const size_t n = min(uio->uio_resid, pp->used());
        error = ring_move(pp, pp->out, n, uio);
        if (error == EOK && n > 0) {
            pp->out += n;
            cv_broadcast(&pp->writers);
            knote_tell(pp->wklist, NOTE_SUBMIT);
        }
    }
    mutex_exit(&pp->lock);
    return error;
}

namespace {

// Room for a write: all of it if it is short enough to go in one piece.
// => lock held
Errno pipe_wait_room(struct pipe* pp, size_t resid, int fflags) {
    const size_t wanted = resid <= PIPE_BUF ? resid : 1;
    while (pp->nreaders > 0 && pp->room() < wanted) {
        if ((fflags & abi::O_NONBLOCK) != 0) {
            return EAGAIN;
        }
        const Errno error = cv_wait_sig(&pp->writers, &pp->lock);
        if (error != EOK) {
            return error;
        }
    }
    return pp->nreaders > 0 ? EOK : EPIPE;
}

} // namespace

Errno pipe_write(struct pipe* pp, uio* uio, int fflags) {
    Errno error = EOK;
    mutex_enter(&pp->lock);
    while (uio->uio_resid > 0) {
        error = pipe_wait_room(pp, uio->uio_resid, fflags);
        if (error != EOK) {
            break;
        }
        const size_t n = min(uio->uio_resid, pp->room());
        error = ring_move(pp, pp->in, n, uio);
        if (error != EOK) {
            break;
        }
        pp->in += n;
        cv_broadcast(&pp->readers);
        knote_tell(pp->rklist, NOTE_SUBMIT);
    }
    mutex_exit(&pp->lock);
    return error;
}

Errno pipe_ioctl(struct pipe* pp, u64 com, void* data) {
    if (com != FIONREAD) {
        return EPASSTHROUGH;
    }
    *static_cast<i32*>(data) = static_cast<i32>(pp->used());
    return EOK;
}

int pipe_poll(struct pipe* pp, int events, int fflags) {
    int revents = 0;
    mutex_enter(&pp->lock);
    if ((fflags & FREAD) != 0) {
        if (pp->used() > 0 || pp->nwriters == 0) {
            revents |= events & (abi::POLLIN | abi::POLLRDNORM);
        }
        revents |= pp->nwriters > 0 ? 0 : abi::POLLHUP;
    }
    if ((fflags & FWRITE) != 0) {
        if (pp->nreaders == 0) {
            revents |= abi::POLLHUP;
        } else if (pp->room() >= PIPE_BUF) {
            revents |= events & abi::POLLOUT;
        }
    }
    mutex_exit(&pp->lock);
    return revents;
}

void pipe_open_end(struct pipe* pp, int fflags) {
    const unsigned reads = (fflags & FREAD) != 0;
    const unsigned writes = (fflags & FWRITE) != 0;
    pp->nreaders += reads;
    pp->ropens += reads;
    pp->nwriters += writes;
    pp->wopens += writes;
    cv_broadcast(&pp->readers);
    cv_broadcast(&pp->writers);
}

void pipe_close_end(struct pipe* pp, int fflags) {
    pp->nreaders -= (fflags & FREAD) != 0;
    pp->nwriters -= (fflags & FWRITE) != 0;
    cv_broadcast(&pp->readers);
    cv_broadcast(&pp->writers);
    knote_tell(pp->rklist, NOTE_SUBMIT);
    knote_tell(pp->wklist, NOTE_SUBMIT);
}

// --- event queues: kqueue(2) ----------------------------------------------------------

namespace {

// Bytes or room, and whether the other end has gone.
// => lock held
bool pipe_tell(const struct pipe* pp, knote* kn) {
    const bool reads = kn->kn_kevent.filter == abi::EVFILT_READ;
    const bool eof = reads ? pp->nwriters == 0 : pp->nreaders == 0;
    mutex_enter(&kevent_lock);
    kn->kn_kevent.data = static_cast<i64>(reads ? pp->used() : pp->room());
    kn->kn_kevent.flags &= ~u32{abi::EV_EOF}; // a FIFO may be opened again
    kn->kn_kevent.flags |= eof ? u32{abi::EV_EOF} : 0;
    const bool news = eof || kn->kn_kevent.data >= (reads ? 1 : static_cast<i64>(PIPE_BUF));
    mutex_exit(&kevent_lock);
    return news;
}

bool pipe_event(knote* kn, u32 hint) {
    auto* pp = static_cast<struct pipe*>(kn->kn_obj);
    if (hint == NOTE_SUBMIT) {
        return pipe_tell(pp, kn);
    }
    mutex_enter(&pp->lock);
    const bool news = pipe_tell(pp, kn);
    mutex_exit(&pp->lock);
    return news;
}

void pipe_detach(knote* kn) {
    auto* pp = static_cast<struct pipe*>(kn->kn_obj);
    mutex_enter(&pp->lock);
    klist_remove(kn->kn_kevent.filter == abi::EVFILT_READ ? &pp->rklist : &pp->wklist, kn);
    mutex_exit(&pp->lock);
}

const filterops pipe_filter{true, nullptr, pipe_detach, pipe_event, nullptr};

} // namespace

Errno pipe_kqfilter(struct pipe* pp, knote* kn, int fflags) {
    const bool reads = kn->kn_kevent.filter == abi::EVFILT_READ;
    const bool known = reads || kn->kn_kevent.filter == abi::EVFILT_WRITE;
    if (!known || (fflags & (reads ? FREAD : FWRITE)) == 0) {
        return EINVAL;
    }
    kn->kn_fop = &pipe_filter;
    kn->kn_obj = pp;
    mutex_enter(&pp->lock);
    klist_insert(reads ? &pp->rklist : &pp->wklist, kn);
    mutex_exit(&pp->lock);
    return EOK;
}

struct pipe* pipe_create() {
    auto* pp = pool_get<struct pipe>(&pipe_pool, PR_WAITOK | PR_ZERO);
    mutex_init(&pp->lock, MUTEX_DEFAULT, IPL_NONE);
    cv_init(&pp->readers, "piperd");
    cv_init(&pp->writers, "pipewr");
    pp->buffer = static_cast<u8*>(kmem_alloc(PIPE_SIZE, KM_SLEEP));
    return pp;
}

void pipe_destroy(struct pipe* pp) {
    KASSERT(pp->nreaders == 0 && pp->nwriters == 0);
    kmem_free(pp->buffer, PIPE_SIZE);
    cv_destroy(&pp->readers);
    cv_destroy(&pp->writers);
    mutex_destroy(&pp->lock);
    pool_put(&pipe_pool, pp);
}

// --- pipes as files -------------------------------------------------------------------

namespace {

struct pipe* pipe_of(file* fp) {
    return static_cast<struct pipe*>(fp->f_data);
}

Errno pipefile_read(file* fp, off_t*, uio* uio, kauth_cred*, int) {
    return pipe_read(pipe_of(fp), uio, fp->f_flag.load());
}
Errno pipefile_write(file* fp, off_t*, uio* uio, kauth_cred*, int) {
    return pipe_write(pipe_of(fp), uio, fp->f_flag.load());
}
Errno pipefile_ioctl(file* fp, u64 com, void* data) {
    return pipe_ioctl(pipe_of(fp), com, data);
}
int pipefile_poll(file* fp, int events) {
    return pipe_poll(pipe_of(fp), events, fp->f_flag.load());
}
Errno pipefile_kqfilter(file* fp, knote* kn) {
    return pipe_kqfilter(pipe_of(fp), kn, fp->f_flag.load());
}

Errno pipefile_stat(file* fp, abi::stat* st) {
    st->st_mode = abi::S_IFIFO | abi::S_IRUSR | abi::S_IWUSR;
    st->st_size = static_cast<off_t>(pipe_of(fp)->used());
    st->st_blksize = PIPE_SIZE;
    st->st_nlink = 1;
    return EOK;
}

Errno pipefile_close(file* fp) {
    struct pipe* pp = pipe_of(fp);
    mutex_enter(&pp->lock);
    pipe_close_end(pp, fp->f_flag.load());
    const bool gone = pp->nreaders == 0 && pp->nwriters == 0;
    mutex_exit(&pp->lock);
    if (gone) {
        pipe_destroy(pp);
    }
    return EOK;
}

const fileops pipeops{"pipe",         pipefile_read, pipefile_write,
                      pipefile_ioctl, pipefile_poll, pipefile_stat,
                      pipefile_close, nullptr,       pipefile_kqfilter};

void pipe_end(file* fp, struct pipe* pp, int access, int flags) {
    fp->f_type = DTYPE_PIPE;
    fp->f_ops = &pipeops;
    fp->f_data = pp;
    fp->f_flag.store(access | (flags & (abi::O_NONBLOCK | abi::O_NOSIGPIPE)));
}

// Both ends, as descriptors.
Errno pipe1(lwp* l, int flags, int* fds) {
    if ((flags & ~(abi::O_CLOEXEC | abi::O_CLOFORK | abi::O_NONBLOCK | abi::O_NOSIGPIPE)) != 0) {
        return EINVAL;
    }
    proc* p = l->l_proc;
    file* rf = nullptr;
    file* wf = nullptr;
    Errno error = fd_allocfile(&rf, &fds[0]);
    if (error != EOK) {
        return error;
    }
    error = fd_allocfile(&wf, &fds[1]);
    if (error != EOK) {
        fd_abort(p, rf, fds[0]);
        return error;
    }
    struct pipe* pp = pipe_create();
    pipe_end(rf, pp, FREAD, flags);
    pipe_end(wf, pp, FWRITE, flags);
    mutex_enter(&pp->lock);
    pipe_open_end(pp, FREAD | FWRITE);
    mutex_exit(&pp->lock);
    for (int i = 0; i < 2; i++) {
        fd_set_exclose(l, fds[i], (flags & abi::O_CLOEXEC) != 0);
        fd_set_foclose(l, fds[i], (flags & abi::O_CLOFORK) != 0);
    }
    fd_affix(p, rf, fds[0]);
    fd_affix(p, wf, fds[1]);
    return EOK;
}

} // namespace

void pipe_init() {
    pool_init(&pipe_pool, sizeof(struct pipe), 0, "pipe", IPL_NONE);
}

Errno sys_pipe(lwp* l, const syscall_args*, register_t* retval) {
    int fds[2];
    const Errno error = pipe1(l, 0, fds);
    retval[0] = static_cast<register_t>(fds[0]);
    retval[1] = static_cast<register_t>(fds[1]);
    return error;
}

Errno sys_pipe2(lwp* l, const syscall_args* uap, register_t* retval) {
    int fds[2];
    Errno error = pipe1(l, uap->integer<int>(1), fds);
    if (error != EOK) {
        return error;
    }
    error = copyout(fds, uap->pointer(0), sizeof(fds));
    if (error != EOK) {
        (void)fd_close(fds[0]);
        (void)fd_close(fds[1]);
    }
    retval[0] = 0;
    return error;
}
