// Locks on files, and what fork does to them.
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

// A file of 100 bytes; a second call opens it once more.
static int open_file(void) {
    int fd = open("/tmp/locks", O_RDWR | O_CREAT, 0666);
    if (fd != -1)
        ftruncate(fd, 100);
    return fd;
}

static int set(int fd, int command, int type, off_t start, off_t length) {
    struct flock lock = {.l_start = start, .l_len = length, .l_type = type, .l_whence = SEEK_SET};
    return fcntl(fd, command, &lock);
}

// What is in the way of an exclusive lock there: its type.
static int in_the_way(int fd, off_t start, off_t length, struct flock *lock) {
    *lock = (struct flock){.l_start = start, .l_len = length, .l_type = F_WRLCK};
    return fcntl(fd, F_GETLK, lock) == -1 ? -1 : lock->l_type;
}

static int status_of(pid_t pid) {
    int status = -1;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void end(pid_t pid) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

// --- flock: of the open file ------------------------------------------------------------

static bool flock_shared_by_descriptors(void) {
    int fd = open_file(), other = open_file(), copy = dup(fd);
    EXPECT_EQ(flock(fd, LOCK_EX), 0);
    EXPECT_EQ(flock(copy, LOCK_EX | LOCK_NB), 0); // the same open file
    EXPECT_EQ(flock(other, LOCK_EX | LOCK_NB), -1);
    EXPECT_EQ(errno, EAGAIN);
    EXPECT_EQ(flock(other, LOCK_SH | LOCK_NB), -1);
    EXPECT_EQ(close(fd), 0);
    EXPECT_EQ(flock(other, LOCK_SH | LOCK_NB), -1);
    EXPECT_EQ(close(copy), 0); // the last descriptor
    EXPECT_EQ(flock(other, LOCK_EX | LOCK_NB), 0);
    EXPECT_EQ(flock(other, 0), -1);
    EXPECT_EQ(errno, EINVAL);
    return true;
}

static bool flock_kept_across_fork(void) {
    int fd = open_file(), other = open_file();
    EXPECT_EQ(flock(fd, LOCK_EX), 0);
    int go[2];
    EXPECT_EQ(pipe(go), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char byte;
        close(go[1]);
        read(go[0], &byte, 1); // until the parent has closed its own
        _exit(flock(other, LOCK_EX | LOCK_NB) == -1 && flock(fd, LOCK_EX | LOCK_NB) == 0 ? 7 : 1);
    }
    close(fd);
    EXPECT_EQ(flock(other, LOCK_EX | LOCK_NB), -1); // the child has it, too
    EXPECT_EQ(errno, EAGAIN);
    close(go[1]);
    EXPECT_EQ(status_of(pid), 7);
    EXPECT_EQ(flock(other, LOCK_EX | LOCK_NB), 0);
    return true;
}

// Either side's LOCK_UN unlocks for both.
static bool flock_unlocked_by_child(void) {
    int fd = open_file(), other = open_file();
    EXPECT_EQ(flock(fd, LOCK_EX), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(flock(fd, LOCK_UN) == 0 ? 7 : 1);
    EXPECT_EQ(status_of(pid), 7);
    EXPECT_EQ(flock(other, LOCK_EX | LOCK_NB), 0);
    return true;
}

static void nothing(int number) {
    (void)number;
}

static bool flock_waits(void) {
    int fd = open_file();
    EXPECT_EQ(flock(fd, LOCK_SH), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int mine = open_file();
        if (flock(mine, LOCK_SH | LOCK_NB) != 0)
            _exit(1); // shared by all who read
        _exit(flock(mine, LOCK_EX) == 0 ? 7 : 2);
    }
    usleep(30000);
    EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
    EXPECT_EQ(flock(fd, LOCK_UN), 0);
    EXPECT_EQ(status_of(pid), 7);
    // A signal ends the wait.
    EXPECT_EQ(flock(fd, LOCK_EX), 0);
    pid = fork();
    if (pid == 0) {
        int mine = open_file();
        sigaction(SIGUSR1, &(struct sigaction){.sa_handler = nothing}, NULL);
        _exit(flock(mine, LOCK_EX) == -1 && errno == EINTR ? 7 : 1);
    }
    usleep(30000);
    kill(pid, SIGUSR1);
    EXPECT_EQ(status_of(pid), 7);
    return true;
}

static bool flock_at_open(void) {
    int fd = open("/tmp/locks", O_RDWR | O_CREAT | O_EXLOCK, 0666);
    EXPECT(fd != -1, "open failed");
    EXPECT_EQ(open("/tmp/locks", O_RDWR | O_SHLOCK | O_NONBLOCK), -1);
    EXPECT_EQ(errno, EAGAIN);
    EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR);
    close(fd);
    EXPECT(open("/tmp/locks", O_RDWR | O_SHLOCK | O_NONBLOCK) != -1, "still locked");
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    EXPECT_EQ(flock(ends[0], LOCK_EX), -1);
    EXPECT_EQ(errno, EOPNOTSUPP);
    return true;
}

// --- fcntl: of the process ----------------------------------------------------------------

static bool records_not_inherited(void) {
    int fd = open_file();
    EXPECT_EQ(set(fd, F_SETLK, F_WRLCK, 10, 20), 0);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        struct flock lock;
        int type = in_the_way(fd, 0, 0, &lock);
        bool parents = type == F_WRLCK && lock.l_pid == parent && lock.l_start == 10 &&
                       lock.l_len == 20 && lock.l_whence == SEEK_SET;
        bool refused = set(fd, F_SETLK, F_RDLCK, 29, 1) == -1 && errno == EAGAIN;
        bool beside = set(fd, F_SETLK, F_WRLCK, 30, 0) == 0; // to the end
        _exit(parents && refused && beside ? 7 : 1);
    }
    EXPECT_EQ(status_of(pid), 7);
    EXPECT_EQ(set(fd, F_SETLK, F_WRLCK, 0, 0), 0); // the child's went with it
    return true;
}

