// What a child has of its parent: flags, credentials, directories; and exec.
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/event.h>
#include <sys/stat.h>
#include <sys/syscall.h>

extern char **environ;

static int status_of(pid_t pid) {
    int status = -1;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// --- F10 --------------------------------------------------------------------------

static bool flags_inherited(void) {
    // NOCLDWAIT: a grandchild leaves no zombie to the child either.
    struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT}, old;
    pid_t pid = fork();
    if (pid == 0) {
        sigaction(SIGCHLD, &action, &old);
        int report[2], none = -1;
        pipe(report);
        if (fork() == 0) {
            pid_t child = fork();
            if (child == 0)
                _exit(0);
            none = waitpid(child, NULL, 0) == -1 && errno == ECHILD;
            write(report[1], &none, sizeof(none));
            _exit(0);
        }
        read(report[0], &none, sizeof(none));
        _exit(none == 1 ? 3 : 4);
    }
    EXPECT_EQ(status_of(pid), 3);
    // SUGID: who has changed its user is tainted, and so are its children.
    pid = fork();
    if (pid == 0) {
        bool clean = issetugid() == 0;
        setuid(50);
        pid_t child = fork();
        if (child == 0)
            _exit(issetugid() == 1 ? 3 : 4);
        _exit(clean ? status_of(child) : 5);
    }
    EXPECT_EQ(status_of(pid), 3);
    // EXEC: this program was executed, its child was not, and so may be moved.
    pid = fork();
    if (pid == 0) {
        usleep(20000);
        _exit(getpgrp() == getpid() ? 3 : 4);
    }
    EXPECT_EQ(setpgid(pid, pid), 0);
    EXPECT_EQ(status_of(pid), 3);
    return true;
}

// --- F13 ---------------------------------------------------------------------------

// Every call that marks a descriptor close-on-fork when it makes it.
static bool close_on_fork(void) {
    int ends[2], fds[9], n = 0;
    fds[n++] = open("/dev/null", O_RDONLY | O_CLOFORK);
    fds[n++] = openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOFORK | O_CLOEXEC);
    EXPECT_EQ(pipe2(ends, O_CLOFORK), 0);
    fds[n++] = ends[0];
    fds[n++] = ends[1];
    fds[n++] = dup3(0, 20, O_CLOFORK);
    fds[n++] = kqueue1(O_CLOFORK);
    fds[n++] = fcntl(0, F_DUPFD_CLOFORK, 30);
    fds[n++] = fcntl(0, F_DUPFD_CLOBOTH, 30);
    fds[n++] = dup(0); // has no mark
    for (int i = 0; i < n; i++) {
        EXPECT(fds[i] != -1, "descriptor %d was not made", i);
        int both = i == 1 || i == 7, wanted = i == 8 ? 0
                                              : both ? FD_CLOEXEC | FD_CLOFORK
                                                     : FD_CLOFORK;
        EXPECT(fcntl(fds[i], F_GETFD) == wanted, "descriptor %d: flags %d", i,
               fcntl(fds[i], F_GETFD));
    }
    pid_t pid = fork();
    if (pid == 0) {
        int gone = 0;
        for (int i = 0; i < n; i++)
            gone += fcntl(fds[i], F_GETFD) == -1 && errno == EBADF;
        _exit(gone);
    }
    EXPECT_EQ(status_of(pid), 8);
    EXPECT_EQ(fcntl(fds[0], F_GETFD), FD_CLOFORK); // they are the parent's still
    return true;
}

// --- F12 ---------------------------------------------------------------------------

static bool credentials(void) {
    gid_t groups[2] = {7, 8}, now[4];
    EXPECT_EQ(setgroups(2, groups), 0);
    EXPECT_EQ(setegid(20), 0);
    pid_t pid = fork();
    if (pid == 0) {
        bool same = getegid() == 20 && getgid() == 0 && getgroups(4, now) == 2 && now[1] == 8;
        bool own = setuid(30) == 0 && geteuid() == 30 && getuid() == 30;
        bool bound = setuid(0) == -1 && errno == EPERM;
        _exit(same && own && bound ? 3 : 4);
    }
    EXPECT_EQ(status_of(pid), 3);
    EXPECT_EQ(getuid(), 0);
    return true;
}

// --- F14 -----------------------------------------------------------------------------

static int move(void *argument) {
    (void)argument;
    umask(077);
    return chdir("/tmp") == 0 ? 3 : 4;
}

