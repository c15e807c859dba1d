// Scheduling: what a child has of its parent's, and who runs before whom.
#include "rows.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

static long milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Computes for so long by the clock, without a sleep.
static void compute(long ms) {
    long end = milliseconds() + ms;
    while (milliseconds() < end)
        continue;
}

static bool become(int policy, int priority) {
    struct sched_param param = {.sched_priority = priority};
    return sched_setscheduler(0, policy, &param) != -1;
}

static int priority_of(pid_t pid) {
    struct sched_param param;
    return sched_getparam(pid, &param) == -1 ? -2 : param.sched_priority;
}

static volatile long *shared_counter(void) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_ANON | MAP_SHARED, -1, 0);
    return page == MAP_FAILED ? NULL : page;
}

// A child that counts until it is killed.
static pid_t counting_child(volatile long *counter) {
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            ++*counter;
    return pid;
}

static void end(pid_t pid) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static int exit_status(pid_t pid) {
    int status = -1;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// --- what a child has ---------------------------------------------------------------

static bool child_has_class(void) {
    EXPECT_EQ(become(SCHED_RR, 17), true);
    pid_t pid = fork();
    if (pid == 0) {
        bool same = sched_getscheduler(0) == SCHED_RR && priority_of(0) == 17;
        become(SCHED_FIFO, 3);
        _exit(same ? 7 : 0);
    }
    EXPECT_EQ(exit_status(pid), 7);
    EXPECT_EQ(sched_getscheduler(0), SCHED_RR); // the child's change was its own
    EXPECT_EQ(priority_of(0), 17);
    pid = vfork();
    if (pid == 0)
        _exit(sched_getscheduler(0) == SCHED_RR && priority_of(0) == 17 ? 7 : 0);
    EXPECT_EQ(exit_status(pid), 7);
    return true;
}

static bool child_has_nice(void) {
    EXPECT_EQ(setpriority(PRIO_PROCESS, 0, 5), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int mine = getpriority(PRIO_PROCESS, 0);
        setpriority(PRIO_PROCESS, 0, 9);
        _exit(mine);
    }
    EXPECT_EQ(exit_status(pid), 5);
    EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 5);
    return true;
}

static bool child_has_cpus(void) {
    cpuset_t *set = cpuset_create(), *got = cpuset_create();
    size_t size = cpuset_size(set);
    EXPECT_EQ(_sched_getaffinity(0, 0, size, got), 0);
    EXPECT_EQ(cpuset_isset(0, got), 0); // none: all may run it
    cpuset_set(0, set);
    EXPECT_EQ(_sched_setaffinity(0, 0, size, set), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int there = _sched_getaffinity(0, 0, size, got) == 0 && cpuset_isset(0, got) == 1;
        cpuset_zero(set);
        _sched_setaffinity(0, 0, size, set); // the child may have all again
        _exit(there ? 7 : 0);
    }
    EXPECT_EQ(exit_status(pid), 7);
    EXPECT_EQ(_sched_getaffinity(0, 0, size, got), 0);
    EXPECT_EQ(cpuset_isset(0, got), 1);
    return true;
}

// --- who runs -------------------------------------------------------------------------

// A time slice is 100 ms.

static bool fifo_before_others(void) {
    volatile long *counter = shared_counter();
    pid_t pid = counting_child(counter);
    EXPECT_EQ(become(SCHED_FIFO, 0), true);
    usleep(20000);
    long before = *counter;
    EXPECT(before > 0, "it did not count while nobody else wanted to run");
    compute(130);
    long after = *counter;
    EXPECT_EQ(become(SCHED_OTHER, -1), true);
    compute(250);
    long at_end = *counter;
    end(pid);
    EXPECT_EQ(after, before);
    EXPECT(at_end > after, "as an equal it had no turns");
    return true;
}

static bool fifo_wakes_at_once(void) {
    volatile long *counter = shared_counter();
    pid_t pid = counting_child(counter);
    EXPECT_EQ(become(SCHED_FIFO, 30), true);
    struct sched_param param = {.sched_priority = 29};
    EXPECT_EQ(sched_setscheduler(pid, SCHED_FIFO, &param), SCHED_OTHER);
    long start = milliseconds();
    for (int i = 0; i < 3; i++)
        usleep(10000); // it would not come back if the child were not preempted
    long took = milliseconds() - start;
    end(pid);
    EXPECT(took >= 30, "three naps took %ld ms", took);
    return true;
}

