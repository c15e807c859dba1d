// A process with several LWPs forks.
#include "rows.h"

#include <errno.h>
#include <lwp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <time.h>

enum { kStack = 32768 };

static lwpid_t start_lwp(void (*function)(void *), void *argument, unsigned long flags) {
    ucontext_t context;
    char *stack = malloc(kStack);
    lwpid_t lid = 0;
    _lwp_makecontext(&context, function, argument, NULL, stack, kStack);
    return _lwp_create(&context, flags, &lid) == 0 ? lid : -1;
}

static volatile int turns;

static void park_for_ever(void *argument) {
    (void)argument;
    turns++;
    for (;;)
        _lwp_park(CLOCK_MONOTONIC, 0, NULL, 0, NULL, NULL);
}

static int lwps_of(pid_t pid) {
    int name[] = {CTL_KERN, KERN_PROC2, KERN_PROC_PID, pid, sizeof(struct kinfo_proc2), 1};
    struct kinfo_proc2 info;
    size_t size = sizeof(info);
    if (sysctl(name, 6, &info, &size, NULL, 0) == -1 || size != sizeof(info))
        return -1;
    return (int)info.p_nlwps;
}

// --- F23 -------------------------------------------------------------------------

static volatile pid_t forked;
static volatile int lwps_in_child;

static void fork_from_lwp(void *argument) {
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    register double held __asm__("d8") = 2.5; // callee-saved: it lives across the call
    __asm__ volatile("" : "+w"(held));
    pid_t pid = fork();
    __asm__ volatile("" : "+w"(held));
    if (pid == 0) {
        sigset_t now;
        sigprocmask(SIG_BLOCK, NULL, &now);
        // The others are gone, and the one that is left has the process's number.
        int good = lwps_of(getpid()) == 1 && _lwp_self() == getpid() && held == 2.5 &&
                   sigismember(&now, SIGUSR2) == 1 && sigismember(&now, SIGUSR1) == 0 &&
                   _lwp_wait(0, NULL) == -1;
        _exit(good ? 3 : 4);
    }
    forked = pid;
    (void)argument;
    _lwp_exit();
}

static bool one_lwp_in_child(void) {
    EXPECT(start_lwp(park_for_ever, NULL, 0) > 0, "no LWP");
    EXPECT(start_lwp(park_for_ever, NULL, 0) > 0, "no LWP");
    lwpid_t forker = start_lwp(fork_from_lwp, NULL, 0), gone;
    EXPECT_EQ(_lwp_wait(forker, &gone), 0);
    EXPECT_EQ(gone, forker);
    EXPECT_EQ(lwps_of(getpid()), 3);
    int status;
    EXPECT_EQ(waitpid(forked, &status, 0), forked);
    EXPECT(WIFEXITED(status), "status 0x%x", status);
    EXPECT_EQ(WEXITSTATUS(status), 3);
    return true;
}

