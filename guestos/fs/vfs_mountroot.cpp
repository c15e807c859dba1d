// The root file system: made empty, filled from the initial RAM disk. File
// contents and names stay where they are in the RAM disk.
#include "fs/cpio.hpp"
#include "fs/tmpfs.hpp"
#include "machine/cpu.hpp"
#include "sys/conf.hpp"
#include "sys/filedesc.hpp"
#include "sys/lockf.hpp"
#include "sys/log.hpp"
#include "sys/proc.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_object.hpp"

namespace {

tmpfs_node* root;

// The part of the name up to the next slash.
size_t component_length(const char* name, size_t len) {
    size_t n = 0;
    while (n < len && name[n] != '/') {
        n++;
    }
    return n;
}

// The directory that the last component of the name lies in; directories on the
// way are made. *name and *len are left with the last component.
// => null: something on the way is not a directory
tmpfs_node* parent_of(const char** name, size_t* len) {
    tmpfs_node* dir = root;
    for (;;) {
        const size_t n = component_length(*name, *len);
        if (n == *len) {
            return dir;
        }
        tmpfs_dirent* de = tmpfs_dir_lookup(dir, *name, n);
        tmpfs_node* next = nullptr;
        if (de != nullptr) {
            next = de->td_node;
        } else {
            next = tmpfs_node_create(VDIR, 0755, 0, 0, nullptr, 0);
            tmpfs_dir_attach(dir, *name, n, false, next);
        }
        if (next->tn_vnode.v_type != VDIR) {
            return nullptr;
        }
        dir = next;
        *name += n + 1;
        *len -= n + 1;
    }
}

vtype type_of(u32 mode) {
    switch (mode & abi::S_IFMT) {
    case abi::S_IFREG:
        return VREG;
    case abi::S_IFDIR:
        return VDIR;
    case abi::S_IFLNK:
        return VLNK;
    case abi::S_IFCHR:
        return VCHR;
    default:
        return VNON;
    }
}

tmpfs_node* node_from(const cpio_entry& e, vtype type) {
    tmpfs_node* node = tmpfs_node_create(type, e.mode & 07777, e.uid, e.gid, e.data, e.size);
    node->tn_mtime = {e.mtime, 0};
    node->tn_vnode.v_rdev = makedev(e.rdevmajor, e.rdevminor);
    return node;
}

// Files with several names: the archive holds them several times, the contents
// with the last.
struct hard_link {
    u32 ino;
    tmpfs_node* node;
};
constexpr unsigned kMaxHardLinks = 64;
hard_link hard_links[kMaxHardLinks];
unsigned nhard_links;

tmpfs_node* node_for(const cpio_entry& e, vtype type) {
    if (type != VREG || e.nlink < 2) {
        return node_from(e, type);
    }
    for (unsigned i = 0; i < nhard_links; i++) {
        hard_link& link = hard_links[i];
        if (link.ino == e.ino) {
            vnode* vp = &link.node->tn_vnode;
            if (e.size > 0) {
                uao_detach(vp->v_uobj);
                vp->v_uobj = uao_create_backed(e.data, e.size);
            }
            return link.node;
        }
    }
    tmpfs_node* node = node_from(e, type);
    if (nhard_links < kMaxHardLinks) {
        hard_links[nhard_links++] = {e.ino, node};
    }
    return node;
}

void unpack(const cpio_entry& e) {
    const char* name = e.name;
    size_t len = e.namelen;
    while (len > 0 && name[len - 1] == '/') {
        len--;
    }
    const vtype type = type_of(e.mode);
    if (len == 0 || (len == 1 && *name == '.') || type == VNON) {
        return;
    }
    tmpfs_node* dir = parent_of(&name, &len);
    if (dir == nullptr || len == 0) {
        log(Warning, "initrd: %s: cannot be unpacked", e.name);
        return;
    }
    tmpfs_dirent* old = tmpfs_dir_lookup(dir, name, len);
    if (old != nullptr) {
        if (type == VDIR && old->td_node->tn_vnode.v_type == VDIR) {
            old->td_node->tn_mode = e.mode & 07777;
            return;
        }
        tmpfs_dir_detach(dir, old); // a later archive wins
    }
    tmpfs_dir_attach(dir, name, len, false, node_for(e, type));
}

void unpack_initrd() {
    cpio_reader reader(boot.bi_initrd, boot.bi_initrd_size);
    cpio_entry entry;
    cpio_status status;
    while ((status = reader.next(&entry)) == cpio_status::Entry) {
        unpack(entry);
    }
    if (status == cpio_status::Malformed) {
        log(Err, "initrd: malformed archive");
    }
    nhard_links = 0;
}

void make_device(const char* path, unsigned major, unsigned minor, mode_t mode) {
    size_t len = strlen(path);
    tmpfs_node* dir = parent_of(&path, &len);
    if (dir != nullptr && tmpfs_dir_lookup(dir, path, len) == nullptr) {
        tmpfs_node* node = tmpfs_node_create(VCHR, mode, 0, 0, nullptr, 0);
        node->tn_vnode.v_rdev = makedev(major, minor);
        tmpfs_dir_attach(dir, path, len, false, node);
    }
}

} // namespace

void vfs_init() {
    tmpfs_init();
    fifo_init();
    lf_init();
    genfs_init();
}

void vfs_mountroot() {
    root = tmpfs_node_create(VDIR, 0755, 0, 0, nullptr, 0);
    root->tn_parent = root;
    root->tn_links = 2;
    rootvnode = &root->tn_vnode;
    vref(rootvnode);
    rw_enter(&tmpfs_lock, RW_WRITER);
    if (boot.bi_initrd_size > 0) {
        unpack_initrd();
    }
    make_device("dev/console", MAJOR_CONS, 0, 0600);
    make_device("dev/tty", MAJOR_CTTY, 0, 0666);
    make_device("dev/null", MAJOR_MEM, MINOR_NULL, 0666);
    make_device("dev/zero", MAJOR_MEM, MINOR_ZERO, 0666);
    rw_exit(&tmpfs_lock);

    cwdinfo* cwdi = curlwp->l_proc->p_cwdi;
    vref(rootvnode);
    cwdi->cwdi_cdir = rootvnode;
}
