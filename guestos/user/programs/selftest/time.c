// clock_gettime, nanosleep, and that the processor is shared.
#include "selftest.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static long long now(void) { // nanoseconds
    struct timespec time;
    if (clock_gettime(CLOCK_MONOTONIC, &time) == -1)
        give_up("clock_gettime");
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int sleep_for(long long nanoseconds) {
    struct timespec time = {.tv_sec = nanoseconds / 1000000000,
                            .tv_nsec = nanoseconds % 1000000000};
    return nanosleep(&time, NULL);
}

static void test_clocks(void) {
    long long last = now();
    bool forward = true;
    for (int i = 0; i < 1000; i++) {
        long long next = now();
        forward &= next >= last;
        last = next;
    }
    check(forward, "the monotonic clock never goes back");
    struct timespec time = {.tv_nsec = -1};
    check(clock_gettime(CLOCK_REALTIME, &time) == 0 && time.tv_nsec >= 0 &&
              time.tv_nsec < 1000000000,
          "the time of day has less than a second of nanoseconds");
    check_error(clock_gettime(12345, &time), EINVAL, "an unknown clock is EINVAL");
}

static void test_sleep(void) {
    long long before = now();
    check(sleep_for(30 * 1000000) == 0 && now() - before >= 30 * 1000000,
          "nanosleep sleeps at least as long as asked");
    check(sleep_for(0) == 0, "no time at all is fine");
    struct timespec time = {.tv_nsec = 1000000000};
    check_error(nanosleep(&time, NULL), EINVAL, "a second of nanoseconds is EINVAL");
    time = (struct timespec){.tv_sec = -1};
    check_error(nanosleep(&time, NULL), EINVAL, "a negative time is EINVAL");
}

struct sleeper {
    struct channel channel;
    int number;
};

static int sleep_in_turn(void *argument) {
    struct sleeper *self = argument;
    sleep_for((self->number + 1) * 60 * 1000000LL);
    tell(self->channel, (char)('0' + self->number));
    return 0;
}

static void test_order(void) {
    static const int order[] = {2, 0, 3, 1};
    struct channel channel = open_channel();
    pid_t pids[4];
    struct sleeper sleepers[4];
    for (int i = 0; i < 4; i++) {
        sleepers[i] = (struct sleeper){channel, order[i]};
        pids[i] = start(sleep_in_turn, &sleepers[i]);
    }
    bool right = true;
    for (int i = 0; i < 4; i++)
        right &= hear(channel) == '0' + i;
    for (int i = 0; i < 4; i++)
        finish(pids[i]);
    check(right, "four sleepers wake in the order of their times");
    close_channel(channel);
}

static int hog(void *unused) {
    (void)unused;
    for (volatile unsigned int turn = 1; turn; turn |= 1)
        continue;
    return 1;
}

// Sums with values that a switch of processes must keep: integer and floating
// point registers.
static int compute(void *seed) {
    double x = *(int *)seed, sum = 0;
    unsigned long n = (unsigned long)*(int *)seed, mixed = 0;
    for (int i = 0; i < 400000; i++) {
        sum += x;
        x = x * 0.5 + 1;
        mixed = mixed * 31 + n++;
    }
    unsigned long expected = 0;
    n = (unsigned long)*(int *)seed;
    for (int i = 0; i < 400000; i++)
        expected = expected * 31 + n++;
    return mixed == expected && x > 1.99 && x < 2.01 && sum > 799000 && sum < 801000 ? 0 : 1;
}

static void test_sharing(void) {
    pid_t hogs[3], workers[3];
    for (int i = 0; i < 3; i++)
        hogs[i] = start(hog, NULL);
    long long before = now();
    check(sleep_for(20 * 1000000) == 0 && now() - before >= 20 * 1000000,
          "a sleeper gets the processor back from three that never give it up");
    for (int i = 0; i < 3; i++)
        workers[i] = start(compute, &(int){i * 100});
    bool right = true;
    for (int i = 0; i < 3; i++)
        right &= exit_of(finish(workers[i])) == 0;
    check(right, "three more compute beside them, and no register is lost");
    for (int i = 0; i < 3; i++)
        kill(hogs[i], SIGKILL);
    for (int i = 0; i < 3; i++)
        right &= signal_of(finish(hogs[i])) == SIGKILL;
    check(right, "all of them can be ended");
}

void test_time(void) {
    test_clocks();
    test_sleep();
    test_order();
    test_sharing();
}