static bool fifo_has_no_slices(void) {
    volatile long *counter = shared_counter();
    EXPECT_EQ(become(SCHED_FIFO, 10), true);
    pid_t pid = fork(); // an equal: it waits for its turn
    if (pid == 0) {
        *counter = 1;
        compute(130);
        *counter = 2;
        _exit(0);
    }
    compute(130);
    EXPECT_EQ(*counter, 0);
    sched_yield(); // it comes back when the child has ended
    EXPECT_EQ(*counter, 2);
    EXPECT_EQ(exit_status(pid), 0);
    return true;
}

static bool rr_has_slices(void) {
    volatile long *counter = shared_counter();
    EXPECT_EQ(become(SCHED_RR, 10), true);
    pid_t pid = counting_child(counter);
    compute(250);
    long counted = *counter;
    end(pid);
    EXPECT(counted > 0, "it had no turn");
    return true;
}

// A lower one's priority is raised above that of who does it.
static bool raised_runs(void) {
    volatile long *counter = shared_counter();
    EXPECT_EQ(become(SCHED_FIFO, 10), true);
    pid_t pid = fork();
    if (pid == 0) {
        *counter = 1;
        _exit(0);
    }
    EXPECT_EQ(*counter, 0);
    struct sched_param param = {.sched_priority = 11};
    EXPECT_EQ(sched_setparam(pid, &param), 0);
    EXPECT_EQ(*counter, 1);
    EXPECT_EQ(exit_status(pid), 0);
    return true;
}

// --- who may --------------------------------------------------------------------------

static bool who_may(void) {
    struct sched_param ten = {.sched_priority = 10}, five = {.sched_priority = 5};
    struct sched_param none = {.sched_priority = -1};
    EXPECT_EQ(become(SCHED_FIFO, 10), true);
    EXPECT_EQ(setuid(1000), 0);
    EXPECT_EQ(sched_setparam(0, &five), 0);
    EXPECT_EQ(sched_setparam(0, &ten), -1);
    EXPECT_EQ(errno, EPERM);
    EXPECT_EQ(sched_setscheduler(0, SCHED_RR, &five), -1);
    EXPECT_EQ(errno, EPERM);
    EXPECT_EQ(sched_setscheduler(0, SCHED_OTHER, &none), SCHED_FIFO);
    EXPECT_EQ(sched_setscheduler(0, SCHED_FIFO, &five), -1);
    EXPECT_EQ(errno, EPERM);
    EXPECT_EQ(sched_getscheduler(1), -1); // init is root's
    EXPECT_EQ(errno, EPERM);
    cpuset_t *set = cpuset_create();
    EXPECT_EQ(_sched_setaffinity(0, 0, cpuset_size(set), set), -1);
    EXPECT_EQ(errno, EPERM);
    return true;
}

static bool refusals(void) {
    struct sched_param param = {.sched_priority = 64};
    EXPECT_EQ(sched_setscheduler(0, SCHED_FIFO, &param), -1);
    EXPECT_EQ(errno, EINVAL);
    param.sched_priority = 5;
    EXPECT_EQ(sched_setscheduler(0, 3, &param), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(sched_setparam(0, &param), -1); // time sharing sets its own
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(sched_setparam(29999, &param), -1);
    EXPECT_EQ(errno, ESRCH);
    EXPECT_EQ(_sched_setparam(0, 29999, SCHED_FIFO, &param), -1);
    EXPECT_EQ(errno, ESRCH);
    EXPECT_EQ(_sched_getaffinity(0, 0, 4096, (cpuset_t *)&param), -1);
    EXPECT_EQ(errno, EINVAL);
    return true;
}

static const struct row rows[] = {
    ROW("F20", "a child has its parent's nice value, and changes its own", child_has_nice),
    ROW("F20", "a child may run on the CPUs that its parent may run on", child_has_cpus),
    ROW("F23", "a child has the caller's class and priority, and changes its own", child_has_class),
    ROW("F23", "SCHED_FIFO runs before time sharing, for as long as it likes", fifo_before_others),
    ROW("F23", "a higher SCHED_FIFO preempts a lower one when it wakes", fifo_wakes_at_once),
    ROW("F23", "a SCHED_FIFO child waits for its equal to sleep or yield", fifo_has_no_slices),
    ROW("F23", "a SCHED_RR child takes turns with its equal", rr_has_slices),
    ROW("F23", "a child runs as soon as its priority is above its parent's", raised_runs),
    ROW("F23", "only root gets more than it has", who_may),
    ROW("F23", "priorities, policies and processes that there are not are refused", refusals),
};
ROWS_MAIN(rows)
