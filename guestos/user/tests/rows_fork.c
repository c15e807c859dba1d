// The doors into fork1, what a child inherits, and what fork hands back.
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/sysctl.h>

static volatile sig_atomic_t heard;
static volatile int value;

static void hear(int number) {
    heard = number;
}

static void hear_nothing(int number) {
    (void)number;
}

static int status_of(pid_t pid, int options) {
    int status = -1;
    return waitpid(pid, &status, options) == pid ? status : -1;
}

// What the kernel gives back, with errno's sign turned.
static long raw_clone(unsigned flags, void *stack, long *second) {
    register long x0 __asm__("x0") = flags;
    register long x1 __asm__("x1") = (long)stack;
    __asm__ volatile("svc #287\n"
                     "b.cc 1f\n"
                     "neg x0, x0\n"
                     "1:\n"
                     : "+r"(x0), "+r"(x1)
                     :
                     : "memory", "cc");
    if (second)
        *second = x1;
    return x0;
}

// fork: no flags, exit signal SIGCHLD.
static bool fork_plain(void) {
    value = 1;
    signal(SIGCHLD, hear);
    pid_t pid = fork();
    if (pid == 0) {
        value = 2;
        _exit(value);
    }
    EXPECT_EQ(WEXITSTATUS(status_of(pid, 0)), 2);
    EXPECT_EQ(value, 1);
    EXPECT_EQ(heard, SIGCHLD);
    return true;
}

// The old entry: the parent waits, and its memory is its own.
static bool vfork_old(void) {
    int fds[2];
    char byte;
    value = 1;
    EXPECT_EQ(pipe2(fds, O_NONBLOCK), 0);
    long pid = syscall(SYS_vfork);
    if (pid == 0) {
        value = 2;
        usleep(20000);
        write(fds[1], "x", 1);
        _exit(value);
    }
    EXPECT_EQ(read(fds[0], &byte, 1), 1); // it waited
    EXPECT_EQ(value, 1);
    EXPECT_EQ(WEXITSTATUS(status_of((pid_t)pid, 0)), 2);
    return true;
}

static bool vfork_new(void) {
    value = 1;
    pid_t pid = vfork();
    if (pid == 0) {
        usleep(20000);
        value = 2;
        _exit(3);
    }
    EXPECT_EQ(value, 2);
    EXPECT_EQ(WEXITSTATUS(status_of(pid, 0)), 3);
    return true;
}

// --- __clone ---------------------------------------------------------------------

static char stack[16384] __attribute__((aligned(16)));

static int set_value(void *to) {
    usleep(20000);
    value = *(int *)to;
    return 5;
}

enum { MEMORY = 1, DIRECTORY = 2, FILES = 4, ACTIONS = 8 };

static int change_all(void *fd) {
    value = 2;
    return chdir("/etc") == -1 || close(*(int *)fd) == -1 || signal(SIGUSR2, hear) == SIG_ERR;
}

// Runs the function in a clone and waits for it; its exit code, -1 if none.
static int cloned(int flags, int (*function)(void *), void *argument) {
    int pid = __clone(function, stack + sizeof(stack), flags, argument);
    int status = pid == -1 ? -1 : status_of(pid, WALLSIG);
    return status == -1 || !WIFEXITED(status) ? -1 : WEXITSTATUS(status);
}

// A clone changes all that can be shared: what has changed here too.
static int shared_by(int flags) {
    char directory[64];
    int fd = open("/dev/null", O_RDONLY);
    value = 1;
    heard = 0;
    signal(SIGUSR2, hear_nothing);
    if (chdir("/") == -1 || cloned(flags | SIGCHLD, change_all, &fd) != 0)
        return -1;
    raise(SIGUSR2);
    bool moved = strcmp(getcwd(directory, sizeof(directory)), "/etc") == 0;
    bool closed = close(fd) == -1;
    return (value == 2 ? MEMORY : 0) | (moved ? DIRECTORY : 0) | (closed ? FILES : 0) |
           (heard == SIGUSR2 ? ACTIONS : 0);
}