static bool directories(void) {
    char here[64], stack[8192] __attribute__((aligned(16)));
    EXPECT_EQ(chdir("/bin"), 0);
    umask(022);
    pid_t pid = fork();
    if (pid == 0) {
        bool same = strcmp(getcwd(here, sizeof(here)), "/bin") == 0 && umask(0) == 022;
        _exit(same && move(NULL) == 3 ? 3 : 4);
    }
    EXPECT_EQ(status_of(pid), 3);
    EXPECT(strcmp(getcwd(here, sizeof(here)), "/bin") == 0, "fork's child moved us to %s", here);
    EXPECT_EQ(umask(022), 022);
    // Shared, they change for both.
    pid = __clone(move, stack + sizeof(stack), CLONE_FS | SIGCHLD, NULL);
    EXPECT(pid > 0, "errno %d", errno);
    EXPECT_EQ(status_of(pid), 3);
    EXPECT(strcmp(getcwd(here, sizeof(here)), "/tmp") == 0, "we are in %s", here);
    EXPECT_EQ(umask(022), 077);
    return true;
}

static bool root_directory(void) {
    EXPECT(mkdir("/tmp/cage", 0755) == 0 && mkdir("/tmp/cage/inside", 0755) == 0, "mkdir");
    pid_t pid = fork();
    if (pid == 0) {
        if (chroot("/tmp/cage") == -1 || chdir("/") == -1)
            _exit(5);
        pid_t child = fork();
        if (child == 0)
            _exit(access("/inside", F_OK) == 0 && access("/bin/sh", F_OK) == -1 &&
                          access("/../../bin/sh", F_OK) == -1
                      ? 3
                      : 4);
        _exit(status_of(child));
    }
    EXPECT_EQ(status_of(pid), 3);
    EXPECT_EQ(access("/bin/sh", F_OK), 0);
    EXPECT(rmdir("/tmp/cage/inside") == 0 && rmdir("/tmp/cage") == 0, "rmdir");
    return true;
}

// --- F17 -----------------------------------------------------------------------------

static bool parent_is_caller(void) {
    pid_t self = getpid(), pid = fork();
    if (pid == 0)
        _exit(getppid() == self ? 3 : 4);
    EXPECT_EQ(status_of(pid), 3);
    return true;
}

// --- F22 -----------------------------------------------------------------------------

static volatile int word = 1;

static int set_word(void *argument) {
    (void)argument;
    word++;
    return 3;
}

