// From path names to vnodes: namei(9).
#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"

bool vn_isunder(vnode* vp, const vnode* root) {
    constexpr componentname dotdot{"..", 2};
    vref(vp);
    while (vp != root && vp != rootvnode) {
        vnode* parent = nullptr;
        const Errno error = vp->v_op->vop_lookup(vp, &dotdot, &parent);
        vrele(vp);
        if (error != EOK) {
            return false; // a directory that is in no other
        }
        vp = parent;
    }
    const bool under = vp == root;
    vrele(vp);
    return under;
}

namespace {

constexpr unsigned MAXSYMLINKS = 32;

// One walk along a path. `dir` is the directory reached, referenced.
struct walk {
    lwp* l;
    vnode* root;
    vnode* dir;
    char* path;       // MAXPATHLEN bytes; symbolic links are put in front
    const char* next; // what is left of it
    unsigned links;
};

Errno search_allowed(const walk& w) {
    return w.dir->v_type != VDIR ? ENOTDIR : vn_access(w.dir, VEXEC, w.l->l_cred);
}

void walk_to(walk& w, vnode* vp) {
    vrele(w.dir);
    w.dir = vp;
}

// The next name; empty at the end of the path. Slashes after it are skipped.
Errno next_component(walk& w, componentname* cn) {
    while (*w.next == '/') {
        w.next++;
    }
    cn->cn_nameptr = w.next;
    while (*w.next != '\0' && *w.next != '/') {
        w.next++;
    }
    cn->cn_namelen = static_cast<size_t>(w.next - cn->cn_nameptr);
    return cn->cn_namelen > abi::MAXNAMLEN ? ENAMETOOLONG : EOK;
}

bool at_end(const walk& w) {
    const char* p = w.next;
    while (*p == '/') {
        p++;
    }
    return *p == '\0';
}

// One name in the current directory. Who has got out of its root by way of a
// descriptor or a rename gets no further: the way up leads back to the root.
Errno lookup(const walk& w, const componentname* cn, vnode** vpp) {
    const bool dotdot = cn->cn_namelen == 2 && memcmp(cn->cn_nameptr, "..", 2) == 0;
    const bool dot = cn->cn_namelen == 1 && *cn->cn_nameptr == '.';
    if (dot || (dotdot && w.dir == w.root)) {
        vref(w.dir);
        *vpp = w.dir;
        return EOK;
    }
    if (dotdot && w.root != rootvnode && !vn_isunder(w.dir, w.root)) {
        vref(w.root);
        *vpp = w.root;
        return EOK;
    }
    return w.dir->v_op->vop_lookup(w.dir, cn, vpp);
}

// Continues with the target of a symbolic link and the rest of the path.
Errno follow(walk& w, vnode* link) {
    if (++w.links > MAXSYMLINKS) {
        return ELOOP;
    }
    auto* target = static_cast<char*>(kmem_alloc(abi::MAXPATHLEN, KM_SLEEP));
    size_t len = 0;
    Errno error = link->v_op->vop_readlink(link, target, abi::MAXPATHLEN, &len);
    const size_t rest = strlen(w.next) + 1;
    if (error == EOK && len == 0) {
        error = ENOENT;
    }
    if (error == EOK && len + rest > abi::MAXPATHLEN) {
        error = ENAMETOOLONG;
    }
    if (error == EOK) {
        memmove(target + len, w.next, rest);
        memcpy(w.path, target, len + rest);
        w.next = w.path;
        if (*w.path == '/') {
            vref(w.root);
            walk_to(w, w.root);
        }
    }
    kmem_free(target, abi::MAXPATHLEN);
    return error;
}

// The path ends at vp, or at nothing if null (NAMEI_PARENT).
// => takes over the references to vp and to w.dir
void finish(walk& w, nameidata* ndp, vnode* vp, const componentname* cn) {
    ndp->ni_vp = vp;
    if ((ndp->ni_flags & NAMEI_PARENT) == 0) {
        vrele(w.dir);
        return;
    }
    memcpy(ndp->ni_namebuf, cn->cn_nameptr, cn->cn_namelen);
    ndp->ni_namebuf[cn->cn_namelen] = '\0';
    ndp->ni_cnd = {ndp->ni_namebuf, cn->cn_namelen};
    ndp->ni_trailing = *w.next == '/';
    ndp->ni_dvp = w.dir;
}

// => on failure w.dir is still referenced
Errno walk_path(walk& w, nameidata* ndp) {
    for (;;) {
        componentname cn;
        Errno error = next_component(w, &cn);
        if (error != EOK) {
            return error;
        }
        if (cn.cn_namelen == 0) { // "/" or what a link to a directory left
            vref(w.dir);
            finish(w, ndp, w.dir, &cn);
            return EOK;
        }
        error = search_allowed(w);
        if (error != EOK) {
            return error;
        }
        const bool last = at_end(w);
        const bool slash = *w.next == '/';
        vnode* vp = nullptr;
        error = lookup(w, &cn, &vp);
        if (error == ENOENT && last && (ndp->ni_flags & NAMEI_PARENT) != 0) {
            finish(w, ndp, nullptr, &cn);
            return EOK;
        }
        if (error != EOK) {
            return error;
        }
        if (vp->v_type == VLNK && (!last || slash || (ndp->ni_flags & NAMEI_NOFOLLOW) == 0)) {
            error = follow(w, vp);
            vrele(vp);
            if (error != EOK) {
                return error;
            }
            continue;
        }
        if (slash && vp->v_type != VDIR) {
            vrele(vp);
            return ENOTDIR;
        }
        if (last) {
            finish(w, ndp, vp, &cn);
            return EOK;
        }
        walk_to(w, vp);
    }
}

} // namespace

