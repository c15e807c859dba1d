// Nodes and names of the file system in memory.
#include "fs/tmpfs.hpp"

#include "sys/kmem.hpp"
#include "sys/pool.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_object.hpp"

extern const vnodeops tmpfs_vnodeops;

krwlock_t tmpfs_lock;

namespace {

pool node_pool;
pool dirent_pool;
std::atomic<u64> next_id{2}; // as in other file systems, the root is 2

char* copy_bytes(const char* s, size_t len) {
    auto* copy = static_cast<char*>(kmem_alloc(len, KM_SLEEP));
    memcpy(copy, s, len);
    return copy;
}

} // namespace

void tmpfs_init() {
    pool_init(&node_pool, sizeof(tmpfs_node), 0, "tmpfsnode", IPL_NONE);
    pool_init(&dirent_pool, sizeof(tmpfs_dirent), 0, "tmpfsdirent", IPL_NONE);
    rw_init(&tmpfs_lock);
}

tmpfs_node* tmpfs_node_create(vtype type, mode_t mode, uid_t uid, gid_t gid, const void* data,
                              size_t size) {
    auto* node = pool_get<tmpfs_node>(&node_pool, PR_WAITOK | PR_ZERO);
    vnode_init(&node->tn_vnode, type, &tmpfs_vnodeops, node);
    rw_init(&node->tn_lock);
    node->tn_id = next_id.fetch_add(1);
    node->tn_mode = mode;
    node->tn_uid = uid;
    node->tn_gid = gid;
    getnanotime(&node->tn_mtime);
    node->tn_atime = node->tn_ctime = node->tn_birthtime = node->tn_mtime;
    switch (type) {
    case VDIR:
        node->tn_dir.init();
        node->tn_links = 1; // "."
        node->tn_nextseq = 2;
        break;
    case VREG:
        node->tn_vnode.v_uobj = data != nullptr
                                    ? uao_create_backed(data, static_cast<voff_t>(size))
                                    : uao_create(0);
        break;
    case VLNK:
        node->tn_target = static_cast<const char*>(data);
        node->tn_targetlen = size;
        break;
    default:
        break;
    }
    return node;
}

void tmpfs_node_free(tmpfs_node* node) {
    KASSERT(node->tn_links == 0 || node->tn_vnode.v_type == VDIR);
    if (node->tn_vnode.v_uobj != nullptr) {
        uao_detach(node->tn_vnode.v_uobj);
    }
    if (node->tn_target_owned) {
        kmem_free(const_cast<char*>(node->tn_target), node->tn_targetlen);
    }
    rw_destroy(&node->tn_lock);
    pool_put(&node_pool, node);
}

void tmpfs_dir_attach(tmpfs_node* dir, const char* name, size_t len, bool copy, tmpfs_node* node) {
    auto* de = pool_get<tmpfs_dirent>(&dirent_pool, PR_WAITOK);
    de->td_node = node;
    de->td_name = copy ? copy_bytes(name, len) : name;
    de->td_namelen = static_cast<u16>(len);
    de->td_owned = copy;
    de->td_seq = dir->tn_nextseq++;
    dir->tn_dir.insert_tail(de);
    node->tn_links++;
    if (node->tn_vnode.v_type == VDIR) {
        node->tn_parent = dir;
        dir->tn_links++; // its ".."
    }
    getnanotime(&dir->tn_mtime);
}

tmpfs_dirent* tmpfs_dir_lookup(tmpfs_node* dir, const char* name, size_t len) {
    for (tmpfs_dirent& de : dir->tn_dir) {
        if (de.td_namelen == len && memcmp(de.td_name, name, len) == 0) {
            return &de;
        }
    }
    return nullptr;
}

void tmpfs_dir_detach(tmpfs_node* dir, tmpfs_dirent* de) {
    tmpfs_node* node = de->td_node;
    dir->tn_dir.remove(de);
    node->tn_links--;
    if (node->tn_vnode.v_type == VDIR) {
        node->tn_parent = nullptr;
        dir->tn_links--;
    }
    if (de->td_owned) {
        kmem_free(const_cast<char*>(de->td_name), de->td_namelen);
    }
    pool_put(&dirent_pool, de);
    getnanotime(&dir->tn_mtime);
}
