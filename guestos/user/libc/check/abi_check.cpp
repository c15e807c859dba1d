// Holds the headers that programs see against guestos/abi, which the kernel is
// compiled with. Makes no code: it compiles or it does not.
#include "abi/errno.hpp"
#include "abi/event.hpp"
#include "abi/fcntl.hpp"
#include "abi/ktrace.hpp"
#include "abi/lwp.hpp"
#include "abi/mman.hpp"
#include "abi/poll.hpp"
#include "abi/ptrace.hpp"
#include "abi/sched.hpp"
#include "abi/signal.hpp"
#include "abi/stat.hpp"
#include "abi/sysctl.hpp"
#include "abi/ttycom.hpp"
#include "abi/wait.hpp"

#define GLOBALS(X)                                                                                 \
    X(EPERM)                                                                                       \
    X(ENOENT) X(ESRCH) X(EINTR) X(EIO) X(ENXIO) X(E2BIG) X(ENOEXEC) X(EBADF) X(ECHILD) X(EDEADLK)  \
        X(ENOMEM) X(EACCES) X(EFAULT) X(ENOTBLK) X(EBUSY) X(EEXIST) X(EXDEV) X(ENODEV) X(ENOTDIR)  \
            X(EISDIR) X(EINVAL) X(ENFILE) X(EMFILE) X(ENOTTY) X(ETXTBSY) X(EFBIG) X(ENOSPC)        \
                X(ESPIPE) X(EROFS) X(EMLINK) X(EPIPE) X(EDOM) X(ERANGE) X(EAGAIN) X(EOPNOTSUPP)    \
                    X(ETIMEDOUT) X(ELOOP) X(ENAMETOOLONG) X(ENOTEMPTY) X(EPROCLIM) X(ENOLCK)       \
                        X(ENOSYS) X(EFTYPE) X(EIDRM) X(ENOMSG) X(EOVERFLOW) X(EILSEQ) X(ENOTSUP)   \
                            X(ECANCELED) X(EPROTO) X(EOWNERDEAD) X(ELAST) X(SIGHUP) X(SIGINT)      \
                                X(SIGQUIT) X(SIGILL) X(SIGTRAP) X(SIGABRT) X(SIGEMT) X(SIGFPE)     \
                                    X(SIGKILL) X(SIGBUS) X(SIGSEGV) X(SIGSYS) X(SIGPIPE)           \
                                        X(SIGALRM) X(SIGTERM) X(SIGURG) X(SIGSTOP) X(SIGTSTP)      \
                                            X(SIGCONT) X(SIGCHLD) X(SIGTTIN) X(SIGTTOU) X(SIGIO)   \
                                                X(SIGXCPU) X(SIGXFSZ) X(SIGVTALRM) X(SIGPROF)      \
                                                    X(SIGWINCH) X(SIGINFO) X(SIGUSR1) X(SIGUSR2)   \
                                                        X(SIGPWR) X(SIGRTMIN) X(SIGRTMAX) X(NSIG)

