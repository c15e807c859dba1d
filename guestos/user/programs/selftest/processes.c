// fork, exit, wait4, getpid, getppid, sched_yield.
#include "selftest.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int exit_with(void *status) {
    return *(int *)status;
}

static int child_sees_parent(void *parent) {
    return getppid() == *(pid_t *)parent && getpid() != *(pid_t *)parent ? 0 : 1;
}

static void test_identity(void) {
    pid_t self = getpid();
    check(self > 0 && getpid() == self, "getpid gives one positive number");
    check(exit_of(status_in_child(child_sees_parent, &self)) == 0,
          "a child has another pid and its parent's pid from getppid");
    pid_t child = start(exit_with, &(int){0});
    check(child > 0 && child != self, "fork gives the parent the child's pid");
    finish(child);
}

static void test_statuses(void) {
    bool right = true;
    for (int status = 0; status < 256; status += 51)
        right &= exit_of(status_in_child(exit_with, &status)) == status;
    check(right, "wait reports the status given to exit, from 0 to 255");
    check(exit_of(status_in_child(exit_with, &(int){0x1234})) == 0x34,
          "wait reports the low 8 bits of the status");
}

static int wait_for_byte(void *channel) {
    return hear(*(struct channel *)channel);
}

static void test_wait(void) {
    int status = -1;
    check_error(wait(&status), ECHILD, "wait without children is ECHILD");
    struct channel channel = open_channel();
    pid_t first = start(wait_for_byte, &channel), second = start(wait_for_byte, &channel);
    check(waitpid(first, &status, WNOHANG) == 0, "wait with WNOHANG does not wait");
    check_error(waitpid(getpid(), &status, 0), ECHILD, "waiting for oneself is ECHILD");
    check_error(wait4(first, &status, WNOHANG | 0x40000000, NULL), EINVAL,
                "an unknown option is EINVAL");
    tell(channel, 3);
    tell(channel, 3);
    check(waitpid(second, &status, 0) == second && exit_of(status) == 3,
          "waitpid waits for the child it is asked for");
    struct rusage usage;
    memset(&usage, 0xff, sizeof(usage));
    check(wait4(first, NULL, 0, &usage) == first, "wait4 takes a null status pointer");
    check(usage.ru_utime.tv_sec >= 0 && usage.ru_utime.tv_usec >= 0 &&
              usage.ru_utime.tv_usec < 1000000,
          "wait4 fills in the resource usage");
    check_error(waitpid(first, &status, 0), ECHILD, "a child can be waited for once");
    close_channel(channel);
}

enum { CROWD = 40 };

static void test_crowd(void) {
    pid_t pids[CROWD];
    bool distinct = true;
    for (int i = 0; i < CROWD; i++) {
        pids[i] = start(exit_with, &i);
        for (int j = 0; j < i; j++)
            distinct &= pids[i] != pids[j];
    }
    check(distinct, "40 children that were not waited for have 40 pids");
    int seen = 0;
    bool right = true;
    for (int status; seen < CROWD; seen++) {
        pid_t pid = wait(&status);
        int which = 0;
        while (which < CROWD && pids[which] != pid)
            which++;
        right &= which < CROWD && exit_of(status) == which;
    }
    check(right, "each of them is reported once, with its own status");
    check_error(wait(NULL), ECHILD, "then none is left");
}

struct orphan {
    struct channel channel;
};

static int orphan(void *argument) {
    struct channel channel = ((struct orphan *)argument)->channel;
    while (getppid() != 1)
        sched_yield();
    tell(channel, 'o');
    return 0;
}

static int leave_orphan(void *argument) {
    start(orphan, argument);
    return 0;
}

static void test_orphan(void) {
    struct orphan argument = {open_channel()};
    check(exit_of(status_in_child(leave_orphan, &argument)) == 0, "a parent may exit first");
    check(hear(argument.channel) == 'o', "its child then has process 1 as parent");
    close_channel(argument.channel);
}

// Values that the compiler keeps in registers around the call.
static __attribute__((noinline)) int sum_around_fork(int a, int b, int c, int d, double x) {
    pid_t pid = fork();
    if (pid == -1)
        give_up("fork");
    int sum = a + b * 2 + c * 4 + d * 8 + (int)(x * 16);
    if (pid == 0)
        _exit(sum == 1 + 4 + 12 + 32 + 40 ? 0 : 1);
    return exit_of(finish(pid)) == 0 && sum == 1 + 4 + 12 + 32 + 40;
}

static int generation(void *depth) {
    int left = *(int *)depth - 1;
    if (left == 0)
        return 1;
    return exit_of(status_in_child(generation, &left)) + 1;
}

void test_processes(void) {
    test_identity();
    test_statuses();
    test_wait();
    test_crowd();
    test_orphan();
    check(sum_around_fork(1, 2, 3, 4, 2.5), "registers, floating point too, survive fork");
    check(exit_of(status_in_child(generation, &(int){12})) == 12,
          "12 generations of children wait for each other");
    check(sched_yield() == 0, "sched_yield succeeds");
}
