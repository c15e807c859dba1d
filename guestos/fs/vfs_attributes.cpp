// System calls on what a file is: its permissions, owner, times and size.
#include "abi/fcntl.hpp"
#include "abi/stat.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/pipe.hpp"
#include "sys/proc.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"
#include "sys/tty_ldisc.hpp"
#include "sys/vnode.hpp"

// --- permissions, owner and times -------------------------------------------------------------

namespace {

Errno change_path(lwp* l, int dirfd, const void* upath, u32 namei_flags, const vattr* vap) {
    vnode* vp = nullptr;
    Errno error = namei_user(l, dirfd, upath, namei_flags, &vp);
    if (error == EOK) {
        error = vp->v_op->vop_setattr(vp, vap, l->l_cred);
        vrele(vp);
    }
    return error;
}

Errno change_descriptor(lwp* l, int fd, const vattr* vap) {
    file* fp = nullptr;
    Errno error = fd_getvnode(fd, &fp);
    if (error == EOK) {
        vnode* vp = file_vnode(fp);
        error = vp->v_op->vop_setattr(vp, vap, l->l_cred);
        fd_putfile(fp);
    }
    return error;
}

u32 at_flags(int flags) {
    return (flags & abi::AT_SYMLINK_NOFOLLOW) != 0 ? NAMEI_NOFOLLOW : 0U;
}

vattr mode_of(const syscall_args* uap, unsigned first) {
    vattr va;
    vattr_null(&va);
    va.va_mode = uap->integer<mode_t>(first) & 07777;
    return va;
}

vattr owner_of(const syscall_args* uap, unsigned first) {
    vattr va;
    vattr_null(&va);
    va.va_uid = uap->integer<uid_t>(first); // -1 is VNOVAL
    va.va_gid = uap->integer<gid_t>(first + 1);
    return va;
}

// One time of utimensat(2): a point, now, or none.
Errno time_of(const abi::timespec* ts, abi::timespec* time) {
    if (ts->tv_nsec == abi::UTIME_OMIT) {
        return EOK;
    }
    if (ts->tv_nsec == abi::UTIME_NOW) {
        getnanotime(time);
        return EOK;
    }
    *time = *ts;
    return ts->tv_nsec < 0 || ts->tv_nsec >= 1'000'000'000 ? EINVAL : EOK;
}

// Time of access and time of change, from timespecs of the program. Without any
// both are now, which takes less than to own the file.
Errno times_of(const void* utimes, vattr* vap) {
    vattr_null(vap);
    abi::timespec ts[2];
    if (utimes == nullptr) {
        vap->va_vaflags = VA_UTIMES_NULL;
        getnanotime(&vap->va_atime);
        vap->va_mtime = vap->va_atime;
        return EOK;
    }
    Errno error = copyin(utimes, ts, sizeof(ts));
    if (error == EOK && ts[0].tv_nsec == abi::UTIME_NOW && ts[1].tv_nsec == abi::UTIME_NOW) {
        vap->va_vaflags = VA_UTIMES_NULL;
    }
    if (error == EOK) {
        error = time_of(&ts[0], &vap->va_atime);
    }
    return error == EOK ? time_of(&ts[1], &vap->va_mtime) : error;
}

// The same from timevals.
Errno timevals_of(const void* utimes, vattr* vap) {
    if (utimes == nullptr) {
        return times_of(nullptr, vap);
    }
    abi::timeval tv[2];
    const Errno error = copyin(utimes, tv, sizeof(tv));
    if (error != EOK) {
        return error;
    }
    vattr_null(vap);
    vap->va_atime = {tv[0].tv_sec, i64{tv[0].tv_usec} * 1000};
    vap->va_mtime = {tv[1].tv_sec, i64{tv[1].tv_usec} * 1000};
    const bool good =
        static_cast<u32>(tv[0].tv_usec) < 1'000'000 && static_cast<u32>(tv[1].tv_usec) < 1'000'000;
    return good ? EOK : EINVAL;
}

} // namespace

