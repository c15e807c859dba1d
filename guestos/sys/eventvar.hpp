// The inside of event queues, for the calls on them and for fork. kern/kern_event.cpp
#pragma once

#include "sys/event.hpp"
#include "sys/pool.hpp"

extern LIST_HEAD<kqueue, &kqueue::kq_list> kqueues; // [kevent_lock] every queue

// A knote of the queue, on no list yet. Null: the queue is full, or no memory
[[nodiscard]] knote* knote_alloc(kqueue* kq, PoolFlags flags);
void knote_discard(knote* kn); // one that is on no list
void knote_enqueue(knote* kn); // it has something to tell. => kevent_lock held
void knote_leave(knote* kn);   // one user less. => kevent_lock held
void knote_detach(knote* kn); // it goes. => kevent_lock held; released
// Makes one change. EBADF, EINVAL, ENOENT, ENOMEM, or what the filter says
[[nodiscard]] Errno kqueue_register(kqueue* kq, const abi::kevent* kev);
// Waits until there is something to tell, and fills up to `n` events.
// => timo in ticks: 0 for ever, below 0 not at all
[[nodiscard]] Errno kqueue_scan(kqueue* kq, abi::kevent* events, size_t n, int timo, size_t* told);
