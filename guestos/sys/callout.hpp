// Functions to be called at a later tick: callout(9). kern/kern_timeout.cpp
#pragma once

#include "sys/queue.hpp"
#include "sys/types.hpp"

// => the function runs in a kernel thread of the CPU and may take adaptive
//    mutexes, but should not sleep for long
struct callout {
    LIST_ENTRY<callout> c_list; // [callout lock] in its bucket
    void (*c_func)(void* arg);
    void* c_arg;
    u64 c_time;   // tick at which it is due
    bool c_pending;
    bool c_active; // its function is running
};
using callout_t = callout;

void callout_init(callout* c);
void callout_destroy(callout* c); // => neither pending nor running
void callout_reset(callout* c, int ticks, void (*func)(void*), void* arg);
void callout_schedule(callout* c, int ticks); // with the function it has
// True if it was still pending.
bool callout_stop(callout* c);
// The same, and waits until a running function has returned.
// => the caller holds no lock that the function takes
bool callout_halt(callout* c);

void callout_startup();    // before the first callout_init
void callout_init_cpu();   // starts this CPU's thread
void callout_hardclock();  // every tick, from hardclock
