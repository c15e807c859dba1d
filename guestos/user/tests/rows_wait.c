// exit and wait: statuses, options, orphans, zombies.
#include "rows.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <sys/wait.h>

static volatile sig_atomic_t heard;
static volatile int code;

static void hear(int number, siginfo_t *info, void *context) {
    (void)context;
    heard = number;
    code = info->si_code;
}

static void listen_for(int number, int flags) {
    struct sigaction action = {.sa_sigaction = hear, .sa_flags = SA_SIGINFO | SA_RESTART | flags};
    sigaction(number, &action, NULL);
}

static int status_of(pid_t pid, int options) {
    int status = -1;
    return waitpid(pid, &status, options) == pid ? status : -1;
}

static pid_t child_that(void (*does)(void)) {
    pid_t pid = fork();
    if (pid == 0) {
        does();
        _exit(7);
    }
    return pid;
}

static void nothing(void) {}
static void stop(void) {
    raise(SIGSTOP);
}
static void wait_for_signals(void) {
    for (;;)
        pause();
}

static bool statuses(void) {
    EXPECT_EQ(status_of(child_that(nothing), 0), W_EXITCODE(7, 0));
    pid_t pid = child_that(wait_for_signals);
    EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
    kill(pid, SIGTERM);
    EXPECT_EQ(status_of(pid, 0), SIGTERM);
    EXPECT_EQ(waitpid(-1, NULL, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
    EXPECT_EQ(wait4(-1, NULL, 0x40000000, NULL), -1);
    EXPECT_EQ(errno, EINVAL);
    return true;
}

static bool stopped(void) {
    listen_for(SIGCHLD, 0);
    pid_t pid = child_that(stop);
    EXPECT_EQ(status_of(pid, WUNTRACED), W_STOPCODE(SIGSTOP));
    EXPECT_EQ(heard, SIGCHLD);
    EXPECT_EQ(code, CLD_STOPPED);
    EXPECT_EQ(waitpid(pid, NULL, WNOHANG | WUNTRACED), 0); // told once
    kill(pid, SIGCONT);
    int status = status_of(pid, WCONTINUED);
    EXPECT(WIFCONTINUED(status), "the status is 0x%x", status);
    EXPECT_EQ(status_of(pid, 0), W_EXITCODE(7, 0));
    EXPECT_EQ(code, CLD_EXITED);
    return true;
}

// WNOWAIT leaves the news to the next who asks.
static bool news_is_left(void) {
    pid_t pid = child_that(stop);
    EXPECT_EQ(status_of(pid, WUNTRACED | WNOWAIT), W_STOPCODE(SIGSTOP));
    EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0); // none, without WUNTRACED
    EXPECT_EQ(status_of(pid, WUNTRACED | WNOHANG), W_STOPCODE(SIGSTOP));
    kill(pid, SIGCONT);
    EXPECT(WIFCONTINUED(status_of(pid, WCONTINUED | WNOWAIT)), "it is no news");
    EXPECT(WIFCONTINUED(status_of(pid, WCONTINUED | WNOHANG)), "it is no news any more");
    EXPECT_EQ(wait6(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT, NULL, NULL), pid);
    EXPECT_EQ(waitpid(pid, NULL, WNOZOMBIE | WNOHANG), 0);
    EXPECT_EQ(status_of(pid, 0), W_EXITCODE(7, 0));
    return true;
}

static void lead(void) {
    setpgid(0, 0);
}

// By process group and by session.
static bool wait_by_group(void) {
    pid_t other = child_that(lead);
    EXPECT_EQ(wait6(P_PID, (id_t)other, NULL, WEXITED | WNOWAIT, NULL, NULL), other);
    EXPECT_EQ(waitpid(0, NULL, 0), -1); // none in our group
    EXPECT_EQ(errno, ECHILD);
    pid_t pid = child_that(nothing);
    EXPECT_EQ(waitpid(0, NULL, 0), pid);
    EXPECT_EQ(wait6(P_SID, (id_t)other, NULL, WEXITED, NULL, NULL), -1);
    EXPECT_EQ(errno, ECHILD);
    EXPECT_EQ(wait6(P_SID, (id_t)getsid(0), NULL, WEXITED | WNOWAIT, NULL, NULL), other);
    EXPECT_EQ(waitpid(-other, NULL, 0), other);
    return true;
}

static void run(void) {
    for (volatile int i = 0; i < 300000; i++)
        continue;
}

static bool usage(void) {
    struct rusage spent;
    pid_t pid = child_that(run);
    EXPECT_EQ(wait4(pid, NULL, 0, &spent), pid);
    long us = (long)spent.ru_utime.tv_sec * 1000000 + spent.ru_utime.tv_usec +
              (long)spent.ru_stime.tv_sec * 1000000 + spent.ru_stime.tv_usec;
    EXPECT(us > 0, "the child took no time");
    EXPECT(spent.ru_minflt >= 0 && spent.ru_nvcsw >= 0, "counts are negative");
    return true;
}

// A status has room for eight bits of the exit value, wait6 tells all of them.
static bool whole_value(void) {
    siginfo_t info;
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0x1234567);
    EXPECT_EQ(wait6(P_PID, (id_t)pid, &status, WEXITED, NULL, &info), pid);
    EXPECT_EQ(status, W_EXITCODE(0x67, 0));
    EXPECT_EQ(info.si_status, 0x1234567);
    return true;
}

