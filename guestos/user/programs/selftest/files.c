// open, close, read, write, lseek, dup, dup2, fstat, getdents.
#include "selftest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char path[] = "/tmp/selftest.file";

static bool holds(const char *expected) {
    char buffer[64];
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, buffer, sizeof(buffer));
    close(fd);
    return n == (ssize_t)strlen(expected) && memcmp(buffer, expected, (size_t)n) == 0;
}

static void test_open(void) {
    unlink(path);
    check_error(open(path, O_RDONLY), ENOENT, "a file that is not there is ENOENT");
    check_error(open("/bin/sh/x", O_RDONLY), ENOTDIR, "a file below a file is ENOTDIR");
    check_error(open("/tmp", O_WRONLY), EISDIR, "a folder can't be opened for writing");
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0644);
    check(fd >= 3, "O_CREAT makes a file");
    check_error(open(path, O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST, "O_EXCL makes it once");
    check(write(fd, "0123456789", 10) == 10, "write takes ten bytes");
    check(close(fd) == 0, "close succeeds");
    check_error(close(fd), EBADF, "and a second time is EBADF");
    check(holds("0123456789"), "the bytes are there when the file is opened again");
    fd = open(path, O_WRONLY | O_APPEND);
    check(write(fd, "ab", 2) == 2 && holds("0123456789ab"), "O_APPEND writes at the end");
    char byte;
    check_error(read(fd, &byte, 1), EBADF, "a descriptor for writing can't be read");
    close(fd);
    fd = open(path, O_RDONLY);
    check_error(write(fd, "x", 1), EBADF, "a descriptor for reading can't be written");
    close(fd);
    close(open(path, O_WRONLY | O_TRUNC));
    check(holds(""), "O_TRUNC empties the file");
}

static void test_lseek(void) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    char byte = 0, hole[4];
    check(write(fd, "abcdef", 6) == 6, "a file of six bytes");
    check(lseek(fd, 2, SEEK_SET) == 2 && read(fd, &byte, 1) == 1 && byte == 'c',
          "lseek goes to a place from the start");
    check(lseek(fd, -1, SEEK_CUR) == 2, "from the present place");
    check(lseek(fd, -1, SEEK_END) == 5 && read(fd, &byte, 1) == 1 && byte == 'f',
          "and from the end");
    check(read(fd, &byte, 1) == 0, "reading at the end gives nothing");
    check_error(lseek(fd, -1, SEEK_SET), EINVAL, "a place before the start is EINVAL");
    check_error(lseek(fd, 0, 77), EINVAL, "an unknown origin is EINVAL");
    check(lseek(fd, 10, SEEK_SET) == 10 && write(fd, "z", 1) == 1, "a write beyond the end");
    check(lseek(fd, 6, SEEK_SET) == 6 && read(fd, hole, 4) == 4 && memcmp(hole, "\0\0\0\0", 4) == 0,
          "leaves zeros in between");
    close(fd);
    check_error(lseek(fd, 0, SEEK_SET), EBADF, "a closed descriptor is EBADF");
}

static void test_dup(void) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    write(fd, "abcdef", 6);
    lseek(fd, 0, SEEK_SET);
    char byte = 0;
    int copy = dup(fd);
    check(copy > fd, "dup gives the lowest free descriptor");
    read(fd, &byte, 1);
    check(read(copy, &byte, 1) == 1 && byte == 'b', "both share one place in the file");
    check(dup2(fd, 20) == 20 && read(20, &byte, 1) == 1 && byte == 'c',
          "dup2 gives the one asked for");
    check(dup2(fd, 20) == 20 && close(20) == 0, "and closes what was open there");
    check(dup2(fd, fd) == fd, "onto itself it does nothing");
    check(close(fd) == 0 && read(copy, &byte, 1) == 1 && byte == 'd',
          "the copy outlives the first");
    close(copy);
    check_error(dup(fd), EBADF, "dup of a closed descriptor is EBADF");
    check_error(dup2(fd, 20), EBADF, "so is dup2");
    check_error(dup2(1, -1), EBADF, "and dup2 to a negative one");
}

static void test_fstat(void) {
    struct stat status;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0640);
    write(fd, "abc", 3);
    check(fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 3,
          "fstat tells kind and size of a file");
    ino_t number = status.st_ino;
    check(stat(path, &status) == 0 && status.st_ino == number, "stat finds the same file by name");
    check(status.st_nlink == 1, "which has one name");
    close(fd);
    check_error(fstat(fd, &status), EBADF, "fstat of a closed descriptor is EBADF");
    check(stat("/", &status) == 0 && S_ISDIR(status.st_mode), "the root is a folder");
    fd = open("/dev/null", O_RDWR);
    char byte;
    check(fstat(fd, &status) == 0 && S_ISCHR(status.st_mode), "/dev/null is a device");
    check(write(fd, "abc", 3) == 3 && read(fd, &byte, 1) == 0, "that takes all and gives nothing");
    close(fd);
}

static void test_directories(void) {
    DIR *dir = opendir("/bin");
    int shells = 0, selves = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        shells += strcmp(entry->d_name, "sh") == 0;
        selves += strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    }
    check(dir && shells == 1, "readdir finds sh in /bin once");
    check(selves == 2, "and . and ..");
    if (dir)
        closedir(dir);
    check(!opendir(path) && errno == ENOTDIR, "a file is no folder: ENOTDIR");
    check(mkdir("/tmp/selftest.dir", 0755) == 0, "mkdir makes a folder");
    check_error(mkdir("/tmp/selftest.dir", 0755), EEXIST, "once");
    check(chdir("/tmp/selftest.dir") == 0, "chdir enters it");
    char where[64];
    check(getcwd(where, sizeof(where)) && strcmp(where, "/tmp/selftest.dir") == 0,
          "getcwd says where");
    int fd = open("here", O_WRONLY | O_CREAT, 0644);
    close(fd);
    check(access("/tmp/selftest.dir/here", F_OK) == 0, "relative names begin there");
    check_error(rmdir("/tmp/selftest.dir"), ENOTEMPTY, "a folder in use is ENOTEMPTY");
    check(unlink("here") == 0 && chdir("/") == 0 && rmdir("/tmp/selftest.dir") == 0,
          "an empty one can be removed");
    check_error(chdir("/tmp/selftest.dir"), ENOENT, "and is gone");
}

static void test_limit(void) {
    int fds[4096], count = 0;
    while (count < 4096 && (fds[count] = open("/dev/null", O_RDONLY)) != -1)
        count++;
    check(count < 4096 && errno == EMFILE, "too many open files end in EMFILE");
    bool all_closed = true;
    for (int i = 0; i < count; i++)
        all_closed &= close(fds[i]) == 0;
    check(all_closed, "and all of them can be closed");
}

static int read_on(void *fd) {
    char byte = 0;
    return read(*(int *)fd, &byte, 1) == 1 ? byte : 1;
}

static void test_sharing(void) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    write(fd, "abc", 3);
    lseek(fd, 0, SEEK_SET);
    char byte;
    check(exit_of(status_in_child(read_on, &fd)) == 'a' && read(fd, &byte, 1) == 1 && byte == 'b',
          "parent and child share the place in a file");
    unlink(path);
    check(lseek(fd, 0, SEEK_SET) == 0 && read(fd, &byte, 1) == 1 && byte == 'a',
          "a file without a name lives while it is open");
    close(fd);
}

void test_files(void) {
    test_open();
    test_lseek();
    test_dup();
    test_fstat();
    test_directories();
    test_limit();
    test_sharing();
}
