// An anon: one page of anonymous memory, counted by the amaps that refer to it.
#pragma once

#include "sys/mutex.hpp"
#include "uvm/uvm_page.hpp"

// => an_lock is its amap's lock; it guards an_ref and an_page
struct vm_anon {
    kmutex_t* an_lock;
    vm_page* an_page;
    u32 an_ref; // amap slots that refer to this anon
};

void uvm_anon_init();
// A new anon without page and lock, one reference; nullptr if out of memory.
[[nodiscard]] vm_anon* uvm_analloc();
// Drops the page and frees the anon. => an_ref is 0; amap's lock is held
void uvm_anfree(vm_anon* anon);