static bool wait_by_id(void) {
    siginfo_t info;
    int status;
    struct wrusage usage;
    pid_t pid = child_that(nothing);
    memset(&info, 0, sizeof(info));
    EXPECT_EQ(wait6(P_PID, (id_t)pid, &status, WEXITED | WNOWAIT, &usage, &info), pid);
    EXPECT_EQ(info.si_signo, SIGCHLD);
    EXPECT_EQ(info.si_code, CLD_EXITED);
    EXPECT_EQ(info.si_status, 7);
    EXPECT_EQ(info.si_pid, pid);
    EXPECT_EQ(wait6(P_PGID, (id_t)getpgrp(), &status, WEXITED, NULL, NULL), pid);
    EXPECT_EQ(status, W_EXITCODE(7, 0));
    EXPECT_EQ(wait6(P_ALL, 0, &status, WEXITED, NULL, NULL), -1);
    EXPECT_EQ(errno, ECHILD);
    EXPECT_EQ(wait6(P_ALL, 0, &status, 0, NULL, NULL), -1);
    EXPECT_EQ(errno, EINVAL);
    return true;
}

// Zombies use up the limit; reaped they do not.
static bool zombies_count(void) {
    struct rlimit limit = {3, 3};
    EXPECT_EQ(setuid(1234), 0);
    EXPECT_EQ(setrlimit(RLIMIT_NPROC, &limit), 0);
    pid_t first = child_that(nothing), second = child_that(nothing);
    EXPECT(first > 0 && second > 0, "two children are too many");
    usleep(50000); // both are zombies
    EXPECT_EQ(fork(), -1);
    EXPECT_EQ(errno, EAGAIN);
    EXPECT_EQ(status_of(first, 0), W_EXITCODE(7, 0));
    pid_t third = child_that(nothing);
    EXPECT(third > 0, "no place after the reaping");
    EXPECT_EQ(status_of(second, 0), W_EXITCODE(7, 0));
    EXPECT_EQ(status_of(third, 0), W_EXITCODE(7, 0));
    return true;
}

static bool orphans(void) {
    int gate[2], answer[2];
    char byte;
    pid_t seen[2];
    EXPECT(pipe(gate) == 0 && pipe(answer) == 0, "no pipes");
    pid_t middle = fork();
    if (middle == 0) {
        if (fork() == 0) {
            read(gate[0], &byte, 1);
            seen[0] = getppid();
            seen[1] = getpid();
            write(answer[1], seen, sizeof(seen));
            _exit(0);
        }
        _exit(0);
    }
    EXPECT_EQ(status_of(middle, 0), 0);
    write(gate[1], "x", 1);
    EXPECT_EQ(read(answer[0], seen, sizeof(seen)), (long)sizeof(seen));
    EXPECT_EQ(seen[0], 1);
    for (int i = 0; i < 100 && kill(seen[1], 0) == 0; i++)
        usleep(10000);
    EXPECT_EQ(kill(seen[1], 0), -1); // init has reaped it
    return true;
}