#define ABI_NAMES(X)                                                                               \
    X(O_RDONLY)                                                                                    \
    X(O_WRONLY) X(O_RDWR) X(O_ACCMODE) X(O_NONBLOCK) X(O_APPEND) X(O_NOFOLLOW) X(O_CREAT) X(       \
        O_TRUNC) X(O_EXCL) X(O_NOCTTY) X(O_DIRECTORY) X(O_CLOEXEC) X(F_DUPFD) X(F_GETFD)           \
        X(F_SETFD) X(F_GETFL) X(F_SETFL) X(F_GETLK) X(F_SETLK) X(F_SETLKW) X(F_CLOSEM) X(          \
            F_MAXFD) X(F_DUPFD_CLOEXEC) X(F_DUPFD_CLOFORK) X(F_DUPFD_CLOBOTH) X(O_CLOFORK)           \
            X(FD_CLOFORK) X(FD_CLOEXEC) X(AT_FDCWD) X(AT_SYMLINK_NOFOLLOW) X(AT_SYMLINK_FOLLOW) \
            X(AT_REMOVEDIR) X(SEEK_SET) X(SEEK_CUR) X(SEEK_END) X(F_OK) X(X_OK) X(W_OK) X(R_OK) X( \
                PROT_NONE) X(PROT_READ) X(PROT_WRITE) X(PROT_EXEC) X(MAP_FILE) X(MAP_SHARED)       \
                X(MAP_PRIVATE) X(MAP_FIXED) X(MAP_WIRED) X(MAP_ANON) X(MAP_STACK) X(               \
                    MAP_INHERIT_SHARE) X(MAP_INHERIT_COPY) X(MAP_INHERIT_NONE) X(MAP_INHERIT_ZERO) \
                    X(MADV_FREE) X(MCL_CURRENT) X(MCL_FUTURE) X(CLONE_CSIGNAL) X(CLONE_VM) X(      \
                        CLONE_FS) X(CLONE_FILES) X(CLONE_SIGHAND) X(CLONE_PID) X(CLONE_PTRACE)     \
                        X(CLONE_VFORK) X(SA_ONSTACK) X(SA_RESTART) X(SA_RESETHAND) X(              \
                            SA_NOCLDSTOP) X(SA_NODEFER) X(SA_NOCLDWAIT) X(SA_SIGINFO) X(SIG_BLOCK) \
                            X(SIG_UNBLOCK) X(SIG_SETMASK) X(SS_ONSTACK) X(SS_DISABLE) X(           \
                                MINSIGSTKSZ) X(SIGSTKSZ) X(SI_USER) X(SI_QUEUE) X(SI_TIMER)        \
                                X(SI_LWP) X(SI_NOINFO) X(SEGV_MAPERR) X(SEGV_ACCERR) X(            \
                                    TRAP_BRKPT) X(TRAP_CHLD) X(CLD_EXITED)                         \
                                    X(CLD_KILLED) X(CLD_STOPPED) X(CLD_CONTINUED) X(S_IFMT) X(     \
                                        S_IFIFO) X(S_IFCHR) X(S_IFDIR) X(S_IFBLK) X(S_IFREG)       \
                                        X(S_IFLNK) X(S_ISUID) X(UTIME_NOW) X(UTIME_OMIT) X(MAXNAMLEN) X(DT_UNKNOWN) X(        \
                                            DT_FIFO) X(DT_CHR) X(DT_DIR) X(DT_BLK) X(DT_REG)       \
                                            X(DT_LNK) X(WNOHANG) X(WUNTRACED) X(WALTSIG) X(        \
                                                WALLSIG) X(WCONTINUED) X(WEXITED) X(WTRAPPED)      \
                                                X(WNOWAIT) X(RUSAGE_SELF) X(RUSAGE_CHILDREN) X(    \
                                                    RLIMIT_STACK) X(RLIMIT_NPROC)                  \
                                                    X(RLIMIT_NOFILE) X(RLIMIT_AS) X(               \
                                                        RLIM_NLIMITS) X(CLOCK_REALTIME)            \
                                                        X(CLOCK_VIRTUAL) X(CLOCK_PROF) X(          \
                                                            CLOCK_MONOTONIC) X(CTL_KERN) X(CTL_HW) \
                                                            X(KERN_OSTYPE) X(KERN_OSRELEASE) X(    \
                                                                KERN_VERSION) X(KERN_MAXPROC)      \
                                                                X(KERN_ARGMAX) X(KERN_SECURELVL) X(KERN_HOSTNAME) X( \
                                                                    KERN_PROC2) X(KERN_FORKFSLEEP) \
                                                                    X(KERN_PROC_ALL) X(            \
                                                                        KERN_PROC_PID)             \
                                                                        X(HW_MACHINE) X(           \
                                                                            HW_NCPU) X(VEOF)       \
                                                                            X(VERASE) X(VKILL) X(  \
                                                                                VINTR) X(VQUIT)    \
                                                                                X(VSUSP) X(VMIN)   \
                                                                                    X(VTIME)       \
                                                                                        X(NCCS)