// --- permissions --------------------------------------------------------------------

Errno sys_chmod(lwp* l, const syscall_args* uap, register_t*) {
    const vattr va = mode_of(uap, 1);
    return change_path(l, abi::AT_FDCWD, uap->pointer(0), 0, &va);
}

Errno sys_lchmod(lwp* l, const syscall_args* uap, register_t*) {
    const vattr va = mode_of(uap, 1);
    return change_path(l, abi::AT_FDCWD, uap->pointer(0), NAMEI_NOFOLLOW, &va);
}

Errno sys_fchmod(lwp* l, const syscall_args* uap, register_t*) {
    const vattr va = mode_of(uap, 1);
    return change_descriptor(l, uap->integer<int>(0), &va);
}

// directory, path, mode, flags
Errno sys_fchmodat(lwp* l, const syscall_args* uap, register_t*) {
    const vattr va = mode_of(uap, 2);
    return change_path(l, uap->integer<int>(0), uap->pointer(1), at_flags(uap->integer<int>(3)),
                       &va);
}

// --- owner --------------------------------------------------------------------------

Errno sys_chown(lwp* l, const syscall_args* uap, register_t*) {
    const vattr va = owner_of(uap, 1);
    return change_path(l, abi::AT_FDCWD, uap->pointer(0), 0, &va);
}

Errno sys_lchown(lwp* l, const syscall_args* uap, register_t*) {
    const vattr va = owner_of(uap, 1);
    return change_path(l, abi::AT_FDCWD, uap->pointer(0), NAMEI_NOFOLLOW, &va);
}

Errno sys_fchown(lwp* l, const syscall_args* uap, register_t*) {
    const vattr va = owner_of(uap, 1);
    return change_descriptor(l, uap->integer<int>(0), &va);
}

// directory, path, user, group, flags
Errno sys_fchownat(lwp* l, const syscall_args* uap, register_t*) {
    const vattr va = owner_of(uap, 2);
    return change_path(l, uap->integer<int>(0), uap->pointer(1), at_flags(uap->integer<int>(4)),
                       &va);
}

// --- times --------------------------------------------------------------------------

Errno sys___utimes50(lwp* l, const syscall_args* uap, register_t*) {
    vattr va;
    const Errno error = timevals_of(uap->pointer(1), &va);
    return error != EOK ? error : change_path(l, abi::AT_FDCWD, uap->pointer(0), 0, &va);
}

Errno sys___lutimes50(lwp* l, const syscall_args* uap, register_t*) {
    vattr va;
    const Errno error = timevals_of(uap->pointer(1), &va);
    return error != EOK ? error
                        : change_path(l, abi::AT_FDCWD, uap->pointer(0), NAMEI_NOFOLLOW, &va);
}

Errno sys___futimes50(lwp* l, const syscall_args* uap, register_t*) {
    vattr va;
    const Errno error = timevals_of(uap->pointer(1), &va);
    return error != EOK ? error : change_descriptor(l, uap->integer<int>(0), &va);
}

Errno sys_futimens(lwp* l, const syscall_args* uap, register_t*) {
    vattr va;
    const Errno error = times_of(uap->pointer(1), &va);
    return error != EOK ? error : change_descriptor(l, uap->integer<int>(0), &va);
}

// directory, path, times, flags
Errno sys_utimensat(lwp* l, const syscall_args* uap, register_t*) {
    vattr va;
    const Errno error = times_of(uap->pointer(2), &va);
    return error != EOK ? error
                        : change_path(l, uap->integer<int>(0), uap->pointer(1),
                                      at_flags(uap->integer<int>(3)), &va);
}

// --- asking ---------------------------------------------------------------------------

