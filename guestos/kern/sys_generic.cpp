// read(2), write(2), ioctl(2) on whatever a descriptor refers to.
#include "abi/ttycom.hpp"
#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/signalvar.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"

namespace {

constexpr int kMaxIov = 64;

// One transfer: `offset` null uses, and moves, the file's own offset.
Errno dofile_rw(file* fp, uio* uio, off_t* offset, register_t* retval) {
    const bool reading = uio->uio_rw_ == UIO_READ;
    const size_t total = uio->uio_resid;
    if (static_cast<ssize_t>(total) < 0) {
        return EINVAL;
    }
    off_t* where = offset != nullptr ? offset : &fp->f_offset;
    const int flags = offset != nullptr ? 0 : FOF_UPDATE_OFFSET;
    Errno error = reading ? fp->f_ops->fo_read(fp, where, uio, fp->f_cred, flags)
                          : fp->f_ops->fo_write(fp, where, uio, fp->f_cred, flags);
    const size_t done = total - uio->uio_resid;
    if (error != EOK && done > 0 && (error == ERESTART || error == EINTR || error == EAGAIN)) {
        error = EOK; // part of it happened: that counts
    }
    if (error == EPIPE && !reading && (fp->f_flag.load() & abi::O_NOSIGPIPE) == 0) {
        mutex_enter(&proc_lock);
        psignal(curlwp->l_proc, SIGPIPE);
        mutex_exit(&proc_lock);
    }
    retval[0] = done;
    return error;
}

// => the file has one more reference
Errno getfile_for(int fd, int want, file** fpp) {
    file* fp = fd_getfile(fd);
    if (fp == nullptr) {
        return EBADF;
    }
    if ((fp->f_flag.load() & want) == 0) {
        fd_putfile(fp);
        return EBADF;
    }
    *fpp = fp;
    return EOK;
}

// A place of the caller's own: it must be one, in a file that has places.
Errno check_offset(const file* fp, const off_t* offset) {
    if (offset == nullptr) {
        return EOK;
    }
    return fp->f_ops->fo_seek == nullptr ? ESPIPE : *offset < 0 ? EINVAL : EOK;
}

Errno rw_simple(const syscall_args* uap, uio_rw rw, off_t* offset, register_t* retval) {
    file* fp = nullptr;
    Errno error = getfile_for(uap->integer<int>(0), rw == UIO_READ ? FREAD : FWRITE, &fp);
    if (error != EOK) {
        return error;
    }
    error = check_offset(fp, offset);
    if (error == EOK) {
        abi::iovec iov;
        uio u;
        uio_setup(&u, &iov, uap->pointer(1), uap->reg[2], 0, rw, UIO_USERSPACE);
        error = dofile_rw(fp, &u, offset, retval);
    }
    fd_putfile(fp);
    return error;
}

Errno rw_vector(const syscall_args* uap, uio_rw rw, off_t* offset, register_t* retval) {
    const int count = uap->integer<int>(2);
    if (count <= 0 || count > kMaxIov) {
        return EINVAL;
    }
    file* fp = nullptr;
    Errno error = getfile_for(uap->integer<int>(0), rw == UIO_READ ? FREAD : FWRITE, &fp);
    if (error != EOK) {
        return error;
    }
    abi::iovec iov[kMaxIov];
    error = check_offset(fp, offset);
    if (error == EOK) {
        error = copyin(uap->pointer(1), iov, static_cast<size_t>(count) * sizeof(iov[0]));
    }
    if (error == EOK) {
        uio u{iov, count, 0, 0, rw, UIO_USERSPACE};
        for (int i = 0; i < count && error == EOK; i++) {
            u.uio_resid += iov[i].iov_len;
            if (static_cast<ssize_t>(iov[i].iov_len) < 0 || static_cast<ssize_t>(u.uio_resid) < 0) {
                error = EINVAL;
            }
        }
        if (error == EOK) {
            error = dofile_rw(fp, &u, offset, retval);
        }
    }
    fd_putfile(fp);
    return error;
}

} // namespace

