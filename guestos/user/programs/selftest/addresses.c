// Pointers that lead nowhere: EFAULT, whatever the system call.
#include "selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Hidden from the compiler, which knows better.
static void *volatile nowhere = (void *)8;

static int end_at_once(void *unused) {
    (void)unused;
    return 0;
}

static void test_pointer(void *bad, const char *const sentences[4], int zero_fd, int null_fd) {
    check_error(read(zero_fd, bad, 16), EFAULT, sentences[0]);
    int ends[2];
    if (pipe(ends) == -1)
        give_up("pipe");
    check_error(write(ends[1], bad, 16), EFAULT, sentences[1]);
    check_error(open(bad, O_RDONLY), EFAULT, sentences[2]);
    check_error(fstat(null_fd, bad), EFAULT, sentences[3]);
    close(ends[0]);
    close(ends[1]);
}

void test_bad_addresses(void) {
    int file = open("/bin/sh", O_RDONLY), null = open("/dev/null", O_RDWR);
    static const char *const unmapped[] = {"read to an unmapped address is EFAULT",
                                           "write from there", "a path there", "fstat to there"};
    static const char *const kernel[] = {"read to the kernel's half is EFAULT", "write from there",
                                         "a path there", "fstat to there"};
    static const char *const gap[] = {"read to an address between the halves is EFAULT",
                                      "write from there", "a path there", "fstat to there"};
    test_pointer(nowhere, unmapped, file, null);
    test_pointer((void *)0xffffffc000100000, kernel, file, null);
    test_pointer((void *)0x0000800000000000, gap, file, null);

    char *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
    munmap(page + PAGE, PAGE);
    check_error(fstat(null, (struct stat *)(page + PAGE - 8)), EFAULT,
                "a structure that ends in unmapped memory is EFAULT");
    mprotect(page, PAGE, PROT_READ);
    check_error(read(file, page, 16), EFAULT, "read to memory that may not be written is EFAULT");
    mprotect(page, PAGE, PROT_NONE);
    check_error(open(page, O_RDONLY), EFAULT, "a path that may not be read is EFAULT");
    munmap(page, PAGE);
    check_error(read(file, (void *)(UINTPTR_MAX - 4), 16), EFAULT,
                "memory that wraps around the end is EFAULT");

    check_error(clock_gettime(CLOCK_MONOTONIC, nowhere), EFAULT,
                "clock_gettime to nowhere is EFAULT");
    check_error(nanosleep(nowhere, NULL), EFAULT, "nanosleep from nowhere too");
    pid_t child = start(end_at_once, NULL);
    check_error(waitpid(child, nowhere, 0), EFAULT, "wait4 with its status to nowhere too");
    waitpid(child, NULL, 0);
    check_error(open("", O_RDONLY), ENOENT, "an empty path is ENOENT");
    close(file);
    close(null);
}
