// Rows of docs/fork-semantics.md that only a look inside the kernel shows.
#include "abi/sched.hpp"
#include "host/host_kern.hpp"
#include "sys/event.hpp"
#include "sys/ptrace.hpp"
#include "sys/signalvar.hpp"
#include "sys/sysent.hpp"
#include "uvm/uvm_extern.hpp"
#include "uvm/uvm_map.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstring>

namespace {

struct Named {
    const char* name;
    int ours;
    int netbsds;
};

void check_all(const Named* first, size_t n) {
    for (size_t i = 0; i < n; i++) {
        INFO(first[i].name);
        CHECK(first[i].ours == first[i].netbsds);
    }
}

} // namespace

// NetBSD: sys/kern/syscalls.master. The table gives each number its name.
TEST_CASE("row E10: system call numbers are NetBSD's", "[guestos][kern][rows]") {
    struct {
        int number;
        const char* name;
    } constexpr calls[] = {
        {1, "exit"}, {2, "fork"}, {3, "read"}, {4, "write"}, {5, "open"}, {6, "close"},
        {20, "getpid"}, {26, "ptrace"}, {37, "kill"}, {39, "getppid"}, {42, "pipe"},
        {45, "ktrace"}, {59, "execve"}, {66, "vfork"}, {73, "munmap"}, {82, "setpgid"},
        {90, "dup2"}, {92, "fcntl"}, {147, "setsid"}, {195, "setrlimit"}, {197, "mmap"},
        {202, "__sysctl"}, {273, "minherit"}, {281, "__sigaltstack14"}, {282, "__vfork14"},
        {287, "__clone"}, {288, "fktrace"}, {289, "preadv"}, {290, "pwritev"}, {293, "__sigprocmask14"}, {306, "utrace"},
        {308, "setcontext"}, {325, "_lwp_ctl"}, {340, "__sigaction_sigtramp"}, {344, "kqueue"},
        {346, "_sched_setparam"}, {349, "_sched_getaffinity"},
        {350, "sched_yield"}, {431, "____sigtimedwait50"}, {445, "__getrusage50"},
        {449, "__wait450"}, {453, "pipe2"}, {455, "kqueue1"}, {457, "linkat"}, {458, "renameat"},
        {461, "mkdirat"}, {462, "faccessat"}, {466, "fstatat"}, {468, "openat"},
        {469, "readlinkat"}, {470, "symlinkat"}, {471, "unlinkat"}, {481, "wait6"},
        {501, "__kevent100"}, {505, "__dup3100"},
    };
    for (const auto& call : calls) {
        INFO(call.name);
        REQUIRE(sysent_table[call.number].sy_name != nullptr);
        CHECK(std::strcmp(sysent_table[call.number].sy_name, call.name) == 0);
    }
}

// NetBSD: sys/sys/errno.h, signal.h, sched.h, proc.h
TEST_CASE("row E10: errno values, signals, CLONE_* and FORK_* are NetBSD's",
          "[guestos][kern][rows]") {
    constexpr Named numbers[] = {
        {"ENOENT", ENOENT, 2}, {"ESRCH", ESRCH, 3}, {"EINTR", EINTR, 4}, {"EBADF", EBADF, 9},
        {"ECHILD", ECHILD, 10}, {"EDEADLK", EDEADLK, 11}, {"ENOMEM", ENOMEM, 12},
        {"EFAULT", EFAULT, 14}, {"EBUSY", EBUSY, 16}, {"EINVAL", EINVAL, 22},
        {"EAGAIN", EAGAIN, 35}, {"ENOSYS", ENOSYS, 78}, {"ENOTSUP", ENOTSUP, 86},
        {"SIGTRAP", SIGTRAP, 5}, {"SIGEMT", SIGEMT, 7}, {"SIGBUS", SIGBUS, 10},
        {"SIGSYS", SIGSYS, 12}, {"SIGSTOP", SIGSTOP, 17}, {"SIGTSTP", SIGTSTP, 18},
        {"SIGCONT", SIGCONT, 19}, {"SIGCHLD", SIGCHLD, 20}, {"SIGTTIN", SIGTTIN, 21},
        {"SIGUSR1", SIGUSR1, 30}, {"SIGUSR2", SIGUSR2, 31}, {"SIGPWR", SIGPWR, 32},
        {"NSIG", NSIG, 64}, {"CLONE_CSIGNAL", abi::CLONE_CSIGNAL, 0xff},
        {"CLONE_VM", abi::CLONE_VM, 0x100}, {"CLONE_FS", abi::CLONE_FS, 0x200},
        {"CLONE_FILES", abi::CLONE_FILES, 0x400}, {"CLONE_SIGHAND", abi::CLONE_SIGHAND, 0x800},
        {"CLONE_PID", abi::CLONE_PID, 0x1000}, {"CLONE_PTRACE", abi::CLONE_PTRACE, 0x2000},
        {"CLONE_VFORK", abi::CLONE_VFORK, 0x4000}, {"FORK_PPWAIT", FORK_PPWAIT, 0x01},
        {"FORK_SHAREVM", FORK_SHAREVM, 0x02}, {"FORK_SHARECWD", FORK_SHARECWD, 0x04},
        {"FORK_SHAREFILES", FORK_SHAREFILES, 0x08}, {"FORK_SHARESIGS", FORK_SHARESIGS, 0x10},
        {"FORK_NOWAIT", FORK_NOWAIT, 0x20}, {"FORK_CLEANFILES", FORK_CLEANFILES, 0x40},
        {"FORK_SYSTEM", FORK_SYSTEM, 0x80},
    };
    check_all(numbers, std::size(numbers));
}

// The probe of the exit lies between the release and the wake.
TEST_CASE("row V4: exit wakes the vfork parent when it has left the address space",
          "[guestos][kern][rows]") {
    host::System system;
    lwp* waiter = curlwp;
    vmspace* shared = waiter->l_proc->p_vmspace;
    const auto before = shared->vm_refcnt;
    proc* child = system.fork(FORK_PPWAIT | FORK_SHAREVM);
    REQUIRE(child != nullptr);
    REQUIRE(child->p_vmspace == shared);
    CHECK(shared->vm_refcnt == before + 1);
    unsigned seen = 0;
    host::watch_probes([&](const abi::ProbeRecord& record) {
        if (record.id == static_cast<u32>(abi::ProbeId::ProcExit)) {
            seen++;
            CHECK(child->p_vmspace == &vmspace0);
            CHECK(shared->vm_refcnt == before);
            CHECK(waiter->l_vforkwaiting);
        }
    });
    system.exit(child, 0);
    host::watch_probes(nullptr);
    CHECK(seen == 1);
    CHECK_FALSE(waiter->l_vforkwaiting);
}
