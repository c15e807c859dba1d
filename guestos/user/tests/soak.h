// What the long-running tests share: the kernel's counts, its leak check, random
// numbers, and a frame for programs whose parts each must leave nothing behind.
//
//   soak_X [-t SECONDS] [PART [SIZE]]
//
// Each part prints `ok PART - ...` or `not ok PART - ...`.
#ifndef SOAK_H_
#define SOAK_H_

#include "expect.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096 };

// --- the kernel's counts ------------------------------------------------------

static inline struct debug_vm vm(void) {
    static const int name[] = {CTL_DEBUG, DEBUG_VM};
    struct debug_vm counts = {0};
    size_t size = sizeof(counts);
    sysctl(name, 2, &counts, &size, NULL, 0);
    return counts;
}

static inline int set_number(int top, int node, int value) {
    const int name[] = {top, node};
    return sysctl(name, 2, NULL, NULL, &value, sizeof(value));
}

static inline int number_of(int top, int node) {
    const int name[] = {top, node};
    int value = -1;
    size_t size = sizeof(value);
    sysctl(name, 2, &value, &size, NULL, 0);
    return value;
}

static inline void fail_allocation(int kind, int64_t nth) {
    const int name[] = {CTL_DEBUG, DEBUG_INJECT, kind};
    sysctl(name, 3, NULL, NULL, &nth, sizeof(nth));
}

static inline void leaks_begin(void) {
    set_number(CTL_DEBUG, DEBUG_LEAKS, 1);
}

// How many things differ since leaks_begin.
static inline int leaks(void) {
    return number_of(CTL_DEBUG, DEBUG_LEAKS);
}

// --- time ---------------------------------------------------------------------

static inline int64_t now_ns(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

// --- random numbers: xorshift64* ------------------------------------------------

static uint64_t soak_state = 1;

static inline uint64_t random64(void) {
    soak_state ^= soak_state >> 12;
    soak_state ^= soak_state << 25;
    soak_state ^= soak_state >> 27;
    return soak_state * UINT64_C(0x2545f4914f6cdd1d);
}

static inline void random_seed(uint64_t seed) {
    soak_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (int i = 0; i < 8; i++)
        random64();
}

static inline unsigned random_below(unsigned limit) {
    return (unsigned)((random64() >> 32) * limit >> 32);
}

// --- processes ----------------------------------------------------------------------

enum { SOAK_MOST = 600 };
static struct kinfo_proc2 soak_processes[SOAK_MOST];

// Lists all processes; returns how many there are.
static inline int list_processes(void) {
    const int name[] = {CTL_KERN, KERN_PROC2, KERN_PROC_ALL, 0, sizeof(struct kinfo_proc2),
                        SOAK_MOST};
    size_t size = sizeof(soak_processes);
    if (sysctl(name, 6, soak_processes, &size, NULL, 0) != 0)
        return -1;
    return (int)(size / sizeof(struct kinfo_proc2));
}

// Waits until there are as many processes as `count`: init reaps orphans. After
// ten seconds without that it is false.
static inline bool processes_back(int count) {
    for (int i = 0; i < 1000; i++) {
        if (list_processes() <= count)
            return true;
        usleep(10000);
    }
    return false;
}

// The child's status by waitpid; -1 if it can't be waited for.
static inline int status_of(pid_t pid) {
    int status = -1;
    while (waitpid(pid, &status, 0) != pid)
        if (errno != EINTR)
            return -1;
    return status;
}

// --- parts -----------------------------------------------------------------------------

struct part {
    const char *name;
    bool (*run)(unsigned size);
    unsigned size; // how much work, where the command line does not say
    const char *sentence;
};

// Runs a part in a child; when all is over nothing may be left of it.
static inline bool part_run(const struct part *part, unsigned size) {
    fflush(stdout);
    int processes = list_processes();
    int64_t begin = now_ns();
    leaks_begin();
    pid_t pid = fork();
    if (pid == 0) {
        bool good = part->run(size);
        if (!good)
            printf("not ok %s - %s (%s)\n", part->name, part->sentence, expect_came);
        fflush(stdout);
        _exit(good ? 0 : 1);
    }
    int status = pid == -1 ? -1 : status_of(pid);
    bool back = processes_back(processes);
    int different = leaks();
    bool good = status == 0 && back && different == 0;
    if (good)
        printf("ok %s - %s: %u, %ld ms\n", part->name, part->sentence, size,
               (long)((now_ns() - begin) / 1000000));
    else
        printf("not ok %s - status 0x%x, %s, %d things leaked\n", part->name, status,
               back ? "all processes gone" : "processes left", different);
    fflush(stdout);
    return good;
}

static inline const struct part *part_named(const struct part *parts, unsigned count,
                                            const char *name) {
    for (unsigned i = 0; i < count; i++)
        if (strcmp(parts[i].name, name) == 0)
            return &parts[i];
    return NULL;
}

static inline int parts_main(const struct part *parts, unsigned count, int argc, char **argv) {
    long seconds = 0;
    if (argc > 2 && strcmp(argv[1], "-t") == 0) {
        seconds = atol(argv[2]);
        argc -= 2;
        argv += 2;
    }
    const struct part *wanted = argc > 1 ? part_named(parts, count, argv[1]) : NULL;
    if (argc > 1 && !wanted) {
        printf("not ok %s - there is such a part\n", argv[1]);
        return 2;
    }
    unsigned failed = 0;
    int64_t end = now_ns() + seconds * INT64_C(1000000000);
    do {
        for (unsigned i = 0; i < count; i++)
            if (!wanted || wanted == &parts[i])
                failed +=
                    part_run(&parts[i], argc > 2 ? (unsigned)atol(argv[2]) : parts[i].size) ? 0 : 1;
    } while (failed == 0 && now_ns() < end);
    return failed != 0;
}

#endif
