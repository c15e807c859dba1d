// Working directory, root and umask of processes.
#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/vnode.hpp"

cwdinfo* cwdinit() {
    auto* cwdi = kmem_new<cwdinfo>(KM_SLEEP);
    rw_init(&cwdi->cwdi_lock);
    cwdi->cwdi_refcnt.store(1);
    cwdi->cwdi_cmask = 022;
    cwdinfo* old = curlwp->l_proc->p_cwdi;
    if (old == nullptr) { // process 0
        return cwdi;
    }
    rw_enter(&old->cwdi_lock, RW_READER);
    cwdi->cwdi_cdir = old->cwdi_cdir;
    cwdi->cwdi_rdir = old->cwdi_rdir;
    cwdi->cwdi_cmask = old->cwdi_cmask;
    if (cwdi->cwdi_cdir != nullptr) {
        vref(cwdi->cwdi_cdir);
    }
    if (cwdi->cwdi_rdir != nullptr) {
        vref(cwdi->cwdi_rdir);
    }
    rw_exit(&old->cwdi_lock);
    return cwdi;
}

void cwdshare(proc* p2) {
    cwdinfo* cwdi = curlwp->l_proc->p_cwdi;
    cwdi->cwdi_refcnt.fetch_add(1);
    p2->p_cwdi = cwdi;
}

void cwdfree(cwdinfo* cwdi) {
    if (cwdi->cwdi_refcnt.fetch_sub(1) > 1) {
        return;
    }
    if (cwdi->cwdi_cdir != nullptr) {
        vrele(cwdi->cwdi_cdir);
    }
    if (cwdi->cwdi_rdir != nullptr) {
        vrele(cwdi->cwdi_rdir);
    }
    rw_destroy(&cwdi->cwdi_lock);
    kmem_delete(cwdi);
}
