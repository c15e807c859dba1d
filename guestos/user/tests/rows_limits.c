// Limits of the system and of a user, what a refusal costs, and counters.
#include "rows.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <time.h>

// --- what all of them need ------------------------------------------------------

static int kern_int(int name) {
    int path[] = {CTL_KERN, name}, value = -1;
    size_t size = sizeof(value);
    return sysctl(path, 2, &value, &size, NULL, 0) == 0 ? value : -1;
}

static int set_kern_int(int name, int value) {
    int path[] = {CTL_KERN, name};
    return sysctl(path, 2, NULL, NULL, &value, sizeof(value));
}

// Processes there are, process 0 and the dead ones too.
static int processes(void) {
    int path[] = {CTL_KERN, KERN_PROC2, KERN_PROC_ALL, 0, sizeof(struct kinfo_proc2), 0};
    size_t size = 0;
    if (sysctl(path, 6, NULL, &size, NULL, 0) == -1)
        return -1;
    return (int)(size / sizeof(struct kinfo_proc2));
}

static struct uvmexp_sysctl counters(int cpu) {
    int path[] = {CTL_VM, VM_UVMEXP2, cpu};
    struct uvmexp_sysctl value = {0};
    size_t size = sizeof(value);
    sysctl(path, cpu < 0 ? 2 : 3, &value, &size, NULL, 0);
    return value;
}

