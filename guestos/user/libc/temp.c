// mkstemp(3) and its kin, tmpfile(3), remove(3). The names count up from the
// process id, so that equal runs make equal names.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGITS = 6, ATTEMPTS = 1000 };

static int make_file(const char *path, int flags) {
    return open(path, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
}

static int make_folder(const char *path, int unused) {
    (void)unused;
    return mkdir(path, 0700);
}

static int is_free(const char *path, int unused) {
    (void)unused;
    struct stat status;
    if (lstat(path, &status) == -1)
        return errno == ENOENT ? 0 : -1;
    errno = EEXIST;
    return -1;
}

// Puts numbers in the place of the six X's before the suffix, until `make` has
// no objection. Returns what make does, -1 with errno.
static int make_name(char *template, int suffix, int (*make)(const char *, int), int argument) {
    static unsigned int turn;
    size_t length = strlen(template);
    char *place = template + length - suffix - DIGITS;
    if (suffix < 0 || length < (size_t)suffix + DIGITS || strspn(place, "X") < DIGITS) {
        errno = EINVAL;
        return -1;
    }
    for (int i = 0; i < ATTEMPTS; i++) {
        unsigned int number = (unsigned int)getpid() * 100 + turn++;
        for (int digit = DIGITS; digit-- > 0; number /= 10)
            place[digit] = (char)('0' + number % 10);
        int result = make(template, argument);
        if (result != -1 || errno != EEXIST)
            return result;
    }
    return -1;
}

int mkostemps(char *template, int suffix, int flags) {
    return make_name(template, suffix, make_file, flags);
}

int mkstemps(char *template, int suffix) {
    return make_name(template, suffix, make_file, 0);
}

int mkstemp(char *template) {
    return make_name(template, 0, make_file, 0);
}

char *mkdtemp(char *template) {
    return make_name(template, 0, make_folder, 0) == -1 ? NULL : template;
}

char *mktemp(char *template) {
    if (make_name(template, 0, is_free, 0) == -1)
        *template = '\0';
    return template;
}

FILE *tmpfile(void) {
    char path[] = "/tmp/tmp.XXXXXX";
    int fd = mkstemp(path);
    if (fd == -1)
        return NULL;
    unlink(path);
    FILE *file = fdopen(fd, "w+");
    if (!file)
        close(fd);
    return file;
}

int remove(const char *path) {
    struct stat status;
    if (lstat(path, &status) == -1)
        return -1;
    return S_ISDIR(status.st_mode) ? rmdir(path) : unlink(path);
}
