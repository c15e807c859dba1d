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

constexpr size_t PIPE_SIZE = 16384;
constexpr size_t PIPE_BUF = 512; // writes up to this size are not interleaved

struct pipe {
    kmutex_t lock;
    kcondvar_t readers; // wait for bytes
    kcondvar_t writers; // wait for room
    u8* buffer;
    size_t in;     // [lock] bytes ever written
    size_t out;    // [lock] bytes ever read
    knote* rklist; // [lock] event queues that watch for bytes
    knote* wklist; // [lock] and for room
    bool read_open;
    bool write_open;

    [[nodiscard]] size_t used() const { return in - out; }
    [[nodiscard]] size_t room() const { return PIPE_SIZE - used(); }
};

pool pipe_pool;

// Moves up to `n` bytes between the ring at position `at` and the uio.
Errno ring_move(pipe* pp, size_t at, size_t n, uio* uio) {
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

Errno pipe_read(file* fp, off_t*, uio* uio, kauth_cred*, int) {
    auto* pp = static_cast<pipe*>(fp->f_data);
    Errno error = EOK;
    mutex_enter(&pp->lock);
    while (uio->uio_resid > 0 && pp->used() == 0 && pp->write_open && error == EOK) {
        error = (fp->f_flag.load() & abi::O_NONBLOCK) != 0 ? EAGAIN
                                                           : cv_wait_sig(&pp->readers, &pp->lock);
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

// Room for a write: all of it if it is short enough to go in one piece.
// => lock held
Errno pipe_wait_room(file* fp, pipe* pp, size_t resid) {
    const size_t wanted = resid <= PIPE_BUF ? resid : 1;
    while (pp->read_open && pp->room() < wanted) {
        if ((fp->f_flag.load() & abi::O_NONBLOCK) != 0) {
            return EAGAIN;
        }
        const Errno error = cv_wait_sig(&pp->writers, &pp->lock);
        if (error != EOK) {
            return error;
        }
    }
    return pp->read_open ? EOK : EPIPE;
}

Errno pipe_write(file* fp, off_t*, uio* uio, kauth_cred*, int) {
    auto* pp = static_cast<pipe*>(fp->f_data);
    Errno error = EOK;
    mutex_enter(&pp->lock);
    while (uio->uio_resid > 0) {
        error = pipe_wait_room(fp, pp, uio->uio_resid);
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

Errno pipe_ioctl(file* fp, u64 com, void* data) {
    auto* pp = static_cast<pipe*>(fp->f_data);
    if (com != FIONREAD) {
        return EPASSTHROUGH;
    }
    *static_cast<i32*>(data) = static_cast<i32>(pp->used());
    return EOK;
}

int pipe_poll(file* fp, int events) {
    auto* pp = static_cast<pipe*>(fp->f_data);
    int revents = 0;
    mutex_enter(&pp->lock);
    if ((fp->f_flag.load() & FREAD) != 0) {
        if (pp->used() > 0 || !pp->write_open) {
            revents |= events & (abi::POLLIN | abi::POLLRDNORM);
        }
        revents |= pp->write_open ? 0 : abi::POLLHUP;
    } else if (!pp->read_open) {
        revents |= abi::POLLHUP;
    } else if (pp->room() >= PIPE_BUF) {
        revents |= events & abi::POLLOUT;
    }
    mutex_exit(&pp->lock);
    return revents;
}

Errno pipe_stat(file* fp, abi::stat* st) {
    const auto* pp = static_cast<const pipe*>(fp->f_data);
    st->st_mode = abi::S_IFIFO | abi::S_IRUSR | abi::S_IWUSR;
    st->st_size = static_cast<off_t>(pp->used());
    st->st_blksize = PIPE_SIZE;
    st->st_nlink = 1;
    return EOK;
}

Errno pipe_close(file* fp) {
    auto* pp = static_cast<pipe*>(fp->f_data);
    mutex_enter(&pp->lock);
    if ((fp->f_flag.load() & FREAD) != 0) {
        pp->read_open = false;
    } else {
        pp->write_open = false;
    }
    const bool gone = !pp->read_open && !pp->write_open;
    cv_broadcast(&pp->readers);
    cv_broadcast(&pp->writers);
    knote_tell(pp->rklist, NOTE_SUBMIT);
    knote_tell(pp->wklist, NOTE_SUBMIT);
    mutex_exit(&pp->lock);
    if (gone) {
        kmem_free(pp->buffer, PIPE_SIZE);
        cv_destroy(&pp->readers);
        cv_destroy(&pp->writers);
        mutex_destroy(&pp->lock);
        pool_put(&pipe_pool, pp);
    }
    return EOK;
}

// --- event queues: kqueue(2) ----------------------------------------------------------

// Bytes or room, and whether the other end has gone.
// => lock held
bool pipe_tell(const pipe* pp, knote* kn) {
    const bool reads = kn->kn_kevent.filter == abi::EVFILT_READ;
    const bool eof = reads ? !pp->write_open : !pp->read_open;
    mutex_enter(&kevent_lock);
    kn->kn_kevent.data = static_cast<i64>(reads ? pp->used() : pp->room());
    kn->kn_kevent.flags |= eof ? u32{abi::EV_EOF} : 0;
    const bool news = eof || kn->kn_kevent.data >= (reads ? 1 : static_cast<i64>(PIPE_BUF));
    mutex_exit(&kevent_lock);
    return news;
}

bool pipe_event(knote* kn, u32 hint) {
    auto* pp = static_cast<pipe*>(kn->kn_obj);
    if (hint == NOTE_SUBMIT) {
        return pipe_tell(pp, kn);
    }
    mutex_enter(&pp->lock);
    const bool news = pipe_tell(pp, kn);
    mutex_exit(&pp->lock);
    return news;
}

void pipe_detach(knote* kn) {
    auto* pp = static_cast<pipe*>(kn->kn_obj);
    mutex_enter(&pp->lock);
    klist_remove(kn->kn_kevent.filter == abi::EVFILT_READ ? &pp->rklist : &pp->wklist, kn);
    mutex_exit(&pp->lock);
}

const filterops pipe_filter{true, nullptr, pipe_detach, pipe_event, nullptr};

Errno pipe_kqfilter(file* fp, knote* kn) {
    auto* pp = static_cast<pipe*>(fp->f_data);
    const bool reads = kn->kn_kevent.filter == abi::EVFILT_READ;
    if ((fp->f_flag.load() & (reads ? FREAD : FWRITE)) == 0) {
        return EINVAL;
    }
    kn->kn_fop = &pipe_filter;
    kn->kn_obj = pp;
    mutex_enter(&pp->lock);
    klist_insert(reads ? &pp->rklist : &pp->wklist, kn);
    mutex_exit(&pp->lock);
    return EOK;
}

const fileops pipeops{"pipe",    pipe_read,  pipe_write, pipe_ioctl,   pipe_poll,
                      pipe_stat, pipe_close, nullptr,    pipe_kqfilter};

pipe* pipe_create() {
    auto* pp = pool_get<pipe>(&pipe_pool, PR_WAITOK | PR_ZERO);
    mutex_init(&pp->lock, MUTEX_DEFAULT, IPL_NONE);
    cv_init(&pp->readers, "piperd");
    cv_init(&pp->writers, "pipewr");
    pp->buffer = static_cast<u8*>(kmem_alloc(PIPE_SIZE, KM_SLEEP));
    pp->read_open = true;
    pp->write_open = true;
    return pp;
}

void pipe_end(file* fp, pipe* pp, int access, int flags) {
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
    pipe* pp = pipe_create();
    pipe_end(rf, pp, FREAD, flags);
    pipe_end(wf, pp, FWRITE, flags);
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
