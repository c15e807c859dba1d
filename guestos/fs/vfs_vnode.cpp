// References to vnodes, and attributes.
#include "sys/systm.hpp"
#include "sys/vnode.hpp"

vnode* rootvnode;

void vattr_null(vattr* vap) {
    memset(vap, 0xff, sizeof(*vap)); // every field its VNOVAL
    vap->va_type = VNON;
    vap->va_vaflags = 0;
}

void vnode_init(vnode* vp, vtype type, const vnodeops* ops, void* data) {
    vp->v_usecount.store(0);
    vp->v_type = type;
    vp->v_op = ops;
    vp->v_data = data;
    vp->v_uobj = nullptr;
    vp->v_rdev = 0;
    vp->v_fifo = nullptr;
    vp->v_klist = nullptr;
}

void vref(vnode* vp) { vp->v_usecount.fetch_add(1); }

void vrele(vnode* vp) {
    u32 count = vp->v_usecount.load();
    KASSERT(count > 0);
    while (count > 1) {
        if (vp->v_usecount.compare_exchange_weak(count, count - 1)) {
            return;
        }
    }
    vp->v_op->vop_inactive(vp);
}
