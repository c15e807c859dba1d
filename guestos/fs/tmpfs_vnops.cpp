// What vnodes of the file system in memory do.
#include "abi/event.hpp"
#include "fs/tmpfs.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/param.hpp"
#include "sys/pipe.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_object.hpp"

#include <initializer_list>

void tmpfs_node_free(tmpfs_node* node);

namespace {

tmpfs_node* VP_TO_NODE(vnode* vp) { return static_cast<tmpfs_node*>(vp->v_data); }

bool is_dot(const componentname* cnp) { return cnp->cn_namelen == 1 && cnp->cn_nameptr[0] == '.'; }

bool is_dotdot(const componentname* cnp) {
    return cnp->cn_namelen == 2 && memcmp(cnp->cn_nameptr, "..", 2) == 0;
}

// --- names -----------------------------------------------------------------------------

Errno tmpfs_lookup(vnode* dvp, const componentname* cnp, vnode** vpp) {
    tmpfs_node* dir = VP_TO_NODE(dvp);
    tmpfs_node* node = nullptr;
    rw_enter(&tmpfs_lock, RW_READER);
    if (is_dotdot(cnp)) {
        node = dir->tn_parent;
    } else if (tmpfs_dirent* de = tmpfs_dir_lookup(dir, cnp->cn_nameptr, cnp->cn_namelen)) {
        node = de->td_node;
    }
    if (node != nullptr) {
        vref(&node->tn_vnode);
        *vpp = &node->tn_vnode;
    }
    rw_exit(&tmpfs_lock);
    return node != nullptr ? EOK : ENOENT;
}

// => tmpfs_lock held for writing
Errno may_create(tmpfs_node* dir, const componentname* cnp) {
    if (dir->tn_parent == nullptr) {
        return ENOENT; // the directory itself has been removed
    }
    if (cnp->cn_namelen == 0 || is_dot(cnp) || is_dotdot(cnp) ||
        tmpfs_dir_lookup(dir, cnp->cn_nameptr, cnp->cn_namelen) != nullptr) {
        return EEXIST;
    }
    return EOK;
}

Errno tmpfs_create(vnode* dvp, const componentname* cnp, const vattr* vap, const kauth_cred* cred,
                   vnode** vpp) {
    tmpfs_node* dir = VP_TO_NODE(dvp);
    tmpfs_node* node =
        tmpfs_node_create(vap->va_type, vap->va_mode, cred->cr_euid, dir->tn_gid, nullptr, 0);
    if (vap->va_type == VCHR) {
        node->tn_vnode.v_rdev = vap->va_rdev;
    }
    rw_enter(&tmpfs_lock, RW_WRITER);
    const Errno error = may_create(dir, cnp);
    if (error == EOK) {
        tmpfs_dir_attach(dir, cnp->cn_nameptr, cnp->cn_namelen, true, node);
        vref(&node->tn_vnode);
        *vpp = &node->tn_vnode;
    }
    rw_exit(&tmpfs_lock);
    if (error == EOK) {
        vn_knote(dvp, vap->va_type == VDIR ? abi::NOTE_WRITE | abi::NOTE_LINK : abi::NOTE_WRITE);
    } else {
        tmpfs_node_free(node);
    }
    return error;
}

Errno tmpfs_symlink(vnode* dvp, const componentname* cnp, const vattr* vap, const char* target,
                    const kauth_cred* cred) {
    tmpfs_node* dir = VP_TO_NODE(dvp);
    const size_t len = strlen(target);
    auto* copy = static_cast<char*>(kmem_alloc(len, KM_SLEEP));
    memcpy(copy, target, len);
    tmpfs_node* node =
        tmpfs_node_create(VLNK, vap->va_mode, cred->cr_euid, dir->tn_gid, copy, len);
    node->tn_target_owned = true;
    rw_enter(&tmpfs_lock, RW_WRITER);
    const Errno error = may_create(dir, cnp);
    if (error == EOK) {
        tmpfs_dir_attach(dir, cnp->cn_nameptr, cnp->cn_namelen, true, node);
    }
    rw_exit(&tmpfs_lock);
    if (error == EOK) {
        vn_knote(dvp, abi::NOTE_WRITE);
    } else {
        tmpfs_node_free(node);
    }
    return error;
}

Errno tmpfs_link(vnode* dvp, const componentname* cnp, vnode* vp) {
    tmpfs_node* dir = VP_TO_NODE(dvp);
    tmpfs_node* node = VP_TO_NODE(vp);
    if (vp->v_type == VDIR) {
        return EPERM;
    }
    rw_enter(&tmpfs_lock, RW_WRITER);
    Errno error = may_create(dir, cnp);
    if (error == EOK && node->tn_links == 0) {
        error = ENOENT;
    }
    if (error == EOK) {
        tmpfs_dir_attach(dir, cnp->cn_nameptr, cnp->cn_namelen, true, node);
        getnanotime(&node->tn_ctime);
    }
    rw_exit(&tmpfs_lock);
    if (error == EOK) {
        vn_knote(vp, abi::NOTE_LINK);
        vn_knote(dvp, abi::NOTE_WRITE);
    }
    return error;
}

// The entry of vp under this name. => tmpfs_lock held
tmpfs_dirent* entry_of(tmpfs_node* dir, const componentname* cnp, const vnode* vp) {
    tmpfs_dirent* de = tmpfs_dir_lookup(dir, cnp->cn_nameptr, cnp->cn_namelen);
    return de != nullptr && &de->td_node->tn_vnode == vp ? de : nullptr;
}

Errno tmpfs_remove(vnode* dvp, const componentname* cnp, vnode* vp) {
    tmpfs_node* dir = VP_TO_NODE(dvp);
    if (vp->v_type == VDIR) {
        return EPERM;
    }
    rw_enter(&tmpfs_lock, RW_WRITER);
    tmpfs_dirent* de = entry_of(dir, cnp, vp);
    if (de != nullptr) {
        getnanotime(&de->td_node->tn_ctime);
        tmpfs_dir_detach(dir, de);
    }
    const bool last = VP_TO_NODE(vp)->tn_links == 0;
    rw_exit(&tmpfs_lock);
    if (de == nullptr) {
        return ENOENT;
    }
    vn_knote(vp, last ? abi::NOTE_DELETE : abi::NOTE_LINK);
    vn_knote(dvp, abi::NOTE_WRITE);
    return EOK;
}

Errno tmpfs_rmdir(vnode* dvp, const componentname* cnp, vnode* vp) {
    tmpfs_node* dir = VP_TO_NODE(dvp);
    tmpfs_node* node = VP_TO_NODE(vp);
    if (is_dot(cnp)) {
        return EINVAL;
    }
    if (is_dotdot(cnp)) {
        return ENOTEMPTY;
    }
    if (vp->v_type != VDIR) {
        return ENOTDIR;
    }
    rw_enter(&tmpfs_lock, RW_WRITER);
    tmpfs_dirent* de = entry_of(dir, cnp, vp);
    Errno error = EOK;
    if (de == nullptr) {
        error = vp == rootvnode ? EBUSY : ENOENT;
    } else if (!node->tn_dir.empty()) {
        error = ENOTEMPTY;
    } else {
        tmpfs_dir_detach(dir, de);
        node->tn_links = 0; // its "." does not keep it
    }
    rw_exit(&tmpfs_lock);
    if (error == EOK) {
        vn_knote(vp, abi::NOTE_DELETE);
        vn_knote(dvp, abi::NOTE_WRITE | abi::NOTE_LINK);
    }
    return error;
}

// --- rename ------------------------------------------------------------------------------

// Would `node` come to lie under itself? => tmpfs_lock held
bool is_ancestor(const tmpfs_node* node, const tmpfs_node* dir) {
    for (;; dir = dir->tn_parent) {
        if (dir == node) {
            return true;
        }
        if (dir == nullptr || dir->tn_parent == dir) {
            return false;
        }
    }
}

// May `node` take the place of the existing entry? => tmpfs_lock held
Errno may_replace(const tmpfs_node* node, const tmpfs_dirent* old) {
    const bool from_dir = node->tn_vnode.v_type == VDIR;
    const tmpfs_node* target = old->td_node;
    if (target->tn_vnode.v_type != VDIR) {
        return from_dir ? ENOTDIR : EOK;
    }
    if (!from_dir) {
        return EISDIR;
    }
    return target->tn_dir.empty() ? EOK : ENOTEMPTY;
}

// => tmpfs_lock held for writing; *moved gets the node, *gone the one that was
//    replaced, each with a reference
Errno rename_locked(tmpfs_node* fdir, const componentname* fcnp, tmpfs_node* tdir,
                    const componentname* tcnp, tmpfs_node** moved, tmpfs_node** gone) {
    tmpfs_dirent* from = tmpfs_dir_lookup(fdir, fcnp->cn_nameptr, fcnp->cn_namelen);
    if (from == nullptr || tdir->tn_parent == nullptr) {
        return ENOENT;
    }
    tmpfs_node* node = from->td_node;
    tmpfs_dirent* to = tmpfs_dir_lookup(tdir, tcnp->cn_nameptr, tcnp->cn_namelen);
    if (to != nullptr && to->td_node == node) {
        return EOK; // two names of one file: nothing to do
    }
    if (node->tn_vnode.v_type == VDIR && is_ancestor(node, tdir)) {
        return EINVAL;
    }
    if (to != nullptr) {
        const Errno error = may_replace(node, to);
        if (error != EOK) {
            return error;
        }
        *gone = to->td_node;
        vref(&(*gone)->tn_vnode);
        tmpfs_dir_detach(tdir, to);
        if ((*gone)->tn_vnode.v_type == VDIR) {
            (*gone)->tn_links = 0;
        }
    }
    tmpfs_dir_attach(tdir, tcnp->cn_nameptr, tcnp->cn_namelen, true, node);
    tmpfs_node* parent = node->tn_parent; // detaching resets it
    tmpfs_dir_detach(fdir, from);
    node->tn_parent = parent;
    getnanotime(&node->tn_ctime);
    vref(&node->tn_vnode);
    *moved = node;
    return EOK;
}

void tell_and_release(tmpfs_node* node, u32 what) {
    if (node != nullptr) {
        vn_knote(&node->tn_vnode, what);
        vrele(&node->tn_vnode);
    }
}

Errno tmpfs_rename(vnode* fdvp, const componentname* fcnp, vnode* tdvp, const componentname* tcnp) {
    for (const componentname* cnp : {fcnp, tcnp}) {
        if (cnp->cn_namelen == 0 || is_dot(cnp) || is_dotdot(cnp)) {
            return EINVAL;
        }
    }
    tmpfs_node* moved = nullptr;
    tmpfs_node* gone = nullptr;
    rw_enter(&tmpfs_lock, RW_WRITER);
    const Errno error =
        rename_locked(VP_TO_NODE(fdvp), fcnp, VP_TO_NODE(tdvp), tcnp, &moved, &gone);
    rw_exit(&tmpfs_lock);
    if (moved != nullptr) {
        vn_knote(fdvp, abi::NOTE_WRITE);
        vn_knote(tdvp, abi::NOTE_WRITE);
    }
    tell_and_release(moved, abi::NOTE_RENAME);
    tell_and_release(gone, abi::NOTE_DELETE);
    return error;
}

// --- attributes --------------------------------------------------------------------------

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
    node->tn_uid = vap->va_uid != VNOVAL ? vap->va_uid : node->tn_uid;
    node->tn_gid = vap->va_gid != VNOVAL ? vap->va_gid : node->tn_gid;
    node->tn_mode = vap->va_mode != VNOVAL ? vap->va_mode & 07777 : node->tn_mode;
    getnanotime(&node->tn_ctime);
    return EOK;
}

