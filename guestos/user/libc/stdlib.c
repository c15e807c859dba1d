// strtonum(3), reallocarr(3), realpath(3).
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The whole text is a decimal number from low to high; else 0, and *complaint
// says why.
long long strtonum(const char *restrict text, long long low, long long high,
                   const char **restrict complaint) {
    static const char *const complaints[] = {NULL, "too small", "too large", "invalid"};
    static const int errors[] = {0, ERANGE, ERANGE, EINVAL};
    int saved = errno, why = 0;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (low > high || end == text || *end)
        why = 3;
    else if (number < low || (number == LLONG_MIN && errno == ERANGE))
        why = 1;
    else if (number > high || (number == LLONG_MAX && errno == ERANGE))
        why = 2;
    errno = why ? errors[why] : saved;
    if (complaint)
        *complaint = complaints[why];
    return why ? 0 : number;
}

// Changes the size of the array that *pointer points to. Returns an errno value,
// and leaves errno alone; without elements the array is freed.
int reallocarr(void *pointer, size_t count, size_t size) {
    void *array;
    int saved = errno;
    memcpy(&array, pointer, sizeof(array));
    if (count == 0 || size == 0) {
        free(array);
        array = NULL;
    } else {
        if (size > SIZE_MAX / count)
            return EOVERFLOW;
        array = realloc(array, count * size);
        errno = saved;
        if (!array)
            return ENOMEM;
    }
    memcpy(pointer, &array, sizeof(array));
    return 0;
}

// --- realpath ----------------------------------------------------------------------

enum { MAX_LINKS = 32 };

// Puts the target of the link `resolved` before what is left of the path, and
// takes the link's name off `resolved`. Returns -1 with errno.
static int follow(char *resolved, char *left, const char *rest) {
    char target[PATH_MAX], joined[PATH_MAX];
    ssize_t length = readlink(resolved, target, sizeof(target) - 1);
    if (length <= 0) {
        errno = length == 0 ? ENOENT : errno;
        return -1;
    }
    target[length] = '\0';
    if (strlcpy(joined, target, sizeof(joined)) >= sizeof(joined) ||
        strlcat(joined, rest, sizeof(joined)) >= sizeof(joined)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(left, joined);
    if (target[0] == '/')
        resolved[0] = '\0';
    else
        *strrchr(resolved, '/') = '\0';
    return 0;
}

// Adds one name to `resolved`; ".." takes one off. Returns -1 with errno.
static int step(char *resolved, const char *name, size_t length) {
    if (length == 0 || (length == 1 && name[0] == '.'))
        return 0;
    char *end = strrchr(resolved, '/');
    if (length == 2 && name[0] == '.' && name[1] == '.') {
        if (end)
            *end = '\0';
        return 0;
    }
    size_t used = strlen(resolved);
    if (used + 1 + length >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    resolved[used] = '/';
    memcpy(resolved + used + 1, name, length);
    resolved[used + 1 + length] = '\0';
    return 0;
}

// => `resolved` and `left` have room for PATH_MAX bytes; `left` is used up
static int resolve(char *resolved, char *left) {
    for (int links = 0; *left;) {
        size_t length = strcspn(left, "/");
        char *rest = left + length;
        size_t before = strlen(resolved);
        if (step(resolved, left, length) == -1)
            return -1;
        struct stat status;
        if (strlen(resolved) > before && lstat(resolved, &status) == -1)
            return -1;
        if (strlen(resolved) > before && S_ISLNK(status.st_mode)) {
            if (++links > MAX_LINKS) {
                errno = ELOOP;
                return -1;
            }
            if (follow(resolved, left, rest) == -1)
                return -1;
            continue;
        }
        if (*rest && strlen(resolved) > before && !S_ISDIR(status.st_mode)) {
            errno = ENOTDIR;
            return -1;
        }
        memmove(left, rest + (*rest == '/'), strlen(rest) + (*rest != '/'));
    }
    if (!*resolved)
        strcpy(resolved, "/");
    return 0;
}

// As on NetBSD every part of the path has to exist. Without room given the result
// is allocated.
char *realpath(const char *restrict path, char *restrict room) {
    char left[PATH_MAX], *made = NULL;
    if (!path || !*path) {
        errno = path ? ENOENT : EINVAL;
        return NULL;
    }
    if (!room && !(room = made = malloc(PATH_MAX)))
        return NULL;
    room[0] = '\0';
    if (*path != '/' && !getcwd(room, PATH_MAX))
        goto failed;
    if (strcmp(room, "/") == 0)
        room[0] = '\0';
    if (strlcpy(left, path, sizeof(left)) >= sizeof(left)) {
        errno = ENAMETOOLONG;
        goto failed;
    }
    if (resolve(room, left) == 0)
        return room;
failed:
    free(made);
    return NULL;
}
