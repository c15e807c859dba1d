// The table of system calls.
#include "sys/sysent.hpp"

namespace {

struct syscall_table {
    sysent entry[SYS_NSYSENT] = {};
    constexpr void set(unsigned number, const char* name, sy_call_t* call) {
        entry[number] = {name, call};
    }
};

constexpr syscall_table make_table() {
    syscall_table t;
    t.set(SYS_exit, "exit", sys_exit);
    t.set(SYS_fork, "fork", sys_fork);
    t.set(SYS_read, "read", sys_read);
    t.set(SYS_write, "write", sys_write);
    t.set(SYS_open, "open", sys_open);
    t.set(SYS_close, "close", sys_close);
    t.set(SYS_link, "link", sys_link);
    t.set(SYS_unlink, "unlink", sys_unlink);
    t.set(SYS_chdir, "chdir", sys_chdir);
    t.set(SYS_fchdir, "fchdir", sys_fchdir);
    t.set(SYS_chmod, "chmod", sys_chmod);
    t.set(SYS_chown, "chown", sys_chown);
    t.set(SYS_obreak, "obreak", sys_obreak);
    t.set(SYS_getpid, "getpid", sys_getpid);
    t.set(SYS_setuid, "setuid", sys_setuid);
    t.set(SYS_getuid, "getuid", sys_getuid);
    t.set(SYS_geteuid, "geteuid", sys_geteuid);
    t.set(SYS_access, "access", sys_access);
    t.set(SYS_sync, "sync", sys_sync);
    t.set(SYS_kill, "kill", sys_kill);
    t.set(SYS_getppid, "getppid", sys_getppid);
    t.set(SYS_dup, "dup", sys_dup);
    t.set(SYS_pipe, "pipe", sys_pipe);
    t.set(SYS_getegid, "getegid", sys_getegid);
    t.set(SYS_getgid, "getgid", sys_getgid);
    t.set(SYS___getlogin, "__getlogin", sys___getlogin);
    t.set(SYS___setlogin, "__setlogin", sys___setlogin);
    t.set(SYS_ioctl, "ioctl", sys_ioctl);
    t.set(SYS_symlink, "symlink", sys_symlink);
    t.set(SYS_readlink, "readlink", sys_readlink);
    t.set(SYS_execve, "execve", sys_execve);
    t.set(SYS_umask, "umask", sys_umask);
    t.set(SYS_chroot, "chroot", sys_chroot);
    t.set(SYS_vfork, "vfork", sys_vfork);
    t.set(SYS_munmap, "munmap", sys_munmap);
    t.set(SYS_mprotect, "mprotect", sys_mprotect);
    t.set(SYS_madvise, "madvise", sys_madvise);
    t.set(SYS_mincore, "mincore", sys_mincore);
    t.set(SYS_getgroups, "getgroups", sys_getgroups);
    t.set(SYS_setgroups, "setgroups", sys_setgroups);
    t.set(SYS_getpgrp, "getpgrp", sys_getpgrp);
    t.set(SYS_setpgid, "setpgid", sys_setpgid);
    t.set(SYS_dup2, "dup2", sys_dup2);
    t.set(SYS_fcntl, "fcntl", sys_fcntl);
    t.set(SYS_fsync, "fsync", sys_fsync);
    t.set(SYS_setpriority, "setpriority", sys_setpriority);
    t.set(SYS_getpriority, "getpriority", sys_getpriority);
    t.set(SYS_readv, "readv", sys_readv);
    t.set(SYS_writev, "writev", sys_writev);
    t.set(SYS_fchown, "fchown", sys_fchown);
    t.set(SYS_fchmod, "fchmod", sys_fchmod);
    t.set(SYS_setreuid, "setreuid", sys_setreuid);
    t.set(SYS_setregid, "setregid", sys_setregid);
    t.set(SYS_rename, "rename", sys_rename);
    t.set(SYS_mkdir, "mkdir", sys_mkdir);
    t.set(SYS_rmdir, "rmdir", sys_rmdir);
    t.set(SYS_setsid, "setsid", sys_setsid);
    t.set(SYS_pread, "pread", sys_pread);
    t.set(SYS_pwrite, "pwrite", sys_pwrite);
    t.set(SYS_setgid, "setgid", sys_setgid);
    t.set(SYS_setegid, "setegid", sys_setegid);
    t.set(SYS_seteuid, "seteuid", sys_seteuid);
    t.set(SYS_getrlimit, "getrlimit", sys_getrlimit);
    t.set(SYS_setrlimit, "setrlimit", sys_setrlimit);
    t.set(SYS_mmap, "mmap", sys_mmap);
    t.set(SYS_lseek, "lseek", sys_lseek);
    t.set(SYS_truncate, "truncate", sys_truncate);
    t.set(SYS_ftruncate, "ftruncate", sys_ftruncate);
    t.set(SYS___sysctl, "__sysctl", sys___sysctl);
    t.set(SYS_mlock, "mlock", sys_mlock);
    t.set(SYS_munlock, "munlock", sys_munlock);
    t.set(SYS_getpgid, "getpgid", sys_getpgid);
    t.set(SYS_reboot, "reboot", sys_reboot);
    t.set(SYS_poll, "poll", sys_poll);
    t.set(SYS_mlockall, "mlockall", sys_mlockall);
    t.set(SYS_munlockall, "munlockall", sys_munlockall);
    t.set(SYS___msync13, "__msync13", sys___msync13);
    t.set(SYS_minherit, "minherit", sys_minherit);
    t.set(SYS___sigaltstack14, "__sigaltstack14", sys___sigaltstack14);
    t.set(SYS___vfork14, "__vfork14", sys___vfork14);
    t.set(SYS_getsid, "getsid", sys_getsid);
    t.set(SYS___clone, "__clone", sys___clone);
    t.set(SYS___sigpending14, "__sigpending14", sys___sigpending14);
    t.set(SYS___sigprocmask14, "__sigprocmask14", sys___sigprocmask14);
    t.set(SYS___sigsuspend14, "__sigsuspend14", sys___sigsuspend14);
    t.set(SYS___getcwd, "__getcwd", sys___getcwd);
    t.set(SYS_issetugid, "issetugid", sys_issetugid);
    t.set(SYS_getcontext, "getcontext", sys_getcontext);
    t.set(SYS_setcontext, "setcontext", sys_setcontext);
    t.set(SYS__lwp_create, "_lwp_create", sys__lwp_create);
    t.set(SYS__lwp_exit, "_lwp_exit", sys__lwp_exit);
    t.set(SYS__lwp_self, "_lwp_self", sys__lwp_self);
    t.set(SYS__lwp_wait, "_lwp_wait", sys__lwp_wait);
    t.set(SYS__lwp_suspend, "_lwp_suspend", sys__lwp_suspend);
    t.set(SYS__lwp_continue, "_lwp_continue", sys__lwp_continue);
    t.set(SYS__lwp_wakeup, "_lwp_wakeup", sys__lwp_wakeup);
    t.set(SYS__lwp_kill, "_lwp_kill", sys__lwp_kill);
    t.set(SYS__lwp_detach, "_lwp_detach", sys__lwp_detach);
    t.set(SYS__lwp_unpark, "_lwp_unpark", sys__lwp_unpark);
    t.set(SYS__lwp_unpark_all, "_lwp_unpark_all", sys__lwp_unpark_all);
    t.set(SYS____lwp_park60, "___lwp_park60", sys____lwp_park60);
    t.set(SYS__lwp_getprivate, "_lwp_getprivate", sys__lwp_getprivate);
    t.set(SYS__lwp_setprivate, "_lwp_setprivate", sys__lwp_setprivate);
    t.set(SYS___sigaction_sigtramp, "__sigaction_sigtramp", sys___sigaction_sigtramp);
    t.set(SYS_sched_yield, "sched_yield", sys_sched_yield);
    t.set(SYS___getdents30, "__getdents30", sys___getdents30);
    t.set(SYS___gettimeofday50, "__gettimeofday50", sys___gettimeofday50);
    t.set(SYS___setitimer50, "__setitimer50", sys___setitimer50);
    t.set(SYS___getitimer50, "__getitimer50", sys___getitimer50);
    t.set(SYS___clock_gettime50, "__clock_gettime50", sys___clock_gettime50);
    t.set(SYS___clock_settime50, "__clock_settime50", sys___clock_settime50);
    t.set(SYS___clock_getres50, "__clock_getres50", sys___clock_getres50);
    t.set(SYS___nanosleep50, "__nanosleep50", sys___nanosleep50);
    t.set(SYS___stat50, "__stat50", sys___stat50);
    t.set(SYS___fstat50, "__fstat50", sys___fstat50);
    t.set(SYS___lstat50, "__lstat50", sys___lstat50);
    t.set(SYS___getrusage50, "__getrusage50", sys___getrusage50);
    t.set(SYS___wait450, "__wait450", sys___wait450);
    t.set(SYS_kqueue, "kqueue", sys_kqueue);
    t.set(SYS_kqueue1, "kqueue1", sys_kqueue1);
    t.set(SYS___kevent100, "__kevent100", sys___kevent100);
    t.set(SYS_ktrace, "ktrace", sys_ktrace);
    t.set(SYS_fktrace, "fktrace", sys_fktrace);
    t.set(SYS_utrace, "utrace", sys_utrace);
    t.set(SYS_wait6, "wait6", sys_wait6);
    t.set(SYS_ptrace, "ptrace", sys_ptrace);
    t.set(SYS_____sigtimedwait50, "____sigtimedwait50", sys_____sigtimedwait50);
    t.set(SYS___mknod50, "__mknod50", sys___mknod50);
    t.set(SYS_pipe2, "pipe2", sys_pipe2);
    t.set(SYS_faccessat, "faccessat", sys_faccessat);
    t.set(SYS_fstatat, "fstatat", sys_fstatat);
    t.set(SYS_openat, "openat", sys_openat);
    t.set(SYS_unlinkat, "unlinkat", sys_unlinkat);
    t.set(SYS_clock_nanosleep, "clock_nanosleep", sys_clock_nanosleep);
    t.set(SYS___dup3100, "__dup3100", sys___dup3100);
    return t;
}

constexpr syscall_table table = make_table();

} // namespace

const sysent* const sysent_table = table.entry;
