// What a process has used, as getrusage(2), wait4(2), wait6(2) and sysctl(3) tell it.
#include "rows.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <time.h>

enum { PAGE = 4096, PAGES = 256 };

static struct rusage usage_of(int who) {
    struct rusage usage;
    memset(&usage, 0, sizeof(usage)); // its pages are there before the kernel writes
    getrusage(who, &usage);
    return usage;
}

static char *some_pages(void) {
    char *pages = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

static void write_all(char *pages) {
    for (int i = 0; i < PAGES; i++)
        pages[(size_t)i * PAGE]++;
}

static long microseconds(struct timeval time) {
    return (long)time.tv_sec * 1000000 + time.tv_usec;
}

// --- faults -----------------------------------------------------------------------------

static bool faults_of_copies(void) {
    char *pages = some_pages();
    struct rusage before = usage_of(RUSAGE_SELF);
    write_all(pages);
    long zeroed = usage_of(RUSAGE_SELF).ru_minflt - before.ru_minflt;
    EXPECT(zeroed >= PAGES && zeroed < PAGES + 16, "%ld zero-fill faults", zeroed);

    EXPECT_EQ(usage_of(RUSAGE_CHILDREN).ru_minflt, 0);
    before = usage_of(RUSAGE_SELF);
    pid_t pid = fork();
    if (pid == 0) {
        bool none = usage_of(RUSAGE_SELF).ru_minflt < 16;
        write_all(pages);
        _exit(none ? 0 : 1);
    }
    struct rusage child;
    int status;
    memset(&child, 0, sizeof(child));
    EXPECT_EQ(usage_of(RUSAGE_CHILDREN).ru_minflt, 0); // not waited for
    EXPECT_EQ(wait4(pid, &status, 0, &child), pid);
    EXPECT_EQ(status, 0);
    EXPECT(child.ru_minflt >= PAGES && child.ru_minflt < PAGES + 32, "%ld copying faults",
           child.ru_minflt);
    struct rusage children = usage_of(RUSAGE_CHILDREN);
    EXPECT_EQ(children.ru_minflt, child.ru_minflt);
    EXPECT_EQ(children.ru_majflt, child.ru_majflt);
    EXPECT_EQ(children.ru_maxrss, child.ru_maxrss);
    long own = usage_of(RUSAGE_SELF).ru_minflt - before.ru_minflt;
    EXPECT(own < 32, "the child's faults count as the parent's: %ld", own);
    return true;
}

// A child whose own child faults, and is waited for or not.
static long faults_of_grandchild(bool waits, struct wrusage *usage) {
    int ends[2];
    char *pages = some_pages();
    long before = usage_of(RUSAGE_CHILDREN).ru_minflt;
    pipe(ends);
    pid_t pid = fork();
    if (pid == 0) {
        pid_t grandchild = fork();
        if (grandchild == 0) {
            write_all(pages);
            _exit(0);
        }
        close(ends[1]);
        char byte;
        read(ends[0], &byte, 1); // until it has ended
        if (waits)
            waitpid(grandchild, NULL, 0);
        _exit(0);
    }
    close(ends[1]);
    int status;
    memset(usage, 0, sizeof(*usage));
    wait6(P_PID, (id_t)pid, &status, WEXITED, usage, NULL);
    close(ends[0]);
    munmap(pages, PAGES * PAGE);
    return usage_of(RUSAGE_CHILDREN).ru_minflt - before;
}

static bool only_waited_for(void) {
    struct wrusage usage;
    long faults = faults_of_grandchild(false, &usage);
    EXPECT(faults < PAGES, "a grandchild that nobody waited for: %ld", faults);
    EXPECT_EQ(usage.wru_children.ru_minflt, 0);
    EXPECT_EQ(faults, usage.wru_self.ru_minflt);

    faults = faults_of_grandchild(true, &usage);
    EXPECT(usage.wru_children.ru_minflt >= PAGES, "by wait6: %ld", usage.wru_children.ru_minflt);
    EXPECT_EQ(faults, usage.wru_self.ru_minflt + usage.wru_children.ru_minflt);
    return true;
}

// Reads each page of a mapping of a file that nobody has run or mapped yet.
static struct rusage read_file_pages(int fd, int count) {
    size_t size = (size_t)count * PAGE;
    char *pages = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    madvise(pages, size, MADV_RANDOM); // each page has its own fault
    struct rusage before = usage_of(RUSAGE_SELF);
    volatile int sum = 0;
    for (int i = 0; i < count; i++)
        sum += pages[(size_t)i * PAGE];
    struct rusage after = usage_of(RUSAGE_SELF);
    munmap(pages, size);
    after.ru_minflt -= before.ru_minflt;
    after.ru_majflt -= before.ru_majflt;
    return after;
}

static bool faults_that_read(void) {
    int fd = open("/bin/selftest", O_RDONLY);
    EXPECT(fd >= 0, "no /bin/selftest");
    struct rusage first = read_file_pages(fd, 16);
    EXPECT_EQ(first.ru_majflt, 16);
    EXPECT(first.ru_minflt < 8, "%ld minor ones", first.ru_minflt);
    struct rusage second = read_file_pages(fd, 16);
    EXPECT_EQ(second.ru_majflt, 0);
    EXPECT(second.ru_minflt >= 16, "%ld minor ones", second.ru_minflt);
    return true;
}

// --- memory -----------------------------------------------------------------------------

static bool most_memory(void) {
    long start = usage_of(RUSAGE_SELF).ru_maxrss;
    EXPECT(start > 0 && start < 1024, "%ld KiB to begin with", start);
    char *pages = some_pages();
    write_all(pages);
    long most = usage_of(RUSAGE_SELF).ru_maxrss;
    EXPECT(most >= start + PAGES * PAGE / 1024 - 64 && most >= PAGES * PAGE / 1024, "%ld KiB",
           most);
    munmap(pages, PAGES * PAGE);
    EXPECT_EQ(usage_of(RUSAGE_SELF).ru_maxrss, most);

    struct rusage child;
    memset(&child, 0, sizeof(child));
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    EXPECT_EQ(wait4(pid, NULL, 0, &child), pid);
    EXPECT(child.ru_maxrss > 0 && child.ru_maxrss < most / 2, "a child has %ld KiB",
           child.ru_maxrss);
    return true;
}

static bool by_sysctl(void) {
    int name[] = {CTL_KERN, KERN_PROC2, KERN_PROC_PID, (int)getpid(), sizeof(struct kinfo_proc2),
                  1};
    static struct kinfo_proc2 of;
    write_all(some_pages());
    size_t size = sizeof(of);
    memset(&of, 1, size);
    struct rusage before = usage_of(RUSAGE_SELF);
    EXPECT_EQ(sysctl(name, 6, &of, &size, NULL, 0), 0);
    struct rusage after = usage_of(RUSAGE_SELF);
    EXPECT((long)of.p_uru_minflt >= before.ru_minflt && (long)of.p_uru_minflt <= after.ru_minflt,
           "minflt %ld", (long)of.p_uru_minflt);
    EXPECT_EQ(of.p_uru_majflt, before.ru_majflt);
    EXPECT_EQ(of.p_uru_maxrss, before.ru_maxrss);
    EXPECT((long)of.p_vm_rssize * (PAGE / 1024) <= before.ru_maxrss && of.p_vm_rssize >= PAGES,
           "%d resident", (int)of.p_vm_rssize);
    return true;
}

// --- time -------------------------------------------------------------------------------

static long total(const struct rusage *usage) {
    return microseconds(usage->ru_utime) + microseconds(usage->ru_stime);
}

// Computes, or calls the kernel, for that long; what it took.
static struct rusage spend(long us, bool in_kernel) {
    struct rusage before = usage_of(RUSAGE_SELF), now = before, last = before;
    bool back = false;
    while (total(&now) - total(&before) < us) {
        for (volatile int i = 0; i < 20000 && !in_kernel; i++)
            continue;
        for (int i = 0; i < 1000 && in_kernel; i++)
            getppid();
        now = usage_of(RUSAGE_SELF);
        back = back || microseconds(now.ru_utime) < microseconds(last.ru_utime) ||
               microseconds(now.ru_stime) < microseconds(last.ru_stime);
        last = now;
    }
    now.ru_utime.tv_sec -= before.ru_utime.tv_sec;
    now.ru_utime.tv_usec -= before.ru_utime.tv_usec;
    now.ru_stime.tv_sec -= before.ru_stime.tv_sec;
    now.ru_stime.tv_usec -= before.ru_stime.tv_usec;
    now.ru_nivcsw = back ? -1 : now.ru_nivcsw;
    return now;
}

static bool user_and_system_time(void) {
    struct rusage computing = spend(200000, false);
    EXPECT(computing.ru_nivcsw >= 0, "time went back");
    EXPECT(microseconds(computing.ru_utime) > 3 * microseconds(computing.ru_stime),
           "computing: %ld us user, %ld us system", microseconds(computing.ru_utime),
           microseconds(computing.ru_stime));
    struct rusage calling = spend(300000, true);
    EXPECT(calling.ru_nivcsw >= 0, "time went back");
    EXPECT(microseconds(calling.ru_stime) > microseconds(calling.ru_utime),
           "calling: %ld us user, %ld us system", microseconds(calling.ru_utime),
           microseconds(calling.ru_stime));
    return true;
}

// --- signals and switches ---------------------------------------------------------------

static void caught(int sig) {
    (void)sig;
}

static bool signals(void) {
    long before = usage_of(RUSAGE_SELF).ru_nsignals;
    signal(SIGUSR1, caught);
    signal(SIGUSR2, SIG_IGN);
    for (int i = 0; i < 5; i++) {
        raise(SIGUSR1);
        raise(SIGUSR2); // is not delivered
    }
    EXPECT_EQ(usage_of(RUSAGE_SELF).ru_nsignals - before, 5);
    return true;
}

static bool switches(void) {
    struct rusage before = usage_of(RUSAGE_SELF);
    struct timespec moment = {0, 10000000};
    for (int i = 0; i < 3; i++)
        nanosleep(&moment, NULL);
    struct rusage after = usage_of(RUSAGE_SELF);
    EXPECT(after.ru_nvcsw - before.ru_nvcsw >= 3, "%ld of its own will",
           after.ru_nvcsw - before.ru_nvcsw);
    EXPECT(after.ru_nivcsw - before.ru_nivcsw < 3, "%ld others",
           after.ru_nivcsw - before.ru_nivcsw);

    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            continue;
    before = usage_of(RUSAGE_SELF);
    while (usage_of(RUSAGE_SELF).ru_nivcsw == before.ru_nivcsw)
        continue; // the child has its slice in time
    for (int i = 0; i < 3; i++)
        sched_yield();
    after = usage_of(RUSAGE_SELF);
    kill(pid, SIGKILL);
    struct rusage child;
    memset(&child, 0, sizeof(child));
    EXPECT_EQ(wait4(pid, NULL, 0, &child), pid);
    EXPECT(child.ru_nivcsw > 0, "the child was never preempted");
    EXPECT_EQ(usage_of(RUSAGE_CHILDREN).ru_nivcsw, child.ru_nivcsw);
    return true;
}

static const struct row rows[] = {
    ROW("F21", "a child's faults begin at zero and copies count as minor", faults_of_copies),
    ROW("N1", "only children waited for count, with theirs", only_waited_for),
    ROW("N1", "faults that read a file are major", faults_that_read),
    ROW("N1", "the most memory there has been is told in KiB", most_memory),
    ROW("N1", "the list of processes tells the same", by_sysctl),
    // Under QEMU time is the host's, and ticks fall where the host lets them.
    ROW_OURS("N1", "time is told apart by where it was spent, and never goes back",
             user_and_system_time),
    ROW("N1", "signals that are delivered are counted", signals),
    ROW("N1", "switches are counted, preemption apart", switches),
};
ROWS_MAIN(rows)
