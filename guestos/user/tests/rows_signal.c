// Signals: handlers and their frame, masks, queues, stop and continue.
#include "rows.h"

#include <errno.h>
#include <lwp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ucontext.h>
#include <time.h>

static volatile sig_atomic_t count, heard;
static volatile int code, sender;
static volatile uintptr_t where;
static sigset_t during;

static void note(int number, siginfo_t *info, void *context) {
    char here;
    (void)context;
    count++;
    heard = number;
    code = info->si_code;
    sender = info->si_pid;
    where = (uintptr_t)&here;
    sigprocmask(SIG_BLOCK, NULL, &during);
}

static void listen_for(int number, int flags) {
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | flags};
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(number, &action, NULL);
}

static sigset_t set_of(int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    return set;
}

static bool handler(void) {
    sigset_t after;
    listen_for(SIGUSR1, 0);
    EXPECT_EQ(kill(getpid(), SIGUSR1), 0);
    EXPECT_EQ(count, 1);
    EXPECT_EQ(heard, SIGUSR1);
    EXPECT_EQ(code, SI_USER);
    EXPECT_EQ(sender, getpid());
    EXPECT(sigismember(&during, SIGUSR1) && sigismember(&during, SIGTERM),
           "the handler's mask lacks the signal or sa_mask");
    sigprocmask(SIG_BLOCK, NULL, &after);
    EXPECT(!sigismember(&after, SIGUSR1) && !sigismember(&after, SIGTERM),
           "the mask did not come back");
    listen_for(SIGUSR1, SA_RESETHAND | SA_NODEFER);
    raise(SIGUSR1);
    EXPECT_EQ(count, 2);
    EXPECT(!sigismember(&during, SIGUSR1), "SA_NODEFER holds the signal back");
    struct sigaction now;
    sigaction(SIGUSR1, NULL, &now);
    EXPECT(now.sa_handler == SIG_DFL, "SA_RESETHAND leaves the handler");
    return true;
}

// The handler changes the saved context: registers come back changed.
static void skip(int number, siginfo_t *info, void *context) {
    ucontext_t *uc = context;
    (void)number;
    where = (uintptr_t)info->si_addr;
    uc->uc_mcontext.__gregs[_REG_PC] += 4;
    uc->uc_mcontext.__gregs[20] = 77;
}

static bool frame(void) {
    struct sigaction action = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    register long value __asm__("x20") = 1;
    register double kept __asm__("d8") = 1.5;
    register volatile int *nowhere __asm__("x21") = (volatile int *)64;
    __asm__ volatile("str wzr, [%2]" : "+r"(value), "+w"(kept) : "r"(nowhere) : "memory");
    double kept_now = kept;
    EXPECT_EQ(value, 77);
    EXPECT_EQ(where, 64);
    EXPECT(kept_now == 1.5, "FP registers did not come back");
    return true;
}

static bool masks(void) {
    sigset_t usr1 = set_of(SIGUSR1), kill_set = set_of(SIGKILL), pending, empty;
    sigemptyset(&empty);
    listen_for(SIGUSR1, 0);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    raise(SIGUSR1);
    raise(SIGUSR1);
    EXPECT_EQ(count, 0);
    sigpending(&pending);
    EXPECT_EQ(sigismember(&pending, SIGUSR1), 1);
    EXPECT_EQ(sigsuspend(&empty), -1);
    EXPECT_EQ(errno, EINTR);
    EXPECT_EQ(count, 1); // two of a kind are one
    sigprocmask(SIG_BLOCK, NULL, &pending);
    EXPECT_EQ(sigismember(&pending, SIGUSR1), 1);
    sigprocmask(SIG_SETMASK, &kill_set, NULL);
    sigprocmask(SIG_BLOCK, NULL, &pending);
    EXPECT_EQ(sigismember(&pending, SIGKILL), 0);
    return true;
}

static bool taken(void) {
    sigset_t usr1 = set_of(SIGUSR1);
    struct timespec none = {0, 0}, tick = {0, 20000000};
    siginfo_t info;
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    EXPECT_EQ(sigtimedwait(&usr1, &info, &none), -1);
    EXPECT_EQ(errno, EAGAIN);
    EXPECT_EQ(sigtimedwait(&usr1, &info, &tick), -1);
    EXPECT_EQ(errno, EAGAIN);
    raise(SIGUSR1);
    EXPECT_EQ(sigtimedwait(&usr1, &info, &none), SIGUSR1);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        usleep(30000);
        _exit(kill(parent, SIGUSR1));
    }
    EXPECT_EQ(sigwaitinfo(&usr1, &info), SIGUSR1);
    EXPECT_EQ(info.si_pid, pid);
    EXPECT_EQ(waitpid(pid, NULL, 0), pid);
    return true;
}