static bool records_gone_at_any_close(void) {
    int fd = open_file(), other = open_file();
    EXPECT_EQ(set(fd, F_SETLK, F_WRLCK, 0, 0), 0);
    EXPECT_EQ(close(other), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(set(fd, F_SETLK, F_WRLCK, 0, 0) == 0 ? 7 : 1);
    EXPECT_EQ(status_of(pid), 7);
    // The child's close is not the parent's.
    EXPECT_EQ(set(fd, F_SETLK, F_WRLCK, 0, 0), 0);
    pid = fork();
    if (pid == 0) {
        close(fd);
        struct flock lock;
        _exit(in_the_way(open_file(), 0, 0, &lock) == F_WRLCK ? 7 : 1);
    }
    EXPECT_EQ(status_of(pid), 7);
    // dup2 closes, too.
    EXPECT_EQ(dup2(0, dup(fd)) != -1, true);
    pid = fork();
    if (pid == 0)
        _exit(set(fd, F_SETLK, F_WRLCK, 0, 0) == 0 ? 7 : 1);
    EXPECT_EQ(status_of(pid), 7);
    return true;
}

static bool records_kept_by_exec(void) {
    int fd = open_file();
    pid_t pid = fork();
    if (pid == 0) {
        set(fd, F_SETLK, F_WRLCK, 0, 0);
        execl("/bin/sleep", "sleep", "100", NULL);
        _exit(1);
    }
    struct flock lock;
    for (int i = 0; i < 100 && in_the_way(fd, 0, 0, &lock) == F_UNLCK; i++)
        usleep(10000);
    usleep(50000); // by now it is sleep
    EXPECT_EQ(in_the_way(fd, 0, 0, &lock), F_WRLCK);
    EXPECT_EQ(lock.l_pid, pid);
    end(pid);
    EXPECT_EQ(in_the_way(fd, 0, 0, &lock), F_UNLCK);
    return true;
}

static bool records_split(void) {
    int fd = open_file();
    struct flock lock;
    EXPECT_EQ(set(fd, F_SETLK, F_WRLCK, 0, 100), 0);
    EXPECT_EQ(set(fd, F_SETLK, F_RDLCK, 40, 20), 0); // in the middle
    EXPECT_EQ(set(fd, F_SETLK, F_UNLCK, 45, 5), 0);
    pid_t pid = fork();
    if (pid == 0) {
        static const struct {
            off_t at, start, length;
            int type;
        } wanted[] = {{0, 0, 40, F_WRLCK},
                      {40, 40, 5, F_RDLCK},
                      {45, 0, 0, F_UNLCK},
                      {50, 50, 10, F_RDLCK},
                      {60, 60, 40, F_WRLCK},
                      {100, 0, 0, F_UNLCK}};
        for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
            int type = in_the_way(fd, wanted[i].at, 1, &lock);
            if (type != wanted[i].type ||
                (type != F_UNLCK &&
                 (lock.l_start != wanted[i].start || lock.l_len != wanted[i].length)))
                _exit((int)i);
        }
        _exit(set(fd, F_SETLK, F_RDLCK, 40, 20) == 0 ? 77 : 78); // readers share
    }
    EXPECT_EQ(status_of(pid), 77);
    return true;
}