static long milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// A child that stays until it is killed; -1 if there can be none.
static pid_t sleeper(void) {
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

static void end(pid_t pid) {
    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
}

enum { kMost = 64 };

// How many sleepers fork makes until it is refused; they are gone afterwards.
// *error: why it was refused.
static int forks_until_refused(int *error) {
    pid_t children[kMost];
    int count = 0;
    *error = 0;
    while (count < kMost) {
        pid_t pid = sleeper();
        if (pid == -1) {
            *error = errno;
            break;
        }
        children[count++] = pid;
    }
    for (int i = 0; i < count; i++)
        end(children[i]);
    return count;
}

// Runs a check as an ordinary user, in a child.
static int as_user(uid_t uid, int (*check)(void)) {
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(setuid(uid) == 0 ? check() : 99);
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// --- F1, F2, F3 ---------------------------------------------------------------------

static bool at_maxproc(void) {
    int old = kern_int(KERN_MAXPROC), error;
    int now = processes();
    EXPECT(now >= 4, "%d processes", now); // 0, init, the program, this check
    // Process 0 counts, and maxproc itself is never reached.
    int limit = now + 8;
    EXPECT_EQ(set_kern_int(KERN_MAXPROC, limit), 0);
    int made = forks_until_refused(&error);
    int again = forks_until_refused(&error);
    set_kern_int(KERN_MAXPROC, old);
    EXPECT_EQ(made, limit - 1 - now);
    EXPECT_EQ(error, EAGAIN);
    EXPECT_EQ(again, made); // a refusal gives back what it took
    EXPECT_EQ(processes(), now);
    return true;
}

static int refused_as_user(void) {
    int error;
    int made = forks_until_refused(&error);
    return error == EAGAIN ? made : 90;
}

static bool last_for_root(void) {
    int old = kern_int(KERN_MAXPROC), error;
    int now = processes();
    EXPECT_EQ(set_kern_int(KERN_MAXPROC, now + 12), 0);
    int root = forks_until_refused(&error);
    int user = as_user(100, refused_as_user);
    set_kern_int(KERN_MAXPROC, old);
    EXPECT_EQ(root, 11);
    EXPECT_EQ(user, 11 - 5 - 1); // five are kept, one is the user's own process
    return true;
}

static bool zombies_count(void) {
    int old = kern_int(KERN_MAXPROC), error;
    int now = processes();
    set_kern_int(KERN_MAXPROC, now + 8);
    pid_t dead = fork();
    if (dead == 0)
        _exit(0);
    usleep(50000); // it is dead by then
    int with_zombie = forks_until_refused(&error);
    waitpid(dead, NULL, 0);
    int without = forks_until_refused(&error);
    set_kern_int(KERN_MAXPROC, old);
    EXPECT_EQ(with_zombie, without - 1);
    return true;
}

// --- F3, F4: the refused caller sleeps -------------------------------------------------

static volatile sig_atomic_t alarms;

static void count_alarm(int number) {
    (void)number;
    alarms++;
}

// How long a refused fork takes, in ms.
static long refusal(void) {
    int old = kern_int(KERN_MAXPROC);
    set_kern_int(KERN_MAXPROC, processes() < 10 ? 10 : processes());
    pid_t fill[16];
    int filled = 0;
    long taken = -1;
    for (int i = 0; i < 16 && taken < 0; i++) {
        long before = milliseconds();
        pid_t pid = sleeper();
        if (pid == -1)
            taken = milliseconds() - before;
        else
            fill[filled++] = pid;
    }
    set_kern_int(KERN_MAXPROC, old);
    while (filled > 0)
        end(fill[--filled]);
    return taken;
}

static bool sleeps_when_refused(void) {
    EXPECT_EQ(kern_int(KERN_FORKFSLEEP), 0);
    long quick = refusal();
    EXPECT(quick >= 0 && quick < 60, "%ld ms without forkfsleep", quick);
    EXPECT_EQ(set_kern_int(KERN_FORKFSLEEP, 200), 0);
    EXPECT_EQ(kern_int(KERN_FORKFSLEEP), 200);
    long slow = refusal();
    // A signal does not shorten it.
    struct sigaction action = {.sa_handler = count_alarm};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval soon = {.it_interval.tv_usec = 50000, .it_value.tv_usec = 50000}, off = {0};
    setitimer(ITIMER_REAL, &soon, NULL);
    long interrupted = refusal();
    setitimer(ITIMER_REAL, &off, NULL);
    set_kern_int(KERN_FORKFSLEEP, 0);
    EXPECT(slow >= 190, "%ld ms", slow);
    EXPECT(interrupted >= 190, "%ld ms under signals", interrupted);
    EXPECT(alarms > 0, "no signal came");
    return true;
}

static int set_forkfsleep(void) {
    return set_kern_int(KERN_FORKFSLEEP, 10) == -1 && errno == EPERM ? 3 : 4;
}

static bool forkfsleep_range(void) {
    EXPECT_EQ(kern_int(KERN_FORKFSLEEP), 0);
    EXPECT_EQ(set_kern_int(KERN_FORKFSLEEP, -1), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(set_kern_int(KERN_FORKFSLEEP, 0x7fffffff), -1);
    EXPECT_EQ(errno, EINVAL);
    enum { kMost = 1000 * 1000 }; // 100,000 ticks
    EXPECT_EQ(set_kern_int(KERN_FORKFSLEEP, kMost + 1), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(set_kern_int(KERN_FORKFSLEEP, kMost), 0);
    EXPECT_EQ(set_kern_int(KERN_FORKFSLEEP, 0), 0);
    EXPECT_EQ(as_user(100, set_forkfsleep), 3);
    EXPECT_EQ(kern_int(KERN_FORKFSLEEP), 0);
    return true;
}

// --- F5 ------------------------------------------------------------------------------

static int limited_user(void) {
    int error;
    struct rlimit limit = {4, 8}; // the lower one binds
    if (setrlimit(RLIMIT_NPROC, &limit) == -1)
        return 90;
    int first = forks_until_refused(&error);
    if (error != EAGAIN)
        return 91;
    return forks_until_refused(&error) == first ? first : 92;
}

static int sleepy_user(void) {
    int error;
    struct rlimit limit = {1, 1};
    setrlimit(RLIMIT_NPROC, &limit);
    long before = milliseconds();
    int made = forks_until_refused(&error);
    return made == 0 && milliseconds() - before >= 90 ? 3 : 4;
}

static bool user_limit(void) {
    int error;
    EXPECT_EQ(as_user(101, limited_user), 3); // four with the user's own process
    // Another user has a count of its own, and root is not bound.
    EXPECT_EQ(as_user(102, limited_user), 3);
    struct rlimit limit = {1, 1};
    EXPECT_EQ(setrlimit(RLIMIT_NPROC, &limit), 0);
    EXPECT_EQ(forks_until_refused(&error), kMost);
    set_kern_int(KERN_FORKFSLEEP, 100);
    int slept = as_user(103, sleepy_user);
    set_kern_int(KERN_FORKFSLEEP, 0);
    EXPECT_EQ(slept, 3);
    return true;
}

// --- F15 ------------------------------------------------------------------------------

static bool limits_are_own(void) {
    struct rlimit first = {50, 100}, second = {40, 100}, now;
    int to_child[2], to_parent[2], status;
    char byte = 0;
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &first), 0);
    EXPECT(pipe(to_child) == 0 && pipe(to_parent) == 0, "no pipe");
    pid_t pid = fork();
    if (pid == 0) {
        bool inherited = getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == 50;
        read(to_child[0], &byte, 1); // the parent has set its own meanwhile
        bool kept = getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == 50;
        struct rlimit mine = {30, 90};
        bool set = setrlimit(RLIMIT_NOFILE, &mine) == 0;
        write(to_parent[1], &byte, 1);
        _exit(inherited && kept && set ? 3 : 4);
    }
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &second), 0);
    write(to_child[1], &byte, 1);
    read(to_parent[0], &byte, 1);
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &now), 0);
    EXPECT_EQ(now.rlim_cur, 40);
    EXPECT_EQ(now.rlim_max, 100);
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(WEXITSTATUS(status), 3);
    return true;
}

