// One function a system call. Arguments stay in x0 to x7, where the procedure
// call standard puts them; the number is the immediate of SVC; with the carry
// flag set, x0 is an errno value.
#include <sys/syscall.h>

    .equ    UC_GREGS, 64            // of ucontext_t; abi_check.cpp

    .macro ENTER name
    .section .text.\name, "ax"
    .global \name
    .type \name, %function
\name:
    .endm

    .macro LEAVE name
    b.cc    1f
    b       __cerror
1:  ret
    .size \name, . - \name
    .endm

    .macro SYSCALL name, number
    ENTER   \name
    svc     #\number
    LEAVE   \name
    .endm

    // errno = x0; return -1
ENTER __cerror
    .hidden __cerror
    mrs     x1, tpidr_el0
    add     x1, x1, #:tprel_hi12:errno
    add     x1, x1, #:tprel_lo12_nc:errno
    str     w0, [x1]
    mov     x0, #-1
    ret

    // processes
SYSCALL _exit, SYS_exit
SYSCALL execve, SYS_execve
SYSCALL fexecve, SYS_fexecve
SYSCALL wait4, SYS___wait450
SYSCALL wait6, SYS_wait6
SYSCALL getpid, SYS_getpid
SYSCALL getppid, SYS_getppid
SYSCALL getpgrp, SYS_getpgrp
SYSCALL getpgid, SYS_getpgid
SYSCALL setpgid, SYS_setpgid
SYSCALL getsid, SYS_getsid
SYSCALL setsid, SYS_setsid
SYSCALL getuid, SYS_getuid
SYSCALL geteuid, SYS_geteuid
SYSCALL getgid, SYS_getgid
SYSCALL getegid, SYS_getegid
SYSCALL setuid, SYS_setuid
SYSCALL seteuid, SYS_seteuid
SYSCALL setgid, SYS_setgid
SYSCALL setegid, SYS_setegid
SYSCALL setreuid, SYS_setreuid
SYSCALL setregid, SYS_setregid
SYSCALL getgroups, SYS_getgroups
SYSCALL setgroups, SYS_setgroups
SYSCALL issetugid, SYS_issetugid
SYSCALL getrusage, SYS___getrusage50
SYSCALL getrlimit, SYS_getrlimit
SYSCALL setrlimit, SYS_setrlimit
SYSCALL getpriority, SYS_getpriority
SYSCALL setpriority, SYS_setpriority
SYSCALL __sys_getlogin, SYS___getlogin
SYSCALL setlogin, SYS___setlogin
SYSCALL sched_yield, SYS_sched_yield
SYSCALL _sched_setparam, SYS__sched_setparam
SYSCALL _sched_getparam, SYS__sched_getparam
SYSCALL _sched_setaffinity, SYS__sched_setaffinity
SYSCALL _sched_getaffinity, SYS__sched_getaffinity
SYSCALL sysctl, SYS___sysctl
SYSCALL reboot, SYS_reboot
SYSCALL ptrace, SYS_ptrace
SYSCALL profil, SYS_profil
SYSCALL ktrace, SYS_ktrace
SYSCALL fktrace, SYS_fktrace
SYSCALL utrace, SYS_utrace
SYSCALL kqueue, SYS_kqueue
SYSCALL kqueue1, SYS_kqueue1
SYSCALL kevent, SYS___kevent100

    // In the child x1 is 1. Nothing goes to the stack: a vfork child shares it.
    .macro FORK name, number
    ENTER   \name
    svc     #\number
    b.cc    1f
    b       __cerror
1:  cbz     w1, 2f
    mov     x0, xzr
2:  ret
    .size \name, . - \name
    .endm
FORK fork, SYS_fork
FORK vfork, SYS___vfork14

    // __clone(function, stack, flags, argument): the child calls the function
    // and exits with what it returns. EINVAL without a function or a stack.
ENTER __clone
    cbz     x0, 3f
    cbz     x1, 3f
    mov     x9, x0
    mov     x10, x3
    mov     x0, x2
    svc     #SYS___clone            // flags, stack
    b.cc    1f
    b       __cerror
1:  cbnz    w1, 2f
    ret
2:  mov     x0, x10
    mov     x29, xzr
    blr     x9
    b       _exit
3:  mov     x0, #22                 // EINVAL
    b       __cerror
    .size __clone, . - __clone
    .global clone
    .set    clone, __clone

    // LWPs
