// What an LWP can see of itself without a system call: _lwp_ctl(2).
// kern/kern_lwpctl.cpp
#pragma once

#include "abi/lwp.hpp"
#include "sys/types.hpp"

struct lwp;
struct proc;

// Gives curlwp its piece of the process's shared pages, and says where the program
// sees it. EBUSY: a vfork child has no space of its own; ENOMEM: no room.
[[nodiscard]] Errno lwp_ctl_alloc(vaddr_t* uaddr);
void lwp_ctl_free(lwp* l);         // it ends; the piece may be used again
void lwp_ctl_exit(lwp* l, proc* p); // exit, exec: the pages go. => l is the only LWP
