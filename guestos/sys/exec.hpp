// An exec on its way: what kern_exec.cpp, exec_args.cpp and exec_subr.cpp share.
#pragma once

#include "sys/exec_elf.hpp"
#include "sys/param.hpp"
#include "sys/vnode.hpp"

struct lwp;
struct proc;

// --- exec_args.cpp: arguments and environment ----------------------------------

// Strings one after the other, each with its NUL: first the arguments, then the
// environment.
class exec_args {
public:
    exec_args() = default;
    ~exec_args();
    exec_args(const exec_args&) = delete;
    exec_args& operator=(const exec_args&) = delete;

    // E2BIG: more than ARG_MAX bytes
    [[nodiscard]] Errno add(const char* s);
    // The same, from the program's memory.
    [[nodiscard]] Errno add_user(const char* us);
    void swap(exec_args& other);
    [[nodiscard]] const char* data() const { return buf_; }
    [[nodiscard]] size_t used() const { return used_; }

    int argc = 0;
    int envc = 0;

private:
    [[nodiscard]] Errno make_room(size_t len);

    char* buf_ = nullptr;
    size_t size_ = 0;
    size_t used_ = 0;
};

// A program's array of strings, ended by null.
[[nodiscard]] Errno copyin_strings(exec_args& args, const u64* array, int* count);
[[nodiscard]] Errno add_strings(exec_args& args, char* const* array, int* count); // the kernel's

// An exec on its way.
struct exec_package {
    lwp* l;
    proc* p;
    const char* path;
    int fd; // fexecve: the program's descriptor; else -1
    exec_args args;
    vnode* vp;  // the program, or the interpreter; referenced
    vattr va;   // of vp
    u8* header; // its first bytes
    size_t headerlen;
    exec_image image;
    exec_script script;
    char comm[MAXCOMLEN + 1];
    bool fatal; // it failed when there was no way back
};

inline constexpr unsigned kAuxEntries = 13; // of the auxiliary vector, AT_NULL included

// --- exec_subr.cpp: the new address space ----------------------------------------
// => there is no way back from the first on
[[nodiscard]] Errno exec_map(exec_package& epp);
// The stack that the limit allows grows or shrinks. What is no longer allowed keeps
// its contents. setrlimit(2)
void exec_resize_stack(proc* p, vsize_t before, vsize_t now);
[[nodiscard]] Errno exec_stack(exec_package& epp, vaddr_t* sp); // arguments, and where SP begins
