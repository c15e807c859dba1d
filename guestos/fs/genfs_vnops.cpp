// What vnodes of all file systems have alike: event queues that watch files,
// kqueue(2).
#include "sys/event.hpp"
#include "sys/pipe.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"
#include "uvm/uvm_object.hpp"

namespace {

kmutex_t knote_lock; // v_klist of every vnode

vnode* watched(knote* kn) {
    return static_cast<vnode*>(kn->kn_obj);
}

void genfs_detach(knote* kn) {
    mutex_enter(&knote_lock);
    klist_remove(&watched(kn)->v_klist, kn);
    mutex_exit(&knote_lock);
}

// How much lies after the file's offset; below 0 if that is behind the end. A
// directory can always be read.
bool genfs_read_event(knote* kn, u32) {
    const vnode* vp = watched(kn);
    const bool file = vp->v_uobj != nullptr;
    const i64 left = file ? uao_size(vp->v_uobj) - kn->kn_fp->f_offset : 0;
    mutex_enter(&kevent_lock);
    kn->kn_kevent.data = left;
    mutex_exit(&kevent_lock);
    return !file || left != 0;
}

bool genfs_write_event(knote*, u32) {
    return true;
}

// What has happened to the file, of what is asked for.
bool genfs_vnode_event(knote* kn, u32 hint) {
    mutex_enter(&kevent_lock);
    kn->kn_kevent.fflags |= kn->kn_sfflags & hint;
    const bool news = kn->kn_kevent.fflags != 0;
    mutex_exit(&kevent_lock);
    return news;
}

constexpr filterops read_filter{true, nullptr, genfs_detach, genfs_read_event, nullptr};
constexpr filterops write_filter{true, nullptr, genfs_detach, genfs_write_event, nullptr};
constexpr filterops vnode_filter{true, nullptr, genfs_detach, genfs_vnode_event, nullptr};

const filterops* genfs_filter(u32 filter) {
    switch (filter) {
    case abi::EVFILT_READ:
        return &read_filter;
    case abi::EVFILT_WRITE:
        return &write_filter;
    default:
        return &vnode_filter;
    }
}

} // namespace

void genfs_init() {
    mutex_init(&knote_lock, MUTEX_DEFAULT, IPL_NONE);
}

// EVFILT_VNODE watches any file; what READ and WRITE tell is the device's or the
// FIFO's own affair if it is one.
Errno vn_kqfilter(file* fp, knote* kn) {
    vnode* vp = file_vnode(fp);
    if (kn->kn_kevent.filter != abi::EVFILT_VNODE) {
        if (vp->v_type == VFIFO) {
            return pipe_kqfilter(vp->v_fifo, kn, fp->f_flag.load());
        }
        if (vp->v_type == VCHR && cdevsw_lookup(vp->v_rdev)->d_kqfilter != nullptr) {
            return cdevsw_lookup(vp->v_rdev)->d_kqfilter(vp->v_rdev, kn);
        }
    }
    kn->kn_fop = genfs_filter(kn->kn_kevent.filter);
    kn->kn_obj = vp;
    mutex_enter(&knote_lock);
    klist_insert(&vp->v_klist, kn);
    mutex_exit(&knote_lock);
    return EOK;
}

void vn_knote(vnode* vp, u32 what) {
    if (vp->v_klist != nullptr) {
        mutex_enter(&knote_lock);
        knote_tell(vp->v_klist, what);
        mutex_exit(&knote_lock);
    }
}
