// What system calls and the kernel do with vnodes: opening, reading, the
// operations of files that are vnodes.
#include "abi/event.hpp"
#include "abi/poll.hpp"
#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/lockf.hpp"
#include "sys/proc.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"

Errno vn_access(vnode* vp, mode_t want, const kauth_cred* cred) {
    vattr va;
    const Errno error = vp->v_op->vop_getattr(vp, &va);
    if (error != EOK) {
        return error;
    }
    if (cred->cr_euid == 0) {
        // Root reads and writes all; it executes what anybody may.
        const bool executable = va.va_type == VDIR || (va.va_mode & 0111) != 0;
        return (want & VEXEC) != 0 && !executable ? EACCES : EOK;
    }
    const unsigned shift = cred->cr_euid == va.va_uid                 ? 6
                           : kauth_cred_ismember_gid(cred, va.va_gid) ? 3
                                                                      : 0;
    return (va.va_mode >> shift & want) == want ? EOK : EACCES;
}

namespace {

// May an existing file be opened like this?
Errno open_existing(lwp* l, vnode* vp, int fflags) {
    if (vp->v_type == VLNK) {
        return ELOOP; // O_NOFOLLOW
    }
    if ((fflags & abi::O_DIRECTORY) != 0 && vp->v_type != VDIR) {
        return ENOTDIR;
    }
    if ((fflags & abi::O_REGULAR) != 0 && vp->v_type != VREG) {
        return EFTYPE;
    }
    if ((fflags & FWRITE) != 0 && vp->v_type == VDIR) {
        return EISDIR;
    }
    const mode_t want = ((fflags & FREAD) != 0 ? VREAD : 0) | ((fflags & FWRITE) != 0 ? VWRITE : 0);
    return vn_access(vp, want, l->l_cred);
}

Errno truncate_to_zero(lwp* l, vnode* vp) {
    vattr va;
    vattr_null(&va);
    va.va_size = 0;
    return vp->v_op->vop_setattr(vp, &va, l->l_cred);
}

// O_CREAT: the file is made if the name is free.
// => *created tells that; permissions of a new file don't bind its creator
Errno open_creating(lwp* l, nameidata* ndp, int fflags, mode_t cmode, bool* created) {
    *created = false;
    if (ndp->ni_vp != nullptr) {
        return (fflags & abi::O_EXCL) != 0 ? EEXIST : EOK;
    }
    if (ndp->ni_trailing) {
        return EISDIR;
    }
    Errno error = vn_access(ndp->ni_dvp, VWRITE, l->l_cred);
    if (error != EOK) {
        return error;
    }
    vattr va;
    vattr_null(&va);
    va.va_type = VREG;
    va.va_mode = cmode & 07777 & ~l->l_proc->p_cwdi->cwdi_cmask;
    error = ndp->ni_dvp->v_op->vop_create(ndp->ni_dvp, &ndp->ni_cnd, &va, l->l_cred, &ndp->ni_vp);
    *created = error == EOK;
    return error;
}

} // namespace

Errno vn_open(lwp* l, const char* path, vnode* startdir, int fflags, mode_t cmode, vnode** vpp) {
    const bool creating = (fflags & abi::O_CREAT) != 0;
    const bool nofollow = (fflags & abi::O_NOFOLLOW) != 0 ||
                          (fflags & (abi::O_CREAT | abi::O_EXCL)) == (abi::O_CREAT | abi::O_EXCL);
    nameidata nd{};
    nd.ni_path = path;
    nd.ni_startdir = startdir;
    nd.ni_flags = (creating ? NAMEI_PARENT : 0U) | (nofollow ? NAMEI_NOFOLLOW : 0U);
    Errno error = namei(l, &nd);
    if (error != EOK) {
        return error;
    }
    bool created = false;
    if (creating) {
        error = open_creating(l, &nd, fflags, cmode, &created);
        vrele(nd.ni_dvp);
    }
    vnode* vp = nd.ni_vp;
    if (error == EOK && !created) {
        error = open_existing(l, vp, fflags);
    }
    if (error == EOK && vp->v_op->vop_open != nullptr) {
        error = vp->v_op->vop_open(vp, fflags, l);
    }
    if (error == EOK && !created && (fflags & abi::O_TRUNC) != 0 && vp->v_type == VREG) {
        error = truncate_to_zero(l, vp);
    }
    if (error != EOK) {
        if (vp != nullptr) {
            vrele(vp);
        }
        return error;
    }
    vn_knote(vp, abi::NOTE_OPEN);
    *vpp = vp;
    return EOK;
}

Errno vn_close(vnode* vp, int fflags) {
    const Errno error = vp->v_op->vop_close != nullptr ? vp->v_op->vop_close(vp, fflags) : EOK;
    vn_knote(vp, (fflags & FWRITE) != 0 ? abi::NOTE_CLOSE_WRITE : abi::NOTE_CLOSE);
    vrele(vp);
    return error;
}