static bool alternate(void) {
    static char other[SIGSTKSZ];
    stack_t stack = {.ss_sp = other, .ss_size = sizeof(other), .ss_flags = 0}, now;
    uintptr_t low = (uintptr_t)other;
    EXPECT_EQ(sigaltstack(&stack, NULL), 0);
    listen_for(SIGUSR1, SA_ONSTACK);
    listen_for(SIGUSR2, 0);
    raise(SIGUSR1);
    EXPECT(where >= low && where < low + sizeof(other), "the handler ran elsewhere");
    raise(SIGUSR2);
    EXPECT(where < low || where >= low + sizeof(other), "no SA_ONSTACK, but the other stack");
    EXPECT_EQ(sigaltstack(NULL, &now), 0);
    EXPECT_EQ(now.ss_flags, 0); // no longer in use
    stack.ss_size = 100;
    EXPECT_EQ(sigaltstack(&stack, NULL), -1);
    EXPECT_EQ(errno, ENOMEM);
    pid_t pid = fork(); // it is inherited
    if (pid == 0) {
        raise(SIGUSR1);
        _exit(where >= low && where < low + sizeof(other) ? 0 : 1);
    }
    int status;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
    return true;
}

static bool interrupted(void) {
    int fds[2], status;
    char byte;
    EXPECT_EQ(pipe(fds), 0);
    for (int restart = 0; restart < 2; restart++) {
        listen_for(SIGUSR1, restart ? SA_RESTART : 0);
        pid_t parent = getpid(), pid = fork();
        if (pid == 0) {
            usleep(30000);
            kill(parent, SIGUSR1);
            usleep(30000);
            write(fds[1], "x", 1);
            _exit(0);
        }
        long n = read(fds[0], &byte, 1);
        EXPECT_EQ(n, restart ? 1 : -1);
        EXPECT(restart || errno == EINTR, "errno is %d", errno);
        EXPECT_EQ(waitpid(pid, &status, 0), pid);
        if (!restart)
            EXPECT_EQ(read(fds[0], &byte, 1), 1);
    }
    return true;
}

// A stopped process keeps what it is sent until it goes on; stop and continue
// signals take each other back.
static bool stops(void) {
    int status, fds[2];
    char byte;
    EXPECT_EQ(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        listen_for(SIGUSR1, 0);
        write(fds[1], "r", 1);
        pause();
        _exit(count);
    }
    EXPECT_EQ(read(fds[0], &byte, 1), 1);
    usleep(20000);
    kill(pid, SIGSTOP);
    EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
    EXPECT_EQ(status, W_STOPCODE(SIGSTOP));
    kill(pid, SIGUSR1);
    usleep(20000);
    EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
    kill(pid, SIGCONT);
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, W_EXITCODE(1, 0));
    sigset_t stop = set_of(SIGTSTP), pending;
    sigprocmask(SIG_BLOCK, &stop, NULL);
    listen_for(SIGTSTP, 0);
    raise(SIGTSTP);
    raise(SIGCONT);
    sigpending(&pending);
    EXPECT_EQ(sigismember(&pending, SIGTSTP), 0);
    sigaddset(&stop, SIGCONT);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    listen_for(SIGCONT, 0);
    raise(SIGCONT);
    raise(SIGTSTP);
    sigpending(&pending);
    EXPECT_EQ(sigismember(&pending, SIGCONT), 0);
    return true;
}

static bool killed_stopped(void) {
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        raise(SIGSTOP);
        _exit(0);
    }
    EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
    kill(pid, SIGKILL);
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, SIGKILL);
    pid = fork();
    if (pid == 0) {
        raise(SIGSTOP);
        _exit(0);
    }
    EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
    kill(pid, SIGHUP); // it waits until the process goes on
    kill(pid, SIGKILL);
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, SIGKILL); // before all others
    EXPECT_EQ(sigaction(SIGKILL, &(struct sigaction){.sa_handler = SIG_IGN}, NULL), -1);
    EXPECT_EQ(errno, EINVAL);
    return true;
}

static char other_stack[32768] __attribute__((aligned(16)));

static void wait_for_ever(void *unused) {
    (void)unused;
    for (;;)
        usleep(100000);
}

