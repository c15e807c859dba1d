// sigaction, sigprocmask and what a handler sees.
#include "selftest.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t caught, nested, blocked_inside, sender;

static void catch (int number) {
    caught = number;
}

static void catch_with_info(int number, siginfo_t *info, void *context) {
    caught = context ? number : -1;
    sender = info->si_pid;
}

// Sends itself the signal again: it must wait until the handler is done.
static void catch_once_more(int number) {
    if (nested++ == 0) {
        kill(getpid(), number);
        blocked_inside = nested == 1;
    }
}

static void install(int number, void (*handler)(int), int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    if (sigaction(number, &action, NULL) == -1)
        give_up("sigaction");
}

// Values in registers that a handler must not change.
static __attribute__((noinline)) bool registers_survive(void) {
    double x = 1.25;
    long a = 11, b = 22;
    __asm__ volatile("" : "+r"(a), "+r"(b), "+w"(x));
    kill(getpid(), SIGUSR1);
    __asm__ volatile("" : "+r"(a), "+r"(b), "+w"(x));
    return a == 11 && b == 22 && x == 1.25;
}

static int report_disposition(void *unused) {
    (void)unused;
    caught = 0;
    kill(getpid(), SIGUSR1);
    return caught == SIGUSR1 ? 0 : 1;
}

static int exec_with_dispositions(void *unused) {
    (void)unused;
    install(SIGUSR1, catch, 0);
    signal(SIGUSR2, SIG_IGN);
    execl("/bin/sh", "sh", "-c", "kill -USR2 $$; kill -USR1 $$; sleep 10", NULL);
    return 99;
}

static int interrupted_sleep(void *channel) {
    install(SIGUSR1, catch, 0);
    tell(*(struct channel *)channel, 'r');
    struct timespec time = {.tv_sec = 1000}, left;
    return nanosleep(&time, &left) == -1 && errno == EINTR && left.tv_sec > 900 ? 0 : 1;
}

static int interrupted_read(void *channels) {
    struct channel *both = channels;
    install(SIGUSR1, catch, SA_RESTART);
    tell(both[0], 'r');
    return hear(both[1]) == 'x' && caught == SIGUSR1 ? 0 : 1;
}

static void wait_a_little(void) {
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000000}, NULL);
}

// A signal that comes before the child sleeps does not wake it: send more.
static int interrupt_until_it_ends(pid_t child) {
    int status;
    while (waitpid(child, &status, WNOHANG) == 0) {
        wait_a_little();
        kill(child, SIGUSR1);
    }
    return status;
}

static void test_masks(void) {
    sigset_t set, old, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    caught = 0;
    check(sigprocmask(SIG_BLOCK, &set, &old) == 0 && !sigismember(&old, SIGUSR1),
          "sigprocmask blocks a signal");
    kill(getpid(), SIGUSR1);
    check(caught == 0, "which then waits");
    check(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 1, "and is pending");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    check(caught == SIGUSR1, "until it is unblocked");
    check_error(sigprocmask(77, &set, NULL), EINVAL, "an unknown way to change the mask is EINVAL");
}

static void test_interruptions(void) {
    struct channel channels[2] = {open_channel(), open_channel()};
    pid_t child = start(interrupted_sleep, channels);
    hear(channels[0]);
    check(exit_of(interrupt_until_it_ends(child)) == 0,
          "a handler ends a sleep with EINTR and the time left");
    child = start(interrupted_read, channels);
    hear(channels[0]);
    wait_a_little();
    kill(child, SIGUSR1);
    wait_a_little();
    tell(channels[1], 'x');
    check(exit_of(finish(child)) == 0, "with SA_RESTART a read goes on after the handler");
    close_channel(channels[0]);
    close_channel(channels[1]);
}

void test_handlers(void) {
    install(SIGUSR1, catch, 0);
    caught = 0;
    kill(getpid(), SIGUSR1);
    check(caught == SIGUSR1, "a handler is called with the signal's number");
    check(registers_survive(), "and no register is lost");
    struct sigaction action = {.sa_sigaction = catch_with_info, .sa_flags = SA_SIGINFO}, old;
    check(sigaction(SIGUSR1, &action, &old) == 0 && old.sa_handler == catch,
          "sigaction tells the handler before");
    kill(getpid(), SIGUSR1);
    check(caught == SIGUSR1 && sender == getpid(), "with SA_SIGINFO it learns who sent the signal");
    install(SIGUSR2, catch_once_more, 0);
    kill(getpid(), SIGUSR2);
    check(blocked_inside && nested == 2, "its own signal waits until the handler is done");
    install(SIGUSR1, catch, 0);
    check(exit_of(status_in_child(report_disposition, NULL)) == 0,
          "a child has its parent's handlers");
    check(signal_of(status_in_child(exec_with_dispositions, NULL)) == SIGUSR1,
          "a new program has none, but ignores what was ignored");
    install(SIGUSR1, catch, SA_RESETHAND);
    caught = 0;
    kill(getpid(), SIGUSR1);
    check(caught == SIGUSR1 && sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == SIG_DFL,
          "with SA_RESETHAND a handler is for once");
    check_error(sigaction(SIGKILL, &action, NULL), EINVAL, "SIGKILL can't be caught: EINVAL");
    signal(SIGPIPE, SIG_IGN);
    int ends[2];
    if (pipe(ends) == -1)
        give_up("pipe");
    close(ends[0]);
    check_error(write(ends[1], "x", 1), EPIPE, "with SIGPIPE ignored the write is EPIPE");
    close(ends[1]);
    signal(SIGPIPE, SIG_DFL);
    install(SIGUSR1, catch, 0);
    test_masks();
    test_interruptions();
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
}
