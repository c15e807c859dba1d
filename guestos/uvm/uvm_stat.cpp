// What is in use, for leak checks: everything that fork and exit must leave as
// it was.

#include "sys/pool.hpp"
#include "uvm/uvm_extern.hpp"

uvm_leak_counts uvm_leak_snapshot() {
    uvm_uarea_drain();
    pmap_reclaim();
    pool_reclaim_all();
    const pmap_counts pc = pmap_get_counts();
    return {uvmexp.npages - uvmexp.free,
            uvmexp.anons,
            uvmexp.amaps,
            pc.spaces,
            pc.tablepages,
            uvmexp.uareas,
            uvm_mapent_count()};
}