SYSCALL _lwp_create, SYS__lwp_create
SYSCALL _lwp_exit, SYS__lwp_exit
SYSCALL _lwp_self, SYS__lwp_self
SYSCALL _lwp_gettid, SYS__lwp_self
SYSCALL _lwp_wait, SYS__lwp_wait
SYSCALL _lwp_suspend, SYS__lwp_suspend
SYSCALL _lwp_continue, SYS__lwp_continue
SYSCALL _lwp_wakeup, SYS__lwp_wakeup
SYSCALL _lwp_getprivate, SYS__lwp_getprivate
SYSCALL _lwp_setprivate, SYS__lwp_setprivate
SYSCALL _lwp_kill, SYS__lwp_kill
SYSCALL _lwp_detach, SYS__lwp_detach
SYSCALL _lwp_park, SYS____lwp_park60
SYSCALL _lwp_unpark, SYS__lwp_unpark
SYSCALL _lwp_unpark_all, SYS__lwp_unpark_all
SYSCALL _lwp_setname, SYS__lwp_setname
SYSCALL _lwp_getname, SYS__lwp_getname
SYSCALL _lwp_ctl, SYS__lwp_ctl
SYSCALL sigqueueinfo, SYS_sigqueueinfo

    // files
SYSCALL open, SYS_open
SYSCALL close, SYS_close
SYSCALL read, SYS_read
SYSCALL write, SYS_write
SYSCALL readv, SYS_readv
SYSCALL writev, SYS_writev
SYSCALL dup, SYS_dup
SYSCALL dup2, SYS_dup2
SYSCALL dup3, SYS___dup3100
SYSCALL pipe2, SYS_pipe2
SYSCALL fcntl, SYS_fcntl
SYSCALL flock, SYS_flock
SYSCALL ioctl, SYS_ioctl
SYSCALL poll, SYS_poll
SYSCALL pollts, SYS___pollts50
SYSCALL ppoll, SYS___pollts50
SYSCALL select, SYS___select50
SYSCALL pselect, SYS___pselect50
SYSCALL fsync, SYS_fsync
SYSCALL fdatasync, SYS_fdatasync
SYSCALL sync, SYS_sync
SYSCALL getdents, SYS___getdents30
SYSCALL stat, SYS___stat50
SYSCALL fstat, SYS___fstat50
SYSCALL lstat, SYS___lstat50
SYSCALL access, SYS_access
SYSCALL chdir, SYS_chdir
SYSCALL fchdir, SYS_fchdir
SYSCALL chroot, SYS_chroot
SYSCALL fchroot, SYS_fchroot
SYSCALL chmod, SYS_chmod
SYSCALL lchmod, SYS_lchmod
SYSCALL fchmod, SYS_fchmod
SYSCALL chown, SYS_chown
SYSCALL fchown, SYS_fchown
SYSCALL pathconf, SYS_pathconf
SYSCALL fpathconf, SYS_fpathconf
SYSCALL lchown, SYS_lchown
SYSCALL utimes, SYS___utimes50
SYSCALL lutimes, SYS___lutimes50
SYSCALL futimes, SYS___futimes50
SYSCALL futimens, SYS_futimens
SYSCALL utimensat, SYS_utimensat
SYSCALL umask, SYS_umask
SYSCALL mkdir, SYS_mkdir
SYSCALL rmdir, SYS_rmdir
SYSCALL mkfifo, SYS_mkfifo
SYSCALL mknod, SYS___mknod50
SYSCALL link, SYS_link
SYSCALL unlink, SYS_unlink
SYSCALL symlink, SYS_symlink
SYSCALL readlink, SYS_readlink
SYSCALL rename, SYS_rename
SYSCALL openat, SYS_openat
SYSCALL fstatat, SYS_fstatat
SYSCALL faccessat, SYS_faccessat
SYSCALL fchmodat, SYS_fchmodat
SYSCALL fchownat, SYS_fchownat
SYSCALL mkdirat, SYS_mkdirat
SYSCALL mkfifoat, SYS_mkfifoat
SYSCALL linkat, SYS_linkat
SYSCALL unlinkat, SYS_unlinkat
SYSCALL symlinkat, SYS_symlinkat
SYSCALL readlinkat, SYS_readlinkat
SYSCALL renameat, SYS_renameat
SYSCALL __sys_getcwd, SYS___getcwd

    // The two descriptors come back in x0 and x1.
ENTER pipe
    mov     x2, x0
    svc     #SYS_pipe
    b.cs    1f
    stp     w0, w1, [x2]
    mov     x0, xzr
    ret
1:  b       __cerror
    .size pipe, . - pipe

    // A 64-bit offset stands in an even place of the argument list: the word
    // before it is padding.
    .macro PADDED name, number, pad, from, more:vararg
    ENTER   \name
    .ifnb \more
    \more
    .endif
    mov     \from, \pad
    mov     \pad, xzr
    svc     #\number
    LEAVE   \name
    .endm