static bool records_wait(void) {
    int fd = open_file();
    EXPECT_EQ(set(fd, F_SETLK, F_WRLCK, 0, 10), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(set(fd, F_SETLKW, F_WRLCK, 5, 10) == 0 ? 7 : 1);
    usleep(30000);
    EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
    EXPECT_EQ(set(fd, F_SETLK, F_UNLCK, 0, 5), 0); // not yet enough
    usleep(30000);
    EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
    EXPECT_EQ(set(fd, F_SETLK, F_RDLCK, 5, 5), 0); // nor this
    usleep(30000);
    EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
    EXPECT_EQ(set(fd, F_SETLK, F_UNLCK, 5, 5), 0);
    EXPECT_EQ(status_of(pid), 7);
    return true;
}

// Three processes in a ring: who closes it is told.
static bool deadlock_is_told(void) {
    int fd = open_file(), ready[2];
    char byte;
    EXPECT_EQ(pipe(ready), 0);
    EXPECT_EQ(set(fd, F_SETLK, F_WRLCK, 0, 1), 0);
    pid_t pids[2];
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            set(fd, F_SETLK, F_WRLCK, i + 1, 1);
            write(ready[1], "", 1);
            _exit(set(fd, F_SETLKW, F_WRLCK, i, 1) == 0 ? 7 : 1);
        }
        EXPECT_EQ(read(ready[0], &byte, 1), 1);
    }
    usleep(30000); // now both wait
    EXPECT_EQ(set(fd, F_SETLKW, F_WRLCK, 2, 1), -1);
    EXPECT_EQ(errno, EDEADLK);
    EXPECT_EQ(set(fd, F_SETLK, F_UNLCK, 0, 0), 0);
    EXPECT_EQ(status_of(pids[0]), 7);
    EXPECT_EQ(status_of(pids[1]), 7);
    return true;
}

