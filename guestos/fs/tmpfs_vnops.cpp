// What vnodes of the file system in memory do.
#include "abi/event.hpp"
#include "fs/tmpfs.hpp"
#include "machine/cpu.hpp"
#include "sys/kauth.hpp"
#include "sys/param.hpp"
#include "sys/pipe.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/signalvar.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_object.hpp"

// --- attributes --------------------------------------------------------------------------

namespace {

Errno tmpfs_getattr(vnode* vp, vattr* vap) {
    const tmpfs_node* node = VP_TO_NODE(vp);
    rw_enter(&tmpfs_lock, RW_READER);
    *vap = {};
    vap->va_type = vp->v_type;
    vap->va_mode = node->tn_mode;
    vap->va_nlink = node->tn_links;
    vap->va_uid = node->tn_uid;
    vap->va_gid = node->tn_gid;
    vap->va_fileid = node->tn_id;
    vap->va_rdev = vp->v_rdev;
    vap->va_atime = node->tn_atime;
    vap->va_mtime = node->tn_mtime;
    vap->va_ctime = node->tn_ctime;
    vap->va_birthtime = node->tn_birthtime;
    rw_exit(&tmpfs_lock);
    if (vp->v_uobj != nullptr) {
        vap->va_size = uao_size(vp->v_uobj);
    } else if (vp->v_type == VLNK) {
        vap->va_size = static_cast<off_t>(node->tn_targetlen);
    } else if (vp->v_type == VDIR) {
        vap->va_size = static_cast<off_t>(node->tn_nextseq) * 32;
    }
    return EOK;
}

// Who is not root makes only directories sticky, and files run only for groups of
// its own. chmod(2)
Errno check_mode(const tmpfs_node* node, mode_t mode, const kauth_cred* cred) {
    if (cred->cr_euid == 0) {
        return EOK;
    }
    if ((mode & abi::S_ISVTX) != 0 && node->tn_vnode.v_type != VDIR) {
        return EFTYPE;
    }
    const bool member = kauth_cred_ismember_gid(cred, node->tn_gid);
    return (mode & abi::S_ISGID) != 0 && !member ? EPERM : EOK;
}

// Changes owner, group and permissions. => tmpfs_lock held for writing
Errno setattr_owner_mode(tmpfs_node* node, const vattr* vap, const kauth_cred* cred) {
    const bool root = cred->cr_euid == 0;
    if (!root && cred->cr_euid != node->tn_uid) {
        return EPERM;
    }
    if (vap->va_uid != VNOVAL && vap->va_uid != node->tn_uid && !root) {
        return EPERM;
    }
    if (vap->va_gid != VNOVAL && !root && !kauth_cred_ismember_gid(cred, vap->va_gid)) {
        return EPERM;
    }
    if (vap->va_mode != VNOVAL) {
        const Errno error = check_mode(node, vap->va_mode, cred);
        if (error != EOK) {
            return error;
        }
    }
    node->tn_uid = vap->va_uid != VNOVAL ? vap->va_uid : node->tn_uid;
    node->tn_gid = vap->va_gid != VNOVAL ? vap->va_gid : node->tn_gid;
    node->tn_mode = vap->va_mode != VNOVAL ? vap->va_mode & 07777 : node->tn_mode;
    getnanotime(&node->tn_ctime);
    return EOK;
}

// Whether a time is to be changed: its nanoseconds are no VNOVAL.
bool has_time(const abi::timespec& ts) {
    return ts.tv_nsec != -1;
}

// Changes the times of access and modification.
Errno setattr_times(vnode* vp, const vattr* vap, const kauth_cred* cred) {
    tmpfs_node* node = VP_TO_NODE(vp);
    if (cred->cr_euid != 0 && cred->cr_euid != node->tn_uid) {
        const Errno error =
            (vap->va_vaflags & VA_UTIMES_NULL) == 0 ? EPERM : vn_access(vp, VWRITE, cred);
        if (error != EOK) {
            return error;
        }
    }
    rw_enter(&tmpfs_lock, RW_WRITER);
    node->tn_atime = has_time(vap->va_atime) ? vap->va_atime : node->tn_atime;
    node->tn_mtime = has_time(vap->va_mtime) ? vap->va_mtime : node->tn_mtime;
    getnanotime(&node->tn_ctime);
    rw_exit(&tmpfs_lock);
    return EOK;
}

Errno tmpfs_setattr(vnode* vp, const vattr* vap, const kauth_cred* cred) {
    tmpfs_node* node = VP_TO_NODE(vp);
    u32 what = abi::NOTE_ATTRIB;
    if (vap->va_size != -1) {
        if (vp->v_type == VDIR) {
            return EISDIR;
        }
        if (vp->v_type == VREG) {
            rw_enter(&node->tn_lock, RW_WRITER);
            what |= vap->va_size > uao_size(vp->v_uobj) ? abi::NOTE_WRITE | abi::NOTE_EXTEND
                                                        : abi::NOTE_WRITE;
            uao_setsize(vp->v_uobj, vap->va_size);
            getnanotime(&node->tn_mtime);
            rw_exit(&node->tn_lock);
        }
    }
    Errno error = EOK;
    if (vap->va_uid != VNOVAL || vap->va_gid != VNOVAL || vap->va_mode != VNOVAL) {
        rw_enter(&tmpfs_lock, RW_WRITER);
        error = setattr_owner_mode(node, vap, cred);
        rw_exit(&tmpfs_lock);
    }
    if (error == EOK && (has_time(vap->va_atime) || has_time(vap->va_mtime))) {
        error = setattr_times(vp, vap, cred);
    }
    if (error == EOK) {
        vn_knote(vp, what);
    }
    return error;
}

// --- contents ------------------------------------------------------------------------------

constexpr off_t kMaxFileSize = off_t{1} << 40;

Errno tmpfs_open(vnode* vp, int fflags, lwp* l) {
    return vp->v_type == VBLK    ? ENXIO // there are no drivers of block devices
           : vp->v_type == VCHR  ? spec_open(vp, fflags, l)
           : vp->v_type == VFIFO ? fifo_open(vp, fflags, l)
                                 : EOK;
}

Errno tmpfs_close(vnode* vp, int fflags) {
    return vp->v_type == VCHR    ? spec_close(vp, fflags)
           : vp->v_type == VFIFO ? fifo_close(vp, fflags)
                                 : EOK;
}

Errno tmpfs_read(vnode* vp, uio* uio, int fflags) {
    if (vp->v_type == VCHR) {
        return spec_read(vp, uio, fflags);
    }
    if (vp->v_type == VFIFO) {
        return pipe_read(vp->v_fifo, uio, fflags);
    }
    if (vp->v_type != VREG) {
        return vp->v_type == VDIR ? EISDIR : EINVAL;
    }
    if (uio->uio_offset < 0) {
        return EINVAL;
    }
    tmpfs_node* node = VP_TO_NODE(vp);
    Errno error = EOK;
    rw_enter(&node->tn_lock, RW_READER);
    const off_t size = uao_size(vp->v_uobj);
    if (uio->uio_offset < size) {
        const auto left = static_cast<size_t>(size - uio->uio_offset);
        error = ubc_uiomove(vp->v_uobj, uio, min(uio->uio_resid, left));
    }
    rw_exit(&node->tn_lock);
    return error;
}

// How long a file the writer may make. => RLIM_INFINITY for the kernel itself
u64 size_limit(const uio* uio) {
    return uio->uio_seg_ == UIO_USERSPACE
               ? curlwp->l_proc->p_limit->pl_rlimit[abi::RLIMIT_FSIZE].rlim_cur
               : RLIM_INFINITY;
}

// => tn_lock held for writing; on failure the file is not longer than before
//    but for what was written
Errno write_locked(vnode* vp, uio* uio, int fflags) {
    const off_t size = uao_size(vp->v_uobj);
    if ((fflags & abi::O_APPEND) != 0) {
        uio->uio_offset = size;
    }
    const off_t start = uio->uio_offset;
    if (start < 0) {
        return EINVAL;
    }
    off_t end = 0;
    if (__builtin_add_overflow(start, static_cast<off_t>(uio->uio_resid), &end) ||
        end > kMaxFileSize || static_cast<u64>(end) > size_limit(uio)) {
        return EFBIG;
    }
    if (end > size) {
        uao_setsize(vp->v_uobj, end);
    }
    const Errno error = ubc_uiomove(vp->v_uobj, uio, uio->uio_resid);
    if (error != EOK && end > size) {
        uao_setsize(vp->v_uobj, max(size, uio->uio_offset));
    }
    return error;
}

Errno tmpfs_write(vnode* vp, uio* uio, int fflags) {
    if (vp->v_type == VCHR) {
        return spec_write(vp, uio, fflags);
    }
    if (vp->v_type == VFIFO) {
        return pipe_write(vp->v_fifo, uio, fflags);
    }
    if (vp->v_type != VREG) {
        return vp->v_type == VDIR ? EISDIR : EINVAL;
    }
    if (uio->uio_resid == 0) {
        return EOK;
    }
    tmpfs_node* node = VP_TO_NODE(vp);
    rw_enter(&node->tn_lock, RW_WRITER);
    const off_t size = uao_size(vp->v_uobj);
    const Errno error = write_locked(vp, uio, fflags);
    const bool longer = uao_size(vp->v_uobj) > size;
    getnanotime(&node->tn_mtime);
    rw_exit(&node->tn_lock);
    if (error == EFBIG && size_limit(uio) != RLIM_INFINITY) {
        mutex_enter(&proc_lock);
        psignal(curlwp->l_proc, SIGXFSZ);
        mutex_exit(&proc_lock);
    }
    vn_knote(vp, longer ? abi::NOTE_WRITE | abi::NOTE_EXTEND : abi::NOTE_WRITE);
    return error;
}

Errno tmpfs_ioctl(vnode* vp, u64 com, void* data, int fflags) {
    return vp->v_type == VCHR    ? spec_ioctl(vp, com, data, fflags)
           : vp->v_type == VFIFO ? pipe_ioctl(vp->v_fifo, com, data)
                                 : EPASSTHROUGH;
}

int tmpfs_poll(vnode* vp, int events, int fflags) {
    return vp->v_type == VCHR    ? spec_poll(vp, events)
           : vp->v_type == VFIFO ? pipe_poll(vp->v_fifo, events, fflags)
                                 : events;
}

Errno tmpfs_readlink(vnode* vp, char* buf, size_t size, size_t* len) {
    const tmpfs_node* node = VP_TO_NODE(vp);
    if (vp->v_type != VLNK) {
        return EINVAL;
    }
    *len = min(size, node->tn_targetlen);
    memcpy(buf, node->tn_target, *len);
    return EOK;
}

void tmpfs_inactive(vnode* vp) {
    tmpfs_node* node = VP_TO_NODE(vp);
    rw_enter(&tmpfs_lock, RW_WRITER);
    const bool last = vp->v_usecount.fetch_sub(1) == 1 && node->tn_links == 0;
    rw_exit(&tmpfs_lock);
    if (last) {
        tmpfs_node_free(node);
    }
}

} // namespace

extern const vnodeops tmpfs_vnodeops;
const vnodeops tmpfs_vnodeops{
    tmpfs_lookup,  tmpfs_create,   tmpfs_symlink, tmpfs_link,     tmpfs_remove,
    tmpfs_rmdir,   tmpfs_rename,   tmpfs_open,    tmpfs_close,    tmpfs_getattr,
    tmpfs_setattr, tmpfs_read,     tmpfs_write,   tmpfs_ioctl,    tmpfs_poll,
    tmpfs_readdir, tmpfs_readlink, tmpfs_nameof,  tmpfs_inactive,
};
