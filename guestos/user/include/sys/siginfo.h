/* NetBSD: sys/sys/siginfo.h. */
#ifndef _SYS_SIGINFO_H_
#define _SYS_SIGINFO_H_

#include <sys/types.h>

typedef union sigval {
    int sival_int;
    void *sival_ptr;
} sigval_t;

struct _ksiginfo {
    int _signo;
    int _code;
    int _errno;
    int _pad; /* the union starts on an 8-byte boundary */
    union {
        struct {
            pid_t _pid;
            uid_t _uid;
            sigval_t _value;
        } _rt;
        struct {
            pid_t _pid;
            uid_t _uid;
            int _status;
            clock_t _utime;
            clock_t _stime;
        } _child;
        struct {
            void *_addr;
            int _trap;
            int _trap2;
            int _trap3;
        } _fault;
        struct {
            long _band;
            int _fd;
        } _poll;
        struct {
            int _sysnum;
            int _retval[2];
            int _error;
            __uint64_t _args[8];
        } _syscall;
        struct {
            int _pe_report_event;
            union {
                pid_t _pe_other_pid;
                lwpid_t _pe_lwp;
            } _option;
        } _ptrace_state;
    } _reason;
};

typedef union siginfo {
    char si_pad[128]; /* the size the kernel copies */
    struct _ksiginfo _info;
} siginfo_t;

#define si_signo _info._signo
#define si_code _info._code
#define si_errno _info._errno
#define si_value _info._reason._rt._value
#define si_pid _info._reason._child._pid
#define si_uid _info._reason._child._uid
#define si_status _info._reason._child._status
#define si_utime _info._reason._child._utime
#define si_stime _info._reason._child._stime
#define si_addr _info._reason._fault._addr
#define si_trap _info._reason._fault._trap
#define si_band _info._reason._poll._band
#define si_fd _info._reason._poll._fd
#define si_sysnum _info._reason._syscall._sysnum
#define si_retval _info._reason._syscall._retval
#define si_error _info._reason._syscall._error
#define si_args _info._reason._syscall._args
#define si_pe_report_event _info._reason._ptrace_state._pe_report_event
#define si_pe_other_pid _info._reason._ptrace_state._option._pe_other_pid
#define si_pe_lwp _info._reason._ptrace_state._option._pe_lwp

/* si_code: SIGILL */
#define ILL_ILLOPC 1
#define ILL_ILLOPN 2
#define ILL_ILLADR 3
#define ILL_ILLTRP 4
#define ILL_PRVOPC 5
#define ILL_PRVREG 6
#define ILL_COPROC 7
#define ILL_BADSTK 8
/* SIGFPE */
#define FPE_INTDIV 1
#define FPE_INTOVF 2
#define FPE_FLTDIV 3
#define FPE_FLTOVF 4
#define FPE_FLTUND 5
#define FPE_FLTRES 6
#define FPE_FLTINV 7
#define FPE_FLTSUB 8
/* SIGSEGV */
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
/* SIGBUS */
#define BUS_ADRALN 1
#define BUS_ADRERR 2
#define BUS_OBJERR 3
/* SIGTRAP */
#define TRAP_BRKPT 1
#define TRAP_TRACE 2
#define TRAP_EXEC 3
#define TRAP_CHLD 4
#define TRAP_LWP 5
#define TRAP_DBREG 6
#define TRAP_SCE 7
#define TRAP_SCX 8
/* SIGCHLD */
#define CLD_EXITED 1
#define CLD_KILLED 2
#define CLD_DUMPED 3
#define CLD_TRAPPED 4
#define CLD_STOPPED 5
#define CLD_CONTINUED 6
/* any signal */
#define SI_USER 0
#define SI_QUEUE (-1)
#define SI_TIMER (-2)
#define SI_ASYNCIO (-3)
#define SI_MESGQ (-4)
#define SI_LWP (-5)
#define SI_NOINFO 32767

#endif
