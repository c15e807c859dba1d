// Event queues that watch processes, and what else they can watch.
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/event.h>

static int queue;
static const struct timespec now = {0, 0};

// Changes one event; 0, or errno.
static int change(uintptr_t ident, unsigned filter, unsigned flags, unsigned notes) {
    struct kevent kev;
    EV_SET(&kev, ident, filter, flags, notes, 0, 77);
    return kevent(queue, &kev, 1, NULL, 0, NULL) == -1 ? errno : 0;
}

// The next event; what is there at once, or waits for it.
static bool next(struct kevent *kev, const struct timespec *timeout) {
    memset(kev, 0, sizeof(*kev));
    return kevent(queue, NULL, 0, kev, 1, timeout) == 1;
}

static int gate[2], answer[2];

static void tell(int *pipe) {
    write(pipe[1], "x", 1);
}
static void hear(int *pipe) {
    char byte;
    read(pipe[0], &byte, 1);
}

// A child that does it after the gate has opened.
static pid_t child_that(void (*does)(void)) {
    queue = kqueue();
    if (pipe(gate) == -1 || pipe(answer) == -1)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        hear(gate);
        does();
        _exit(7);
    }
    return pid;
}

static void forks(void) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(3);
    waitpid(pid, NULL, 0);
    tell(answer);
    hear(gate);
}

static void executes(void) {
    execl("/bin/true", "true", NULL);
}

static void nothing(void) {}

