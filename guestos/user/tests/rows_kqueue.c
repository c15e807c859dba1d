// Event queues that watch processes, and what else they can watch.
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/event.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>

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
    struct kevent kev, seen[4];
    uintptr_t child = 0;
    pid_t pid = child_that(forks);
    EXPECT_EQ(change((uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_TRACK | NOTE_FORK | NOTE_EXIT), 0);
    tell(gate);
    hear(answer);
    // The child has ended meanwhile. Its birth is told all the same, and whose it is.
    EXPECT_EQ(kevent(queue, NULL, 0, seen, 4, &now), 3);
    for (int i = 0; i < 3; i++) {
        EXPECT_EQ((long)seen[i].udata, 77);
        if (seen[i].ident == (uintptr_t)pid) {
            EXPECT_EQ(seen[i].fflags, NOTE_FORK);
        } else if (child == 0) {
            child = seen[i].ident;
            EXPECT_EQ(seen[i].fflags, NOTE_CHILD);
            EXPECT_EQ(seen[i].data, pid);
        } else {
            EXPECT_EQ(seen[i].ident, child);
            EXPECT_EQ(seen[i].fflags, NOTE_EXIT);
            EXPECT_EQ(seen[i].data, W_EXITCODE(3, 0));
        }
    }
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

static void forks_as_nobody(void) {
    setuid(32767);
    forks();
}

// What root may watch its child may not, once it is somebody else.
static bool not_ours_to_follow(void) {
    struct kevent kev;
    pid_t pid = child_that(forks_as_nobody);
    EXPECT_EQ(change((uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_TRACK), 0);
    tell(gate);
    hear(answer);
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT_EQ(kev.ident, pid);
    EXPECT_EQ(kev.fflags, NOTE_TRACKERR);
    tell(gate);
    EXPECT_EQ(waitpid(pid, NULL, 0), pid);
    return true;
}

// Filters have names: the number of one, and the name of a number.
static bool filter_names(void) {
    char name[32] = "EVFILT_SIGNAL";
    struct kfilter_mapping map = {.name = name, .len = sizeof(name)};
    queue = kqueue();
    EXPECT_EQ(ioctl(queue, KFILTER_BYNAME, &map), 0);
    EXPECT_EQ(map.filter, EVFILT_SIGNAL);
    map.filter = EVFILT_PROC;
    EXPECT_EQ(ioctl(queue, KFILTER_BYFILTER, &map), 0);
    EXPECT(strcmp(name, "EVFILT_PROC") == 0, "its name is %s", name);
    map.len = 5;
    EXPECT_EQ(ioctl(queue, KFILTER_BYFILTER, &map), -1);
    EXPECT_EQ(errno, ENAMETOOLONG);
    strcpy(name, "EVFILT_NONE");
    EXPECT_EQ(ioctl(queue, KFILTER_BYNAME, &map), -1);
    EXPECT_EQ(errno, ENOENT);
    return true;
}

// A queue that is full can't follow.
static bool track_error(void) {
    struct kevent kev;
    pid_t pid = child_that(forks);
    EXPECT_EQ(change((uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_TRACK | NOTE_FORK | NOTE_EXIT), 0);
    int error = 0;
    for (uintptr_t i = 0; i < 100000 && error == 0; i++)
        error = change(i, EVFILT_USER, EV_ADD, 0);
    EXPECT_EQ(error, ENOMEM);
    tell(gate);
    hear(answer);
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT_EQ(kev.ident, pid);
    EXPECT_EQ(kev.fflags, NOTE_FORK | NOTE_TRACKERR);
    EXPECT_EQ(next(&kev, &now), false);
    EXPECT_EQ(change(0, EVFILT_USER, EV_DELETE, 0), 0);
    EXPECT_EQ(change(0, EVFILT_USER, EV_ADD, 0), 0);
    tell(gate);
    EXPECT_EQ(next(&kev, NULL), true);
    EXPECT_EQ(kev.fflags, NOTE_EXIT);
    EXPECT_EQ(waitpid(pid, NULL, 0), pid);
    return true;
}

// Who watches for signals is on the same list, and is told of none.
static bool signals_hear_no_fork(void) {
    struct kevent kev;
    queue = kqueue();
    EXPECT_EQ(change(SIGUSR1, EVFILT_SIGNAL, EV_ADD, NOTE_FORK | NOTE_TRACK), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    EXPECT_EQ(waitpid(pid, NULL, 0), pid);
    EXPECT_EQ(next(&kev, &now), false);
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

// --- files, terminals, time --------------------------------------------------------

static int add(uintptr_t ident, unsigned filter, unsigned flags, unsigned notes, long data) {
    struct kevent kev;
    EV_SET(&kev, ident, filter, EV_ADD | flags, notes, data, 0);
    return kevent(queue, &kev, 1, NULL, 0, NULL) == -1 ? errno : 0;
}

// What of EVFILT_VNODE has come since, 0 for nothing.
static unsigned notes_of(int fd) {
    struct kevent kev;
    return next(&kev, &now) && kev.ident == (uintptr_t)fd && kev.filter == EVFILT_VNODE ? kev.fflags
                                                                                       : 0;
}

static bool vnodes(void) {
    char buffer[8];
    const unsigned all = 0x7ff;
    queue = kqueue();
    mkdir("/tmp/kq", 0755);
    int dir = open("/tmp/kq", O_RDONLY), fd = open("/tmp/kq/a", O_CREAT | O_RDWR, 0644);
    EXPECT_EQ(add((uintptr_t)fd, EVFILT_VNODE, EV_CLEAR, all, 0), 0);
    EXPECT_EQ(notes_of(fd), 0);
    write(fd, "abc", 3);
    EXPECT_EQ(notes_of(fd), NOTE_WRITE | NOTE_EXTEND);
    pwrite(fd, "b", 1, 1);
    EXPECT_EQ(notes_of(fd), NOTE_WRITE);
    pread(fd, buffer, 3, 0);
    EXPECT_EQ(notes_of(fd), NOTE_READ);
    fchmod(fd, 0600);
    EXPECT_EQ(notes_of(fd), NOTE_ATTRIB);
    ftruncate(fd, 100);
    EXPECT_EQ(notes_of(fd), NOTE_ATTRIB | NOTE_WRITE | NOTE_EXTEND);
    close(open("/tmp/kq/a", O_WRONLY));
    EXPECT_EQ(notes_of(fd), NOTE_OPEN | NOTE_CLOSE_WRITE);
    link("/tmp/kq/a", "/tmp/kq/b");
    EXPECT_EQ(notes_of(fd), NOTE_LINK);
    rename("/tmp/kq/b", "/tmp/kq/c");
    EXPECT_EQ(notes_of(fd), NOTE_RENAME);
    unlink("/tmp/kq/c");
    EXPECT_EQ(notes_of(fd), NOTE_LINK);
    // The directory: only what is asked for.
    EXPECT_EQ(add((uintptr_t)dir, EVFILT_VNODE, EV_CLEAR, NOTE_WRITE | NOTE_LINK, 0), 0);
    EXPECT_EQ(add((uintptr_t)fd, EVFILT_VNODE, EV_CLEAR, NOTE_DELETE, 0), 0);
    close(open("/tmp/kq/d", O_CREAT | O_WRONLY, 0644));
    EXPECT_EQ(notes_of(dir), NOTE_WRITE);
    mkdir("/tmp/kq/e", 0755);
    EXPECT_EQ(notes_of(dir), NOTE_WRITE | NOTE_LINK);
    rename("/tmp/kq/d", "/tmp/kq/a"); // takes the place of the file
    struct kevent both[2];
    EXPECT_EQ(kevent(queue, NULL, 0, both, 2, &now), 2);
    EXPECT_EQ(both[0].fflags | both[1].fflags, NOTE_DELETE | NOTE_WRITE);
    rename("/tmp/kq/e", "/tmp/kq/f");
    EXPECT_EQ(notes_of(dir), NOTE_WRITE); // its ".." names the directory as before
    rename("/tmp/kq/f", "/tmp/kq_f");
    EXPECT_EQ(notes_of(dir), NOTE_WRITE | NOTE_LINK);
    rename("/tmp/kq_f", "/tmp/kq/f");
    EXPECT_EQ(notes_of(dir), NOTE_WRITE | NOTE_LINK);
    rmdir("/tmp/kq/f");
    EXPECT_EQ(notes_of(dir), NOTE_WRITE | NOTE_LINK);
    unlink("/tmp/kq/a");
    EXPECT_EQ(notes_of(dir), NOTE_WRITE);
    close(dir);
    close(fd);
    EXPECT_EQ(rmdir("/tmp/kq"), 0);
    return true;
}

// A file can be read as long as its end is not reached.
static bool file_ends(void) {
    struct kevent kev;
    char buffer[8];
    queue = kqueue();
    int fd = open("/tmp/end", O_CREAT | O_RDWR, 0644);
    EXPECT_EQ(add((uintptr_t)fd, EVFILT_READ, 0, 0, 0), 0);
    EXPECT_EQ(next(&kev, &now), false);
    EXPECT_EQ(pwrite(fd, "abcd", 4, 0), 4);
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT_EQ(kev.data, 4);
    EXPECT_EQ(read(fd, buffer, 3), 3);
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT_EQ(kev.data, 1);
    EXPECT_EQ(lseek(fd, 6, SEEK_SET), 6);
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT_EQ(kev.data, -2);
    EXPECT_EQ(lseek(fd, 4, SEEK_SET), 4);
    EXPECT_EQ(next(&kev, &now), false);
    EXPECT_EQ(add((uintptr_t)fd, EVFILT_WRITE, EV_ONESHOT, 0, 0), 0);
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT_EQ(kev.filter, EVFILT_WRITE);
    EXPECT_EQ(next(&kev, &now), false);
    unlink("/tmp/end");
    return true;
}

static bool terminals(void) {
    struct kevent kev;
    queue = kqueue();
    int console = open("/dev/console", O_RDWR | O_NOCTTY), null = open("/dev/null", O_RDWR);
    EXPECT_EQ(add((uintptr_t)console, EVFILT_READ, 0, 0, 0), 0);
    EXPECT_EQ(next(&kev, &now), false); // nobody types
    EXPECT_EQ(add((uintptr_t)console, EVFILT_WRITE, EV_ONESHOT, 0, 0), 0);
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT_EQ(kev.ident, console);
    EXPECT_EQ(add((uintptr_t)null, EVFILT_READ, 0, 0, 0), 0);
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT_EQ(kev.ident, null);
    EXPECT_EQ(add(1, EVFILT_VNODE, 0, NOTE_WRITE, 0), 0);
    int fds[2];
    EXPECT_EQ(pipe(fds), 0);
    EXPECT_EQ(add((uintptr_t)fds[0], EVFILT_VNODE, 0, NOTE_WRITE, 0), EINVAL);
    return true;
}

static bool timers(void) {
    struct kevent kev;
    struct timespec before, after;
    queue = kqueue();
    clock_gettime(CLOCK_MONOTONIC, &before);
    EXPECT_EQ(add(5, EVFILT_TIMER, 0, 0, 30), 0);
    EXPECT_EQ(next(&kev, &now), false);
    EXPECT_EQ(next(&kev, NULL), true);
    clock_gettime(CLOCK_MONOTONIC, &after);
    EXPECT(kev.ident == 5 && kev.filter == EVFILT_TIMER && kev.data == 1, "another event");
    long ms = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    EXPECT(ms >= 10, "it took %ld ms", ms); // late ticks come in a bunch
    EXPECT_EQ(next(&kev, &now), false);
    usleep(150000);
    EXPECT_EQ(next(&kev, &now), true); // several at once
    EXPECT(kev.data >= 3, "%ld times", (long)kev.data);
    EXPECT_EQ(change(5, EVFILT_TIMER, EV_DELETE, 0), 0);
    EXPECT_EQ(add(6, EVFILT_TIMER, EV_ONESHOT, NOTE_USECONDS, 20000), 0);
    EXPECT_EQ(next(&kev, NULL), true);
    EXPECT_EQ(change(6, EVFILT_TIMER, EV_DELETE, 0), ENOENT); // once is enough
    clock_gettime(CLOCK_REALTIME, &after);
    EXPECT_EQ(add(7, EVFILT_TIMER, 0, NOTE_ABSTIME | NOTE_SECONDS, after.tv_sec - 5), 0);
    EXPECT_EQ(next(&kev, NULL), true); // a point in time that has passed
    EXPECT_EQ(kev.ident, 7);
    EXPECT_EQ(next(&kev, &now), true); // and remains passed
    EXPECT(kev.ident == 7 && kev.data == 1, "another event");
    EXPECT_EQ(change(7, EVFILT_TIMER, EV_DELETE, 0), 0);
    EXPECT_EQ(add(8, EVFILT_TIMER, 0, 0, 0), EINVAL);
    EXPECT_EQ(add(8, EVFILT_TIMER, 0, 0, -1), EINVAL);
    EXPECT_EQ(add(8, EVFILT_TIMER, 0, 0x100, 1), EINVAL);
    EXPECT_EQ(add(9, EVFILT_TIMER, 0, NOTE_SECONDS, 1000), 0);
    EXPECT_EQ(add(9, EVFILT_TIMER, 0, 0, 10), 0); // anew, and sooner
    EXPECT_EQ(next(&kev, NULL), true);
    EXPECT_EQ(kev.ident, 9);
    return true; // with a timer that runs: it goes with its queue
}

// A queue is a descriptor like others: it can be read while it has events.
static bool queues_of_queues(void) {
    struct kevent kev;
    int inner = queue = kqueue();
    int user = 7;
    EXPECT_EQ(add((uintptr_t)user, EVFILT_USER, EV_CLEAR, 0, 0), 0);
    int outer = queue = kqueue();
    EXPECT_EQ(add((uintptr_t)inner, EVFILT_READ, 0, 0, 0), 0);
    EXPECT_EQ(add((uintptr_t)inner, EVFILT_WRITE, 0, 0, 0), EINVAL);
    int far = queue = kqueue(); // watches who watches
    EXPECT_EQ(add((uintptr_t)outer, EVFILT_READ, EV_CLEAR, 0, 0), 0);
    EXPECT_EQ(next(&kev, &now), false);
    queue = inner;
    EXPECT_EQ(change((uintptr_t)user, EVFILT_USER, 0, NOTE_TRIGGER), 0);
    queue = far;
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT(kev.ident == (uintptr_t)outer && kev.data == 1, "%ld at %ld", (long)kev.data,
           (long)kev.ident);
    EXPECT_EQ(next(&kev, &now), false); // once
    queue = outer;
    EXPECT_EQ(next(&kev, &now), true);
    EXPECT_EQ(next(&kev, &now), true); // as long as it holds
    EXPECT(kev.ident == (uintptr_t)inner && kev.filter == EVFILT_READ, "another event");
    queue = inner;
    EXPECT_EQ(next(&kev, &now), true); // taken from there
    queue = outer;
    EXPECT_EQ(next(&kev, &now), false);
    return true;
}

// Each watches the other, or itself: nothing turns for ever.
static bool rings_of_queues(void) {
    struct kevent kev;
    int one = kqueue(), other = kqueue();
    queue = one;
    EXPECT_EQ(add((uintptr_t)other, EVFILT_READ, EV_CLEAR, 0, 0), 0);
    EXPECT_EQ(add((uintptr_t)one, EVFILT_READ, EV_CLEAR, 0, 0), 0);
    EXPECT_EQ(add(7, EVFILT_USER, EV_CLEAR, 0, 0), 0);
    queue = other;
    EXPECT_EQ(add((uintptr_t)one, EVFILT_READ, EV_CLEAR, 0, 0), 0);
    queue = one;
    EXPECT_EQ(change(7, EVFILT_USER, 0, NOTE_TRIGGER), 0);
    bool found = false;
    for (int i = 0; i < 10 && next(&kev, &now); i++)
        found |= kev.filter == EVFILT_USER;
    EXPECT(found, "the event is lost");
    close(other); // its watchers go first
    EXPECT_EQ(change((uintptr_t)other, EVFILT_READ, EV_DELETE, 0), EBADF);
    return true;
}

static const struct row rows[] = {
    ROW("F30", "a watcher hears of fork and exit", fork_and_exit),
    ROW("F30", "a watcher hears of exec", exec_note),
    ROW("F30", "NOTE_TRACK watches the child as the parent", tracked),
    ROW("F30", "a tracked child says NOTE_CHILD and its parent first, and is followed", tracked_on),
    ROW("F30", "a child that can't be followed is told by NOTE_TRACKERR", track_error),
    ROW("F30", "so is a child that the forker may not watch", not_ours_to_follow),
    ROW("F30", "filters are found by their names, and have them", filter_names),
    ROW("F30", "several queues watch one process", many_queues),
    ROW("F30", "who watches for signals hears of no fork", signals_hear_no_fork),
    ROW("F13", "event queues are not inherited", not_inherited),
    ROW("F30", "pipes are watched for bytes and their end", pipes),
    ROW("F30", "signals are counted, and the program has its own events", signals_and_own),
    ROW("F30", "files and directories tell what happens to them", vnodes),
    ROW("F30", "a file is ready to read until its end", file_ends),
    ROW("F30", "terminals and devices are watched", terminals),
    ROW("F30", "a queue of events can be watched by another", queues_of_queues),
    ROW("F30", "queues may watch each other in a ring", rings_of_queues),
    ROW("F30", "timers tell how often they have expired", timers),
};
ROWS_MAIN(rows)