static bool clone_shares(void) {
    EXPECT_EQ(shared_by(0), 0);
    EXPECT_EQ(shared_by(CLONE_VM), MEMORY);
    EXPECT_EQ(shared_by(CLONE_FS), DIRECTORY);
    EXPECT_EQ(shared_by(CLONE_FILES), FILES);
    EXPECT_EQ(shared_by(CLONE_VM | CLONE_SIGHAND), MEMORY | ACTIONS);
    EXPECT_EQ(shared_by(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND),
              MEMORY | DIRECTORY | FILES | ACTIONS);
    return true;
}

static bool clone_waits(void) {
    int three = 3;
    value = 1;
    int pid = __clone(set_value, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &three);
    EXPECT_EQ(value, 3);
    EXPECT_EQ(WEXITSTATUS(status_of(pid, 0)), 5);
    return true;
}

static int nothing(void *unused) {
    (void)unused;
    return 0;
}

static bool clone_signal(void) {
    signal(SIGUSR1, hear);
    signal(SIGCHLD, hear);
    EXPECT_EQ(cloned(SIGUSR1, nothing, NULL), 0);
    EXPECT_EQ(heard, SIGUSR1);
    heard = 0;
    EXPECT_EQ(cloned(0, nothing, NULL), 0);
    EXPECT_EQ(heard, 0);
    EXPECT_EQ(cloned(0x7f000000 | SIGCHLD, nothing, NULL), 0); // bits nobody knows
    EXPECT_EQ(heard, SIGCHLD);
    return true;
}

// The child stores its SP where x19 points and ends.
static uint64_t stack_of_clone(void *top) {
    static volatile uint64_t sp;
    register long x0 __asm__("x0") = CLONE_VM | CLONE_VFORK | SIGCHLD;
    register long x1 __asm__("x1") = (long)top;
    register volatile uint64_t *where __asm__("x19") = &sp;
    __asm__ volatile("svc #287\n"
                     "cbz x1, 1f\n"
                     "mov x2, sp\n"
                     "str x2, [x19]\n"
                     "mov x0, #0\n"
                     "svc #1\n"
                     "1:\n"
                     : "+r"(x0), "+r"(x1)
                     : "r"(where)
                     : "memory", "cc", "x2");
    status_of((pid_t)x0, 0);
    return sp;
}

static bool clone_stack(void) {
    uint64_t here;
    uint64_t top = (uint64_t)(stack + sizeof(stack));
    __asm__ volatile("mov %0, sp" : "=r"(here));
    uint64_t child = stack_of_clone(NULL);
    EXPECT(child <= here && here - child < 256, "the child's SP is %#llx, the parent's %#llx",
           (unsigned long long)child, (unsigned long long)here);
    EXPECT_EQ(stack_of_clone((void *)(top - 16)), top - 16);
    EXPECT_EQ(stack_of_clone((void *)(top - 3)), top - 16);
    EXPECT_EQ(stack_of_clone((void *)(top - 17)), top - 32);
    return true;
}

static bool clone_ptrace(void) {
    long second;
    EXPECT_EQ(raw_clone(CLONE_PTRACE | SIGCHLD, NULL, NULL), -EINVAL);
    long pid = raw_clone(CLONE_PID | SIGCHLD, NULL, &second);
    if (second == 1)
        _exit(6);
    EXPECT(pid > 0, "CLONE_PID gives %ld", pid);
    EXPECT_EQ(WEXITSTATUS(status_of((pid_t)pid, 0)), 6);
    return true;
}

static bool clone_sighand(void) {
    EXPECT_EQ(raw_clone(CLONE_SIGHAND | SIGCHLD, NULL, NULL), -EINVAL);
    EXPECT_EQ(raw_clone(CLONE_SIGHAND | CLONE_FILES | CLONE_FS, NULL, NULL), -EINVAL);
    return true;
}

