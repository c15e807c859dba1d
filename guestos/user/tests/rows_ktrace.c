// ktrace: whose deeds are written down, and how a fork looks in the record.
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ktrace.h>
#include <sys/syscall.h>

enum { kMost = 256 };
static struct record {
    struct ktr_header header;
    char data[200];
} records[kMost];
static int count;

static bool read_records(int fd) {
    lseek(fd, 0, SEEK_SET);
    for (count = 0; count < kMost; count++) {
        struct record *r = &records[count];
        long n = read(fd, &r->header, sizeof(r->header));
        if (n == 0)
            return true;
        if (n != (long)sizeof(r->header) || r->header.ktr_len > (int)sizeof(r->data) ||
            read(fd, r->data, (size_t)r->header.ktr_len) != r->header.ktr_len)
            return false;
    }
    return true;
}

static int new_file(void) {
    return open("/tmp/ktrace.out", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
}

static int exit_of(pid_t pid) {
    int status = -1;
    return waitpid(pid, &status, WALLSIG) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A process that is traced from here on forks a child; both leave a mark.
static bool marks(int fd, int facilities, pid_t *pids, bool *child_seen) {
    int fds[2];
    EXPECT_EQ(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (fktrace(fd, KTROP_SET, facilities, getpid()) == -1)
            _exit(1);
        pids[0] = getpid();
        pids[1] = fork();
        if (pids[1] == 0) {
            utrace("child", "c", 1);
            _exit(0);
        }
        exit_of(pids[1]);
        utrace("parent", "pp", 2);
        write(fds[1], pids, 2 * sizeof(pids[0]));
        _exit(0);
    }
    EXPECT_EQ(exit_of(pid), 0);
    EXPECT_EQ(read(fds[0], pids, 2 * sizeof(pids[0])), (long)(2 * sizeof(pids[0])));
    EXPECT(read_records(fd), "the record can't be read");
    bool parent_seen = false;
    *child_seen = false;
    for (int i = 0; i < count; i++) {
        const struct record *r = &records[i];
        bool user = r->header.ktr_type == KTR_USER;
        parent_seen |= user && r->header.ktr_pid == pids[0] && strcmp(r->data, "parent") == 0 &&
                       r->header.ktr_len == KTR_USER_MAXIDLEN + 2;
        *child_seen |= r->header.ktr_pid == pids[1];
        EXPECT(r->header.ktr_pid == pids[0] || r->header.ktr_pid == pids[1], "a stranger's record");
    }
    EXPECT(parent_seen, "the traced process left no mark");
    return true;
}

static bool inherited(void) {
    pid_t pids[2];
    bool child_seen;
    int fd = new_file(), facilities = KTRFAC_SYSCALL | KTRFAC_SYSRET | KTRFAC_USER;
    EXPECT(fd >= 0, "no file");
    if (!marks(fd, facilities, pids, &child_seen))
        return false;
    EXPECT(!child_seen, "the child is traced, unasked");
    fd = new_file();
    if (!marks(fd, facilities | (int)KTRFAC_INHERIT, pids, &child_seen))
        return false;
    EXPECT(child_seen, "the child is not traced");
    return true;
}

// What is inherited is inherited on: a grandchild is traced too.
static bool inherited_on(void) {
    int fd = new_file(), fds[2];
    pid_t grandchild = 0;
    EXPECT_EQ(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        fktrace(fd, KTROP_SET, KTRFAC_USER | (int)KTRFAC_INHERIT, getpid());
        pid_t child = fork();
        if (child == 0) {
            grandchild = fork();
            if (grandchild == 0) {
                utrace("grandchild", "g", 1);
                _exit(0);
            }
            write(fds[1], &grandchild, sizeof(grandchild));
            _exit(exit_of(grandchild));
        }
        _exit(exit_of(child));
    }
    EXPECT_EQ(exit_of(pid), 0);
    EXPECT_EQ(read(fds[0], &grandchild, sizeof(grandchild)), (long)sizeof(grandchild));
    EXPECT(read_records(fd), "the record can't be read");
    EXPECT_EQ(count, 1);
    EXPECT_EQ(records[0].header.ktr_pid, grandchild);
    return true;
}

// The child's first record is the return of fork, with 0.
static bool first_is_fork(pid_t child) {
    for (int i = 0; i < count; i++) {
        if (records[i].header.ktr_pid == child) {
            struct ktr_sysret ret;
            memcpy(&ret, records[i].data, sizeof(ret));
            EXPECT_EQ(records[i].header.ktr_type, KTR_SYSRET);
            EXPECT_EQ(ret.ktr_code, SYS_fork);
            EXPECT_EQ(ret.ktr_error, 0);
            EXPECT_EQ(ret.ktr_retval, 0);
            return true;
        }
    }
    EXPECT(false, "no record of child %d", child);
}

static char stack[8192] __attribute__((aligned(16)));

static int nothing(void *unused) {
    (void)unused;
    return 0;
}

static bool every_kind(void) {
    int fd = new_file();
    pid_t pids[4];
    EXPECT_EQ(
        fktrace(fd, KTROP_SET, KTRFAC_SYSCALL | KTRFAC_SYSRET | (int)KTRFAC_INHERIT, getpid()), 0);
    pids[0] = fork();
    if (pids[0] == 0)
        _exit(0);
    pids[1] = vfork();
    if (pids[1] == 0)
        _exit(0);
    pids[2] = (pid_t)syscall(SYS_vfork);
    if (pids[2] == 0)
        _exit(0);
    pids[3] = __clone(nothing, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    for (int i = 0; i < 4; i++)
        EXPECT_EQ(exit_of(pids[i]), 0);
    EXPECT_EQ(fktrace(fd, KTROP_CLEARFILE, 0, 0), 0);
    getppid(); // not recorded
    EXPECT(read_records(fd), "the record can't be read");
    for (int i = 0; i < 4; i++)
        if (!first_is_fork(pids[i]))
            return false;
    EXPECT_EQ(records[count - 1].header.ktr_pid, getpid());
    return true;
}

static bool by_name(void) {
    new_file();
    EXPECT_EQ(ktrace("/tmp/no-such-file", KTROP_SET, KTRFAC_USER, getpid()), -1);
    EXPECT_EQ(errno, ENOENT);
    EXPECT_EQ(ktrace("/tmp/ktrace.out", KTROP_SET, 0, getpid()), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(ktrace("/tmp/ktrace.out", KTROP_SET, KTRFAC_USER, 99999), -1);
    EXPECT_EQ(errno, ESRCH);
    EXPECT_EQ(ktrace("/tmp/ktrace.out", KTROP_SET, KTRFAC_USER | KTRFAC_PSIG, getpid()), 0);
    utrace("mark", "m", 1);
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1); // ignored: no record
    EXPECT_EQ(ktrace(NULL, KTROP_CLEAR, KTRFAC_USER | KTRFAC_PSIG, getpid()), 0);
    utrace("late", "l", 1);
    int fd = open("/tmp/ktrace.out", O_RDONLY);
    EXPECT(read_records(fd), "the record can't be read");
    EXPECT_EQ(count, 1);
    EXPECT(strcmp(records[0].data, "mark") == 0, "another mark");
    return true;
}

// Found by random system calls: nothing could end the wait of a dying process.
static bool full_pipe(void) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_NONBLOCK), 0);
    while (write(ends[1], records, sizeof(records)) > 0 || write(ends[1], "", 1) > 0)
        continue;
    EXPECT_EQ(fcntl(ends[1], F_SETFL, 0), 0);
    pid_t pid = fork();
    if (pid == 0) {
        fktrace(ends[1], KTROP_SET, KTRFAC_SYSCALL | KTRFAC_SYSRET, getpid());
        _exit(0);
    }
    usleep(50000); // it waits for room
    EXPECT_EQ(kill(pid, SIGKILL), 0);
    int status = 0;
    for (int i = 0; i < 100 && waitpid(pid, &status, WNOHANG) != pid; i++)
        usleep(10000);
    EXPECT_EQ(status, SIGKILL);
    return true;
}

static const struct row rows[] = {
    ROW("F18", "a process traced to a full pipe can be killed", full_pipe),
    ROW("F18", "a child is traced only if KTRFAC_INHERIT says so", inherited),
    ROW("F18", "a grandchild is traced as the child is", inherited_on),
    ROW("F18", "ktrace begins and ends by name", by_name),
    ROW("F36", "ktrace sees every kind of fork as fork returning 0", every_kind),
};
ROWS_MAIN(rows)
