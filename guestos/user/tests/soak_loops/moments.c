// A timer's signal at every moment of fork. The clock ticks a hundred times a
// second; a delay after one tick moves the next one to the moment wanted, cycle
// by cycle on a machine whose instructions take one each.
#include "loops.h"

#include <sys/time.h>

static volatile sig_atomic_t ticks, stage, during;

static void tick(int number) {
    (void)number;
    ticks++;
    if (stage == 1)
        during++;
}

static void delay(uint64_t cycles) {
    uint64_t loops = cycles / 2 + 1;
    if (cycles & 1)
        __asm__ volatile("nop");
    __asm__ volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r"(loops) : : "cc");
}

static void set_timer(bool on) {
    struct itimerval timer = {{0, on ? 10000 : 0}, {0, on ? 10000 : 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void next_tick(void) {
    sigset_t none;
    sigemptyset(&none);
    sigsuspend(&none);
}

static void handle_ticks(void) {
    struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
}

// Cycles from a tick's handler to the next tick, and those of a fork.
struct lengths {
    uint64_t period, fork;
};

// One fork. Nothing that is pending is inherited: the child has no signal.
static int fork_once(bool waits) {
    pid_t pid = waits ? vfork() : fork();
    if (pid == 0) {
        sigset_t pending;
        sigpending(&pending);
        _exit(!waits && sigismember(&pending, SIGALRM) ? 1 : 0);
    }
    stage = 2;
    return pid == -1 ? -1 : status_of(pid);
}

static struct lengths measure(bool waits) {
    int64_t begin = now_ns();
    delay(2000000);
    double cycles = 2000000.0 / (double)(now_ns() - begin); // in a nanosecond
    begin = now_ns();
    for (int i = 0; i < 4; i++)
        fork_once(waits);
    double fork_ns = (double)(now_ns() - begin) / 4;
    handle_ticks();
    set_timer(true);
    next_tick();
    next_tick();
    begin = now_ns();
    next_tick();
    double period_ns = (double)(now_ns() - begin);
    return (struct lengths){(uint64_t)(period_ns * cycles), (uint64_t)(fork_ns * cycles)};
}

// After the delay that point i of n has: from a little before fork until the tick
// comes after it.
static void delay_of(const struct lengths *lengths, unsigned i, unsigned n) {
    uint64_t window = lengths->fork + 4000;
    uint64_t early = window - window * i / n;
    delay(lengths->period > early ? lengths->period - early : 0);
}

static bool moments(unsigned points, bool waits) {
    struct lengths lengths = measure(waits);
    during = 0;
    for (unsigned i = 0; i < points; i++) {
        next_tick();
        delay_of(&lengths, i, points);
        stage = 1;
        EXPECT_EQ(fork_once(waits), 0);
        stage = 0;
    }
    set_timer(false);
    printf("# a tick came within %s at %d of %u points; it took %lu cycles\n",
           waits ? "vfork" : "fork", (int)during, points, (unsigned long)lengths.fork);
    return true;
}

bool signal_moments(unsigned points) {
    return moments(points, false);
}

bool vfork_moments(unsigned points) {
    return moments(points, true);
}

// The forker dies of the tick, wherever in fork it is.
bool kill_moments(unsigned points) {
    struct lengths lengths = measure(false);
    set_timer(false);
    unsigned killed = 0;
    for (unsigned i = 0; i < points; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            set_timer(true);
            next_tick();
            next_tick();
            signal(SIGALRM, SIG_DFL);
            delay_of(&lengths, i, points);
            int status = fork_once(false);
            set_timer(false);
            _exit(status == 0 ? 0 : 1);
        }
        int status = status_of(pid);
        EXPECT(status == 0 || status == SIGALRM, "point %u: status 0x%x", i, status);
        killed += status == SIGALRM;
    }
    printf("# %u of %u forkers were killed\n", killed, points);
    return true;
}
