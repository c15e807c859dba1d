// Memory objects: what all of them have.

#include "uvm/uvm_object.hpp"

#include "sys/systm.hpp"

void uvm_obj_init(uvm_object* uobj, const uvm_pagerops* ops, u32 refs) {
    uobj->vmobjlock = mutex_obj_alloc(MUTEX_DEFAULT, IPL_NONE);
    uobj->pgops = ops;
    uobj->uo_pages = {};
    uobj->uo_npages = 0;
    uobj->uo_refs = refs;
    uobj->uo_anonymous = false;
}

void uvm_obj_destroy(uvm_object* uobj) {
    KASSERT(uobj->uo_npages == 0);
    mutex_obj_free(uobj->vmobjlock);
}
