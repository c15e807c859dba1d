// kill and the default actions.
#include "selftest.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int sleep_long(void *channel) {
    tell(*(struct channel *)channel, 's');
    struct timespec time = {.tv_sec = 1000};
    nanosleep(&time, NULL);
    return 1;
}

static int spin(void *channel) {
    tell(*(struct channel *)channel, 's');
    for (volatile unsigned int turn = 1; turn; turn |= 1)
        continue;
    return 1;
}

static int read_forever(void *channels) {
    struct channel *both = channels;
    tell(both[0], 's');
    hear(both[1]);
    return 1;
}

// The status of a child that gets the signal once it runs.
static int killed(int (*body)(void *), struct channel *channels, int number) {
    pid_t child = start(body, channels);
    hear(channels[0]);
    kill(child, number);
    return finish(child);
}

static int signal_oneself(void *number) {
    kill(getpid(), *(int *)number);
    return 7;
}

static int abort_itself(void *unused) {
    (void)unused;
    __builtin_trap();
}

static void test_ends(struct channel *channels) {
    static const int deadly[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGKILL, SIGTERM,
                                 SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU};
    static const int harmless[] = {SIGCHLD, SIGURG, SIGCONT, SIGWINCH};
    bool right = true;
    for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
        right &= signal_of(status_in_child(signal_oneself, (void *)&deadly[i])) == deadly[i];
    check(right, "ten signals end a process, and wait says which");
    right = true;
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
        right &= exit_of(status_in_child(signal_oneself, (void *)&harmless[i])) == 7;
    check(right, "SIGCHLD, SIGURG, SIGCONT and SIGWINCH do nothing");
    check(signal_of(killed(sleep_long, channels, SIGTERM)) == SIGTERM, "a sleeper is woken to end");
    check(signal_of(killed(read_forever, channels, SIGKILL)) == SIGKILL, "so is a reader");
    check(signal_of(killed(spin, channels, SIGKILL)) == SIGKILL,
          "and one that never asks the kernel");
    check(signal_of(status_in_child(abort_itself, NULL)) != 0, "a trap in the program ends it");
}

static void test_errors(void) {
    check(kill(getpid(), 0) == 0, "signal 0 only asks whether a process is there");
    check_error(kill(INT_MAX, 0), ESRCH, "one that is not is ESRCH");
    check_error(kill(getpid(), 1000), EINVAL, "an unknown signal is EINVAL");
    check_error(kill(getpid(), -1), EINVAL, "a negative one too");
}

static void test_stop(struct channel *channels) {
    pid_t child = start(spin, channels);
    int status = 0;
    hear(channels[0]);
    kill(child, SIGSTOP);
    check(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) &&
              WSTOPSIG(status) == SIGSTOP,
          "SIGSTOP stops a process, and wait with WUNTRACED says so");
    check(waitpid(child, &status, WNOHANG | WUNTRACED) == 0, "once");
    kill(child, SIGCONT);
    kill(child, SIGTERM);
    check(signal_of(finish(child)) == SIGTERM, "continued, it takes the next signal");
    child = start(spin, channels);
    hear(channels[0]);
    kill(child, SIGSTOP);
    kill(child, SIGKILL);
    check(signal_of(finish(child)) == SIGKILL, "SIGKILL ends a stopped process");
}

void test_signals(void) {
    struct channel channels[2] = {open_channel(), open_channel()};
    test_ends(channels);
    test_errors();
    test_stop(channels);
    close_channel(channels[0]);
    close_channel(channels[1]);
}