Errno namei(lwp* l, nameidata* ndp) {
    ndp->ni_vp = nullptr;
    ndp->ni_dvp = nullptr;
    const size_t len = strlen(ndp->ni_path);
    if (len == 0) {
        return ENOENT;
    }
    if (len >= abi::MAXPATHLEN) {
        return ENAMETOOLONG;
    }
    cwdinfo* cwdi = l->l_proc->p_cwdi;
    walk w{l, nullptr, nullptr, nullptr, nullptr, 0};
    rw_enter(&cwdi->cwdi_lock, RW_READER);
    w.root = cwdi->cwdi_rdir != nullptr ? cwdi->cwdi_rdir : rootvnode;
    w.dir = *ndp->ni_path == '/'          ? w.root
            : ndp->ni_startdir != nullptr ? ndp->ni_startdir
                                          : cwdi->cwdi_cdir;
    vref(w.root);
    vref(w.dir);
    rw_exit(&cwdi->cwdi_lock);

    w.path = static_cast<char*>(kmem_alloc(abi::MAXPATHLEN, KM_SLEEP));
    memcpy(w.path, ndp->ni_path, len + 1);
    w.next = w.path;
    const Errno error = walk_path(w, ndp);
    if (error != EOK) {
        vrele(w.dir);
    }
    kmem_free(w.path, abi::MAXPATHLEN);
    vrele(w.root);
    return error;
}

Errno copyinpath(const void* upath, char* buf) {
    return copyinstr(upath, buf, abi::MAXPATHLEN, nullptr);
}

// Climbs to the root and writes the names on the way from the end backwards.
Errno getcwd_path(lwp* l, char* buf, size_t size, char** path) {
    cwdinfo* cwdi = l->l_proc->p_cwdi;
    rw_enter(&cwdi->cwdi_lock, RW_READER);
    vnode* root = cwdi->cwdi_rdir != nullptr ? cwdi->cwdi_rdir : rootvnode;
    vnode* vp = cwdi->cwdi_cdir;
    vref(vp);
    rw_exit(&cwdi->cwdi_lock);
    char* p = buf + size;
    *--p = '\0';
    auto* name = static_cast<char*>(kmem_alloc(abi::MAXNAMLEN + 1, KM_SLEEP));
    constexpr componentname dotdot{"..", 2};
    Errno error = EOK;
    while (vp != root && error == EOK) {
        vnode* parent = nullptr;
        error = vp->v_op->vop_lookup(vp, &dotdot, &parent);
        if (error != EOK) {
            break;
        }
        error = parent->v_op->vop_nameof(parent, vp, name, abi::MAXNAMLEN + 1);
        const size_t len = error == EOK ? strlen(name) : 0;
        if (error == EOK && len + 1 > static_cast<size_t>(p - buf)) {
            error = ERANGE;
        }
        if (error == EOK) {
            p -= len;
            memcpy(p, name, len);
            *--p = '/';
        }
        vrele(vp);
        vp = parent;
    }
    vrele(vp);
    kmem_free(name, abi::MAXNAMLEN + 1);
    if (*p == '\0') {
        if (p == buf) {
            return ERANGE;
        }
        *--p = '/';
    }
    *path = p;
    return error;
}

// --- paths of programs ----------------------------------------------------------------

user_path::user_path(const void* upath)
    : buf_(static_cast<char*>(kmem_alloc(abi::MAXPATHLEN, KM_SLEEP))),
      error_(copyinpath(upath, buf_)) {}

user_path::~user_path() {
    kmem_free(buf_, abi::MAXPATHLEN);
}

Errno start_directory(int fd, const user_path& path, vnode** vpp) {
    *vpp = nullptr;
    if (fd == abi::AT_FDCWD || path.get()[0] == '/') {
        return EOK;
    }
    file* fp = nullptr;
    const Errno error = fd_getvnode(fd, &fp);
    if (error != EOK) {
        return error == EINVAL ? ENOTDIR : error;
    }
    vnode* vp = file_vnode(fp);
    if (vp->v_type == VDIR) {
        vref(vp);
        *vpp = vp;
    }
    fd_putfile(fp);
    return *vpp != nullptr ? EOK : ENOTDIR;
}

Errno namei_at(lwp* l, int dirfd, const void* upath, u32 flags, nameidata* ndp) {
    const user_path path(upath);
    if (path.error() != EOK) {
        return path.error();
    }
    vnode* start = nullptr;
    Errno error = start_directory(dirfd, path, &start);
    if (error != EOK) {
        return error;
    }
    *ndp = {};
    ndp->ni_path = path.get();
    ndp->ni_startdir = start;
    ndp->ni_flags = flags;
    error = namei(l, ndp);
    if (start != nullptr) {
        vrele(start);
    }
    return error;
}

Errno namei_user(lwp* l, int dirfd, const void* upath, u32 flags, vnode** vpp) {
    nameidata nd;
    const Errno error = namei_at(l, dirfd, upath, flags, &nd);
    *vpp = error == EOK ? nd.ni_vp : nullptr;
    return error;
}
