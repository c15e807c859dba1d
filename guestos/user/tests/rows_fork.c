// The doors into fork1, and what fork hands back.
#include "rows.h"

#include <signal.h>

static volatile sig_atomic_t heard;

static void hear(int number) {
    heard = number;
}

// fork: no flags, exit signal SIGCHLD.
static bool fork_plain(void) {
    static volatile int value = 1;
    signal(SIGCHLD, hear);
    pid_t pid = fork();
    if (pid == 0) {
        value = 2;
        _exit(value);
    }
    int status;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(WEXITSTATUS(status), 2);
    EXPECT_EQ(value, 1);
    EXPECT_EQ(heard, SIGCHLD);
    return true;
}

// fork gives {pid, 0} to the parent; x0 = 0, x1 = 1 and no carry to the child.
static bool fork_registers(void) {
    register long x0 __asm__("x0") = 0;
    register long x1 __asm__("x1") = 77;
    long flags;
    __asm__ volatile("cmn xzr, xzr\n" // clears carry
                     "svc #2\n"
                     "mrs %2, nzcv\n"
                     : "+r"(x0), "+r"(x1), "=r"(flags)
                     :
                     : "memory", "cc");
    long first = x0, second = x1, carry = flags >> 29 & 1;
    if (second == 1)
        _exit(first == 0 && carry == 0 ? 3 : 4);
    int status;
    EXPECT_EQ(second, 0);
    EXPECT_EQ(carry, 0);
    EXPECT_EQ(waitpid((pid_t)first, &status, 0), first);
    EXPECT_EQ(WEXITSTATUS(status), 3);
    return true;
}

static const struct row rows[] = {
    ROW("E1", "fork copies the process, and its end raises SIGCHLD", fork_plain),
    ROW("F34", "fork gives pid and 0 to the parent, 0 and 1 to the child, no carry", fork_registers),
};
ROWS_MAIN(rows)
