// Start-up of virtual memory, in the order in which the parts need each other.

#include "lib/radixtree.hpp"
#include "sys/kmem.hpp"
#include "sys/pool.hpp"
#include "uvm/uvm_extern.hpp"

// => uvm_page_init has been done: frames can be had
void uvm_init() {
    pool_subsystem_init();
    pmap_init();
    uvm_km_init();
    mutex_obj_init();
    kmem_init();
    radix_tree_init();
    uvm_glue_init();
    uvm_anon_init();
    uvm_amap_init();
    uvm_map_init();
    uvm_aobj_init();
}