Errno vn_rdwr(uio_rw rw, vnode* vp, void* base, size_t len, off_t offset, size_t* resid) {
    abi::iovec iov;
    uio u;
    uio_setup(&u, &iov, base, len, offset, rw, UIO_SYSSPACE);
    Errno error = rw == UIO_READ ? vp->v_op->vop_read(vp, &u, 0) : vp->v_op->vop_write(vp, &u, 0);
    if (resid != nullptr) {
        *resid = u.uio_resid;
    } else if (error == EOK && u.uio_resid != 0) {
        error = EIO;
    }
    return error;
}

namespace {

constexpr mode_t vtype_mode[] = {0,          abi::S_IFREG, abi::S_IFDIR,  abi::S_IFBLK,
                                 abi::S_IFCHR, abi::S_IFLNK, abi::S_IFSOCK, abi::S_IFIFO};

} // namespace

Errno vn_stat(vnode* vp, abi::stat* st) {
    vattr va;
    const Errno error = vp->v_op->vop_getattr(vp, &va);
    if (error != EOK) {
        return error;
    }
    *st = {};
    st->st_mode = vtype_mode[va.va_type] | va.va_mode;
    st->st_ino = va.va_fileid;
    st->st_nlink = va.va_nlink;
    st->st_uid = va.va_uid;
    st->st_gid = va.va_gid;
    st->st_rdev = va.va_rdev;
    st->st_atim = va.va_atime;
    st->st_mtim = va.va_mtime;
    st->st_ctim = va.va_ctime;
    st->st_birthtim = va.va_birthtime;
    st->st_size = va.va_size;
    st->st_blocks = (va.va_size + 511) / 512;
    st->st_blksize = PAGE_SIZE;
    return EOK;
}

// --- files that are vnodes -----------------------------------------------------------------

namespace {

Errno vn_read(file* fp, off_t* offset, uio* uio, kauth_cred*, int flags) {
    vnode* vp = file_vnode(fp);
    if (vp->v_type == VDIR) {
        return EISDIR;
    }
    uio->uio_offset = *offset;
    const Errno error = vp->v_op->vop_read(vp, uio, fp->f_flag.load());
    if (error == EOK) {
        vn_knote(vp, abi::NOTE_READ);
    }
    if ((flags & FOF_UPDATE_OFFSET) != 0) {
        *offset = uio->uio_offset;
    }
    return error;
}

Errno vn_write(file* fp, off_t* offset, uio* uio, kauth_cred*, int flags) {
    vnode* vp = file_vnode(fp);
    uio->uio_offset = *offset;
    const Errno error = vp->v_op->vop_write(vp, uio, fp->f_flag.load());
    if ((flags & FOF_UPDATE_OFFSET) != 0) {
        *offset = uio->uio_offset;
    }
    return error;
}

Errno vn_ioctl(file* fp, u64 com, void* data) {
    vnode* vp = file_vnode(fp);
    return vp->v_op->vop_ioctl != nullptr ? vp->v_op->vop_ioctl(vp, com, data, fp->f_flag.load())
                                          : EPASSTHROUGH;
}

int vn_poll(file* fp, int events) {
    vnode* vp = file_vnode(fp);
    return vp->v_op->vop_poll != nullptr
               ? vp->v_op->vop_poll(vp, events, fp->f_flag.load())
               : events & (abi::POLLIN | abi::POLLOUT | abi::POLLRDNORM);
}

Errno vn_statfile(file* fp, abi::stat* st) { return vn_stat(file_vnode(fp), st); }

Errno vn_closefile(file* fp) {
    vnode* vp = file_vnode(fp);
    if ((fp->f_flag.load() & FHASLOCK) != 0) {
        lf_release(vp, {nullptr, fp});
    }
    return vn_close(vp, fp->f_flag.load());
}

Errno vn_seek(file* fp, off_t delta, int whence, off_t* newoffset) {
    vnode* vp = file_vnode(fp);
    off_t base = 0;
    if (vp->v_type == VCHR || vp->v_type == VFIFO) {
        return ESPIPE;
    }
    if (whence == abi::SEEK_END) {
        vattr va;
        const Errno error = vp->v_op->vop_getattr(vp, &va);
        if (error != EOK) {
            return error;
        }
        base = va.va_size;
    } else if (whence != abi::SEEK_CUR && whence != abi::SEEK_SET) {
        return EINVAL;
    }
    mutex_enter(&fp->f_lock);
    if (whence == abi::SEEK_CUR) {
        base = fp->f_offset;
    }
    off_t result = 0;
    const bool overflow = __builtin_add_overflow(base, delta, &result);
    if (!overflow && result >= 0) {
        fp->f_offset = result;
    }
    mutex_exit(&fp->f_lock);
    *newoffset = result;
    return overflow ? EOVERFLOW : result < 0 ? EINVAL : EOK;
}

} // namespace

const fileops vnops{"vn",        vn_read,      vn_write, vn_ioctl, vn_poll,
                    vn_statfile, vn_closefile, vn_seek,  vn_kqfilter};