static bool alternate_stack(void) {
    stack_t mine = {.ss_sp = malloc(SIGSTKSZ), .ss_size = SIGSTKSZ}, theirs;
    EXPECT_EQ(sigaltstack(&mine, NULL), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(sigaltstack(NULL, &theirs) == 0 && theirs.ss_sp == mine.ss_sp ? 3 : 4);
    int status;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(WEXITSTATUS(status), 3);
    return true;
}

// --- F24 -------------------------------------------------------------------------

// fork without the library, whose errno needs the thread pointer.
static long raw_fork(void) {
    register long x0 __asm__("x0") = 0;
    register long x1 __asm__("x1");
    __asm__ volatile("svc #2" : "+r"(x0), "=r"(x1) : : "memory", "cc");
    return x1 == 1 ? 0 : x0;
}

static bool thread_pointer(void) {
    static char block[256]; // the library's word for errno lies behind two others
    void *own = _lwp_getprivate();
    __asm__ volatile("msr tpidr_el0, %0" : : "r"(block)); // the kernel is not told
    long pid = raw_fork();
    void *now;
    __asm__ volatile("mrs %0, tpidr_el0" : "=r"(now));
    bool same = now == block;
    __asm__ volatile("msr tpidr_el0, %0" : : "r"(own));
    if (pid == 0)
        _exit(same && own != block ? 3 : 4);
    int status;
    EXPECT_EQ(waitpid((pid_t)pid, &status, 0), pid);
    EXPECT_EQ(WEXITSTATUS(status), 3);
    return true;
}

// --- F16, V1: who waits ---------------------------------------------------------------

static volatile int progress;
static volatile int progress_in_child;

static void count_on(void *argument) {
    (void)argument;
    for (;;) {
        progress++;
        sched_yield();
    }
}

static bool only_the_caller_waits(void) {
    EXPECT(start_lwp(count_on, NULL, 0) > 0, "no LWP");
    volatile int before = progress;
    pid_t pid = vfork();
    if (pid == 0) {
        // The memory is one: the other LWP's work shows.
        for (int i = 0; i < 1000 && progress - before < 5; i++)
            sched_yield();
        progress_in_child = progress - before;
        _exit(3);
    }
    int status;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT(progress_in_child >= 5, "the other LWP stood still: %d", progress_in_child);
    return true;
}

// --- the calls themselves -----------------------------------------------------------------

static volatile int signalled_lwp;

static void note_lwp(int number) {
    (void)number;
    signalled_lwp = _lwp_self();
}

static bool directed_signal(void) {
    signal(SIGUSR1, note_lwp);
    lwpid_t lid = start_lwp(park_for_ever, NULL, 0);
    while (turns == 0)
        sched_yield();
    EXPECT_EQ(_lwp_kill(lid, SIGUSR1), 0);
    for (int i = 0; i < 1000 && signalled_lwp == 0; i++)
        sched_yield();
    EXPECT_EQ(signalled_lwp, lid);
    EXPECT_EQ(_lwp_kill(29999, SIGUSR1), -1);
    return true;
}

static bool suspended_and_parked(void) {
    lwpid_t lid = start_lwp(park_for_ever, NULL, LWP_SUSPENDED);
    for (int i = 0; i < 20; i++)
        sched_yield();
    EXPECT_EQ(turns, 0);
    EXPECT_EQ(_lwp_continue(lid), 0);
    for (int i = 0; i < 1000 && turns == 0; i++)
        sched_yield();
    EXPECT_EQ(turns, 1);
    struct timespec time = {.tv_nsec = 20000000};
    EXPECT_EQ(_lwp_park(CLOCK_MONOTONIC, 0, &time, 0, NULL, NULL), -1); // nobody unparks us
    EXPECT_EQ(_lwp_unpark(_lwp_self(), NULL), 0);
    EXPECT_EQ(_lwp_park(CLOCK_MONOTONIC, 0, NULL, 0, NULL, NULL), -1); // it came before
    return true;
}

static bool exec_ends_the_others(void) {
    pid_t pid = fork();
    if (pid == 0) {
        start_lwp(park_for_ever, NULL, 0);
        start_lwp(count_on, NULL, 0);
        sched_yield();
        execl("/bin/true", "true", NULL);
        _exit(9);
    }
    int status;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
    pid = fork();
    if (pid == 0) {
        start_lwp(park_for_ever, NULL, 0);
        start_lwp(count_on, NULL, LWP_DETACHED);
        sched_yield();
        _exit(5);
    }
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(WEXITSTATUS(status), 5);
    return true;
}

static bool names(void) {
    char name[32] = "";
    lwpid_t lid = start_lwp(park_for_ever, NULL, 0);
    EXPECT_EQ(_lwp_getname(lid, name, sizeof(name)), 0);
    EXPECT(name[0] == '\0', "it begins as '%s'", name);
    EXPECT_EQ(_lwp_setname(lid, "worker"), 0);
    EXPECT_EQ(_lwp_setname(0, "a name that is too long"), 0);
    EXPECT_EQ(_lwp_getname(lid, name, sizeof(name)), 0);
    EXPECT(strcmp(name, "worker") == 0, "'%s'", name);
    EXPECT_EQ(_lwp_getname(lid, name, 4), 0);
    EXPECT(strcmp(name, "wor") == 0, "'%s'", name);
    EXPECT_EQ(_lwp_getname(_lwp_self(), name, sizeof(name)), 0);
    EXPECT(strcmp(name, "a name that is ") == 0, "'%s'", name);
    EXPECT_EQ(_lwp_setname(99999, "x"), -1);
    EXPECT_EQ(errno, ESRCH);
    EXPECT_EQ(_lwp_setname(0, (char *)64), -1);
    EXPECT_EQ(errno, EFAULT);
    return true;
}

// --- F12 --------------------------------------------------------------------------

static volatile uid_t seen_uid;

static void look_at_user(void *argument) {
    (void)argument;
    while (turns == 0)
        sched_yield();
    seen_uid = getuid();
    pid_t pid = fork(); // charged to the user that the child will have
    if (pid == 0)
        _exit(geteuid() == 1000 ? 0 : 1);
    int status = 1;
    waitpid(pid, &status, 0);
    seen_uid += (uid_t)status;
    _lwp_exit();
}

static bool credentials_of_all(void) {
    turns = 0;
    lwpid_t other = start_lwp(look_at_user, NULL, 0), gone;
    sched_yield();
    EXPECT_EQ(setuid(1000), 0);
    turns = 1;
    EXPECT_EQ(_lwp_wait(other, &gone), 0);
    EXPECT_EQ(seen_uid, 1000);
    return true;
}

// --- _lwp_ctl ---------------------------------------------------------------------

static lwpctl_t *volatile others_control;
static volatile int others_answer, told_to_go;

static void ask_for_control(void *argument) {
    lwpctl_t *control = NULL;
    others_answer = _lwp_ctl(LWPCTL_FEATURE_CURCPU | LWPCTL_FEATURE_PCTR, &control);
    others_control = control;
    while (!told_to_go)
        sched_yield();
    (void)argument;
    _lwp_exit();
}

static int control_in_child(void) {
    lwpctl_t *control = NULL;
    return _lwp_ctl(LWPCTL_FEATURE_PCTR, &control) == 0 && control->lc_pctr >= 0 ? 3 : 4;
}

static bool controls(void) {
    lwpctl_t *control = NULL, *again = NULL;
    EXPECT(_lwp_ctl(4, &control) == -1 && errno == ENODEV, "an unknown feature: %d", errno);
    EXPECT_EQ(_lwp_ctl(LWPCTL_FEATURE_CURCPU | LWPCTL_FEATURE_PCTR, &control), 0);
    EXPECT_EQ(_lwp_ctl(LWPCTL_FEATURE_CURCPU, &again), 0);
    EXPECT(again == control, "%p, then %p", (void *)control, (void *)again);
    EXPECT_EQ(control->lc_curcpu, 0);
    int turns_before = control->lc_pctr;
    lwpid_t other = start_lwp(ask_for_control, NULL, 0);
    while (!others_control)
        sched_yield();
    EXPECT_EQ(others_answer, 0);
    EXPECT(control->lc_pctr > turns_before, "%d turns", control->lc_pctr - turns_before);
    EXPECT(others_control != control, "two LWPs have one");
    EXPECT_EQ(others_control->lc_curcpu, LWPCTL_CPU_NONE); // we run, it does not
    told_to_go = 1;
    EXPECT_EQ(_lwp_wait(other, NULL), 0);
    EXPECT_EQ(others_control->lc_curcpu, LWPCTL_CPU_EXITED);
    return true;
}

// A child of fork has none until it asks; one of vfork can't have any.
static bool controls_after_fork(void) {
    lwpctl_t *control = NULL;
    int status;
    EXPECT_EQ(_lwp_ctl(LWPCTL_FEATURE_CURCPU, &control), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(control_in_child());
    EXPECT(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3, "status %#x", status);
    pid = fork();
    if (pid == 0)
        _exit(control->lc_curcpu); // not mapped
    EXPECT(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status), "status %#x", status);
    EXPECT_EQ(WTERMSIG(status), SIGSEGV);
    volatile int refused = 0;
    pid = vfork();
    if (pid == 0) {
        lwpctl_t *mine;
        refused = _lwp_ctl(LWPCTL_FEATURE_CURCPU, &mine) == -1 && errno == EBUSY;
        _exit(0);
    }
    waitpid(pid, &status, 0);
    EXPECT(refused, "a vfork child has one: errno %d", errno);
    EXPECT_EQ(control->lc_curcpu, 0); // ours is still there
    return true;
}

// --- as many as there may be ---------------------------------------------------------

static void nothing(void *argument) {
    (void)argument;
}

// Numbers are the processes' too: an LWP gets none if there is none left.
static bool no_number(void) {
    const int leak_check[] = {CTL_DEBUG, DEBUG_LEAKS}, inject[] = {CTL_DEBUG, DEBUG_INJECT, INJECT_PID};
    int begin = 1, leaks = -1;
    int64_t first = 1;
    size_t size = sizeof(leaks);
    sysctl(leak_check, 2, NULL, NULL, &begin, sizeof(begin));
    sysctl(inject, 3, NULL, NULL, &first, sizeof(first));
    EXPECT_EQ(start_lwp(nothing, NULL, LWP_SUSPENDED), -1);
    EXPECT_EQ(errno, EAGAIN);
    EXPECT_EQ(lwps_of(getpid()), 1);
    sysctl(leak_check, 2, &leaks, &size, NULL, 0);
    EXPECT_EQ(leaks, 0);
    return true;
}

// How many more LWPs the process gets, of `most`.
static int make_lwps(int most) {
    ucontext_t context;
    static char stack[1024];
    lwpid_t lid;
    int made = 0;
    _lwp_makecontext(&context, nothing, NULL, NULL, stack, sizeof(stack));
    while (made < most && _lwp_create(&context, LWP_SUSPENDED | LWP_DETACHED, &lid) == 0)
        made++;
    return made;
}

static bool most_lwps(void) {
    EXPECT_EQ(make_lwps(2060), 2060); // root is not bound
    int status;
    pid_t pid = fork(); // they are the parent's
    if (pid == 0)
        _exit(setuid(1000) == 0 && make_lwps(2060) == 2048 && errno == EAGAIN ? 7 : 1);
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 7 << 8);
    return true; // they end with the process
}

