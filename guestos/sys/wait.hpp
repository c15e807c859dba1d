// Status words of wait(2). kern/kern_exit.cpp, kern/kern_wait.cpp
#pragma once

#include "abi/wait.hpp"
#include "sys/types.hpp"

struct proc;

constexpr int W_EXITCODE(int code, int signal) { return code << 8 | signal; }
constexpr int W_STOPCODE(int signal) { return signal << 8 | abi::WSTATUS_STOPPED; }

int proc_wait_status(const proc* p); // of a dead process
int proc_dead_code(const proc* p);   // how it died: CLD_*
void exit_notify(proc* p); // its parent hears of its end. => proc_lock held
[[nodiscard]] Errno do_sys_waitid(int* pid, int* status, int options, abi::wrusage* wru);