static bool clone_badsignal(void) {
    EXPECT_EQ(raw_clone(NSIG, NULL, NULL), -EINVAL);
    EXPECT_EQ(raw_clone(0xff, NULL, NULL), -EINVAL);
    EXPECT_EQ(raw_clone(0x80 | SIGCHLD, NULL, NULL), -EINVAL); // all eight bits count
    signal(NSIG - 1, SIG_IGN);
    EXPECT_EQ(cloned(NSIG - 1, nothing, NULL), 0);
    return true;
}

static bool clone_clofork(void) {
    EXPECT_EQ(cloned(CLONE_FILES | SIGCHLD, nothing, NULL), 0);
    int fd = open("/dev/null", O_RDONLY);
    EXPECT_EQ(fcntl(fd, F_SETFD, FD_CLOFORK), 0);
    EXPECT_EQ(raw_clone(CLONE_FILES | SIGCHLD, NULL, NULL), -EINVAL);
    EXPECT_EQ(raw_clone(CLONE_FILES | CLONE_VM | SIGCHLD, NULL, NULL), -EINVAL);
    EXPECT_EQ(cloned(SIGCHLD, nothing, NULL), 0);
    // It is the translated flags that count: CLONE_FS | CLONE_VM share no files.
    EXPECT_EQ(cloned(CLONE_VM | CLONE_FS | SIGCHLD, nothing, NULL), 0);
    return true;
}

// --- what the child gets -------------------------------------------------------------

static bool files_copied(void) {
    int fd = open("/etc/motd", O_RDONLY), dropped = dup(fd);
    char byte;
    EXPECT(fd >= 0 && read(fd, &byte, 1) == 1, "/etc/motd can't be read");
    EXPECT_EQ(fcntl(dropped, F_SETFD, FD_CLOFORK), 0);
    EXPECT_EQ(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (fcntl(fd, F_GETFD) != FD_CLOEXEC)
            _exit(2);
        bool gone = fcntl(dropped, F_GETFD) == -1 && errno == EBADF;
        bool shared = lseek(fd, 0, SEEK_CUR) == 1 && lseek(fd, 7, SEEK_SET) == 7;
        close(fd);
        _exit(gone && shared ? 0 : 1);
    }
    EXPECT_EQ(status_of(pid, 0), 0);
    EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 7); // the child moved it, and closed its own
    EXPECT_EQ(fcntl(dropped, F_GETFD), FD_CLOFORK);
    return true;
}

static bool signals_inherited(void) {
    sigset_t usr1, pending;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    signal(SIGUSR2, hear);
    signal(SIGTERM, SIG_IGN);
    signal(SIGUSR1, hear);
    struct sigaction chld = {.sa_handler = hear, .sa_flags = SA_NOCLDSTOP | SA_RESTART};
    sigaction(SIGCHLD, &chld, NULL);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    raise(SIGUSR1);
    pid_t pid = fork();
    if (pid == 0) {
        sigpending(&pending);
        bool none = !sigismember(&pending, SIGUSR1);
        raise(SIGUSR2); // caught
        raise(SIGTERM); // ignored
        signal(SIGUSR2, SIG_DFL);
        // Not told of a stopped child: that is inherited.
        bool right = none && heard == SIGUSR2;
        heard = 0;
        pid_t stopped = fork();
        if (stopped == 0) {
            raise(SIGSTOP);
            _exit(0);
        }
        right = right && WIFSTOPPED(status_of(stopped, WUNTRACED)) && heard == 0;
        kill(stopped, SIGKILL);
        status_of(stopped, 0);
        _exit(right ? 0 : 1);
    }
    EXPECT_EQ(status_of(pid, 0), 0);
    sigpending(&pending);
    EXPECT_EQ(sigismember(&pending, SIGUSR1), 1);
    heard = 0;
    raise(SIGUSR2); // the child's change was its own
    EXPECT_EQ(heard, SIGUSR2);
    return true;
}