static bool refusals(void) {
    int fd = open_file(), reader = open("/tmp/locks", O_RDONLY);
    EXPECT_EQ(set(reader, F_SETLK, F_WRLCK, 0, 0), -1);
    EXPECT_EQ(errno, EBADF);
    EXPECT_EQ(set(fd, F_SETLK, 7, 0, 0), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(set(fd, F_SETLK, F_WRLCK, -1, 0), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(set(fd, F_SETLK, F_WRLCK, 5, -6), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(set(fd, F_SETLK, F_WRLCK, 5, -5), 0); // bytes 0 to 4
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    EXPECT_EQ(set(ends[0], F_SETLK, F_RDLCK, 0, 0), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(setuid(1000), 0);
    int made = 0;
    while (made < 2000 && set(fd, F_SETLK, F_WRLCK, made * 2, 1) == 0)
        made++;
    EXPECT_EQ(errno, ENOLCK);
    EXPECT(made > 1000 && made < 1030, "%d locks", made);
    EXPECT_EQ(set(fd, F_SETLK, F_UNLCK, 0, 0), 0);
    EXPECT_EQ(set(fd, F_SETLK, F_WRLCK, 0, 0), 0);
    return true;
}

static bool seek_whence(void) {
    int fd = open_file();
    struct flock lock = {.l_start = -10, .l_len = 0, .l_type = F_WRLCK, .l_whence = SEEK_END};
    EXPECT_EQ(fcntl(fd, F_SETLK, &lock), 0); // from 90
    EXPECT_EQ(lseek(fd, 50, SEEK_SET), 50);
    EXPECT_EQ(lockf(fd, F_LOCK, 10), 0); // 50 to 59
    pid_t pid = fork();
    if (pid == 0) {
        bool good = in_the_way(fd, 80, 100, &lock) == F_WRLCK && lock.l_start == 90 &&
                    lock.l_len == 0;
        good = good && in_the_way(fd, 0, 80, &lock) == F_WRLCK && lock.l_start == 50 &&
               lock.l_len == 10;
        good = good && lockf(fd, F_TEST, 1) == -1 && errno == EACCES;
        good = good && lockf(fd, F_TLOCK, 1) == -1 && errno == EAGAIN;
        _exit(good ? 7 : 1);
    }
    EXPECT_EQ(status_of(pid), 7);
    EXPECT_EQ(lockf(fd, F_TEST, 10), 0); // one's own
    EXPECT_EQ(lockf(fd, F_ULOCK, 10), 0);
    return true;
}

// --- fexecve ------------------------------------------------------------------------------

static bool executes_descriptor(void) {
    EXPECT_EQ(fexecve(-1, (char *[]){"x", NULL}, NULL), -1);
    EXPECT_EQ(errno, EBADF);
    int fd = open("/bin/sh", O_RDONLY), out[2];
    EXPECT_EQ(pipe(out), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out[1], 1);
        fexecve(fd, (char *[]){"sh", "-c", "echo $WORD", NULL}, (char *[]){"WORD=found", NULL});
        _exit(1);
    }
    char text[16] = "";
    EXPECT_EQ(read(out[0], text, sizeof(text) - 1), 6);
    EXPECT(strcmp(text, "found\n") == 0, "%s", text);
    EXPECT_EQ(status_of(pid), 0);
    // A program that has no name any more, and one that may not be executed.
    fd = open("/tmp/program", O_RDWR | O_CREAT, 0600);
    int from = open("/bin/true", O_RDONLY);
    struct stat status;
    fstat(from, &status);
    void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, from, 0);
    EXPECT_EQ(write(fd, bytes, (size_t)status.st_size), status.st_size);
    EXPECT_EQ(fexecve(fd, (char *[]){"true", NULL}, NULL), -1);
    EXPECT_EQ(errno, EACCES);
    EXPECT_EQ(fchmod(fd, 0700), 0);
    EXPECT_EQ(unlink("/tmp/program"), 0);
    pid = vfork();
    if (pid == 0) {
        fexecve(fd, (char *[]){"true", NULL}, NULL);
        _exit(9);
    }
    EXPECT_EQ(status_of(pid), 0);
    return true;
}

static const struct row rows[] = {
    ROW("F13", "flock belongs to the open file, whoever has descriptors of it",
        flock_shared_by_descriptors),
    ROW("F13", "flock is kept across fork until the last descriptor goes", flock_kept_across_fork),
    ROW("F13", "a child that unlocks flock unlocks for its parent", flock_unlocked_by_child),
    ROW("F13", "flock waits until it is free, or a signal comes", flock_waits),
    ROW("F13", "open takes flock's lock", flock_at_open),
    ROW("F13", "a child has none of its parent's record locks", records_not_inherited),
    ROW("F13", "record locks go when the process closes any descriptor of the file",
        records_gone_at_any_close),
    ROW("F13", "record locks are kept by execve", records_kept_by_exec),
    ROW("F13", "record locks are split where others are set", records_split),
    ROW("F13", "F_SETLKW waits until all of its range is free", records_wait),
    ROW("F13", "a ring of processes that wait for record locks is told", deadlock_is_told),
    ROW("F13", "record locks from the offset and from the end", seek_whence),
    ROW("F13", "record locks that can't be are refused", refusals),
    ROW("N4", "fexecve runs an open file, with or without a name", executes_descriptor),
};
ROWS_MAIN(rows)