static bool ran_on_other(void) {
    for (int i = 0; i < 100 && where == 0; i++)
        usleep(10000);
    uintptr_t at = where, low = (uintptr_t)other_stack;
    where = 0;
    return at >= low && at < low + sizeof(other_stack);
}

// A signal for one LWP is that one's alone; one for the process goes to whoever
// does not hold it back.
static bool by_lwp(void) {
    ucontext_t context;
    lwpid_t lid;
    sigset_t usr1 = set_of(SIGUSR1), pending;
    listen_for(SIGUSR1, 0);
    getcontext(&context);
    _lwp_makecontext(&context, wait_for_ever, NULL, NULL, other_stack, sizeof(other_stack));
    EXPECT_EQ(_lwp_create(&context, 0, &lid), 0);
    EXPECT_EQ(_lwp_kill(lid, SIGUSR1), 0);
    EXPECT(ran_on_other(), "the handler did not run on the LWP's stack");
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    kill(getpid(), SIGUSR1);
    EXPECT(ran_on_other(), "the other LWP did not take the process's signal");
    EXPECT_EQ(_lwp_kill(_lwp_self(), SIGUSR1), 0);
    usleep(20000);
    EXPECT_EQ(where, 0); // it waits for us alone
    sigpending(&pending);
    EXPECT_EQ(sigismember(&pending, SIGUSR1), 1);
    sigprocmask(SIG_UNBLOCK, &usr1, NULL);
    EXPECT_EQ(count, 3);
    return true;
}

// With a value, and honest about where it comes from. Real-time signals stand in
// line, others are one.
static bool queued(void) {
    siginfo_t info;
    sigset_t set;
    struct timespec now = {0, 0};
    union sigval value;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (value.sival_int = 1; value.sival_int <= 3; value.sival_int++) {
        EXPECT_EQ(sigqueue(getpid(), SIGUSR1, value), 0);
        EXPECT_EQ(sigqueue(getpid(), SIGRTMIN + 1, value), 0);
    }
    EXPECT_EQ(sigtimedwait(&set, &info, &now), SIGUSR1);
    EXPECT_EQ(info.si_value.sival_int, 3); // the last one's
    EXPECT(info.si_code == SI_QUEUE && info.si_pid == getpid(), "code %d", info.si_code);
    for (int i = 1; i <= 3; i++) {
        EXPECT_EQ(sigtimedwait(&set, &info, &now), SIGRTMIN + 1);
        EXPECT_EQ(info.si_value.sival_int, i);
    }
    EXPECT_EQ(sigtimedwait(&set, &info, &now), -1);
    EXPECT_EQ(errno, EAGAIN);
    int sent = 0;
    while (sent < 1000 && sigqueue(getpid(), SIGRTMIN + 1, value) == 0)
        sent++;
    EXPECT_EQ(sent, 32); // then the line is full
    EXPECT_EQ(errno, EAGAIN);
    info = (siginfo_t){.si_signo = SIGUSR1, .si_code = SI_QUEUE};
    info.si_pid = 1;
    EXPECT_EQ(sigqueueinfo(getppid(), &info), -1);
    EXPECT_EQ(errno, EPERM);
    info.si_pid = getpid();
    info.si_code = SEGV_MAPERR;
    EXPECT_EQ(sigqueueinfo(getppid(), &info), -1);
    EXPECT_EQ(errno, EPERM);
    info.si_signo = NSIG;
    EXPECT_EQ(sigqueueinfo(getpid(), &info), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(sigqueue(99999, SIGUSR1, value), -1);
    EXPECT_EQ(errno, ESRCH);
    return true;
}

static const struct row rows[] = {
    ROW("N5", "a handler runs with its mask and siginfo, and what was comes back", handler),
    ROW("N5", "what a handler changes in its frame holds afterwards", frame),
    ROW("N5", "masked signals wait, once each; sigsuspend lets them in", masks),
    ROW("N5", "sigtimedwait and sigwaitinfo take a signal without handler", taken),
    ROW("N5", "handlers run on the alternate stack if they are to", alternate),
    ROW("N5", "a handler interrupts a sleep, or SA_RESTART takes it up again", interrupted),
    ROW("N5", "an LWP has signals of its own, the process's go to who takes them", by_lwp),
    ROW("N5", "a stopped process gets its signals when it goes on", stops),
    ROW("N5", "signals are queued with a value, real-time signals in line", queued),
    ROW("N5", "SIGKILL ends a stopped process and can't be ignored", killed_stopped),
};
ROWS_MAIN(rows)
