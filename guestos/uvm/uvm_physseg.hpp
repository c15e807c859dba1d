// The page allocator's own: its free frames, who waits for some.
#pragma once

#include "sys/condvar.hpp"
#include "sys/mutex.hpp"
#include "uvm/uvm_page.hpp"

struct uvm_physseg {
    struct avail {
        paddr_t next; // the first frame that was never allocated
        paddr_t end;
    };
    avail range[6]; // parts of RAM that may be allocated
    unsigned nranges;
    unsigned current;    // range that fresh frames come from
    kmutex_t lock;       // everything here and uvmexp.free
    uvm_pglist freelist; // frames that came back
    unsigned waiters;    // LWPs in uvm_wait
    unsigned vain;       // waits since a frame was last freed for one
    kcondvar_t freecv;
};
extern uvm_physseg physseg;

// A frame that was never allocated; nullptr: there is none left.
vm_page* uvm_physseg_fresh();
