// The root file system, which is memory: what programs make, move and remove.
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

static struct stat st;

// 0, or errno.
static int failed(int result) {
    return result == -1 ? errno : 0;
}

static int make(const char *path, const char *text) {
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
    int good = fd != -1 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return good;
}

static const char *contents(const char *path) {
    static char text[64];
    int fd = open(path, O_RDONLY);
    ssize_t n = fd == -1 ? 0 : read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static long links(const char *path) {
    return lstat(path, &st) == 0 ? (long)st.st_nlink : -1;
}

// A folder of the check's own, as working directory.
static bool enter(void) {
    static char folder[] = "/tmp/filesXXXXXX";
    return mkdtemp(folder) != NULL && chmod(folder, 0777) == 0 && chdir(folder) == 0;
}

static bool renames(void) {
    EXPECT(enter(), "no folder");
    EXPECT(make("a", "first") && make("b", "second"), "no files");
    ino_t inode = stat("a", &st) == 0 ? st.st_ino : 0;
    EXPECT_EQ(rename("a", "c"), 0);
    EXPECT_EQ(failed(stat("a", &st)), ENOENT);
    EXPECT(stat("c", &st) == 0 && st.st_ino == inode, "another file");
    EXPECT_EQ(rename("c", "b"), 0); // takes its place
    EXPECT(strcmp(contents("b"), "first") == 0, "b has '%s'", contents("b"));
    EXPECT_EQ(failed(rename("none", "b")), ENOENT);
    // Directories: into each other, over each other, not into themselves.
    EXPECT(mkdir("d", 0755) == 0 && mkdir("e", 0755) == 0, "no folders");
    EXPECT_EQ(rename("e", "d/e"), 0);
    EXPECT_EQ(links("d"), 3); // its name, its ".", and the ".." in e
    EXPECT_EQ(rename("b", "d/e/b"), 0);
    EXPECT_EQ(failed(rename("d", "d/e/d")), EINVAL);
    EXPECT_EQ(failed(rename("d/e/b", "d/e")), EISDIR);
    EXPECT_EQ(failed(rename("d/e", "d/e/b")), EINVAL);
    EXPECT(mkdir("f", 0755) == 0, "no folder");
    EXPECT_EQ(failed(rename("f", "d/e")), ENOTEMPTY);
    EXPECT_EQ(rename("d/e", "f"), 0); // over an empty one
    EXPECT(strcmp(contents("f/b"), "first") == 0, "f/b has '%s'", contents("f/b"));
    EXPECT_EQ(links("d"), 2);
    EXPECT_EQ(chdir("f"), 0); // ".." follows what has moved
    EXPECT_EQ(rename("../f", "../d/g"), 0);
    EXPECT_EQ(stat("..", &st), 0);
    inode = st.st_ino;
    EXPECT(stat("../../d", &st) == 0 && st.st_ino == inode, "'..' is not d");
    return true;
}

static bool hard_links(void) {
    EXPECT(enter(), "no folder");
    EXPECT(make("a", "text") && link("a", "b") == 0, "no link");
    EXPECT_EQ(links("a"), 2);
    EXPECT(make("b", "other"), "no writing");
    EXPECT(strcmp(contents("a"), "other") == 0, "a has '%s'", contents("a"));
    EXPECT_EQ(rename("a", "b"), 0); // one file: nothing happens
    EXPECT_EQ(links("a"), 2);
    EXPECT_EQ(unlink("a"), 0);
    EXPECT_EQ(links("b"), 1);
    EXPECT_EQ(failed(link("none", "c")), ENOENT);
    EXPECT(make("c", "") && failed(link("b", "c")) == EEXIST, "a link over a file");
    EXPECT(mkdir("d", 0755) == 0 && failed(link("d", "e")) == EPERM, "a link to a directory");
    // A file without a name lives on while it is open, or mapped.
    int fd = open("b", O_RDONLY);
    char *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    EXPECT_EQ(unlink("b"), 0);
    EXPECT(fstat(fd, &st) == 0 && st.st_nlink == 0, "%ld names", (long)st.st_nlink);
    close(fd);
    EXPECT(map != MAP_FAILED && memcmp(map, "other", 5) == 0, "the mapping is gone");
    return true;
}

// A link to a symbolic link is one to what that names, unless linkat says not to.
static bool links_to_links(void) {
    EXPECT(enter(), "no folder");
    EXPECT(make("a", "text") && symlink("a", "s") == 0, "no links");
    EXPECT_EQ(link("s", "b"), 0);
    EXPECT_EQ(links("a"), 2);
    EXPECT_EQ(linkat(AT_FDCWD, "s", AT_FDCWD, "t", 0), 0);
    EXPECT(lstat("t", &st) == 0 && S_ISLNK(st.st_mode), "t has mode %o", st.st_mode);
    EXPECT_EQ(links("s"), 2);
    EXPECT_EQ(linkat(AT_FDCWD, "s", AT_FDCWD, "c", AT_SYMLINK_FOLLOW), 0);
    EXPECT_EQ(links("a"), 3);
    return true;
}

// The calls that begin in a directory that is open.
static bool begins_in_a_directory(void) {
    char text[16] = "";
    EXPECT(enter(), "no folder");
    EXPECT(mkdir("d", 0755) == 0 && mkdir("e", 0755) == 0 && make("f", "f"), "no folders");
    int d = open("d", O_RDONLY | O_DIRECTORY), e = open("e", O_RDONLY | O_DIRECTORY);
    int fd = openat(d, "a", O_CREAT | O_RDWR | O_CLOEXEC, 0640);
    EXPECT(fd >= 0 && write(fd, "one", 3) == 3, "openat: %d", errno);
    EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    close(fd);
    EXPECT(fstatat(d, "a", &st, 0) == 0 && st.st_size == 3, "%ld bytes", (long)st.st_size);
    EXPECT_EQ(faccessat(d, "a", R_OK, 0), 0);
    EXPECT_EQ(mkdirat(d, "sub", 0700), 0);
    EXPECT_EQ(symlinkat("a", d, "s"), 0);
    EXPECT(fstatat(d, "s", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode), "no link");
    EXPECT_EQ(readlinkat(d, "s", text, sizeof(text)), 1);
    EXPECT_EQ(linkat(d, "a", e, "b", 0), 0);
    EXPECT_EQ(renameat(d, "a", e, "c"), 0);
    EXPECT(strcmp(contents("e/c"), "one") == 0, "e/c has '%s'", contents("e/c"));
    EXPECT_EQ(failed(unlinkat(d, "sub", 0)), EPERM); // a directory only if so asked
    EXPECT_EQ(unlinkat(d, "sub", AT_REMOVEDIR), 0);
    EXPECT_EQ(unlinkat(e, "b", 0), 0);
    EXPECT_EQ(failed(fstatat(e, "b", &st, 0)), ENOENT);
    // A path from the root needs no directory; others need one that is open.
    EXPECT_EQ(fstatat(-1, "/", &st, 0), 0);
    EXPECT_EQ(failed(fstatat(99, "a", &st, 0)), EBADF);
    int file = open("f", O_RDONLY);
    EXPECT_EQ(failed(openat(file, "a", O_RDONLY)), ENOTDIR);
    return true;
}

static bool vectors(void) {
    char one[4] = "", two[8] = "";
    struct iovec out[] = {{"ab", 2}, {"", 0}, {"cdefg", 5}};
    struct iovec in[] = {{one, 3}, {two, sizeof(two)}};
    EXPECT(enter(), "no folder");
    int fd = open("v", O_CREAT | O_RDWR, 0600);
    EXPECT_EQ(writev(fd, out, 3), 7);
    EXPECT_EQ(pwritev(fd, out, 1, 5), 2);
    EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 7); // only writev has moved it
    EXPECT_EQ(preadv(fd, in, 2, 1), 6);
    EXPECT(memcmp(one, "bcd", 3) == 0 && memcmp(two, "eab", 3) == 0, "'%s' and '%s'", one, two);
    EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
    EXPECT_EQ(readv(fd, in, 2), 7);
    EXPECT(memcmp(one, "abc", 3) == 0 && memcmp(two, "deab", 4) == 0, "'%s' and '%s'", one, two);
    EXPECT_EQ(failed((int)preadv(fd, in, 2, -1)), EINVAL);
    EXPECT_EQ(failed((int)readv(fd, in, 0)), EINVAL);
    in[1].iov_base = NULL;
    EXPECT_EQ(failed((int)preadv(fd, &in[1], 1, 0)), EFAULT);
    int ends[2];
    EXPECT(pipe(ends) == 0 && failed((int)pwritev(ends[1], out, 3, 0)) == ESPIPE, "a place in a pipe");
    return true;
}

