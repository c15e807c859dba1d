// System calls that open, make, rename and remove files by their paths.
#include "abi/fcntl.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/lockf.hpp"
#include "sys/proc.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"

namespace {

// The directory in which a path's last name is to be made or removed.
// => ni_dvp and, if the name exists, ni_vp are referenced
Errno lookup_parent(lwp* l, int dirfd, const void* upath, nameidata* ndp) {
    return namei_at(l, dirfd, upath, NAMEI_PARENT | NAMEI_NOFOLLOW, ndp);
}

void release_parent(nameidata* ndp) {
    vrele(ndp->ni_dvp);
    if (ndp->ni_vp != nullptr) {
        vrele(ndp->ni_vp);
    }
}

// The last name must be free and the directory writable.
Errno check_create(lwp* l, const nameidata* ndp) {
    return ndp->ni_vp != nullptr ? EEXIST : vn_access(ndp->ni_dvp, VWRITE, l->l_cred);
}

} // namespace

// --- open --------------------------------------------------------------------------------

namespace {

// O_SHLOCK, O_EXLOCK: flock's lock on what has been opened.
Errno open_lock(file* fp, int oflags) {
    if ((oflags & (abi::O_SHLOCK | abi::O_EXLOCK)) == 0) {
        return EOK;
    }
    const int type = (oflags & abi::O_EXLOCK) != 0 ? abi::F_WRLCK : abi::F_RDLCK;
    const Errno error = lf_setlock(file_vnode(fp), {nullptr, fp}, LF_ALL, type,
                                   (oflags & abi::O_NONBLOCK) == 0);
    if (error == EOK) {
        fp->f_flag.fetch_or(FHASLOCK);
    }
    return error;
}

// The new descriptor's file becomes the vnode, whose reference it takes.
Errno open_setfp(lwp* l, file* fp, vnode* vp, int fd, int oflags) {
    const int fflags = FFLAGS(oflags);
    fp->f_type = DTYPE_VNODE;
    fp->f_ops = &vnops;
    fp->f_data = vp;
    fp->f_flag.store(fflags & (FREAD | FWRITE | abi::O_NONBLOCK | abi::O_APPEND | abi::O_ASYNC |
                               abi::O_SYNC | abi::O_NOSIGPIPE));
    const Errno error = open_lock(fp, oflags);
    if (error != EOK) {
        (void)vn_close(vp, fflags);
        return error;
    }
    fd_set_exclose(l, fd, (oflags & abi::O_CLOEXEC) != 0);
    fd_set_foclose(l, fd, (oflags & abi::O_CLOFORK) != 0);
    fd_affix(l->l_proc, fp, fd);
    return EOK;
}

Errno do_open(lwp* l, int dirfd, const void* upath, int oflags, mode_t mode, register_t* retval) {
    const user_path path(upath);
    if (path.error() != EOK) {
        return path.error();
    }
    const int fflags = FFLAGS(oflags);
    if ((fflags & (FREAD | FWRITE)) == 0) {
        return EINVAL;
    }
    file* fp = nullptr;
    int fd = -1;
    vnode* start = nullptr;
    Errno error = start_directory(dirfd, path, &start);
    if (error != EOK) {
        return error;
    }
    error = fd_allocfile(&fp, &fd);
    if (error == EOK) {
        vnode* vp = nullptr;
        error = vn_open(l, path.get(), start, fflags, mode, &vp);
        error = error != EOK ? error : open_setfp(l, fp, vp, fd, oflags);
        if (error != EOK) {
            fd_abort(l->l_proc, fp, fd);
        }
        retval[0] = static_cast<register_t>(fd);
    }
    if (start != nullptr) {
        vrele(start);
    }
    return error;
}

} // namespace

Errno sys_open(lwp* l, const syscall_args* uap, register_t* retval) {
    return do_open(l, abi::AT_FDCWD, uap->pointer(0), uap->integer<int>(1), uap->integer<mode_t>(2),
                   retval);
}

Errno sys_openat(lwp* l, const syscall_args* uap, register_t* retval) {
    return do_open(l, uap->integer<int>(0), uap->pointer(1), uap->integer<int>(2),
                   uap->integer<mode_t>(3), retval);
}

// --- making and removing names ----------------------------------------------------------------

