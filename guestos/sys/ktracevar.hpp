// The inside of ktrace, for the calls on it. kern/kern_ktrace.cpp
#pragma once

#include "sys/file.hpp"
#include "sys/ktrace.hpp"
#include "sys/mutex.hpp"
#include "sys/queue.hpp"

// One record, queued. Its bytes follow the structure.
struct ktrace_entry {
    TAILQ_ENTRY<ktrace_entry> kte_list;
    size_t kte_len; // of the bytes
    [[nodiscard]] u8* bytes() { return reinterpret_cast<u8*>(this + 1); }
};

// Where records go. One for all processes that one call of ktrace marked, and
// for those that inherited it.
struct ktr_desc {
    unsigned ktd_ref; // [ktrace_lock] processes
    bool ktd_busy;    // [ktrace_lock] somebody is writing
    file* ktd_fp;
    TAILQ_HEAD<ktrace_entry, &ktrace_entry::kte_list> ktd_queue; // [ktrace_lock]
    unsigned ktd_drops; // [proc_lock] references to release, by ktrace_args::gone
    ktr_desc* ktd_next; // [proc_lock] next on that list
};

extern kmutex_t ktrace_lock;

// One process less. The last one writes what is left.
// => ktrace_lock held; released
void ktr_release(ktr_desc* ktd);
// The process is traced no longer.
// => ktrace_lock held; the caller releases what it returns
[[nodiscard]] ktr_desc* ktr_take(proc* p);