// Tracing, event queues, records of processes.
#define ABI_EVENT_NAMES(X)                                                                         \
    X(PT_TRACE_ME) X(PT_READ_I) X(PT_READ_D) X(PT_WRITE_I) X(PT_WRITE_D) X(PT_CONTINUE)            \
    X(PT_KILL) X(PT_ATTACH) X(PT_DETACH) X(PT_IO) X(PT_DUMPCORE) X(PT_SYSCALL) X(PT_SET_EVENT_MASK)               \
    X(PT_GET_EVENT_MASK) X(PT_GET_PROCESS_STATE) X(PT_SET_SIGINFO) X(PT_GET_SIGINFO) X(PT_STOP)    \
    X(PT_RESUME) X(PT_SUSPEND) X(PT_LWPSTATUS) X(PT_LWPNEXT) X(PT_SYSCALLEMU) X(PT_SET_SIGPASS) X(PT_GET_SIGPASS) X(PT_STEP) X(PT_GETREGS) X(PT_SETREGS) X(PT_GETFPREGS)           \
    X(PT_SETFPREGS) X(PT_SETSTEP) X(PT_CLEARSTEP) X(PTRACE_FORK) X(PTRACE_VFORK)                   \
    X(PTRACE_VFORK_DONE) X(PTRACE_LWP_CREATE) X(PTRACE_LWP_EXIT) X(PTRACE_POSIX_SPAWN)             \
    X(PL_LNAMELEN) X(TRAP_TRACE) X(TRAP_LWP) X(TRAP_SCE) X(TRAP_SCX)                               \
    X(PIOD_READ_D) X(PIOD_WRITE_D) X(PIOD_READ_I) X(PIOD_WRITE_I) X(EVFILT_READ)                   \
    X(PIOD_READ_AUXV) X(PT_LWPINFO) X(PL_EVENT_NONE) X(PL_EVENT_SIGNAL) X(PL_EVENT_SUSPENDED)      \
    X(EVFILT_WRITE) X(EVFILT_PROC) X(EVFILT_SIGNAL) X(EVFILT_USER) X(EV_ADD) X(EV_DELETE)          \
    X(EVFILT_VNODE) X(EVFILT_TIMER) X(NOTE_DELETE) X(NOTE_WRITE) X(NOTE_EXTEND) X(NOTE_ATTRIB)     \
    X(NOTE_LINK) X(NOTE_RENAME) X(NOTE_REVOKE) X(NOTE_OPEN) X(NOTE_CLOSE) X(NOTE_CLOSE_WRITE)      \
    X(NOTE_READ) X(NOTE_MSECONDS) X(NOTE_SECONDS) X(NOTE_USECONDS) X(NOTE_NSECONDS)                \
    X(NOTE_ABSTIME)                                                                                \
    X(EV_ENABLE) X(EV_DISABLE) X(EV_ONESHOT) X(EV_CLEAR) X(EV_RECEIPT) X(EV_DISPATCH) X(EV_EOF)    \
    X(EV_ERROR) X(NOTE_EXIT) X(NOTE_FORK) X(NOTE_EXEC) X(NOTE_TRACK) X(NOTE_TRACKERR)              \
    X(NOTE_CHILD) X(NOTE_FFAND) X(NOTE_FFOR) X(NOTE_FFCOPY) X(NOTE_TRIGGER) X(KTROP_SET)           \
    X(KTROP_CLEAR) X(KTROP_CLEARFILE) X(KTRFLAG_DESCEND) X(KTR_SYSCALL) X(KTR_SYSRET)              \
    X(KTR_PSIG) X(KTR_USER) X(KTR_USER_MAXIDLEN) X(KTR_USER_MAXLEN) X(KTRFAC_INHERIT)              \
    X(KTRFAC_PERSISTENT) X(TRAP_EXEC) X(CLD_TRAPPED) X(CLD_DUMPED)      \
    X(F_RDLCK) X(F_UNLCK) X(F_WRLCK) X(LOCK_SH) X(LOCK_EX) X(LOCK_NB) X(LOCK_UN)                   \
    X(SCHED_NONE) X(SCHED_OTHER) X(SCHED_FIFO) X(SCHED_RR) X(KERN_SCHED) X(KERN_SCHED_NAME)        \
    X(KERN_SCHED_RTTS) X(KERN_SCHED_PRI_MIN) X(KERN_SCHED_PRI_MAX)                                 \
    X(CTL_PROC) X(PROC_CURPROC) X(PROC_PID_STOPFORK) X(POLLIN) X(POLLPRI) X(POLLOUT) X(POLLERR)   \
    X(POLLHUP) X(POLLNVAL) X(POLLRDNORM) X(POLLRDBAND) X(POLLWRBAND)

// The kernel's macros, which the C headers define again.
#define ABI_MACROS(X)                                                                              \
    X(ICRNL)                                                                                       \
    X(INLCR) X(IXON) X(OPOST) X(ONLCR) X(CS8) X(CREAD) X(ECHOE) X(ECHOK) X(ECHO) X(ECHONL)         \
        X(ECHOCTL) X(ISIG) X(ICANON) X(IEXTEN) X(TOSTOP) X(NOFLSH) X(RLIM_INFINITY)

#define GLOBAL_VALUE(name) constexpr long name##_value = static_cast<long>(::name);
#define ABI_VALUE(name) constexpr long name##_value = static_cast<long>(abi::name);
#define MACRO_VALUE(name) constexpr long name##_value = static_cast<long>(name);
namespace kernel {
GLOBALS(GLOBAL_VALUE)
ABI_NAMES(ABI_VALUE)
ABI_EVENT_NAMES(ABI_VALUE)
namespace macros {
using namespace abi;
ABI_MACROS(MACRO_VALUE)
constexpr unsigned long commands[] = {TIOCGETA,  TIOCSETA,  TIOCSETAW,  TIOCSETAF, TIOCSCTTY,
                                      TIOCSPGRP, TIOCGPGRP, TIOCGWINSZ, FIONREAD};
} // namespace macros
} // namespace kernel

