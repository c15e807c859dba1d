// System calls on descriptors: close(2), dup(2), fcntl(2), fstat(2),
// flock(2).
#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/lockf.hpp"
#include "sys/proc.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"

Errno sys_close(lwp*, const syscall_args* uap, register_t*) {
    return fd_close(uap->integer<int>(0));
}

Errno sys_dup(lwp*, const syscall_args* uap, register_t* retval) {
    file* fp = fd_getfile(uap->integer<int>(0));
    if (fp == nullptr) {
        return EBADF;
    }
    int newfd = -1;
    const Errno error = fd_dup(fp, 0, &newfd, false, false);
    fd_putfile(fp);
    retval[0] = static_cast<register_t>(newfd);
    return error;
}

namespace {

Errno dodup(int from, int to, int flags, register_t* retval) {
    file* fp = fd_getfile(from);
    if (fp == nullptr) {
        return EBADF;
    }
    Errno error = EOK;
    if (from != to) {
        error = fd_dup2(fp, to, (flags & abi::O_CLOEXEC) != 0, (flags & abi::O_CLOFORK) != 0);
    }
    fd_putfile(fp);
    retval[0] = static_cast<register_t>(to);
    return error;
}

} // namespace

Errno sys_dup2(lwp*, const syscall_args* uap, register_t* retval) {
    return dodup(uap->integer<int>(0), uap->integer<int>(1), 0, retval);
}

Errno sys___dup3100(lwp*, const syscall_args* uap, register_t* retval) {
    const int flags = uap->integer<int>(2);
    if ((flags & ~(abi::O_CLOEXEC | abi::O_CLOFORK | abi::O_NONBLOCK | abi::O_NOSIGPIPE)) != 0 ||
        uap->integer<int>(0) == uap->integer<int>(1)) {
        return EINVAL;
    }
    return dodup(uap->integer<int>(0), uap->integer<int>(1), flags, retval);
}

Errno sys___fstat50(lwp*, const syscall_args* uap, register_t*) {
    file* fp = fd_getfile(uap->integer<int>(0));
    if (fp == nullptr) {
        return EBADF;
    }
    abi::stat st{};
    const Errno error = fp->f_ops->fo_stat(fp, &st);
    fd_putfile(fp);
    return error != EOK ? error : copyout(st, uap->pointer(1));
}

