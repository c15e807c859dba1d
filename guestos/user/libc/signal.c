// signal(3) and its kin over the system calls.
#include "libc.h"

#include <errno.h>
#include <lwp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The trampoline's version: siginfo and ucontext, handler called by the kernel.
enum { kSigtrampVersion = 2 };

int sigaction(int signal, const struct sigaction *action, struct sigaction *old) {
    return __sys_sigaction(signal, action, old, (const void *)__sigtramp_siginfo_2,
                           kSigtrampVersion);
}

// The word of a signal, or NULL with EINVAL.
static unsigned int *word_of(const sigset_t *set, int number) {
    if (number <= 0 || number >= NSIG) {
        errno = EINVAL;
        return NULL;
    }
    return (unsigned int *)&set->__bits[(number - 1) / 32];
}

static unsigned int bit_of(int number) {
    return 1U << ((number - 1) % 32);
}

static sigset_t interrupting; // of siginterrupt(3)

void (*signal(int number, void (*handler)(int)))(int) {
    struct sigaction action = {.sa_handler = handler}, old;
    if (sigismember(&interrupting, number) == 0)
        action.sa_flags = SA_RESTART;
    return sigaction(number, &action, &old) == -1 ? SIG_ERR : old.sa_handler;
}

// Whether the signal ends system calls, from now on and for signal(3).
int siginterrupt(int number, int interrupts) {
    struct sigaction action;
    unsigned int *word = word_of(&interrupting, number);
    if (!word || sigaction(number, NULL, &action) == -1)
        return -1;
    if (interrupts) {
        *word |= bit_of(number);
        action.sa_flags &= ~SA_RESTART;
    } else {
        *word &= ~bit_of(number);
        action.sa_flags |= SA_RESTART;
    }
    return sigaction(number, &action, NULL);
}

int raise(int number) {
    return _lwp_kill(_lwp_self(), number);
}

int killpg(pid_t group, int number) {
    return kill(-group, number);
}

void abort(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGABRT);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(SIGABRT);
    signal(SIGABRT, SIG_DFL); // it was caught or ignored
    raise(SIGABRT);
    _exit(127);
}

int sigemptyset(sigset_t *set) {
    memset(set, 0, sizeof(*set));
    return 0;
}

int sigfillset(sigset_t *set) {
    memset(set, 0xff, sizeof(*set));
    return 0;
}

int sigaddset(sigset_t *set, int number) {
    unsigned int *word = word_of(set, number);
    if (!word)
        return -1;
    *word |= bit_of(number);
    return 0;
}

int sigdelset(sigset_t *set, int number) {
    unsigned int *word = word_of(set, number);
    if (!word)
        return -1;
    *word &= ~bit_of(number);
    return 0;
}

int sigismember(const sigset_t *set, int number) {
    unsigned int *word = word_of(set, number);
    return word ? (*word & bit_of(number)) != 0 : -1;
}

int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout) {
    siginfo_t own;
    info = info ? info : &own;
    return __sys_sigtimedwait(set, info, timeout) == -1 ? -1 : info->si_signo;
}

int sigqueue(pid_t pid, int number, union sigval value) {
    siginfo_t info = {.si_signo = number, .si_code = SI_QUEUE};
    info.si_pid = getpid();
    info.si_uid = geteuid();
    info.si_value = value;
    return sigqueueinfo(pid, &info);
}

int sigwaitinfo(const sigset_t *set, siginfo_t *info) {
    return sigtimedwait(set, info, NULL);
}

int sigwait(const sigset_t *set, int *number) {
    int old = errno, got;
    while ((got = sigwaitinfo(set, NULL)) == -1 && errno == EINTR)
        errno = old;
    if (got == -1)
        return errno;
    *number = got;
    return 0;
}

// 4.2BSD's masks of 31 signals.
static int change_mask(int how, int mask) {
    sigset_t set = {{(unsigned)mask}}, old;
    return sigprocmask(how, &set, &old) == -1 ? -1 : (int)old.__bits[0];
}

int sigblock(int mask) {
    return change_mask(SIG_BLOCK, mask);
}

int sigsetmask(int mask) {
    return change_mask(SIG_SETMASK, mask);
}

int pause(void) {
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    return sigsuspend(&set);
}

const int sys_nsig = NSIG;
const char *const sys_signame[NSIG] = {
    [SIGHUP] = "HUP",   [SIGINT] = "INT",       [SIGQUIT] = "QUIT", [SIGILL] = "ILL",
    [SIGTRAP] = "TRAP", [SIGABRT] = "ABRT",     [SIGEMT] = "EMT",   [SIGFPE] = "FPE",
    [SIGKILL] = "KILL", [SIGBUS] = "BUS",       [SIGSEGV] = "SEGV", [SIGSYS] = "SYS",
    [SIGPIPE] = "PIPE", [SIGALRM] = "ALRM",     [SIGTERM] = "TERM", [SIGURG] = "URG",
    [SIGSTOP] = "STOP", [SIGTSTP] = "TSTP",     [SIGCONT] = "CONT", [SIGCHLD] = "CHLD",
    [SIGTTIN] = "TTIN", [SIGTTOU] = "TTOU",     [SIGIO] = "IO",     [SIGXCPU] = "XCPU",
    [SIGXFSZ] = "XFSZ", [SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF", [SIGWINCH] = "WINCH",
    [SIGINFO] = "INFO", [SIGUSR1] = "USR1",     [SIGUSR2] = "USR2", [SIGPWR] = "PWR",
};

static const char *const description[NSIG] = {
    [SIGHUP] = "Hangup",
    [SIGINT] = "Interrupt",
    [SIGQUIT] = "Quit",
    [SIGILL] = "Illegal instruction",
    [SIGTRAP] = "Trace/BPT trap",
    [SIGABRT] = "Abort trap",
    [SIGEMT] = "EMT trap",
    [SIGFPE] = "Floating point exception",
    [SIGKILL] = "Killed",
    [SIGBUS] = "Bus error",
    [SIGSEGV] = "Segmentation fault",
    [SIGSYS] = "Bad system call",
    [SIGPIPE] = "Broken pipe",
    [SIGALRM] = "Alarm clock",
    [SIGTERM] = "Terminated",
    [SIGURG] = "Urgent I/O condition",
    [SIGSTOP] = "Stopped (signal)",
    [SIGTSTP] = "Stopped",
    [SIGCONT] = "Continued",
    [SIGCHLD] = "Child exited",
    [SIGTTIN] = "Stopped (tty input)",
    [SIGTTOU] = "Stopped (tty output)",
    [SIGIO] = "I/O possible",
    [SIGXCPU] = "Cputime limit exceeded",
    [SIGXFSZ] = "Filesize limit exceeded",
    [SIGVTALRM] = "Virtual timer expired",
    [SIGPROF] = "Profiling timer expired",
    [SIGWINCH] = "Window size changes",
    [SIGINFO] = "Information request",
    [SIGUSR1] = "User defined signal 1",
    [SIGUSR2] = "User defined signal 2",
    [SIGPWR] = "Power fail/restart",
};

char *strsignal(int number) {
    static char buffer[32];
    if (number > 0 && number < NSIG && description[number])
        return (char *)description[number];
    snprintf(buffer, sizeof(buffer), "Unknown signal: %d", number);
    return buffer;
}

void psignal(int number, const char *message) {
    if (message && *message)
        fprintf(stderr, "%s: ", message);
    fprintf(stderr, "%s\n", strsignal(number));
}

void psiginfo(const siginfo_t *info, const char *message) {
    psignal(info->si_signo, message);
}