static bool address_space(void) {
    char stack[8192] __attribute__((aligned(16)));
    pid_t pid = fork();
    if (pid == 0)
        _exit(set_word(NULL));
    EXPECT_EQ(status_of(pid), 3);
    EXPECT_EQ(word, 1);
    // The heap has the place and the size of the parent's, and grows on.
    char *heap = sbrk(8192);
    heap[0] = 5;
    pid = fork();
    if (pid == 0) {
        char *more = sbrk(65536);
        if (more == (char *)-1 || more != heap + 8192)
            _exit(4);
        more[65535] = 6;
        _exit(heap[0] == 5 && more[0] == 0 ? 3 : 5);
    }
    EXPECT_EQ(status_of(pid), 3);
    pid = __clone(set_word, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
    EXPECT_EQ(status_of(pid), 3);
    EXPECT_EQ(word, 2);
    return true;
}

// --- N4 --------------------------------------------------------------------------------

static int run(const char *script, const char *argument, char **environment) {
    pid_t pid = fork();
    if (pid == 0) {
        char *argv[] = {"sh", "-c", (char *)script, "zero", (char *)argument, NULL};
        execve("/bin/sh", argv, environment);
        _exit(99);
    }
    return status_of(pid);
}

static bool exec_passes(void) {
    char *environment[] = {"COLOUR=blue", "PATH=/bin", NULL};
    EXPECT_EQ(run("[ \"$0\" = zero ] && [ \"$1\" = 'a b' ] && [ \"$COLOUR\" = blue ]", "a b",
                  environment),
              0);
    EXPECT_EQ(run("[ -n \"$HOME\" ]", "", environment), 1);
    pid_t pid = fork();
    if (pid == 0) {
        execl("/no/such/file", "x", NULL);
        int missing = errno;
        execl("/etc/motd", "x", NULL);
        _exit(missing == ENOENT && (errno == EACCES || errno == ENOEXEC) ? 3 : 4);
    }
    EXPECT_EQ(status_of(pid), 3);
    enum { kTooMuch = 300000 }; // ARG_MAX is 262144
    char *argument = malloc(kTooMuch);
    memset(argument, 'x', kTooMuch);
    argument[kTooMuch - 1] = '\0';
    EXPECT_EQ(execl("/bin/true", "true", argument, NULL), -1);
    EXPECT_EQ(errno, E2BIG);
    free(argument);
    return true;
}

static bool exec_closes(void) {
    int kept[2], closed[2];
    char byte;
    EXPECT(pipe(kept) == 0 && pipe2(closed, O_CLOEXEC) == 0, "pipe");
    EXPECT_EQ(fcntl(closed[1], F_GETFD), FD_CLOEXEC);
    char script[64];
    snprintf(script, sizeof(script), "echo k >&%d; echo c >&%d", kept[1], closed[1]);
    pid_t pid = fork();
    if (pid == 0) {
        close(2); // the shell complains of the second
        execl("/bin/sh", "sh", "-c", script, NULL);
        _exit(99);
    }
    status_of(pid);
    close(kept[1]);
    close(closed[1]);
    EXPECT_EQ(read(kept[0], &byte, 1), 1);
    EXPECT_EQ(read(closed[0], &byte, 1), 0);
    return true;
}

static int run_true(void *argument) {
    (void)argument;
    return execl("/bin/true", "true", NULL);
}

// Who shares descriptors has its own from exec on.
static bool exec_unshares(void) {
    char stack[8192] __attribute__((aligned(16)));
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    pid_t pid = __clone(run_true, stack + sizeof(stack), CLONE_FILES | SIGCHLD, NULL);
    EXPECT_EQ(status_of(pid), 0);
    EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    return true;
}

static bool spawned(void) {
    int pipes[2];
    char text[16] = "";
    pid_t pid;
    EXPECT_EQ(pipe(pipes), 0);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
    posix_spawn_file_actions_addclose(&actions, pipes[0]);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    char *argv[] = {"echo", "hello", NULL};
    EXPECT_EQ(posix_spawnp(&pid, "echo", &actions, &attributes, argv, environ), 0);
    EXPECT_EQ(status_of(pid), 0);
    EXPECT_EQ(read(pipes[0], text, sizeof(text)), 6);
    EXPECT(memcmp(text, "hello\n", 6) == 0, "%s", text);
    EXPECT_EQ(posix_spawn(&pid, "/no/such", &actions, NULL, argv, environ), ENOENT);
    EXPECT_EQ(waitpid(-1, NULL, WNOHANG), -1); // nothing is left of that
    posix_spawn_file_actions_destroy(&actions);
    return true;
}

// Found by random system calls: a descriptor from outside led out of the root.
static int leave_the_root(void) {
    int outside = open("/tmp", O_RDONLY);
    if (chroot("/tmp/cage") == -1)
        return 2;
    bool kept = fchdir(outside) == -1 && errno == EPERM &&
                syscall(SYS_openat, outside, "../etc/rc", O_RDONLY) == -1 && errno == ENOENT;
    int cage = open("/", O_RDONLY);
    return kept && mkdir("inner", 0755) == 0 && chroot("inner") == 0 && fchdir(cage) == -1 &&
                   errno == EPERM && chdir("..") == 0 && access("inner", F_OK) == -1
               ? 0
               : 1;
}

static bool no_way_out(void) {
    mkdir("/tmp/cage", 0755);
    pid_t pid = fork();
    if (pid == 0)
        _exit(leave_the_root());
    int status;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(rmdir("/tmp/cage/inner"), 0);
    rmdir("/tmp/cage");
    return true;
}

static const struct row rows[] = {
    ROW("F10", "of its flags a child has SUGID and NOCLDWAIT, not EXEC", flags_inherited),
    ROW("F12", "a child has its parent's users and groups, and changes its own", credentials),
    ROW("F13", "all calls that make descriptors can mark them close-on-fork", close_on_fork),
    ROW("F14", "working directory and umask are copied, or shared", directories),
    ROW("F14", "a child is in its parent's root", root_directory),
    ROW("F14", "no descriptor leads out of the root", no_way_out),
    ROW("F17", "the parent is the caller", parent_is_caller),
    ROW("F22", "the address space is copied, or shared", address_space),
    ROW("N4", "exec passes arguments and environment", exec_passes),
    ROW("N4", "exec closes what is marked so", exec_closes),
    ROW("N4", "exec closes nothing of who shares its descriptors", exec_unshares),
    ROW("N4", "posix_spawn runs a program, or says why not", spawned),
};
ROWS_MAIN(rows)
