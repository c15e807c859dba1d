// System calls on directories: listing them, and being in one.
#include "abi/fcntl.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"

Errno sys___getdents30(lwp*, const syscall_args* uap, register_t* retval) {
    file* fp = nullptr;
    Errno error = fd_getvnode(uap->integer<int>(0), &fp);
    if (error != EOK) {
        return error;
    }
    vnode* vp = file_vnode(fp);
    if ((fp->f_flag.load() & FREAD) == 0) {
        error = EBADF;
    } else if (vp->v_type != VDIR) {
        error = EINVAL;
    } else {
        const size_t size = uap->reg[2];
        abi::iovec iov;
        uio u;
        uio_setup(&u, &iov, uap->pointer(1), size, fp->f_offset, UIO_READ, UIO_USERSPACE);
        bool eof = false;
        error = static_cast<ssize_t>(size) < 0 ? EINVAL : vp->v_op->vop_readdir(vp, &u, &eof);
        fp->f_offset = u.uio_offset;
        retval[0] = size - u.uio_resid;
    }
    fd_putfile(fp);
    return error;
}

namespace {

// => takes over the reference to vp
Errno change_dir(lwp* l, vnode* vp, bool root) {
    Errno error = vp->v_type != VDIR ? ENOTDIR : vn_access(vp, VEXEC, l->l_cred);
    if (error == EOK && root) {
        error = kauth_authorize(l->l_cred, KAUTH_SYSTEM_CHROOT);
    }
    if (error != EOK) {
        vrele(vp);
        return error;
    }
    cwdinfo* cwdi = l->l_proc->p_cwdi;
    rw_enter(&cwdi->cwdi_lock, RW_WRITER);
    vnode* old_dir = cwdi->cwdi_cdir;
    vnode* old_root = nullptr;
    cwdi->cwdi_cdir = vp;
    if (root) {
        old_root = cwdi->cwdi_rdir;
        cwdi->cwdi_rdir = vp;
        vref(vp);
    }
    rw_exit(&cwdi->cwdi_lock);
    vrele(old_dir);
    if (old_root != nullptr) {
        vrele(old_root);
    }
    return EOK;
}

} // namespace

Errno sys_chdir(lwp* l, const syscall_args* uap, register_t*) {
    vnode* vp = nullptr;
    const Errno error = namei_user(l, abi::AT_FDCWD, uap->pointer(0), 0, &vp);
    return error != EOK ? error : change_dir(l, vp, false);
}

namespace {

Errno change_dir_to_fd(lwp* l, int fd, bool root) {
    file* fp = nullptr;
    const Errno error = fd_getvnode(fd, &fp);
    if (error != EOK) {
        return error == EINVAL ? ENOTDIR : error;
    }
    vnode* vp = file_vnode(fp);
    vref(vp);
    fd_putfile(fp);
    const vnode* rdir = l->l_proc->p_cwdi->cwdi_rdir;
    if (!root && rdir != nullptr && vp->v_type == VDIR && !vn_isunder(vp, rdir)) {
        vrele(vp);
        return EPERM;
    }
    return change_dir(l, vp, root);
}

} // namespace

Errno sys_fchdir(lwp* l, const syscall_args* uap, register_t*) {
    return change_dir_to_fd(l, uap->integer<int>(0), false);
}

Errno sys_fchroot(lwp* l, const syscall_args* uap, register_t*) {
    return change_dir_to_fd(l, uap->integer<int>(0), true);
}

Errno sys_chroot(lwp* l, const syscall_args* uap, register_t*) {
    vnode* vp = nullptr;
    const Errno error = namei_user(l, abi::AT_FDCWD, uap->pointer(0), 0, &vp);
    return error != EOK ? error : change_dir(l, vp, true);
}

Errno sys___getcwd(lwp* l, const syscall_args* uap, register_t* retval) {
    const size_t size = min(static_cast<size_t>(uap->reg[1]), size_t{abi::MAXPATHLEN});
    if (size < 2) {
        return ERANGE;
    }
    auto* buf = static_cast<char*>(kmem_alloc(abi::MAXPATHLEN, KM_SLEEP));
    char* path = nullptr;
    Errno error = getcwd_path(l, buf, size, &path);
    if (error == EOK) {
        const size_t len = strlen(path) + 1;
        error = copyout(path, uap->pointer(0), len);
        retval[0] = len;
    }
    kmem_free(buf, abi::MAXPATHLEN);
    return error;
}
