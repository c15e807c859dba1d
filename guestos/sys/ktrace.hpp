// Records of what processes do, in a file: ktrace(2). kern/kern_ktrace.cpp,
// kern/sys_ktrace.cpp
//
// A record is queued where it happens, whatever locks are held, and written
// when a traced LWP leaves a system call or exits.
#pragma once

#include "abi/ktrace.hpp"
#include "sys/signal.hpp"
#include "sys/sysent.hpp"

struct proc;

void ktrace_init();
void ktr_syscall(unsigned code, const syscall_args* args);
void ktr_sysret(unsigned code, Errno error, const register_t* retval);
void ktr_psig(int sig, u64 action, const abi::sigset_t* mask, const ksiginfo* ksi);
void ktr_flush(); // writes what is queued of the running process. => no locks held

void ktr_fork(proc* p1, proc* p2); // p2 is traced as p1 if that is inherited
void ktr_exit(proc* p);            // => no locks held
void ktr_setugid(proc* p);         // exec of a set-user-ID program: tracing ends