namespace {

// A directory, device or FIFO.
Errno do_make(lwp* l, int dirfd, const void* upath, vtype type, mode_t mode, dev_t rdev) {
    nameidata nd;
    Errno error = lookup_parent(l, dirfd, upath, &nd);
    if (error != EOK) {
        return error;
    }
    error = check_create(l, &nd);
    if (error == EOK) {
        vattr va;
        vattr_null(&va);
        va.va_type = type;
        va.va_mode = mode & 07777 & ~l->l_proc->p_cwdi->cwdi_cmask;
        va.va_rdev = rdev;
        error = nd.ni_dvp->v_op->vop_create(nd.ni_dvp, &nd.ni_cnd, &va, l->l_cred, &nd.ni_vp);
    }
    release_parent(&nd);
    return error;
}

Errno do_unlink(lwp* l, int dirfd, const void* upath, bool directory) {
    nameidata nd;
    Errno error = lookup_parent(l, dirfd, upath, &nd);
    if (error != EOK) {
        return error;
    }
    if (nd.ni_vp == nullptr) {
        error = ENOENT;
    } else if (nd.ni_vp == rootvnode) {
        error = EBUSY;
    } else {
        error = vn_access(nd.ni_dvp, VWRITE, l->l_cred);
    }
    if (error == EOK) {
        const vnodeops* op = nd.ni_dvp->v_op;
        error = directory ? op->vop_rmdir(nd.ni_dvp, &nd.ni_cnd, nd.ni_vp)
                          : op->vop_remove(nd.ni_dvp, &nd.ni_cnd, nd.ni_vp);
    }
    release_parent(&nd);
    return error;
}

} // namespace

Errno sys_mkdir(lwp* l, const syscall_args* uap, register_t*) {
    return do_make(l, abi::AT_FDCWD, uap->pointer(0), VDIR, uap->integer<mode_t>(1), 0);
}

Errno sys_mkdirat(lwp* l, const syscall_args* uap, register_t*) {
    return do_make(l, uap->integer<int>(0), uap->pointer(1), VDIR, uap->integer<mode_t>(2), 0);
}

namespace {

Errno do_mknod(lwp* l, int dirfd, const void* upath, mode_t mode, dev_t dev) {
    const bool fifo = (mode & abi::S_IFMT) == abi::S_IFIFO; // anybody may make those
    const Errno error = fifo ? EOK : kauth_authorize(l->l_cred, KAUTH_SYSTEM_MKNOD);
    if (error != EOK) {
        return error;
    }
    switch (mode & abi::S_IFMT) {
    case abi::S_IFCHR:
    case abi::S_IFBLK:
        if (dev == static_cast<dev_t>(-1)) {
            return EINVAL;
        }
        return do_make(l, dirfd, upath, (mode & abi::S_IFMT) == abi::S_IFCHR ? VCHR : VBLK, mode,
                       dev);
    case abi::S_IFIFO:
        return do_make(l, dirfd, upath, VFIFO, mode, 0);
    case 0:
    case abi::S_IFREG:
        return do_make(l, dirfd, upath, VREG, mode, 0);
    default:
        return EINVAL;
    }
}

} // namespace

Errno sys___mknod50(lwp* l, const syscall_args* uap, register_t*) {
    return do_mknod(l, abi::AT_FDCWD, uap->pointer(0), uap->integer<mode_t>(1),
                    uap->integer<dev_t>(2));
}

// directory, path, mode, pad, device
Errno sys_mknodat(lwp* l, const syscall_args* uap, register_t*) {
    return do_mknod(l, uap->integer<int>(0), uap->pointer(1), uap->integer<mode_t>(2),
                    uap->integer<dev_t>(4));
}

Errno sys_mkfifo(lwp* l, const syscall_args* uap, register_t*) {
    return do_make(l, abi::AT_FDCWD, uap->pointer(0), VFIFO, uap->integer<mode_t>(1), 0);
}

Errno sys_mkfifoat(lwp* l, const syscall_args* uap, register_t*) {
    return do_make(l, uap->integer<int>(0), uap->pointer(1), VFIFO, uap->integer<mode_t>(2), 0);
}

Errno sys_unlink(lwp* l, const syscall_args* uap, register_t*) {
    return do_unlink(l, abi::AT_FDCWD, uap->pointer(0), false);
}

Errno sys_rmdir(lwp* l, const syscall_args* uap, register_t*) {
    return do_unlink(l, abi::AT_FDCWD, uap->pointer(0), true);
}

Errno sys_unlinkat(lwp* l, const syscall_args* uap, register_t*) {
    return do_unlink(l, uap->integer<int>(0), uap->pointer(1),
                     (uap->integer<int>(2) & abi::AT_REMOVEDIR) != 0);
}