static bool is_listed(pid_t pid) {
    int name[] = {CTL_KERN, KERN_PROC2, KERN_PROC_PID, pid, sizeof(struct kinfo_proc2), 1};
    struct kinfo_proc2 info;
    size_t size = sizeof(info);
    return sysctl(name, 6, &info, &size, NULL, 0) == 0 && size == sizeof(info);
}

// What was dead already when its parent ended is init's too.
static bool orphaned_zombies(void) {
    pid_t middle = fork();
    if (middle == 0)
        _exit(child_that(nothing) > 0 ? usleep(20000) : 1);
    EXPECT_EQ(wait6(P_PID, (id_t)middle, NULL, WEXITED | WNOWAIT, NULL, NULL), middle);
    pid_t child = middle + 1; // nobody else has forked
    for (int i = 0; i < 100 && is_listed(child); i++)
        usleep(10000);
    EXPECT(!is_listed(child), "a zombie is left");
    EXPECT_EQ(status_of(middle, 0), 0);
    return true;
}

static bool no_zombies(bool flag) {
    if (flag)
        listen_for(SIGCHLD, SA_NOCLDWAIT);
    else
        signal(SIGCHLD, SIG_IGN);
    pid_t pid = child_that(nothing);
    EXPECT_EQ(waitpid(pid, NULL, 0), -1); // until all have ended
    EXPECT_EQ(errno, ECHILD);
    for (int i = 0; i < 100 && kill(pid, 0) == 0; i++)
        usleep(10000);
    EXPECT_EQ(kill(pid, 0), -1);
    return true;
}

static bool ignored(void) {
    return no_zombies(false);
}
static bool nocldwait(void) {
    return no_zombies(true);
}

static char stack[8192] __attribute__((aligned(16)));

static int seven(void *unused) {
    (void)unused;
    return 7;
}

static bool other_signals(void) {
    int status;
    listen_for(SIGUSR1, 0);
    listen_for(SIGCHLD, 0);
    pid_t pid = __clone(seven, stack + sizeof(stack), SIGUSR1, NULL);
    EXPECT_EQ(waitpid(pid, NULL, 0), -1);
    EXPECT_EQ(errno, ECHILD);
    EXPECT_EQ(status_of(pid, WALTSIG), W_EXITCODE(7, 0));
    EXPECT_EQ(heard, SIGUSR1);
    heard = 0;
    pid = __clone(seven, stack + sizeof(stack), 0, NULL);
    EXPECT_EQ(status_of(pid, WALLSIG), W_EXITCODE(7, 0));
    EXPECT_EQ(heard, 0);
    pid = child_that(nothing);
    EXPECT_EQ(waitpid(pid, &status, WALTSIG), -1);
    EXPECT_EQ(errno, ECHILD);
    EXPECT_EQ(status_of(pid, WALLSIG), W_EXITCODE(7, 0));
    EXPECT_EQ(heard, SIGCHLD);
    return true;
}

static const struct row rows[] = {
    ROW("N1", "wait tells how a child ended; WNOHANG does not wait", statuses),
    ROW("N1", "wait tells of stop and continuation, once", stopped),
    ROW("N1", "with WNOWAIT a child's news stays news", news_is_left),
    ROW("N1", "wait finds children by their group and session", wait_by_group),
    ROW("N1", "wait4 tells what the child used", usage),
    ROW("N1", "wait6 waits by id, and can leave the zombie", wait_by_id),
    ROW("N1", "wait6 tells the whole exit value", whole_value),
    ROW("N1", "zombies use up the limit until they are reaped", zombies_count),
    ROW("N2", "orphans go to init, which reaps them", orphans),
    ROW("N2", "zombies go to init too, which reaps them at once", orphaned_zombies),
    ROW("N2", "no zombie is left where SIGCHLD is ignored", ignored),
    ROW("N2", "no zombie is left with SA_NOCLDWAIT", nocldwait),
    ROW("N3", "WALTSIG and WALLSIG see children with another exit signal", other_signals),
};
ROWS_MAIN(rows)
