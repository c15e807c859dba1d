// bench-cow: what fork costs, by the clock of the machine. One line a
// measurement: what, pages, nanoseconds of one fork, exit and wait (with one
// cycle an instruction at 1 GHz: instructions).
//
// bench-cow FORKS: only forks that often with 64 pages resident, for who has
// another clock.
//
//   resident  the whole process has so many pages resident
//   cow       so many pages more, which the child leaves alone
//   written   the same, and the child writes to all of them
//   eager     the same, wired: fork copies them all
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096 };

static void write_to(volatile char *memory, long pages) {
    for (long i = 0; i < pages; i++)
        memory[i * PAGE] = 1;
}

static char *get(long pages) {
    char *p =
        mmap(NULL, (size_t)pages * PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
    if (p == MAP_FAILED)
        err(1, "mmap");
    write_to(p, pages);
    return p;
}

static long resident(void) {
    const int name[] = {CTL_KERN, KERN_PROC2, KERN_PROC_PID, getpid(), sizeof(struct kinfo_proc2),
                        1};
    struct kinfo_proc2 me;
    size_t size = sizeof(me);
    if (sysctl(name, 6, &me, &size, NULL, 0) != 0)
        err(1, "sysctl");
    return (long)me.p_vm_rssize;
}

static int64_t now(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void fork_once(char *memory, long written) {
    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        write_to(memory, written);
        _exit(0);
    }
    int status;
    if (waitpid(child, &status, 0) != child || status != 0)
        errx(1, "the child failed");
}

// The mean of some forks, after one that warms up what there is to warm.
// `told` is printed; `pages` are at `memory`.
static void measure(const char *what, long told, char *memory, long pages, long written) {
    long forks = pages > 1000 ? 4 : 32;
    fork_once(memory, written);
    write_to(memory, pages); // the parent's own again
    int64_t spent = 0;
    for (long i = 0; i < forks; i++) {
        int64_t begin = now();
        fork_once(memory, written);
        spent += now() - begin;
        write_to(memory, pages);
    }
    printf("%s %ld %ld\n", what, told, (long)(spent / forks));
    fflush(stdout);
}

static int fork_often(long forks) {
    long have = resident();
    char *filler = have < 64 ? get(64 - have) : NULL;
    printf("bench-cow: %ld pages resident\n", resident());
    fflush(stdout);
    for (long i = 0; i < forks; i++) {
        fork_once(NULL, 0);
        if (filler)
            write_to(filler, 64 - have); // shared with nobody again
    }
    printf("bench-cow: %ld forks\n", forks);
    return 0;
}

int main(int argc, char **argv) {
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_MEMLOCK, &all);
    fork_once(NULL, 0);
    if (argc > 1)
        return fork_often(strtol(argv[1], NULL, 10));
    long have = resident();
    if (have < 64) {
        char *filler = get(64 - have);
        measure("resident", resident(), filler, 64 - have, 0);
        munmap(filler, (size_t)(64 - have) * PAGE);
    }
    static const long sizes[] = {16, 256, 4096};
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        long pages = sizes[i];
        char *memory = get(pages);
        measure("cow", pages, memory, pages, 0);
        measure("written", pages, memory, pages, pages);
        if (mlock(memory, (size_t)pages * PAGE) != 0)
            err(1, "mlock");
        measure("eager", pages, memory, pages, 0);
        munmap(memory, (size_t)pages * PAGE);
    }
    return 0;
}