namespace {

// A symbolic link is followed to what it names, or gets the new name itself.
Errno do_link(lwp* l, int fromfd, const void* from, int tofd, const void* to, bool follow) {
    vnode* vp = nullptr;
    Errno error = namei_user(l, fromfd, from, follow ? 0U : NAMEI_NOFOLLOW, &vp);
    if (error != EOK) {
        return error;
    }
    nameidata nd;
    error = lookup_parent(l, tofd, to, &nd);
    if (error == EOK) {
        error = check_create(l, &nd);
        if (error == EOK) {
            error = nd.ni_dvp->v_op->vop_link(nd.ni_dvp, &nd.ni_cnd, vp);
        }
        release_parent(&nd);
    }
    vrele(vp);
    return error;
}

Errno do_symlink(lwp* l, const void* utarget, int dirfd, const void* upath) {
    const user_path target(utarget);
    if (target.error() != EOK) {
        return target.error();
    }
    if (target.get()[0] == '\0') {
        return ENOENT;
    }
    nameidata nd;
    Errno error = lookup_parent(l, dirfd, upath, &nd);
    if (error != EOK) {
        return error;
    }
    error = check_create(l, &nd);
    if (error == EOK) {
        vattr va;
        vattr_null(&va);
        va.va_mode = 0777 & ~l->l_proc->p_cwdi->cwdi_cmask;
        error = nd.ni_dvp->v_op->vop_symlink(nd.ni_dvp, &nd.ni_cnd, &va, target.get(), l->l_cred);
    }
    release_parent(&nd);
    return error;
}

Errno do_readlink(lwp* l, int dirfd, const void* upath, void* ubuf, size_t size,
                  register_t* retval) {
    vnode* vp = nullptr;
    Errno error = namei_user(l, dirfd, upath, NAMEI_NOFOLLOW, &vp);
    if (error != EOK) {
        return error;
    }
    auto* buf = static_cast<char*>(kmem_alloc(abi::MAXPATHLEN, KM_SLEEP));
    size_t len = 0;
    error = vp->v_op->vop_readlink(vp, buf, abi::MAXPATHLEN, &len);
    vrele(vp);
    if (error == EOK) {
        len = min(len, size);
        error = copyout(buf, ubuf, len);
        retval[0] = len;
    }
    kmem_free(buf, abi::MAXPATHLEN);
    return error;
}

Errno do_rename(lwp* l, int fromfd, const void* from, int tofd, const void* to) {
    auto* nds = kmem_new<nameidata>(KM_SLEEP, 2);
    Errno error = lookup_parent(l, fromfd, from, &nds[0]);
    if (error == EOK) {
        error = lookup_parent(l, tofd, to, &nds[1]);
        if (error == EOK) {
            error = nds[0].ni_vp == nullptr ? ENOENT : vn_access(nds[0].ni_dvp, VWRITE, l->l_cred);
            if (error == EOK) {
                error = vn_access(nds[1].ni_dvp, VWRITE, l->l_cred);
            }
            if (error == EOK) {
                error = nds[0].ni_dvp->v_op->vop_rename(nds[0].ni_dvp, &nds[0].ni_cnd,
                                                        nds[1].ni_dvp, &nds[1].ni_cnd);
            }
            release_parent(&nds[1]);
        }
        release_parent(&nds[0]);
    }
    kmem_delete(nds, 2);
    return error;
}

} // namespace

Errno sys_link(lwp* l, const syscall_args* uap, register_t*) {
    return do_link(l, abi::AT_FDCWD, uap->pointer(0), abi::AT_FDCWD, uap->pointer(1), true);
}

Errno sys_linkat(lwp* l, const syscall_args* uap, register_t*) {
    return do_link(l, uap->integer<int>(0), uap->pointer(1), uap->integer<int>(2), uap->pointer(3),
                   (uap->integer<int>(4) & abi::AT_SYMLINK_FOLLOW) != 0);
}

Errno sys_symlink(lwp* l, const syscall_args* uap, register_t*) {
    return do_symlink(l, uap->pointer(0), abi::AT_FDCWD, uap->pointer(1));
}

Errno sys_symlinkat(lwp* l, const syscall_args* uap, register_t*) {
    return do_symlink(l, uap->pointer(0), uap->integer<int>(1), uap->pointer(2));
}

Errno sys_readlink(lwp* l, const syscall_args* uap, register_t* retval) {
    return do_readlink(l, abi::AT_FDCWD, uap->pointer(0), uap->pointer(1), uap->reg[2], retval);
}

Errno sys_readlinkat(lwp* l, const syscall_args* uap, register_t* retval) {
    return do_readlink(l, uap->integer<int>(0), uap->pointer(1), uap->pointer(2), uap->reg[3],
                       retval);
}

Errno sys_rename(lwp* l, const syscall_args* uap, register_t*) {
    return do_rename(l, abi::AT_FDCWD, uap->pointer(0), abi::AT_FDCWD, uap->pointer(1));
}

Errno sys_renameat(lwp* l, const syscall_args* uap, register_t*) {
    return do_rename(l, uap->integer<int>(0), uap->pointer(1), uap->integer<int>(2),
                     uap->pointer(3));
}