namespace {

// fcntl's commands that change the file's status flags.
constexpr int FCNTLFLAGS = abi::O_APPEND | abi::O_ASYNC | abi::O_SYNC | abi::O_NONBLOCK;

Errno fcntl_dupfd(file* fp, int minfd, bool exclose, bool foclose, register_t* retval) {
    if (minfd < 0) {
        return EINVAL;
    }
    int newfd = -1;
    const Errno error = fd_dup(fp, minfd, &newfd, exclose, foclose);
    retval[0] = static_cast<register_t>(newfd);
    // The limit itself as lowest number is a bad argument, not a full table.
    return error == EMFILE && minfd >= maxfiles ? EINVAL : error;
}

// Closes everything from `from` on.
Errno fcntl_closem(lwp* l, int from) {
    if (from < 0) {
        return EBADF;
    }
    while (l->l_fd->fd_lastfile >= from) {
        const Errno error = fd_close(l->l_fd->fd_lastfile);
        if (error != EOK) {
            return error;
        }
    }
    return EOK;
}

// F_GETLK, F_SETLK, F_SETLKW
Errno fcntl_lock(lwp* l, file* fp, int cmd, void* ufl) {
    if (fp->f_type != DTYPE_VNODE || file_vnode(fp)->v_type == VFIFO) {
        return EINVAL;
    }
    vnode* vp = file_vnode(fp);
    const lock_owner owner{l->l_proc, nullptr};
    abi::flock fl;
    vattr va;
    lock_range range;
    Errno error = copyin(ufl, fl);
    error = error != EOK ? error : vp->v_op->vop_getattr(vp, &va);
    error = error != EOK ? error : lf_range_of(fl, fp->f_offset, va.va_size, &range);
    if (error != EOK) {
        return error;
    }
    const bool sets = cmd != abi::F_GETLK;
    const int need = fl.l_type == abi::F_RDLCK ? FREAD : FWRITE;
    if (fl.l_type < abi::F_RDLCK || fl.l_type > abi::F_WRLCK ||
        (!sets && fl.l_type == abi::F_UNLCK)) {
        return EINVAL;
    }
    if (!sets) {
        lf_getlock(vp, owner, range, &fl);
        return copyout(fl, ufl);
    }
    if (fl.l_type != abi::F_UNLCK && (fp->f_flag.load() & need) == 0) {
        return EBADF;
    }
    mutex_enter(l->l_proc->p_lock);
    l->l_proc->p_flag |= PK_ADVLOCK;
    mutex_exit(l->l_proc->p_lock);
    return lf_setlock(vp, owner, range, fl.l_type, cmd == abi::F_SETLKW);
}

Errno fcntl_on_file(lwp* l, file* fp, int fd, int cmd, int arg, register_t* retval) {
    switch (cmd) {
    case abi::F_DUPFD:
        return fcntl_dupfd(fp, arg, false, false, retval);
    case abi::F_DUPFD_CLOEXEC:
        return fcntl_dupfd(fp, arg, true, false, retval);
    case abi::F_DUPFD_CLOFORK:
        return fcntl_dupfd(fp, arg, false, true, retval);
    case abi::F_DUPFD_CLOBOTH:
        return fcntl_dupfd(fp, arg, true, true, retval);
    case abi::F_GETFD: {
        const fdfile& ff = l->l_fd->fd_ofiles[fd];
        retval[0] = (ff.ff_exclose ? abi::FD_CLOEXEC : 0) | (ff.ff_foclose ? abi::FD_CLOFORK : 0);
        return EOK;
    }
    case abi::F_SETFD:
        fd_set_exclose(l, fd, (arg & abi::FD_CLOEXEC) != 0);
        fd_set_foclose(l, fd, (arg & abi::FD_CLOFORK) != 0);
        return EOK;
    case abi::F_GETFL:
        retval[0] = static_cast<register_t>(OFLAGS(fp->f_flag.load() & ~FHASLOCK));
        return EOK;
    case abi::F_SETFL:
        fp->f_flag.store((fp->f_flag.load() & ~FCNTLFLAGS) | (FFLAGS(arg) & FCNTLFLAGS));
        return EOK;
    default:
        return EINVAL;
    }
}

} // namespace

Errno sys_fcntl(lwp* l, const syscall_args* uap, register_t* retval) {
    const int fd = uap->integer<int>(0);
    const int cmd = uap->integer<int>(1);
    const int arg = uap->integer<int>(2);
    if (cmd == abi::F_CLOSEM) {
        return fcntl_closem(l, fd);
    }
    if (cmd == abi::F_MAXFD) {
        retval[0] = static_cast<register_t>(l->l_fd->fd_lastfile);
        return EOK;
    }
    file* fp = fd_getfile(fd);
    if (fp == nullptr) {
        return EBADF;
    }
    const bool locks = cmd == abi::F_GETLK || cmd == abi::F_SETLK || cmd == abi::F_SETLKW;
    const Errno error = locks ? fcntl_lock(l, fp, cmd, uap->pointer(2))
                              : fcntl_on_file(l, fp, fd, cmd, arg, retval);
    fd_putfile(fp);
    return error;
}

namespace {

Errno flock_file(file* fp, int how) {
    const lock_owner owner{nullptr, fp};
    int type = abi::F_UNLCK;
    switch (how & ~abi::LOCK_NB) {
    case abi::LOCK_SH:
        type = abi::F_RDLCK;
        break;
    case abi::LOCK_EX:
        type = abi::F_WRLCK;
        break;
    case abi::LOCK_UN:
        lf_release(file_vnode(fp), owner);
        return EOK;
    default:
        return EINVAL;
    }
    fp->f_flag.fetch_or(FHASLOCK);
    return lf_setlock(file_vnode(fp), owner, LF_ALL, type, (how & abi::LOCK_NB) == 0);
}

} // namespace

// descriptor, LOCK_*: the lock belongs to the open file, whoever has descriptors of it
Errno sys_flock(lwp*, const syscall_args* uap, register_t*) {
    file* fp = fd_getfile(uap->integer<int>(0));
    if (fp == nullptr) {
        return EBADF;
    }
    const bool vnode = fp->f_type == DTYPE_VNODE && file_vnode(fp)->v_type != VFIFO;
    const Errno error = vnode ? flock_file(fp, uap->integer<int>(1)) : EOPNOTSUPP;
    fd_putfile(fp);
    return error;
}
