// Directories of the file system in memory: names looked up, made, moved, removed
// and listed.
#include "abi/event.hpp"
#include "fs/tmpfs.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/param.hpp"
#include "sys/systm.hpp"

#include <initializer_list>

namespace {

bool is_dot(const componentname* cnp) {
    return cnp->cn_namelen == 1 && cnp->cn_nameptr[0] == '.';
}

bool is_dotdot(const componentname* cnp) {
    return cnp->cn_namelen == 2 && memcmp(cnp->cn_nameptr, "..", 2) == 0;
}

} // namespace

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

namespace {

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

} // namespace

Errno tmpfs_create(vnode* dvp, const componentname* cnp, const vattr* vap, const kauth_cred* cred,
                   vnode** vpp) {
    tmpfs_node* dir = VP_TO_NODE(dvp);
    tmpfs_node* node =
        tmpfs_node_create(vap->va_type, vap->va_mode, cred->cr_euid, dir->tn_gid, nullptr, 0);
    if (vap->va_type == VCHR || vap->va_type == VBLK) {
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
    tmpfs_node* node = tmpfs_node_create(VLNK, vap->va_mode, cred->cr_euid, dir->tn_gid, copy, len);
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

namespace {

// The entry of vp under this name. => tmpfs_lock held
tmpfs_dirent* entry_of(tmpfs_node* dir, const componentname* cnp, const vnode* vp) {
    tmpfs_dirent* de = tmpfs_dir_lookup(dir, cnp->cn_nameptr, cnp->cn_namelen);
    return de != nullptr && &de->td_node->tn_vnode == vp ? de : nullptr;
}

} // namespace

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

namespace {

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

// Who watches learns it: a directory that changes its parent counts as a link of both,
// unless it takes another's place. => moved and gone (may be null) lose their reference
void tell_renamed(vnode* fdvp, vnode* tdvp, tmpfs_node* moved, tmpfs_node* gone) {
    const bool directory = moved->tn_vnode.v_type == VDIR;
    const u32 left = directory && (fdvp != tdvp || gone != nullptr) ? u32{abi::NOTE_LINK} : 0;
    const u32 came = directory && fdvp != tdvp && gone == nullptr ? u32{abi::NOTE_LINK} : 0;
    vn_knote(fdvp, abi::NOTE_WRITE | left);
    vn_knote(tdvp, abi::NOTE_WRITE | came);
    vn_knote(&moved->tn_vnode, abi::NOTE_RENAME);
    vrele(&moved->tn_vnode);
    if (gone != nullptr) {
        vn_knote(&gone->tn_vnode, gone->tn_links == 0 ? abi::NOTE_DELETE : abi::NOTE_LINK);
        vrele(&gone->tn_vnode);
    }
}

} // namespace

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
        tell_renamed(fdvp, tdvp, moved, gone);
    }
    return error;
}

// --- directories -------------------------------------------------------------------------------

namespace {

constexpr u8 vtype_dirent[] = {abi::DT_UNKNOWN, abi::DT_REG, abi::DT_DIR,  abi::DT_BLK,
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

} // namespace

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