// Whether a time is to be changed: its nanoseconds are no VNOVAL.
bool has_time(const abi::timespec& ts) { return ts.tv_nsec != -1; }

// Changes the times of access and modification.
Errno setattr_times(vnode* vp, const vattr* vap, const kauth_cred* cred) {
    tmpfs_node* node = VP_TO_NODE(vp);
    if (cred->cr_euid != 0 && cred->cr_euid != node->tn_uid) {
        const Errno error = (vap->va_vaflags & VA_UTIMES_NULL) == 0 ? EPERM
                                                                    : vn_access(vp, VWRITE, cred);
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
    return vp->v_type == VCHR    ? spec_open(vp, fflags, l)
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
        end > kMaxFileSize) {
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

// --- directories -------------------------------------------------------------------------------

constexpr u8 vtype_dirent[] = {abi::DT_UNKNOWN, abi::DT_REG,  abi::DT_DIR, abi::DT_BLK,
                               abi::DT_CHR,     abi::DT_LNK, abi::DT_SOCK, abi::DT_FIFO};

// => EOVERFLOW: there is no room left for it
Errno emit_dirent(uio* uio, const tmpfs_node* node, const char* name, size_t len, u64 next) {
    abi::dirent d;
    constexpr size_t header = offsetof(abi::dirent, d_name);
    const size_t size = (header + len + 1 + 7) & ~size_t{7};
    if (uio->uio_resid < size) {
        return EOVERFLOW;
    }
    memset(&d, 0, size);
    d.d_fileno = node->tn_id;
    d.d_reclen = static_cast<u16>(size);
    d.d_namlen = static_cast<u16>(len);
    d.d_type = vtype_dirent[node->tn_vnode.v_type];
    memcpy(d.d_name, name, len);
    const Errno error = uiomove(&d, size, uio);
    uio->uio_offset = static_cast<off_t>(next);
    return error;
}

// The entry at or after the place, copied so that the lock can be dropped.
struct dirent_copy {
    tmpfs_node* node;
    char name[abi::MAXNAMLEN + 1];
    size_t len;
    u64 next;
};

bool next_dirent(tmpfs_node* dir, u64 place, dirent_copy* out) {
    if (place < 2) {
        out->node = place == 0 ? dir : dir->tn_parent;
        out->len = place + 1;
        memcpy(out->name, "..", out->len);
        out->next = place + 1;
        return out->node != nullptr;
    }
    for (const tmpfs_dirent& de : dir->tn_dir) {
        if (de.td_seq >= place) {
            out->node = de.td_node;
            out->len = de.td_namelen;
            memcpy(out->name, de.td_name, de.td_namelen);
            out->next = de.td_seq + 1;
            return true;
        }
    }
    return false;
}

Errno tmpfs_readdir(vnode* vp, uio* uio, bool* eof) {
    tmpfs_node* dir = VP_TO_NODE(vp);
    if (vp->v_type != VDIR) {
        return ENOTDIR;
    }
    const size_t before = uio->uio_resid;
    auto* copy = static_cast<dirent_copy*>(kmem_alloc(sizeof(dirent_copy), KM_SLEEP));
    Errno error = EOK;
    *eof = false;
    while (error == EOK) {
        rw_enter(&tmpfs_lock, RW_READER);
        *eof = !next_dirent(dir, static_cast<u64>(uio->uio_offset), copy);
        if (!*eof) {
            vref(&copy->node->tn_vnode);
        }
        rw_exit(&tmpfs_lock);
        if (*eof) {
            break;
        }
        error = emit_dirent(uio, copy->node, copy->name, copy->len, copy->next);
        vrele(&copy->node->tn_vnode);
    }
    kmem_free(copy, sizeof(dirent_copy));
    if (error == EOVERFLOW) {
        return uio->uio_resid == before ? EINVAL : EOK;
    }
    return error;
}

Errno tmpfs_nameof(vnode* dvp, vnode* vp, char* buf, size_t size) {
    Errno error = ENOENT;
    rw_enter(&tmpfs_lock, RW_READER);
    for (const tmpfs_dirent& de : VP_TO_NODE(dvp)->tn_dir) {
        if (&de.td_node->tn_vnode == vp) {
            KASSERT(de.td_namelen < size);
            memcpy(buf, de.td_name, de.td_namelen);
            buf[de.td_namelen] = '\0';
            error = EOK;
            break;
        }
    }
    rw_exit(&tmpfs_lock);
    return error;
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
    tmpfs_lookup,  tmpfs_create, tmpfs_symlink, tmpfs_link,    tmpfs_remove,  tmpfs_rmdir,
    tmpfs_rename,  tmpfs_open,   tmpfs_close,   tmpfs_getattr, tmpfs_setattr, tmpfs_read,
    tmpfs_write,   tmpfs_ioctl,  tmpfs_poll,    tmpfs_readdir, tmpfs_readlink, tmpfs_nameof,
    tmpfs_inactive,
};
