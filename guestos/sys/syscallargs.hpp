// System calls: the table, and how a call finds its arguments. syscall(9).
// kern/init_sysent.cpp, kern/sys_syscall.cpp
#pragma once

#include "abi/syscall.hpp"
#include "sys/types.hpp"

struct lwp;

inline constexpr unsigned kSyscallArgs = 8; // x0..x7

// The arguments of a system call, one register each.
struct syscall_args {
    u64 reg[kSyscallArgs];

    // Argument `n` as an integer: of narrower types the low bits count.
    template <typename T> [[nodiscard]] T integer(unsigned n) const {
        return static_cast<T>(reg[n]);
    }
    // Argument `n` as an address in the program.
    template <typename T = void> [[nodiscard]] T* pointer(unsigned n) const {
        return reinterpret_cast<T*>(reg[n]);
    }
};

// => retval[0] and retval[1] are x0 and x1 of the program on success
using sy_call_t = Errno(lwp* l, const syscall_args* uap, register_t* retval);

struct sysent {
    const char* sy_name; // null: no such call
    sy_call_t* sy_call;
};
extern const sysent* const sysent_table; // SYS_NSYSENT entries
