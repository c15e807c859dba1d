// The wait of vfork.
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <lwp.h>
#include <signal.h>
#include <stdlib.h>

static int to_child[2], to_parent[2];
static volatile int stage;

static bool gates(void) {
    return pipe(to_child) == 0 && pipe(to_parent) == 0;
}

static void tell(int *gate) {
    write(gate[1], "x", 1);
}

static bool hear(int *gate) {
    char byte;
    return read(gate[0], &byte, 1) == 1;
}

static int status_of(pid_t pid, int options) {
    int status = -1;
    return waitpid(pid, &status, options) == pid ? status : -1;
}

// SIGKILL for the parent in vfork: it dies only when the child has ended.
static bool wait_unbroken(void) {
    EXPECT(gates(), "no pipes");
    pid_t parent = fork();
    if (parent == 0) {
        pid_t child = vfork();
        if (child == 0) {
            kill(getppid(), SIGKILL);
            tell(to_parent);
            hear(to_child);
            _exit(0);
        }
        tell(to_parent); // never: it is killed first
        _exit(0);
    }
    EXPECT(hear(to_parent), "the vfork child did not run");
    usleep(50000);
    EXPECT_EQ(waitpid(parent, NULL, WNOHANG), 0);
    tell(to_child);
    EXPECT_EQ(status_of(parent, 0), SIGKILL);
    EXPECT_EQ(fcntl(to_parent[0], F_SETFL, O_NONBLOCK), 0);
    EXPECT_EQ(hear(to_parent), false);
    return true;
}

static char stack[16384] __attribute__((aligned(16)));
static volatile bool other_ran;

static void other_lwp(void *unused) {
    (void)unused;
    while (stage == 0)
        usleep(10000);
    other_ran = true;
    for (;;)
        usleep(1000000);
}

// While one LWP is in vfork another one runs: the child sees it.
static bool others_run(void) {
    ucontext_t context;
    lwpid_t lid;
    getcontext(&context);
    _lwp_makecontext(&context, other_lwp, NULL, NULL, stack, sizeof(stack));
    EXPECT_EQ(_lwp_create(&context, 0, &lid), 0);
    pid_t pid = vfork();
    if (pid == 0) {
        stage = 1;
        for (int i = 0; i < 100 && !other_ran; i++)
            usleep(10000);
        _exit(other_ran ? 3 : 4);
    }
    EXPECT_EQ(WEXITSTATUS(status_of(pid, 0)), 3);
    return true;
}

static bool failed_exec(void) {
    stage = 0;
    pid_t pid = vfork();
    if (pid == 0) {
        char *argv[] = {"nothing", NULL};
        stage = execve("/nothing", argv, environ) == -1 && errno == ENOENT ? 1 : 9;
        usleep(50000);
        stage++;
        _exit(4);
    }
    EXPECT_EQ(stage, 2);
    EXPECT_EQ(WEXITSTATUS(status_of(pid, 0)), 4);
    return true;
}

static bool good_exec(void) {
    pid_t pid = vfork();
    if (pid == 0) {
        execl("/bin/sleep", "sleep", "1", NULL);
        _exit(1);
    }
    EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0); // it still runs, we too
    EXPECT_EQ(status_of(pid, 0), 0);
    return true;
}

static bool files_copied(void) {
    int fd = open("/dev/null", O_RDWR);
    pid_t pid = vfork();
    if (pid == 0)
        _exit(close(fd) == 0 && close(STDIN_FILENO) == 0 ? 0 : 1);
    EXPECT_EQ(status_of(pid, 0), 0);
    EXPECT_EQ(fcntl(fd, F_GETFD), 0);
    EXPECT(fcntl(STDIN_FILENO, F_GETFD) != -1, "standard input is closed");
    return true;
}

static const struct row rows[] = {
    ROW("V1", "nothing interrupts the wait, SIGKILL neither", wait_unbroken),
    ROW("V1", "only the calling LWP waits", others_run),
    ROW("V3", "a failed exec wakes nobody", failed_exec),
    ROW("V3", "a good exec wakes the parent", good_exec),
    ROW("V5", "descriptors are not shared", files_copied),
};
ROWS_MAIN(rows)
