#include "ui/guest_names.hpp"

#include "abi/syscall.hpp"

#include <algorithm>
#include <array>

namespace forkscope {

namespace {

struct NamedCall {
    u64 number;
    std::string_view name;
};

// In ascending order of number. abi/syscall.hpp
constexpr NamedCall kCalls[] = {
    {SYS_syscall, "syscall"},
    {SYS_exit, "exit"},
    {SYS_fork, "fork"},
    {SYS_read, "read"},
    {SYS_write, "write"},
    {SYS_open, "open"},
    {SYS_close, "close"},
    {SYS_link, "link"},
    {SYS_unlink, "unlink"},
    {SYS_chdir, "chdir"},
    {SYS_fchdir, "fchdir"},
    {SYS_chmod, "chmod"},
    {SYS_chown, "chown"},
    {SYS_obreak, "obreak"},
    {SYS_getpid, "getpid"},
    {SYS_setuid, "setuid"},
    {SYS_getuid, "getuid"},
    {SYS_geteuid, "geteuid"},
    {SYS_ptrace, "ptrace"},
    {SYS_access, "access"},
    {SYS_sync, "sync"},
    {SYS_kill, "kill"},
    {SYS_getppid, "getppid"},
    {SYS_dup, "dup"},
    {SYS_pipe, "pipe"},
    {SYS_getegid, "getegid"},
    {SYS_profil, "profil"},
    {SYS_ktrace, "ktrace"},
    {SYS_getgid, "getgid"},
    {SYS___getlogin, "__getlogin"},
    {SYS___setlogin, "__setlogin"},
    {SYS_ioctl, "ioctl"},
    {SYS_symlink, "symlink"},
    {SYS_readlink, "readlink"},
    {SYS_execve, "execve"},
    {SYS_umask, "umask"},
    {SYS_chroot, "chroot"},
    {SYS_vfork, "vfork"},
    {SYS_munmap, "munmap"},
    {SYS_mprotect, "mprotect"},
    {SYS_madvise, "madvise"},
    {SYS_mincore, "mincore"},
    {SYS_getgroups, "getgroups"},
    {SYS_setgroups, "setgroups"},
    {SYS_getpgrp, "getpgrp"},
    {SYS_setpgid, "setpgid"},
    {SYS_dup2, "dup2"},
    {SYS_fcntl, "fcntl"},
    {SYS_fsync, "fsync"},
    {SYS_setpriority, "setpriority"},
    {SYS_getpriority, "getpriority"},
    {SYS_readv, "readv"},
    {SYS_writev, "writev"},
    {SYS_fchown, "fchown"},
    {SYS_fchmod, "fchmod"},
    {SYS_setreuid, "setreuid"},
    {SYS_setregid, "setregid"},
    {SYS_rename, "rename"},
    {SYS_flock, "flock"},
    {SYS_mkfifo, "mkfifo"},
    {SYS_mkdir, "mkdir"},
    {SYS_rmdir, "rmdir"},
    {SYS_setsid, "setsid"},
    {SYS_sysarch, "sysarch"},
    {SYS_pread, "pread"},
    {SYS_pwrite, "pwrite"},
    {SYS_setgid, "setgid"},
    {SYS_setegid, "setegid"},
    {SYS_seteuid, "seteuid"},
    {SYS_getrlimit, "getrlimit"},
    {SYS_setrlimit, "setrlimit"},
    {SYS_mmap, "mmap"},
    {SYS___syscall, "__syscall"},
    {SYS_lseek, "lseek"},
    {SYS_truncate, "truncate"},
    {SYS_ftruncate, "ftruncate"},
    {SYS___sysctl, "__sysctl"},
    {SYS_mlock, "mlock"},
    {SYS_munlock, "munlock"},
    {SYS_getpgid, "getpgid"},
    {SYS_reboot, "reboot"},
    {SYS_poll, "poll"},
    {SYS_fdatasync, "fdatasync"},
    {SYS_mlockall, "mlockall"},
    {SYS_munlockall, "munlockall"},
    {SYS_sigqueueinfo, "sigqueueinfo"},
    {SYS_minherit, "minherit"},
    {SYS_lchmod, "lchmod"},
    {SYS_lchown, "lchown"},
    {SYS___msync13, "__msync13"},
    {SYS___sigaltstack14, "__sigaltstack14"},
    {SYS___vfork14, "__vfork14"},
    {SYS_getsid, "getsid"},
    {SYS___clone, "__clone"},
    {SYS_fktrace, "fktrace"},
    {SYS_preadv, "preadv"},
    {SYS_pwritev, "pwritev"},
    {SYS___sigpending14, "__sigpending14"},
    {SYS___sigprocmask14, "__sigprocmask14"},
    {SYS___sigsuspend14, "__sigsuspend14"},
    {SYS___getcwd, "__getcwd"},
    {SYS_fchroot, "fchroot"},
    {SYS_issetugid, "issetugid"},
    {SYS_utrace, "utrace"},
    {SYS_getcontext, "getcontext"},
    {SYS_setcontext, "setcontext"},
    {SYS__lwp_create, "_lwp_create"},
    {SYS__lwp_exit, "_lwp_exit"},
    {SYS__lwp_self, "_lwp_self"},
    {SYS__lwp_wait, "_lwp_wait"},
    {SYS__lwp_suspend, "_lwp_suspend"},
    {SYS__lwp_continue, "_lwp_continue"},
    {SYS__lwp_wakeup, "_lwp_wakeup"},
    {SYS__lwp_getprivate, "_lwp_getprivate"},
    {SYS__lwp_setprivate, "_lwp_setprivate"},
    {SYS__lwp_kill, "_lwp_kill"},
    {SYS__lwp_detach, "_lwp_detach"},
    {SYS__lwp_unpark, "_lwp_unpark"},
    {SYS__lwp_unpark_all, "_lwp_unpark_all"},
    {SYS__lwp_setname, "_lwp_setname"},
    {SYS__lwp_getname, "_lwp_getname"},
    {SYS__lwp_ctl, "_lwp_ctl"},
    {SYS___sigaction_sigtramp, "__sigaction_sigtramp"},
    {SYS_kqueue, "kqueue"},
    {SYS__sched_setparam, "_sched_setparam"},
    {SYS__sched_getparam, "_sched_getparam"},
    {SYS_sched_yield, "sched_yield"},
    {SYS___getdents30, "__getdents30"},
    {SYS___socket30, "__socket30"},
    {SYS___select50, "__select50"},
    {SYS___gettimeofday50, "__gettimeofday50"},
    {SYS___utimes50, "__utimes50"},
    {SYS___futimes50, "__futimes50"},
    {SYS___lutimes50, "__lutimes50"},
    {SYS___setitimer50, "__setitimer50"},
    {SYS___getitimer50, "__getitimer50"},
    {SYS___clock_gettime50, "__clock_gettime50"},
    {SYS___clock_settime50, "__clock_settime50"},
    {SYS___clock_getres50, "__clock_getres50"},
    {SYS___nanosleep50, "__nanosleep50"},
    {SYS_____sigtimedwait50, "____sigtimedwait50"},
    {SYS___pselect50, "__pselect50"},
    {SYS___pollts50, "__pollts50"},
    {SYS___stat50, "__stat50"},
    {SYS___fstat50, "__fstat50"},
    {SYS___lstat50, "__lstat50"},
    {SYS___getrusage50, "__getrusage50"},
    {SYS___wait450, "__wait450"},
    {SYS___mknod50, "__mknod50"},
    {SYS_pipe2, "pipe2"},
    {SYS_kqueue1, "kqueue1"},
    {SYS_linkat, "linkat"},
    {SYS_renameat, "renameat"},
    {SYS_mkfifoat, "mkfifoat"},
    {SYS_mknodat, "mknodat"},
    {SYS_mkdirat, "mkdirat"},
    {SYS_faccessat, "faccessat"},
    {SYS_fchmodat, "fchmodat"},
    {SYS_fchownat, "fchownat"},
    {SYS_fexecve, "fexecve"},
    {SYS_fstatat, "fstatat"},
    {SYS_utimensat, "utimensat"},
    {SYS_openat, "openat"},
    {SYS_readlinkat, "readlinkat"},
    {SYS_symlinkat, "symlinkat"},
    {SYS_unlinkat, "unlinkat"},
    {SYS_futimens, "futimens"},
    {SYS_posix_spawn, "posix_spawn"},
    {SYS_clock_nanosleep, "clock_nanosleep"},
    {SYS____lwp_park60, "___lwp_park60"},
    {SYS_wait6, "wait6"},
    {SYS___kevent100, "__kevent100"},
    {SYS___dup3100, "__dup3100"},
};

// From 1 on. abi/errno.hpp
constexpr std::string_view kErrors[] = {
    "EPERM",
    "ENOENT",
    "ESRCH",
    "EINTR",
    "EIO",
    "ENXIO",
    "E2BIG",
    "ENOEXEC",
    "EBADF",
    "ECHILD",
    "EDEADLK",
    "ENOMEM",
    "EACCES",
    "EFAULT",
    "ENOTBLK",
    "EBUSY",
    "EEXIST",
    "EXDEV",
    "ENODEV",
    "ENOTDIR",
    "EISDIR",
    "EINVAL",
    "ENFILE",
    "EMFILE",
    "ENOTTY",
    "ETXTBSY",
    "EFBIG",
    "ENOSPC",
    "ESPIPE",
    "EROFS",
    "EMLINK",
    "EPIPE",
    "EDOM",
    "ERANGE",
    "EAGAIN",
    "EINPROGRESS",
    "EALREADY",
    "ENOTSOCK",
    "EDESTADDRREQ",
    "EMSGSIZE",
    "EPROTOTYPE",
    "ENOPROTOOPT",
    "EPROTONOSUPPORT",
    "ESOCKTNOSUPPORT",
    "EOPNOTSUPP",
    "EPFNOSUPPORT",
    "EAFNOSUPPORT",
    "EADDRINUSE",
    "EADDRNOTAVAIL",
    "ENETDOWN",
    "ENETUNREACH",
    "ENETRESET",
    "ECONNABORTED",
    "ECONNRESET",
    "ENOBUFS",
    "EISCONN",
    "ENOTCONN",
    "ESHUTDOWN",
    "ETOOMANYREFS",
    "ETIMEDOUT",
    "ECONNREFUSED",
    "ELOOP",
    "ENAMETOOLONG",
    "EHOSTDOWN",
    "EHOSTUNREACH",
    "ENOTEMPTY",
    "EPROCLIM",
    "EUSERS",
    "EDQUOT",
    "ESTALE",
    "EREMOTE",
    "",
    "",
    "",
    "",
    "",
    "ENOLCK",
    "ENOSYS",
    "EFTYPE",
    "EAUTH",
    "ENEEDAUTH",
    "EIDRM",
    "ENOMSG",
    "EOVERFLOW",
    "EILSEQ",
    "ENOTSUP",
    "ECANCELED",
    "EBADMSG",
    "ENODATA",
    "ENOSR",
    "ENOSTR",
    "ETIME",
    "ENOATTR",
    "EMULTIHOP",
    "ENOLINK",
    "EPROTO",
    "EOWNERDEAD",
    "ENOTRECOVERABLE",
};

// From 1 on. abi/signal.hpp
constexpr std::string_view kSignals[] = {
    "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGEMT",  "SIGFPE",
    "SIGKILL", "SIGBUS",    "SIGSEGV", "SIGSYS",   "SIGPIPE", "SIGALRM", "SIGTERM", "SIGURG",
    "SIGSTOP", "SIGTSTP",   "SIGCONT", "SIGCHLD",  "SIGTTIN", "SIGTTOU", "SIGIO",   "SIGXCPU",
    "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGINFO", "SIGUSR1", "SIGUSR2", "SIGPWR",
};

// The name of `number` in a list that begins with 1; empty if it has none.
template <std::size_t N> std::string_view name_in(const std::string_view (&names)[N], u64 number) {
    return number >= 1 && number <= N ? names[number - 1] : std::string_view();
}

// "__wait450" as a programmer calls it: "wait4".
std::string_view without_version(std::string_view name) {
    if (!name.starts_with("__")) {
        return name;
    }
    const std::size_t digits = name.find_last_not_of("0123456789") + 1;
    const std::size_t version = std::min<std::size_t>(2, name.size() - digits);
    name.remove_suffix(name.ends_with("100") ? 3 : version);
    name.remove_prefix(name.find_first_not_of('_'));
    return name;
}

} // namespace

std::string syscall_name(u64 number) {
    const auto found = std::ranges::lower_bound(kCalls, number, {}, &NamedCall::number);
    return found != std::end(kCalls) && found->number == number
               ? std::string(found->name)
               : "syscall " + std::to_string(number);
}

std::optional<u64> syscall_number(std::string_view name) {
    for (const bool exactly : {true, false}) {
        for (const NamedCall& call : kCalls) {
            if ((exactly ? call.name : without_version(call.name)) == name) {
                return call.number;
            }
        }
    }
    return std::nullopt;
}

std::string describe_errno(u64 error) {
    const std::string_view name = name_in(kErrors, error);
    return name.empty() ? "errno " + std::to_string(error) : std::string(name);
}

std::string signal_name(u64 number) {
    const std::string_view name = name_in(kSignals, number);
    return name.empty() ? "signal " + std::to_string(number) : std::string(name);
}

} // namespace forkscope