namespace {

Errno do_stat(lwp* l, int dirfd, const void* upath, void* ustat, bool follow) {
    vnode* vp = nullptr;
    Errno error = namei_user(l, dirfd, upath, follow ? 0U : NAMEI_NOFOLLOW, &vp);
    if (error != EOK) {
        return error;
    }
    abi::stat st;
    error = vn_stat(vp, &st);
    vrele(vp);
    return error != EOK ? error : copyout(st, ustat);
}

// Makes the running LWP act as its real user and group for a while.
class real_user {
public:
    real_user(lwp* l, bool wanted) : l_(l), own_(l->l_cred) {
        if (wanted && (own_->cr_uid != own_->cr_euid || own_->cr_gid != own_->cr_egid)) {
            kauth_cred_t real = kauth_cred_dup(own_);
            real->cr_euid = real->cr_uid;
            real->cr_egid = real->cr_gid;
            l->l_cred = real;
        }
    }
    ~real_user() {
        if (l_->l_cred != own_) {
            kauth_cred_free(l_->l_cred);
            l_->l_cred = own_;
        }
    }
    real_user(const real_user&) = delete;
    real_user& operator=(const real_user&) = delete;

private:
    lwp* l_;
    kauth_cred_t own_;
};

// May the real user do that? With AT_EACCESS: may the effective one? access(2)
Errno do_access(lwp* l, int dirfd, const void* upath, int mode, int flags) {
    constexpr int known = abi::AT_EACCESS | abi::AT_SYMLINK_NOFOLLOW;
    if ((mode & ~(abi::R_OK | abi::W_OK | abi::X_OK)) != 0 || (flags & ~known) != 0) {
        return EINVAL;
    }
    const real_user real(l, (flags & abi::AT_EACCESS) == 0);
    vnode* vp = nullptr;
    Errno error = namei_user(l, dirfd, upath, at_flags(flags), &vp);
    if (error == EOK) {
        if (mode != abi::F_OK) {
            error = vn_access(vp, static_cast<mode_t>(mode), l->l_cred);
        }
        vrele(vp);
    }
    return error;
}

// file, pad, length
Errno set_size(lwp* l, vnode* vp, const syscall_args* uap) {
    vattr va;
    vattr_null(&va);
    va.va_size = uap->integer<off_t>(2);
    return va.va_size < 0 ? EINVAL : vp->v_op->vop_setattr(vp, &va, l->l_cred);
}

} // namespace

Errno sys___stat50(lwp* l, const syscall_args* uap, register_t*) {
    return do_stat(l, abi::AT_FDCWD, uap->pointer(0), uap->pointer(1), true);
}

Errno sys___lstat50(lwp* l, const syscall_args* uap, register_t*) {
    return do_stat(l, abi::AT_FDCWD, uap->pointer(0), uap->pointer(1), false);
}

Errno sys_fstatat(lwp* l, const syscall_args* uap, register_t*) {
    return do_stat(l, uap->integer<int>(0), uap->pointer(1), uap->pointer(2),
                   (uap->integer<int>(3) & abi::AT_SYMLINK_NOFOLLOW) == 0);
}

// --- pathconf(2) ------------------------------------------------------------------

namespace {

// What holds for a file. => EINVAL: the question makes no sense for it
Errno vn_pathconf(const vnode* vp, int name, register_t* value) {
    constexpr register_t kLinks = 32767;
    constexpr register_t kInput = 255; // bytes of a terminal's line
    const bool device = vp->v_type == VCHR || vp->v_type == VBLK;
    switch (name) {
    case abi::PC_LINK_MAX:
        *value = kLinks;
        return EOK;
    case abi::PC_PIPE_BUF:
        *value = PIPE_BUF;
        return EOK;
    case abi::PC_CHOWN_RESTRICTED:
    case abi::PC_SYNC_IO:
        *value = 1;
        return EOK;
    case abi::PC_MAX_CANON:
    case abi::PC_MAX_INPUT:
        *value = kInput;
        return device ? EOK : EINVAL;
    case abi::PC_VDISABLE:
        *value = kDisabled;
        return device ? EOK : EINVAL;
    case abi::PC_NAME_MAX:
        *value = abi::MAXNAMLEN;
        return device ? EINVAL : EOK;
    case abi::PC_PATH_MAX:
        *value = abi::MAXPATHLEN;
        return device ? EINVAL : EOK;
    case abi::PC_NO_TRUNC:
        *value = 1;
        return device ? EINVAL : EOK;
    case abi::PC_FILESIZEBITS:
        *value = 64;
        return device ? EINVAL : EOK;
    default:
        return EINVAL;
    }
}

} // namespace