// Children are born stopped, and so are theirs.
static bool born_stopped(void) {
    int name[] = {CTL_PROC, PROC_CURPROC, PROC_PID_STOPFORK}, on = 1, off = 0, old = 1;
    size_t size = sizeof(old);
    EXPECT_EQ(sysctl(name, 3, &old, &size, &on, sizeof(on)), 0);
    EXPECT_EQ(old, 0);
    value = 0;
    pid_t pid = fork();
    if (pid == 0) {
        pid_t own = fork(); // the mark is inherited
        if (own == 0)
            _exit(3);
        int status = status_of(own, WUNTRACED);
        kill(own, SIGCONT);
        _exit(WIFSTOPPED(status) && status_of(own, 0) == W_EXITCODE(3, 0) ? 4 : 1);
    }
    EXPECT_EQ(sysctl(name, 3, NULL, NULL, &off, sizeof(off)), 0);
    usleep(30000);
    EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0); // it does not run
    int status = status_of(pid, WUNTRACED | WNOHANG);
    EXPECT(status != -1 && WIFSTOPPED(status), "the stopped child is no news: 0x%x", status);
    EXPECT_EQ(waitpid(pid, NULL, WUNTRACED | WNOHANG), 0); // news once
    kill(pid, SIGCONT);
    EXPECT_EQ(status_of(pid, 0), W_EXITCODE(4, 0));
    pid = fork();
    if (pid == 0)
        _exit(5);
    EXPECT_EQ(status_of(pid, 0), W_EXITCODE(5, 0));
    return true;
}

// fork gives {pid, 0} to the parent; x0 = 0, x1 = 1 and no carry to the child.
static bool fork_registers(void) {
    register long x0 __asm__("x0") = 0;
    register long x1 __asm__("x1") = 77;
    long flags;
    __asm__ volatile("cmp xzr, xzr\n" // sets carry
                     "svc #2\n"
                     "mrs %2, nzcv\n"
                     : "+r"(x0), "+r"(x1), "=r"(flags)
                     :
                     : "memory", "cc");
    long first = x0, second = x1, carry = flags >> 29 & 1;
    if (second == 1)
        _exit(first == 0 && carry == 0 ? 3 : 4);
    EXPECT_EQ(second, 0);
    EXPECT_EQ(carry, 0);
    EXPECT_EQ(WEXITSTATUS(status_of((pid_t)first, 0)), 3);
    return true;
}

static const struct row rows[] = {
    ROW("E1", "fork copies the process, and its end raises SIGCHLD", fork_plain),
    ROW("E2", "the old vfork waits, and the child's stores are its own", vfork_old),
    ROW("E3", "__vfork14 waits, and the parent sees the child's stores", vfork_new),
    ROW("E4", "__clone shares memory, directory, files and actions as asked", clone_shares),
    ROW("E4", "__clone with CLONE_VFORK waits", clone_waits),
    ROW("E4", "the low 8 bits are the exit signal, others mean nothing", clone_signal),
    ROW("E5", "the clone's SP is the parent's, or the stack rounded down to 16", clone_stack),
    ROW("E6", "CLONE_PTRACE is refused, CLONE_PID is not", clone_ptrace),
    ROW("E7", "CLONE_SIGHAND needs CLONE_VM", clone_sighand),
    ROW("E8", "an exit signal from NSIG on is refused", clone_badsignal),
    ROW("E9", "files are not shared while one is close-on-fork", clone_clofork),
    ROW("F13", "descriptors are copied with their offsets, close-on-fork ones are not", files_copied),
    ROW("F19", "actions and NOCLDSTOP are inherited, pending signals are not", signals_inherited),
    ROW("F32", "with stopfork a child is born stopped, as news for its forker", born_stopped),
    ROW("F34", "fork gives pid and 0 to the parent, 0 and 1 to the child, no carry", fork_registers),
};
ROWS_MAIN(rows)