PADDED lseek, SYS_lseek, x1, x2, mov x3, x2
PADDED truncate, SYS_truncate, x1, x2
PADDED ftruncate, SYS_ftruncate, x1, x2
PADDED pread, SYS_pread, x3, x4
PADDED pwrite, SYS_pwrite, x3, x4
PADDED preadv, SYS_preadv, x3, x4
PADDED pwritev, SYS_pwritev, x3, x4
PADDED mmap, SYS_mmap, x5, x6
PADDED mknodat, SYS_mknodat, x3, x4

    // memory
SYSCALL munmap, SYS_munmap
SYSCALL mprotect, SYS_mprotect
SYSCALL madvise, SYS_madvise
SYSCALL mincore, SYS_mincore
SYSCALL minherit, SYS_minherit
SYSCALL msync, SYS___msync13
SYSCALL mlock, SYS_mlock
SYSCALL munlock, SYS_munlock
SYSCALL mlockall, SYS_mlockall
SYSCALL munlockall, SYS_munlockall
SYSCALL __sys_brk, SYS_obreak

    // signals
SYSCALL kill, SYS_kill
SYSCALL sigprocmask, SYS___sigprocmask14
SYSCALL sigpending, SYS___sigpending14
SYSCALL sigsuspend, SYS___sigsuspend14
SYSCALL __sys_sigtimedwait, SYS_____sigtimedwait50
SYSCALL sigaltstack, SYS___sigaltstack14
SYSCALL __sys_sigaction, SYS___sigaction_sigtramp
    // When the context goes on it is behind the call, with the flags and x0 of before.
ENTER getcontext
    cmn     xzr, xzr                // no carry
    svc     #SYS_getcontext
    b.cc    1f
    b       __cerror
1:  mov     w0, wzr
    ret
    .size getcontext, . - getcontext
SYSCALL setcontext, SYS_setcontext

    // swapcontext(from, to): saves as if this call had returned 0, then goes on
    // with the other. After a failure getcontext's result is the caller's.
ENTER swapcontext
    stp     x29, x30, [sp, #-32]!
    mov     x29, sp
    stp     x19, x20, [sp, #16]
    mov     x19, x0
    mov     x20, x1
    bl      getcontext
    cbnz    w0, 1f
    ldp     x1, x2, [sp, #16]       // the caller's x19 and x20
    ldp     x3, x4, [sp]            // its x29 and the address it called from
    add     x5, sp, #32
    add     x0, x19, #UC_GREGS
    str     xzr, [x0]
    stp     x1, x2, [x0, #19 * 8]
    stp     x3, x4, [x0, #29 * 8]
    stp     x5, x4, [x0, #31 * 8]   // SP, PC
    mov     x0, x20
    bl      setcontext
1:  ldp     x19, x20, [sp, #16]
    ldp     x29, x30, [sp], #32
    ret
    .size swapcontext, . - swapcontext

    // The end of a function that makecontext started: x19 is its uc_link.
ENTER __context_end
    mov     x0, x19
    svc     #SYS_setcontext
    svc     #SYS_exit               // only if the context was bad
    .size __context_end, . - __context_end

    // Where a handler returns to: the kernel keeps the address of the saved
    // context in x28. NetBSD: sys/arch/aarch64/aarch64/sig_machdep.c.
ENTER __sigtramp_siginfo_2
    mov     x0, x28
    svc     #SYS_setcontext
    svc     #SYS_exit               // only if the context was bad
    .size __sigtramp_siginfo_2, . - __sigtramp_siginfo_2

    // time
SYSCALL clock_gettime, SYS___clock_gettime50
SYSCALL clock_settime, SYS___clock_settime50
SYSCALL clock_getres, SYS___clock_getres50
SYSCALL clock_getcpuclockid2, SYS_clock_getcpuclockid2
SYSCALL clock_nanosleep, SYS_clock_nanosleep
SYSCALL nanosleep, SYS___nanosleep50
SYSCALL gettimeofday, SYS___gettimeofday50
SYSCALL getitimer, SYS___getitimer50
SYSCALL setitimer, SYS___setitimer50

    // syscall(2): the number in x17, the arguments one place down.
ENTER syscall
    mov     x17, x0
    mov     x0, x1
    mov     x1, x2
    mov     x2, x3
    mov     x3, x4
    mov     x4, x5
    mov     x5, x6
    mov     x6, x7
    ldr     x7, [sp]
    svc     #SYS_syscall
    LEAVE   syscall
    .global __syscall // the same where all arguments have one size
    .set    __syscall, syscall

    .section .note.GNU-stack, "", %progbits