Errno sys_pathconf(lwp* l, const syscall_args* uap, register_t* retval) {
    vnode* vp = nullptr;
    Errno error = namei_user(l, abi::AT_FDCWD, uap->pointer(0), 0, &vp);
    if (error == EOK) {
        error = vn_pathconf(vp, uap->integer<int>(1), retval);
        vrele(vp);
    }
    return error;
}

Errno sys_fpathconf(lwp*, const syscall_args* uap, register_t* retval) {
    file* fp = fd_getfile(uap->integer<int>(0));
    if (fp == nullptr) {
        return EBADF;
    }
    const int name = uap->integer<int>(1);
    Errno error = EOPNOTSUPP;
    if (fp->f_type == DTYPE_VNODE) {
        error = vn_pathconf(file_vnode(fp), name, retval);
    } else if (fp->f_type == DTYPE_PIPE) {
        error = name == abi::PC_PIPE_BUF ? EOK : EINVAL;
        retval[0] = PIPE_BUF;
    }
    fd_putfile(fp);
    return error;
}

// --- access, and the size -------------------------------------------------------------

Errno sys_access(lwp* l, const syscall_args* uap, register_t*) {
    return do_access(l, abi::AT_FDCWD, uap->pointer(0), uap->integer<int>(1), 0);
}

Errno sys_faccessat(lwp* l, const syscall_args* uap, register_t*) {
    return do_access(l, uap->integer<int>(0), uap->pointer(1), uap->integer<int>(2),
                     uap->integer<int>(3));
}

Errno sys_truncate(lwp* l, const syscall_args* uap, register_t*) {
    vnode* vp = nullptr;
    Errno error = namei_user(l, abi::AT_FDCWD, uap->pointer(0), 0, &vp);
    if (error == EOK) {
        error = vp->v_type == VDIR ? EISDIR : vn_access(vp, VWRITE, l->l_cred);
        error = error == EOK ? set_size(l, vp, uap) : error;
        vrele(vp);
    }
    return error;
}

// Through a descriptor what counts is how it was opened.
Errno sys_ftruncate(lwp* l, const syscall_args* uap, register_t*) {
    file* fp = nullptr;
    Errno error = fd_getvnode(uap->integer<int>(0), &fp);
    if (error == EOK) {
        const bool can = (fp->f_flag.load() & FWRITE) != 0 && file_vnode(fp)->v_type == VREG;
        error = can ? set_size(l, file_vnode(fp), uap) : EINVAL;
        fd_putfile(fp);
    }
    return error;
}

Errno sys_umask(lwp* l, const syscall_args* uap, register_t* retval) {
    cwdinfo* cwdi = l->l_proc->p_cwdi;
    retval[0] = cwdi->cwdi_cmask;
    cwdi->cwdi_cmask = uap->integer<mode_t>(0) & 0777;
    return EOK;
}

// Everything is in memory: there is nothing to write out.
Errno sys_fsync(lwp*, const syscall_args* uap, register_t*) {
    file* fp = nullptr;
    const Errno error = fd_getvnode(uap->integer<int>(0), &fp);
    if (error == EOK) {
        fd_putfile(fp);
    }
    return error;
}

Errno sys_sync(lwp*, const syscall_args*, register_t*) {
    return EOK;
}