Errno sys_read(lwp*, const syscall_args* uap, register_t* retval) {
    return rw_simple(uap, UIO_READ, nullptr, retval);
}

Errno sys_write(lwp*, const syscall_args* uap, register_t* retval) {
    return rw_simple(uap, UIO_WRITE, nullptr, retval);
}

Errno sys_pread(lwp*, const syscall_args* uap, register_t* retval) {
    auto offset = uap->integer<off_t>(4);
    return rw_simple(uap, UIO_READ, &offset, retval);
}

Errno sys_pwrite(lwp*, const syscall_args* uap, register_t* retval) {
    auto offset = uap->integer<off_t>(4);
    return rw_simple(uap, UIO_WRITE, &offset, retval);
}

Errno sys_readv(lwp*, const syscall_args* uap, register_t* retval) {
    return rw_vector(uap, UIO_READ, nullptr, retval);
}

Errno sys_writev(lwp*, const syscall_args* uap, register_t* retval) {
    return rw_vector(uap, UIO_WRITE, nullptr, retval);
}

Errno sys_preadv(lwp*, const syscall_args* uap, register_t* retval) {
    auto offset = uap->integer<off_t>(4);
    return rw_vector(uap, UIO_READ, &offset, retval);
}

Errno sys_pwritev(lwp*, const syscall_args* uap, register_t* retval) {
    auto offset = uap->integer<off_t>(4);
    return rw_vector(uap, UIO_WRITE, &offset, retval);
}

Errno sys_lseek(lwp*, const syscall_args* uap, register_t* retval) {
    file* fp = fd_getfile(uap->integer<int>(0));
    if (fp == nullptr) {
        return EBADF;
    }
    off_t result = 0;
    const Errno error =
        fp->f_ops->fo_seek == nullptr
            ? ESPIPE
            : fp->f_ops->fo_seek(fp, uap->integer<off_t>(2), uap->integer<int>(3), &result);
    fd_putfile(fp);
    retval[0] = static_cast<register_t>(result);
    return error;
}

// --- ioctl ----------------------------------------------------------------------------

namespace {

constexpr u64 IOCPARM_MASK = 0x1fff;
constexpr u64 IOC_OUT = 0x40000000;
constexpr u64 IOC_IN = 0x80000000;
constexpr size_t kMaxIoctl = 128;

Errno ioctl_on_file(lwp* l, file* fp, int fd, u64 com, void* data) {
    switch (com) {
    case FIOCLEX:
    case FIONCLEX:
        fd_set_exclose(l, fd, com == FIOCLEX);
        return EOK;
    case FIONBIO:
        if (*static_cast<const i32*>(data) != 0) {
            fp->f_flag.fetch_or(abi::O_NONBLOCK);
        } else {
            fp->f_flag.fetch_and(~abi::O_NONBLOCK);
        }
        return EOK;
    default:
        return fp->f_ops->fo_ioctl(fp, com, data);
    }
}

} // namespace

Errno sys_ioctl(lwp* l, const syscall_args* uap, register_t*) {
    const int fd = uap->integer<int>(0);
    const auto com = uap->integer<u32>(1);
    const size_t size = com >> 16 & IOCPARM_MASK;
    file* fp = fd_getfile(fd);
    if (fp == nullptr) {
        return EBADF;
    }
    alignas(8) u8 data[kMaxIoctl] = {};
    Errno error = size > sizeof(data) ? ENOTTY : EOK;
    if (error == EOK && (com & IOC_IN) != 0) {
        error = copyin(uap->pointer(2), data, size);
    }
    if (error == EOK) {
        error = ioctl_on_file(l, fp, fd, com, data);
        error = error == EPASSTHROUGH ? ENOTTY : error;
    }
    if (error == EOK && (com & IOC_OUT) != 0) {
        error = copyout(data, uap->pointer(2), size);
    }
    fd_putfile(fp);
    return error;
}