#undef ISTRIP
#undef INLCR
#undef IGNCR
#undef ICRNL
#undef IXON
#undef IXANY
#undef IMAXBEL
#undef BRKINT
#undef OPOST
#undef ONLCR
#undef CS8
#undef CREAD
#undef HUPCL
#undef ECHOKE
#undef ECHOE
#undef ECHOK
#undef ECHO
#undef ECHONL
#undef ECHOCTL
#undef ISIG
#undef ICANON
#undef IEXTEN
#undef TOSTOP
#undef NOFLSH
#undef FIOCLEX
#undef FIONCLEX
#undef FIONBIO
#undef FIONREAD
#undef TIOCGETA
#undef TIOCSETA
#undef TIOCSETAW
#undef TIOCSETAF
#undef TIOCSCTTY
#undef TIOCGSID
#undef TIOCSWINSZ
#undef TIOCGWINSZ
#undef TIOCNOTTY
#undef TIOCSPGRP
#undef TIOCGPGRP
#undef RLIM_INFINITY

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lwp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/event.h>
#include <sys/ioctl.h>
#include <sys/ktrace.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define SAME(name) static_assert(kernel::name##_value == static_cast<long>(name));
GLOBALS(SAME)
ABI_NAMES(SAME)
ABI_EVENT_NAMES(SAME)
#define SAME_MACRO(name) static_assert(kernel::macros::name##_value == static_cast<long>(name));
ABI_MACROS(SAME_MACRO)

constexpr unsigned long commands[] = {TIOCGETA,  TIOCSETA,  TIOCSETAW,  TIOCSETAF, TIOCSCTTY,
                                      TIOCSPGRP, TIOCGPGRP, TIOCGWINSZ, FIONREAD};
constexpr bool same_commands() {
    for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (commands[i] != kernel::macros::commands[i])
            return false;
    return true;
}
static_assert(same_commands());

#define SAME_SIZE(type) static_assert(sizeof(struct ::type) == sizeof(struct abi::type))
#define SAME_PLACE(type, member)                                                                   \
    static_assert(__builtin_offsetof(struct ::type, member) ==                                     \
                  __builtin_offsetof(struct abi::type, member))
SAME_SIZE(timespec);
SAME_SIZE(timeval);
SAME_SIZE(itimerval);
SAME_SIZE(stat);
SAME_PLACE(stat, st_ino);
SAME_PLACE(stat, st_size);
SAME_PLACE(stat, st_blksize);
SAME_SIZE(iovec);
SAME_SIZE(pollfd);
SAME_PLACE(pollfd, revents);
SAME_PLACE(iovec, iov_len);
static_assert(__builtin_offsetof(ucontext_t, uc_mcontext.__gregs) == 64); // syscalls.S
SAME_SIZE(dirent);
SAME_PLACE(dirent, d_reclen);
SAME_PLACE(dirent, d_name);
SAME_SIZE(sigaction);
static_assert(__builtin_offsetof(struct ::sigaction, sa_mask) == 8);
static_assert(__builtin_offsetof(struct ::sigaction, sa_flags) == 24);
static_assert(sizeof(::stack_t) == sizeof(abi::stack_t));
static_assert(sizeof(::siginfo_t) == sizeof(abi::siginfo_t));
static_assert(sizeof(::sigset_t) == sizeof(abi::sigset_t));
SAME_SIZE(reg);
SAME_SIZE(fpreg);
SAME_SIZE(ptrace_lwpinfo);
SAME_SIZE(ptrace_lwpstatus);
SAME_PLACE(ptrace_lwpstatus, pl_private);
SAME_SIZE(ptrace_state);
SAME_SIZE(ptrace_siginfo);
SAME_PLACE(ptrace_siginfo, psi_lwpid);
SAME_SIZE(ptrace_io_desc);
SAME_PLACE(ptrace_io_desc, piod_len);
SAME_SIZE(kfilter_mapping);
SAME_PLACE(kfilter_mapping, filter);
SAME_SIZE(kevent);
SAME_PLACE(kevent, data);
SAME_PLACE(kevent, ext);
SAME_SIZE(ktr_header);
SAME_PLACE(ktr_header, ktr_lid);
SAME_SIZE(ktr_sysret);
SAME_SIZE(ktr_psig);
SAME_SIZE(rusage);
SAME_PLACE(rusage, ru_nivcsw);
SAME_SIZE(rlimit);
SAME_SIZE(sched_param);
SAME_SIZE(flock);
SAME_PLACE(flock, l_whence);
SAME_SIZE(kinfo_proc2);
SAME_PLACE(kinfo_proc2, p_groups);
SAME_PLACE(kinfo_proc2, p_comm);
SAME_PLACE(kinfo_proc2, p_realstat);
SAME_SIZE(uvmexp_sysctl);
SAME_SIZE(lwpctl);
SAME_PLACE(lwpctl, lc_pctr);
SAME_SIZE(termios);
SAME_PLACE(termios, c_cc);
SAME_SIZE(winsize);
