// execve: arguments, environment, descriptors, and every way to refuse.
#include "selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static int count_arguments(void *unused) {
    (void)unused;
    execl("/bin/sh", "sh", "-c", "exit $#", "name", "a", "b c", "", NULL);
    return 99;
}

static int pass_environment(void *unused) {
    (void)unused;
    char *envp[] = {"CODE=42", "OTHER=x", NULL};
    execle("/bin/sh", "sh", "-c", "exit $CODE", NULL, envp);
    return 99;
}

static int keep_pid(void *unused) {
    (void)unused;
    char command[64];
    snprintf(command, sizeof(command), "[ $$ = %d ]", (int)getpid());
    execl("/bin/sh", "sh", "-c", command, NULL);
    return 99;
}

static int no_arguments_after_name(void *unused) {
    (void)unused;
    char *argv[] = {"true", NULL}, *envp[] = {NULL};
    execve("/bin/true", argv, envp);
    return 99;
}

// The shell's redirection fails where the descriptor is closed.
static int keep_descriptors(void *flag) {
    int fd = open("/dev/null", O_WRONLY | *(int *)flag);
    if (fd == -1 || dup2(1, 8) == -1)
        return 98;
    char command[64];
    snprintf(command, sizeof(command), "exec 2>&- ; exec >&%d", fd);
    execl("/bin/sh", "sh", "-c", command, NULL);
    return 99;
}

static int many_arguments(void *unused) {
    (void)unused;
    enum { COUNT = 400 };
    char *argv[COUNT + 5] = {"sh", "-c", "[ $# = 400 ]", "name"};
    for (int i = 0; i < COUNT; i++)
        argv[4 + i] = "an argument of some length, so that several pages are needed";
    execv("/bin/sh", argv);
    return 99;
}

static void write_file(const char *path, const void *data, size_t size, mode_t mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    if (fd == -1 || write(fd, data, size) != (ssize_t)size)
        give_up(path);
    close(fd);
}

static int exec_of(const char *path) {
    char *argv[] = {"x", NULL};
    return execve(path, argv, environ);
}

// An ELF file that is right but for the fields given.
struct header {
    unsigned char ident[16];
    unsigned short type, machine;
    unsigned int version;
    unsigned long entry, phoff, shoff;
    unsigned int flags;
    unsigned short ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
enum { EXECUTABLE = 2, SHARED = 3, AARCH64 = 183, X86_64 = 62 };

static int exec_header(unsigned char class, int type, int machine, int phnum) {
    struct header header = {.ident = {0x7f, 'E', 'L', 'F', class, 1, 1},
                            .type = (unsigned short)type,
                            .machine = (unsigned short)machine,
                            .version = 1,
                            .entry = 0x400000,
                            .phoff = sizeof(struct header),
                            .ehsize = sizeof(struct header),
                            .phentsize = 56,
                            .phnum = (unsigned short)phnum};
    write_file("/tmp/selftest.elf", &header, sizeof(header), 0755);
    return exec_of("/tmp/selftest.elf");
}

// Hidden from the compiler, which knows better.
static void *volatile nowhere = (void *)8;

static void test_refusals(void) {
    check_error(exec_of("/bin/no-such-program"), ENOENT, "a missing program is ENOENT");
    check_error(exec_of("/bin/sh/x"), ENOTDIR, "a program below a file is ENOTDIR");
    check_error(exec_of("/bin"), EACCES, "a folder is EACCES");
    write_file("/tmp/selftest.txt", "exit 0\n", 7, 0644);
    check_error(exec_of("/tmp/selftest.txt"), EACCES, "a file without permission is EACCES");
    write_file("/tmp/selftest.run", "exit 0\n", 7, 0755);
    check_error(exec_of("/tmp/selftest.run"), ENOEXEC, "a text file is ENOEXEC");
    write_file("/tmp/selftest.none", "", 0, 0755);
    check_error(exec_of("/tmp/selftest.none"), ENOEXEC, "an empty file is ENOEXEC");
    check_error(exec_header(2, EXECUTABLE, X86_64, 1), ENOEXEC,
                "a program for another machine is ENOEXEC");
    check_error(exec_header(1, EXECUTABLE, AARCH64, 1), ENOEXEC, "a 32-bit program is ENOEXEC");
    check_error(exec_header(2, EXECUTABLE, AARCH64, 1), ENOEXEC,
                "a program cut off after its header is ENOEXEC");
    char *argv[] = {"x", NULL};
    check_error(execve(nowhere, argv, environ), EFAULT, "a bad path pointer is EFAULT");
    check_error(execve("/bin/true", nowhere, environ), EFAULT, "a bad argument vector is EFAULT");
    char *bad[] = {"x", nowhere, NULL};
    check_error(execve("/bin/true", bad, environ), EFAULT, "a bad argument is EFAULT");
    char *path = malloc(2000);
    memset(path, 'x', 1999);
    path[1999] = '\0';
    check_error(exec_of(path), ENAMETOOLONG, "a path of 1999 characters is ENAMETOOLONG");
    free(path);
    unlink("/tmp/selftest.txt");
    unlink("/tmp/selftest.run");
    unlink("/tmp/selftest.none");
    unlink("/tmp/selftest.elf");
}

void test_exec(void) {
    check(exit_of(status_in_child(count_arguments, NULL)) == 3,
          "a program gets its arguments, empty ones too");
    check(exit_of(status_in_child(pass_environment, NULL)) == 42, "and the environment given");
    check(exit_of(status_in_child(keep_pid, NULL)) == 0, "and keeps its process id");
    check(exit_of(status_in_child(no_arguments_after_name, NULL)) == 0,
          "no further arguments and no environment are fine");
    check(exit_of(status_in_child(many_arguments, NULL)) == 0, "so are 400 arguments");
    check(exit_of(status_in_child(keep_descriptors, &(int){0})) == 0, "descriptors stay open");
    check(exit_of(status_in_child(keep_descriptors, &(int){O_CLOEXEC})) != 0,
          "but those with O_CLOEXEC are closed");
    test_refusals();
}
