// Processes without end: bombs, generations, chains.
#include "loops.h"

#include <sched.h>
#include <sys/stat.h>

static volatile int *counters; // shared with all descendants
enum { LEFT, MADE, REFUSED, WRONG, LAST };

static bool make_counters(void) {
    counters = (volatile int *)map_pages(1, MAP_SHARED);
    return counters != NULL;
}

static void count(int which) {
    __atomic_fetch_add(&counters[which], 1, __ATOMIC_RELAXED);
}

// --- bombs -----------------------------------------------------------------------

// Forks as long as there are forks left to make; so do all children.
static void explode(void) {
    while (__atomic_fetch_sub(&counters[LEFT], 1, __ATOMIC_RELAXED) > 0) {
        pid_t pid = fork();
        if (pid > 0)
            count(MADE);
        else if (pid == -1 && errno == EAGAIN)
            count(REFUSED);
        else if (pid == -1)
            count(WRONG);
        if (pid == -1)
            sched_yield();
    }
    while (wait(NULL) > 0)
        continue;
    _exit(0);
}

// Others can still fork and execute.
static bool others_work(void) {
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(1);
    }
    return pid > 0 && status_of(pid) == 0;
}

static bool bomb(unsigned forks, const struct rlimit *limit) {
    EXPECT(make_counters(), "no memory");
    counters[LEFT] = (int)forks;
    pid_t pid = fork();
    if (pid == 0) {
        if ((limit && setrlimit(RLIMIT_NPROC, limit) != 0) || setuid(1000) != 0)
            _exit(2);
        explode();
    }
    int rounds = 0;
    for (; waitpid(pid, NULL, WNOHANG) == 0; rounds++) {
        EXPECT(others_work(), "nobody else can fork: errno %d", errno);
        sched_yield();
    }
    EXPECT(rounds > 0, "the bomb was gone at once");
    EXPECT(counters[REFUSED] > 0, "nothing was refused, %d forks", counters[MADE]);
    EXPECT_EQ(counters[WRONG], 0);
    return true;
}

bool bomb_limit(unsigned forks) {
    struct rlimit limit = {20, 20};
    return bomb(forks, &limit);
}

bool bomb_maxproc(unsigned forks) {
    int maxproc = number_of(CTL_KERN, KERN_MAXPROC);
    EXPECT_EQ(set_number(CTL_KERN, KERN_MAXPROC, list_processes() + 30), 0);
    bool good = bomb(forks, NULL);
    EXPECT_EQ(set_number(CTL_KERN, KERN_MAXPROC, maxproc), 0);
    return good;
}

// --- generations ---------------------------------------------------------------------

// Waits until the last generation has told.
static bool last_comes(void) {
    for (int i = 0; i < 60000 && !counters[LAST]; i++)
        usleep(10000);
    return counters[LAST] != 0;
}

// A generation: the parent exits, the child goes on.
static void live_on(unsigned left) {
    while (left-- > 0) {
        pid_t pid = fork();
        if (pid > 0)
            _exit(0);
        count(pid == 0 ? MADE : WRONG);
    }
    counters[LAST] = 1;
    _exit(0);
}

bool generations(unsigned wanted) {
    EXPECT(make_counters(), "no memory");
    pid_t first = fork();
    if (first == 0)
        live_on(wanted);
    EXPECT_EQ(status_of(first), 0);
    EXPECT(last_comes(), "the last generation does not come");
    EXPECT_EQ(counters[WRONG], 0);
    EXPECT_EQ(counters[MADE], wanted);
    return true;
}

// Generations that execute share nothing: a file tells that the last has come.
static const char end_file[] = "/tmp/last-generation";

int exec_generation(unsigned left) {
    char number[12];
    if (left == 0)
        return mkdir(end_file, 0700) == 0 ? 0 : 1;
    pid_t pid = fork();
    if (pid != 0)
        return pid == -1;
    snprintf(number, sizeof(number), "%u", left - 1);
    execl("/job/program", "soak_loops", "generation", number, (char *)NULL);
    return 1;
}

bool exec_generations(unsigned wanted) {
    rmdir(end_file);
    pid_t pid = fork();
    if (pid == 0)
        _exit(exec_generation(wanted));
    EXPECT_EQ(status_of(pid), 0);
    for (int i = 0; i < 60000 && rmdir(end_file) != 0; i++)
        if (i == 59999)
            EXPECT(false, "the last generation does not come");
        else
            usleep(10000);
    return true;
}

// --- chains of vfork -------------------------------------------------------------------

enum { CHAIN = 24 };
static volatile int links; // all of a chain write it: they share memory

static void end_chain(unsigned how) {
    char *const arguments[] = {"true", NULL};
    switch (how % 4) {
    case 0:
        _exit(0);
    case 1:
        execve("/bin/true", arguments, NULL);
        _exit(1);
    case 2:
        execve("/bin/there-is-no-such-thing", arguments, NULL);
        _exit(errno == ENOENT ? 0 : 1);
    default:
        kill(getpid(), SIGKILL);
    }
}

// One link; the child makes the next. => returns in the parent, with the status
static __attribute__((noinline)) int link_of(unsigned left, unsigned how) {
    pid_t pid = vfork();
    if (pid == 0) {
        links++;
        if (left == 0)
            end_chain(how);
        int status = link_of(left - 1, how);
        _exit(status == 0 || status == SIGKILL ? 0 : 1);
    }
    return pid == -1 ? -1 : status_of(pid);
}

bool vfork_chains(unsigned chains) {
    for (unsigned i = 0; i < chains; i++) {
        links = 0;
        int status = link_of(CHAIN - 1, i);
        EXPECT(status == 0, "chain %u: status 0x%x", i, status);
        EXPECT_EQ(links, CHAIN);
    }
    return true;
}
