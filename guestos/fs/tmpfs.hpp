// The file system in memory: tmpfs.
#pragma once

#include "sys/queue.hpp"
#include "sys/rwlock.hpp"
#include "sys/vnode.hpp"

struct tmpfs_node;

// A name in a directory.
struct tmpfs_dirent {
    TAILQ_ENTRY<tmpfs_dirent> td_entries;
    tmpfs_node* td_node;
    const char* td_name; // not NUL-terminated
    u16 td_namelen;
    bool td_owned; // the name was allocated; else it lies in the RAM disk
    u64 td_seq;    // place in the directory, for readdir
};

// A file, directory, symbolic link or device.
// => [n] tmpfs_lock guards names, links and attributes; [d] tn_lock the contents
struct tmpfs_node {
    vnode tn_vnode;
    ino_t tn_id;
    mode_t tn_mode; // [n] permissions
    u32 tn_links;   // [n]
    uid_t tn_uid;   // [n]
    gid_t tn_gid;   // [n]
    abi::timespec tn_atime, tn_mtime, tn_ctime, tn_birthtime;
    krwlock_t tn_lock;
    // VDIR
    TAILQ_HEAD<tmpfs_dirent, &tmpfs_dirent::td_entries> tn_dir; // [n]
    tmpfs_node* tn_parent;  // [n] null once it has been removed
    u64 tn_nextseq;         // [n]
    // VLNK
    const char* tn_target; // not NUL-terminated
    size_t tn_targetlen;
    bool tn_target_owned;
};

void tmpfs_init();
// A node without a name; contents of files: the memory given, which stays there.
tmpfs_node* tmpfs_node_create(vtype type, mode_t mode, uid_t uid, gid_t gid, const void* data,
                              size_t size);
void tmpfs_node_free(tmpfs_node* node); // => no name and no reference is left
// Gives a node a name. `copy`: the name's memory does not stay.
void tmpfs_dir_attach(tmpfs_node* dir, const char* name, size_t len, bool copy, tmpfs_node* node);
tmpfs_dirent* tmpfs_dir_lookup(tmpfs_node* dir, const char* name, size_t len);
void tmpfs_dir_detach(tmpfs_node* dir, tmpfs_dirent* de);
extern krwlock_t tmpfs_lock; // => taken by the caller of the three above

inline tmpfs_node* VP_TO_NODE(vnode* vp) {
    return static_cast<tmpfs_node*>(vp->v_data);
}

// --- tmpfs_dirops.cpp: vnode operations on directories, as sys/vnode.hpp has them ----
Errno tmpfs_lookup(vnode* dvp, const componentname* cnp, vnode** vpp);
Errno tmpfs_create(vnode* dvp, const componentname* cnp, const vattr* vap, const kauth_cred* cred,
                   vnode** vpp);
Errno tmpfs_symlink(vnode* dvp, const componentname* cnp, const vattr* vap, const char* target,
                    const kauth_cred* cred);
Errno tmpfs_link(vnode* dvp, const componentname* cnp, vnode* vp);
Errno tmpfs_remove(vnode* dvp, const componentname* cnp, vnode* vp);
Errno tmpfs_rmdir(vnode* dvp, const componentname* cnp, vnode* vp);
Errno tmpfs_rename(vnode* fdvp, const componentname* fcnp, vnode* tdvp, const componentname* tcnp);
Errno tmpfs_readdir(vnode* vp, uio* uio, bool* eof);
Errno tmpfs_nameof(vnode* dvp, vnode* vp, char* buf, size_t size);