static void end_at_once(void *argument) {
    (void)argument;
    _lwp_exit();
}

// RLIMIT_NTHR counts a user's LWPs, but for one of each process.
static bool limit_of_user(void) {
    struct rlimit limit = {5, 5};
    EXPECT_EQ(setrlimit(RLIMIT_NTHR, &limit), 0);
    EXPECT_EQ(make_lwps(2), 2); // root's become the user's
    EXPECT_EQ(setuid(1000), 0);
    int status, go[2];
    EXPECT_EQ(pipe(go), 0);
    pid_t pid = fork(); // its first LWP is free
    if (pid == 0) {
        int good = make_lwps(2) == 2;
        char byte = (char)good;
        write(go[1], &byte, 1);
        for (;;)
            pause();
    }
    char byte = 0;
    EXPECT_EQ(read(go[0], &byte, 1), 1);
    EXPECT_EQ(byte, 1);
    lwpid_t lid = start_lwp(end_at_once, NULL, 0);
    EXPECT(lid > 0, "the fifth was refused");
    EXPECT_EQ(make_lwps(1), 0);
    EXPECT_EQ(errno, EAGAIN);
    EXPECT_EQ(_lwp_wait(lid, NULL), 0); // now its place is free
    EXPECT_EQ(make_lwps(2), 1);
    kill(pid, SIGKILL);
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(make_lwps(5), 2);
    return true;
}