static bool truncates(void) {
    char text[8] = "";
    EXPECT(enter(), "no folder");
    EXPECT(make("a", "0123456789"), "no file");
    EXPECT_EQ(truncate("a", 4), 0);
    EXPECT(strcmp(contents("a"), "0123") == 0, "a has '%s'", contents("a"));
    EXPECT_EQ(truncate("a", 8), 0); // what was cut off does not come back
    int fd = open("a", O_RDWR);
    EXPECT_EQ(pread(fd, text, 8, 0), 8);
    EXPECT(memcmp(text, "0123\0\0\0\0", 8) == 0, "old bytes are there");
    EXPECT_EQ(ftruncate(fd, 100000), 0);
    EXPECT(fstat(fd, &st) == 0 && st.st_size == 100000, "size %ld", (long)st.st_size);
    EXPECT_EQ(pread(fd, text, 1, 99999), 1);
    EXPECT_EQ(failed(ftruncate(fd, -1)), EINVAL);
    // A mapping ends where the file does now.
    char *map = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    map[10000] = 1;
    EXPECT_EQ(ftruncate(fd, 4096), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(*(volatile char *)(map + 10000));
    int status;
    EXPECT(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status), "status %#x", status);
    EXPECT_EQ(WTERMSIG(status), SIGBUS);
    close(fd);
    fd = open("a", O_RDONLY);
    EXPECT_EQ(failed(ftruncate(fd, 0)), EINVAL);
    EXPECT_EQ(failed(truncate(".", 0)), EISDIR);
    EXPECT_EQ(failed(truncate("none", 0)), ENOENT);
    chmod("a", 0444);
    if (fork() == 0)
        _exit(setuid(7) == 0 && failed(truncate("a", 0)) == EACCES && failed(chmod("a", 0777)) == EPERM
                  ? 3
                  : 4);
    EXPECT(waitpid(-1, &status, 0) > 0 && WEXITSTATUS(status) == 3, "anybody truncates");
    return true;
}