static bool fork_and_exit(void) {
    struct kevent kev;
    pid_t pid = child_that(forks);
    EXPECT_EQ(change((uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_FORK | NOTE_EXIT), 0);
    EXPECT_EQ(next(&kev, &now), false);
    tell(gate);
    hear(answer);
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT_EQ(kev.ident, pid);
    EXPECT_EQ(kev.filter, EVFILT_PROC);
    EXPECT_EQ(kev.fflags, NOTE_FORK);
    EXPECT_EQ((long)kev.udata, 77);
    EXPECT_EQ(next(&kev, &now), false); // the child's own end is not watched
    tell(gate);
    EXPECT_EQ(next(&kev, NULL), true);
    EXPECT_EQ(kev.fflags, NOTE_EXIT);
    EXPECT_EQ(kev.data, W_EXITCODE(7, 0));
    EXPECT(kev.flags & EV_EOF, "the flags are %#x", (unsigned)kev.flags);
    EXPECT_EQ(change((uintptr_t)pid, EVFILT_PROC, EV_DELETE, 0), ENOENT); // it went by itself
    EXPECT_EQ(waitpid(pid, NULL, 0), pid);
    EXPECT_EQ(change((uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_EXIT), ESRCH);
    return true;
}

static bool exec_note(void) {
    struct kevent kev;
    pid_t pid = child_that(executes);
    EXPECT_EQ(change((uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_EXEC), 0);
    tell(gate);
    EXPECT_EQ(next(&kev, NULL), true);
    EXPECT_EQ(kev.fflags, NOTE_EXEC);
    EXPECT_EQ(waitpid(pid, NULL, 0), pid);
    EXPECT_EQ(next(&kev, &now), false); // an end nobody asked for
    return true;
}

// With NOTE_TRACK the child is watched too, from its first moment on.
static bool tracked(void) {
    struct kevent kev, seen[3];
    pid_t child = 0, pid = child_that(forks);
    EXPECT_EQ(change((uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_TRACK | NOTE_FORK | NOTE_EXIT), 0);
    tell(gate);
    hear(answer);
    EXPECT_EQ(kevent(queue, NULL, 0, seen, 3, &now), 2);
    for (int i = 0; i < 2; i++) {
        if (seen[i].ident == (uintptr_t)pid) {
            EXPECT_EQ(seen[i].fflags, NOTE_FORK);
        } else {
            child = (pid_t)seen[i].ident;
            // It has ended meanwhile, so its state is told in one.
            EXPECT_EQ(seen[i].fflags, NOTE_CHILD | NOTE_EXIT);
            EXPECT_EQ(seen[i].data, W_EXITCODE(3, 0));
            EXPECT_EQ((long)seen[i].udata, 77);
        }
    }
    EXPECT(child > 0, "no event of the child");
    tell(gate);
    EXPECT_EQ(next(&kev, NULL), true);
    EXPECT_EQ(kev.ident, pid);
    EXPECT_EQ(kev.fflags, NOTE_EXIT);
    EXPECT_EQ(waitpid(pid, NULL, 0), pid);
    return true;
}

static void forks_twice(void) {
    pid_t pid = fork();
    if (pid == 0) {
        hear(gate);
        pid = fork();
        if (pid == 0)
            _exit(3);
        waitpid(pid, NULL, 0);
        tell(answer);
        hear(gate);
        _exit(4);
    }
    tell(answer);
    waitpid(pid, NULL, 0);
}

static bool tracked_on(void) {
    struct kevent kev;
    pid_t pid = child_that(forks_twice);
    EXPECT_EQ(change((uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_TRACK), 0);
    tell(gate);
    hear(answer);
    EXPECT_EQ(next(&kev, &now), true); // the child's; without NOTE_FORK none of the parent's
    pid_t child = (pid_t)kev.ident;
    EXPECT_EQ(kev.fflags, NOTE_CHILD);
    EXPECT_EQ(kev.data, pid); // whose child it is
    EXPECT_EQ(next(&kev, &now), false);
    tell(gate); // the child forks: it is followed too
    hear(answer);
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT(kev.ident != (uintptr_t)child && kev.ident != (uintptr_t)pid, "no grandchild");
    EXPECT_EQ(kev.fflags, NOTE_CHILD);
    tell(gate);
    EXPECT_EQ(waitpid(pid, NULL, 0), pid);
    return true;
}

// A queue that is full can't follow.
static bool track_error(void) {
    struct kevent kev;
    pid_t pid = child_that(forks);
    EXPECT_EQ(change((uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_TRACK | NOTE_EXIT), 0);
    int error = 0;
    for (uintptr_t i = 0; i < 100000 && error == 0; i++)
        error = change(i, EVFILT_USER, EV_ADD, 0);
    EXPECT_EQ(error, ENOMEM);
    tell(gate);
    hear(answer);
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT_EQ(kev.ident, pid);
    EXPECT_EQ(kev.fflags, NOTE_TRACKERR);
    EXPECT_EQ(next(&kev, &now), false);
    EXPECT_EQ(change(0, EVFILT_USER, EV_DELETE, 0), 0);
    EXPECT_EQ(change(0, EVFILT_USER, EV_ADD, 0), 0);
    tell(gate);
    EXPECT_EQ(next(&kev, NULL), true);
    EXPECT_EQ(kev.fflags, NOTE_EXIT);
    EXPECT_EQ(waitpid(pid, NULL, 0), pid);
    return true;
}

// The queue itself belongs to who made it.
static bool not_inherited(void) {
    struct kevent kev;
    int status;
    queue = kqueue();
    pid_t pid = fork();
    if (pid == 0)
        _exit(fcntl(queue, F_GETFD) == -1 && errno == EBADF ? 0 : 1);
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(next(&kev, &now), false);
    return true;
}

static bool pipes(void) {
    struct kevent kev;
    struct timespec tick = {0, 20000000};
    int fds[2];
    queue = kqueue();
    EXPECT_EQ(pipe(fds), 0);
    EXPECT_EQ(change((uintptr_t)fds[0], EVFILT_READ, EV_ADD, 0), 0);
    EXPECT_EQ(change((uintptr_t)fds[0], EVFILT_WRITE, EV_ADD, 0), EINVAL);
    EXPECT_EQ(next(&kev, &tick), false);
    write(fds[1], "abc", 3);
    EXPECT_EQ(next(&kev, NULL), true);
    EXPECT_EQ(kev.data, 3);
    EXPECT_EQ(next(&kev, &now), true); // as long as there are bytes
    EXPECT_EQ(change((uintptr_t)fds[0], EVFILT_READ, EV_DISABLE, 0), 0);
    EXPECT_EQ(next(&kev, &now), false);
    EXPECT_EQ(change((uintptr_t)fds[0], EVFILT_READ, EV_ENABLE, 0), 0);
    close(fds[1]);
    EXPECT_EQ(next(&kev, NULL), true);
    EXPECT(kev.flags & EV_EOF, "no EV_EOF");
    close(fds[0]); // takes its watcher along
    EXPECT_EQ(next(&kev, &now), false);
    EXPECT_EQ(change(99, EVFILT_READ, EV_ADD, 0), EBADF);
    EXPECT_EQ(change(1, 99, EV_ADD, 0), EINVAL);
    return true;
}

static bool signals_and_own(void) {
    struct kevent kev;
    queue = kqueue();
    signal(SIGUSR1, SIG_IGN);
    EXPECT_EQ(change(SIGUSR1, EVFILT_SIGNAL, EV_ADD, 0), 0);
    raise(SIGUSR1);
    raise(SIGUSR1);
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT_EQ(kev.ident, SIGUSR1);
    EXPECT_EQ(kev.data, 2); // ignored, but counted
    EXPECT_EQ(next(&kev, &now), false);
    EXPECT_EQ(change(5, EVFILT_USER, EV_ADD | EV_CLEAR, 0), 0);
    EXPECT_EQ(next(&kev, &now), false);
    EXPECT_EQ(change(5, EVFILT_USER, 0, NOTE_TRIGGER | NOTE_FFCOPY | 9), 0);
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT_EQ(kev.fflags, 9);
    EXPECT_EQ(next(&kev, &now), false);
    EXPECT_EQ(change(5, EVFILT_USER, EV_DELETE, 0), 0);
    EXPECT_EQ(change(5, EVFILT_USER, EV_DELETE, 0), ENOENT);
    return true;
}

static bool many_queues(void) {
    pid_t pid = child_that(nothing);
    int first = queue, second = kqueue();
    struct kevent kev;
    EXPECT_EQ(change((uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_EXIT), 0);
    queue = second;
    EXPECT_EQ(change((uintptr_t)pid, EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT), 0);
    close(first); // one goes, the other stays
    tell(gate);
    EXPECT_EQ(next(&kev, NULL), true);
    EXPECT_EQ(kev.data, W_EXITCODE(7, 0));
    EXPECT_EQ(waitpid(pid, NULL, 0), pid);
    return true;
}

static const struct row rows[] = {
    ROW("F30", "a watcher hears of fork and exit", fork_and_exit),
    ROW("F30", "a watcher hears of exec", exec_note),
    ROW("F30", "NOTE_TRACK watches the child as the parent", tracked),
    ROW("F30", "a tracked child says NOTE_CHILD and its parent first, and is followed", tracked_on),
    ROW("F30", "a child that can't be followed is told by NOTE_TRACKERR", track_error),
    ROW("F30", "several queues watch one process", many_queues),
    ROW("F13", "event queues are not inherited", not_inherited),
    ROW("F30", "pipes are watched for bytes and their end", pipes),
    ROW("F30", "signals are counted, and the program has its own events", signals_and_own),
};
ROWS_MAIN(rows)