static const struct row rows[] = {
    ROW("F12", "an LWP acts under the credentials that another has set", credentials_of_all),
    ROW("F23", "a child has one LWP, with the caller's mask and registers", one_lwp_in_child),
    ROW("F23", "a child has the caller's alternate stack", alternate_stack),
    ROW("F23", "a signal for one LWP reaches that one", directed_signal),
    ROW("F23", "LWPs are suspended, continued and parked", suspended_and_parked),
    ROW("F23", "LWPs have names", names),
    ROW("F23", "an LWP sees on which CPU it runs, and how often it was put there", controls),
    ROW("F23", "a child of fork has no such view until it asks", controls_after_fork),
    ROW("F23", "exec and exit end all LWPs", exec_ends_the_others),
    ROW_OURS("F7", "an LWP without a number is none: EAGAIN, and nothing is kept", no_number),
    ROW("F5", "RLIMIT_NTHR binds a user's LWPs, which fork does not count", limit_of_user),
    ROW("F23", "a user has 2,048 LWPs more than processes at most, root any number", most_lwps),
    ROW("F24", "a child reads the caller's thread pointer, known to the kernel or not",
        thread_pointer),
    ROW("F16", "only the LWP that called vfork waits", only_the_caller_waits),
};
ROWS_MAIN(rows)