static bool nodes(void) {
    EXPECT(enter(), "no folder");
    stat("/dev/null", &st);
    dev_t null = st.st_rdev;
    EXPECT_EQ(mknod("nothing", S_IFCHR | 0666, null), 0);
    EXPECT(stat("nothing", &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == null, "no device");
    EXPECT(make("nothing", "swallowed"), "the device does not write");
    EXPECT(strcmp(contents("nothing"), "") == 0, "the device has contents");
    EXPECT_EQ(failed(mknod("nothing", S_IFCHR | 0666, null)), EEXIST);
    EXPECT_EQ(mknod("bad", S_IFCHR | 0666, 0xfff00), 0);
    EXPECT_EQ(failed(open("bad", O_RDONLY)), ENXIO);
    EXPECT_EQ(mknod("file", S_IFREG | 0600, 0), 0);
    EXPECT(stat("file", &st) == 0 && S_ISREG(st.st_mode), "no file");
    EXPECT_EQ(mknod("block", S_IFBLK | 0600, 0), 0);
    EXPECT(stat("block", &st) == 0 && S_ISBLK(st.st_mode), "no block device");
    EXPECT_EQ(failed(open("block", O_RDONLY)), ENXIO);
    EXPECT_EQ(failed(mknod("none", S_IFCHR | 0600, -1)), EINVAL);
    int status;
    if (fork() == 0)
        _exit(setuid(7) == 0 && failed(mknod("x", S_IFCHR, null)) == EPERM &&
                      mknod("y", S_IFIFO | 0600, 0) == 0
                  ? 3
                  : 4);
    EXPECT(waitpid(-1, &status, 0) > 0 && WEXITSTATUS(status) == 3, "who may make nodes");
    return true;
}

// --- FIFOs ------------------------------------------------------------------------

static int heard;

static void hear(int number) {
    heard = number;
}

static bool fifos(void) {
    char text[16] = "";
    int status;
    EXPECT(enter(), "no folder");
    umask(022);
    EXPECT_EQ(mkfifo("f", 0666), 0);
    EXPECT(stat("f", &st) == 0 && st.st_mode == (S_IFIFO | 0644), "mode %o", st.st_mode);
    EXPECT_EQ(failed(mkfifo("f", 0666)), EEXIST);
    // Whoever opens it waits for the other side.
    pid_t pid = fork();
    if (pid == 0) {
        usleep(20000);
        int fd = open("f", O_WRONLY);
        write(fd, "one", 3);
        usleep(20000);
        write(fd, "two", 3);
        _exit(0);
    }
    int fd = open("f", O_RDONLY);
    EXPECT_EQ(read(fd, text, sizeof(text)), 3);
    EXPECT(memcmp(text, "one", 3) == 0, "'%s'", text);
    EXPECT_EQ(read(fd, text, sizeof(text)), 3);
    EXPECT_EQ(read(fd, text, sizeof(text)), 0); // the last writer has gone
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(failed((int)lseek(fd, 0, SEEK_SET)), ESPIPE);
    close(fd);
    EXPECT_EQ(unlink("f"), 0);
    return true;
}

static bool fifo_without_other_side(void) {
    char text[16];
    int count = -1;
    struct sigaction action = {.sa_handler = hear};
    EXPECT(enter(), "no folder");
    EXPECT_EQ(mkfifo("f", 0600), 0);
    EXPECT_EQ(failed(open("f", O_WRONLY | O_NONBLOCK)), ENXIO);
    int reader = open("f", O_RDONLY | O_NONBLOCK);
    EXPECT(reader >= 0, "no reader");
    EXPECT_EQ(read(reader, text, 1), 0); // nobody has it open to write
    int writer = open("f", O_WRONLY | O_NONBLOCK);
    EXPECT(writer >= 0, "no writer");
    EXPECT_EQ(failed((int)read(reader, text, 1)), EAGAIN); // somebody has
    EXPECT_EQ(write(writer, "abc", 3), 3);
    EXPECT(ioctl(reader, FIONREAD, &count) == 0 && count == 3, "%d bytes", count);
    close(reader);
    signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(failed((int)write(writer, "x", 1)), EPIPE);
    close(writer);
    int both = open("f", O_RDWR); // its own other side; what was left is gone
    EXPECT_EQ(write(both, "z", 1), 1);
    EXPECT_EQ(read(both, text, sizeof(text)), 1);
    close(both);
    // A signal ends the wait for the other side.
    sigaction(SIGALRM, &action, NULL);
    alarm(1);
    EXPECT_EQ(failed(open("f", O_RDONLY)), EINTR);
    EXPECT_EQ(heard, SIGALRM);
    return true;
}

// A writer that comes and goes while the reader's open waits has been there.
static bool fifo_short_writer(void) {
    char text[4];
    EXPECT(enter(), "no folder");
    EXPECT_EQ(mkfifo("f", 0600), 0);
    pid_t pid = fork();
    if (pid == 0) {
        usleep(20000);
        int fd = open("f", O_WRONLY);
        write(fd, "hi", 2);
        close(fd);
        _exit(0);
    }
    int fd = open("f", O_RDONLY);
    EXPECT_EQ(waitpid(pid, NULL, 0), pid);
    EXPECT_EQ(read(fd, text, 4), 2);
    EXPECT_EQ(read(fd, text, 4), 0);
    return true;
}

// --- execve ------------------------------------------------------------------------------

static int exec_error(const char *path, char **argv) {
    return failed(execve(path, argv, NULL));
}

static bool exec_looks_at_the_path_first(void) {
    char **nowhere = (char **)8;
    EXPECT(enter(), "no folder");
    EXPECT(make("text", "no program") && make("to-nothing", "#!/bin/nothing\n") &&
               make("to-sh", "#!/bin/sh\n"),
           "no files");
    EXPECT_EQ(exec_error("text", NULL), EACCES);
    for (const char **name = (const char *[]){"text", "to-nothing", "to-sh", NULL}; *name; name++)
        EXPECT_EQ(chmod(*name, 0755), 0);
    for (int i = 0; i < 2; i++) {
        char **argv = i == 0 ? NULL : nowhere;
        int bad = i == 0 ? EINVAL : EFAULT;
        EXPECT_EQ(exec_error("nothing", argv), ENOENT);
        EXPECT_EQ(exec_error(".", argv), EACCES);
        EXPECT_EQ(exec_error("text", argv), ENOEXEC);
        EXPECT_EQ(exec_error("to-nothing", argv), ENOENT);
        EXPECT_EQ(exec_error("to-sh", argv), bad);
        EXPECT_EQ(exec_error("/bin/true", argv), bad);
        EXPECT_EQ(exec_error(NULL, argv), EFAULT);
    }
    EXPECT_EQ(exec_error("/bin/true", (char *[]){(char *)8, NULL}), EFAULT);
    pid_t pid = fork();
    if (pid == 0)
        _exit(exec_error("/bin/true", (char *[]){"true", NULL}));
    int status;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
    return true;
}

static const struct row rows[] = {
    ROW("N4", "execve looks at the path, then at the arguments", exec_looks_at_the_path_first),
    ROW("N4", "files and folders are renamed", renames),
    ROW("N4", "hard links are one file", hard_links),
    ROW("N4", "a link to a symbolic link follows it, if it is to", links_to_links),
    ROW("N4", "paths begin in a directory that is open", begins_in_a_directory),
    ROW("N4", "vectors are read and written, at places of their own too", vectors),
    ROW("N4", "files are cut off and made longer", truncates),
    ROW("N4", "device nodes are made, by root", nodes),
    ROW("N4", "a FIFO connects who opens it", fifos),
    ROW("N4", "a FIFO without its other side", fifo_without_other_side),
    ROW("N4", "a FIFO's reader sees a writer that has come and gone", fifo_short_writer),
};
ROWS_MAIN(rows)