static int raise_limit(void) {
    struct rlimit limit = {20, 20}, higher = {20, 30};
    if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
        return 4;
    return setrlimit(RLIMIT_NOFILE, &higher) == -1 && errno == EPERM ? 3 : 5;
}

static bool limits_go_down(void) {
    EXPECT_EQ(as_user(100, raise_limit), 3);
    struct rlimit crossed = {30, 20};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &crossed), -1);
    EXPECT_EQ(errno, EINVAL);
    return true;
}

// --- F21 ---------------------------------------------------------------------------------

static long used(int who) {
    struct rusage usage;
    getrusage(who, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static bool usage_starts_at_zero(void) {
    volatile unsigned long work = 0;
    end(sleeper()); // a child's usage that is not the next one's
    while (used(RUSAGE_SELF) < 40)
        work++;
    signal(SIGALRM, count_alarm);
    raise(SIGALRM);
    long before = used(RUSAGE_SELF);
    pid_t pid = fork();
    int status;
    if (pid == 0) {
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        bool none = usage.ru_nsignals == 0;
        getrusage(RUSAGE_CHILDREN, &usage);
        none = none && usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec == 0 &&
               usage.ru_minflt == 0 && usage.ru_nvcsw == 0;
        _exit(used(RUSAGE_SELF) < before / 2 && none ? 3 : 4);
    }
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(WEXITSTATUS(status), 3);
    // A child's time becomes its parent's children's at the wait.
    long children = used(RUSAGE_CHILDREN);
    pid = fork();
    if (pid == 0) {
        while (used(RUSAGE_SELF) < 30)
            work++;
        _exit(0);
    }
    struct rusage usage;
    EXPECT_EQ(wait4(pid, &status, 0, &usage), pid);
    EXPECT(used(RUSAGE_CHILDREN) >= children + 29, "%ld ms", used(RUSAGE_CHILDREN));
    EXPECT(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec >= 29000, "by wait4 less");
    return true;
}

static bool timers_are_not_inherited(void) {
    struct itimerval set = {.it_value.tv_sec = 5}, now;
    EXPECT_EQ(setitimer(ITIMER_REAL, &set, NULL), 0);
    pid_t pid = fork();
    int status;
    if (pid == 0) {
        getitimer(ITIMER_REAL, &now);
        _exit(now.it_value.tv_sec == 0 && now.it_value.tv_usec == 0 ? 3 : 4);
    }
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(WEXITSTATUS(status), 3);
    EXPECT_EQ(getitimer(ITIMER_REAL, &now), 0);
    EXPECT(now.it_value.tv_sec == 4, "%ld s left", (long)now.it_value.tv_sec);
    // And an alarm ends a pause.
    signal(SIGALRM, count_alarm);
    struct itimerval soon = {.it_value.tv_usec = 30000};
    setitimer(ITIMER_REAL, &soon, &now);
    EXPECT_EQ(pause(), -1);
    EXPECT_EQ(alarms, 1);
    alarm(1);
    EXPECT_EQ(pause(), -1);
    EXPECT_EQ(alarms, 2);
    return true;
}

// --- F29 -----------------------------------------------------------------------------------

static bool counted_on_success(void) {
    struct uvmexp_sysctl before = counters(0), after;
    for (int i = 0; i < 3; i++)
        end(sleeper());
    pid_t pid = vfork();
    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
    after = counters(0);
    EXPECT_EQ(after.forks - before.forks, 4);
    EXPECT_EQ(after.forks_ppwait - before.forks_ppwait, 1);
    EXPECT_EQ(after.forks_sharevm - before.forks_sharevm, 1);
    EXPECT_EQ(counters(-1).forks, after.forks); // with one CPU that is all there are
    int old = kern_int(KERN_MAXPROC), error;
    set_kern_int(KERN_MAXPROC, processes() + 8);
    before = counters(0);
    int made = forks_until_refused(&error);
    after = counters(0);
    set_kern_int(KERN_MAXPROC, old);
    EXPECT_EQ(after.forks - before.forks, made); // the refusal does not count
    return true;
}

// --- RLIMIT_CPU ------------------------------------------------------------------------------

static volatile sig_atomic_t told;

static void on_xcpu(int number) {
    (void)number;
    told++;
}

static long used_ms(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

// On QEMU the host's load counts as time used, so the limits may come all at once.

// Uses up its second; then a child does, which begins at zero.
static void use_up(void) {
    struct rlimit limit = {1, 2};
    signal(SIGXCPU, on_xcpu);
    setrlimit(RLIMIT_CPU, &limit);
    while (!told)
        continue;
    long used = used_ms();
    if (used < 1000 || used > 1999)
        _exit(1);
    told = 0;
    pid_t pid = fork();
    if (pid == 0) {
        while (!told)
            continue;
        _exit(used_ms() >= 1000 ? 7 : 1);
    }
    int status;
    while (waitpid(pid, &status, 0) == -1)
        continue;
    if (status != 7 << 8 || told)
        _exit(2);
    for (;;)
        continue; // until it is killed
}

static bool cpu_limit(void) {
    int status;
    struct rusage usage;
    pid_t pid = fork();
    if (pid == 0)
        use_up();
    EXPECT_EQ(wait4(pid, &status, 0, &usage), pid);
    EXPECT_EQ(status, SIGKILL);
    long seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
    EXPECT(seconds >= 2 && seconds < 5, "it was killed after %ld s, its child's included", seconds);
    return true;
}

// --- N8 --------------------------------------------------------------------------------------

static void bomb(void) {
    struct rlimit limit = {30, 30};
    setpgid(0, 0);
    setrlimit(RLIMIT_NPROC, &limit);
    if (setuid(200) == -1)
        _exit(1);
    for (;;)
        if (fork() == -1 && errno != EAGAIN)
            _exit(2);
}

static bool fork_bomb(void) {
    int before = processes(), status;
    pid_t pid = fork();
    if (pid == 0)
        bomb();
    usleep(100000);
    EXPECT_EQ(processes(), before + 30);
    // Everybody else works on.
    pid_t shell = fork();
    if (shell == 0) {
        execl("/bin/sh", "sh", "-c", "for i in 1 2 3; do /bin/true || exit 1; done", NULL);
        _exit(9);
    }
    EXPECT_EQ(waitpid(shell, &status, 0), shell);
    EXPECT_EQ(status, 0);
    // The bomb ends with its group.
    EXPECT_EQ(kill(-pid, SIGKILL), 0);
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    for (int i = 0; i < 100 && processes() > before; i++)
        usleep(10000);
    EXPECT_EQ(processes(), before);
    return true;
}

static const struct row rows[] = {
    ROW("F1", "the count of processes, process 0 among them, stays below maxproc", at_maxproc),
    ROW("F2", "the last five processes are root's", last_for_root),
    ROW("F3", "a refused fork gives back what it took, and sleeps", sleeps_when_refused),
    ROW("F3", "a refusal is EAGAIN, and zombies take up room", zombies_count),
    ROW("F4", "the sleep is set in milliseconds by root, in a range", forkfsleep_range),
    ROW("F4", "the sleep is not interrupted", sleeps_when_refused),
    ROW("F5", "RLIMIT_NPROC binds a user's processes, not root's", user_limit),
    ROW("F15", "neither side sees the other's later setrlimit", limits_are_own),
    ROW("F15", "a hard limit only goes down", limits_go_down),
    ROW("F21", "a child's times begin at zero", usage_starts_at_zero),
    ROW("F21", "a child has none of its parent's timers", timers_are_not_inherited),
    ROW_OURS("F21", "RLIMIT_CPU tells, then kills, and a child begins anew",
        cpu_limit),
    ROW("F29", "forks are counted by kind, on success", counted_on_success),
    ROW("N8", "a fork bomb under a limit leaves a working shell to others", fork_bomb),
};
ROWS_MAIN(rows)
