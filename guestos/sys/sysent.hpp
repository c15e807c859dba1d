// Every system call of the kernel, in the order of the files that hold them.
#pragma once

#include "sys/syscallargs.hpp"

// kern_fork, kern_exit, kern_wait, kern_exec
sy_call_t sys_fork, sys_vfork, sys___vfork14, sys___clone, sys_exit, sys___wait450, sys_wait6,
    sys_execve, sys_fexecve;
// sys_generic, sys_descrip, sys_pipe
sy_call_t sys_read, sys_write, sys_pread, sys_pwrite, sys_readv, sys_writev, sys_preadv,
    sys_pwritev, sys_lseek, sys_ioctl, sys_close, sys_dup, sys_dup2, sys___dup3100, sys___fstat50,
    sys_fcntl, sys_flock, sys_pipe, sys_pipe2;
// sys_select
sy_call_t sys_poll, sys___pollts50, sys___select50, sys___pselect50;
// vfs_syscalls, vfs_attributes, vfs_directories
sy_call_t sys_open, sys_openat, sys_link, sys_linkat, sys_unlink, sys_unlinkat, sys_chdir,
    sys_fchdir, sys_chroot, sys_fchroot, sys_access, sys_faccessat, sys_symlink, sys_symlinkat,
    sys_readlink, sys_readlinkat, sys_umask, sys_rename, sys_renameat, sys_mkdir, sys_mkdirat,
    sys_mkfifo, sys_mkfifoat, sys_mknodat, sys_rmdir, sys_truncate, sys_ftruncate, sys___stat50,
    sys___lstat50, sys_fstatat, sys___mknod50, sys___getdents30, sys___getcwd, sys_fsync, sys_sync;
// vfs_attributes
sy_call_t sys_pathconf, sys_fpathconf;
sy_call_t sys_chmod, sys_lchmod, sys_fchmod, sys_fchmodat, sys_chown, sys_lchown, sys_fchown,
    sys_fchownat, sys___utimes50, sys___lutimes50, sys___futimes50, sys_futimens, sys_utimensat;
// sys_mmap
sy_call_t sys_mmap, sys_munmap, sys_mprotect, sys_madvise, sys_minherit, sys_mincore, sys_mlock,
    sys_munlock, sys_mlockall, sys_munlockall, sys_obreak, sys___msync13;
// sys_sig
sy_call_t sys_kill, sys_sigqueueinfo, sys___sigaction_sigtramp, sys___sigprocmask14,
    sys___sigpending14, sys___sigsuspend14, sys___sigaltstack14, sys_setcontext, sys_getcontext,
    sys_____sigtimedwait50;
// sys_kqueue
sy_call_t sys_kqueue, sys_kqueue1, sys___kevent100;
// subr_prof
sy_call_t sys_profil;
// sys_ktrace, kern_ktrace
sy_call_t sys_ktrace, sys_fktrace, sys_utrace;
// sys_ptrace
sy_call_t sys_ptrace;
// kern_time
sy_call_t sys___nanosleep50, sys___clock_gettime50, sys___clock_getres50, sys_clock_getcpuclockid2,
    sys___clock_settime50, sys___gettimeofday50, sys_clock_nanosleep;
// kern_prot, kern_resource
sy_call_t sys_getpid, sys_getppid, sys_getuid, sys_geteuid, sys_getgid, sys_getegid, sys_setuid,
    sys_seteuid, sys_setgid, sys_setegid, sys_setreuid, sys_setregid, sys_getgroups, sys_setgroups,
    sys_getpgrp, sys_getpgid, sys_setpgid, sys_getsid, sys_setsid, sys_issetugid, sys___getlogin,
    sys___setlogin, sys_getrlimit, sys_setrlimit, sys___getrusage50, sys_getpriority,
    sys_setpriority;
// sys_lwp
sy_call_t sys__lwp_create, sys__lwp_exit, sys__lwp_self, sys__lwp_wait, sys__lwp_detach,
    sys__lwp_getprivate, sys__lwp_setprivate, sys__lwp_kill, sys__lwp_suspend, sys__lwp_continue,
    sys__lwp_wakeup, sys____lwp_park60, sys__lwp_unpark, sys__lwp_unpark_all, sys__lwp_setname,
    sys__lwp_getname, sys__lwp_ctl;
// kern_timer
sy_call_t sys___setitimer50, sys___getitimer50;
// sys_sched
sy_call_t sys__sched_setparam, sys__sched_getparam, sys__sched_setaffinity, sys__sched_getaffinity,
    sys_sched_yield;
// kern_sysctl, kern_xxx
sy_call_t sys___sysctl, sys_reboot, sys_nosys;
