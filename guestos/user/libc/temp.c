// mkstemp(3) and its kin, tmpfile(3), remove(3). The names count up from the
// process id, so that equal runs make equal names.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ATTEMPTS = 1000 };

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

// Puts numbers in the place of the X's before the suffix, however many they are,
// until `make` has no objection; without any X there is one attempt. Returns what
// make does, -1 with errno.
static int make_name(char *template, int suffix, int (*make)(const char *, int), int argument) {
    static unsigned int turn;
    size_t length = strlen(template);
    if (suffix < 0 || length < (size_t)suffix) {
        errno = EINVAL;
        return -1;
    }
    char *place = template + length - suffix;
    int digits = 0;
    for (; place > template && place[-1] == 'X'; digits++)
        place--;
    int result = -1;
    for (int i = 0; i < (digits > 0 ? ATTEMPTS : 1); i++) {
        unsigned int number = (unsigned int)getpid() * 100 + turn++;
        for (int digit = digits; digit-- > 0; number /= 10)
            place[digit] = (char)('0' + number % 10);
        result = make(template, argument);
        if (result != -1 || errno != EEXIST)
            break;
    }
    return result;
}

int mkostemps(char *template, int suffix, int flags) {
    return make_name(template, suffix, make_file, flags);
}

int mkostemp(char *template, int flags) {
    return make_name(template, 0, make_file, flags);
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
