// getenv(3), setenv(3), unsetenv(3), putenv(3). What putenv is given becomes part of
// the environment itself; texts that setenv has made are freed when they are replaced.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char **own;   // the array, if it is not the one that the program began with
static size_t room;  // pointers in that
static char **made;  // texts that setenv has made
static size_t count; // of them

// The place of a name in the environment, or -1.
static long find(const char *name, size_t length) {
    for (long i = 0; environ && environ[i]; i++)
        if (strncmp(environ[i], name, length) == 0 && environ[i][length] == '=')
            return i;
    return -1;
}

char *getenv(const char *name) {
    size_t length = strlen(name);
    long place = length == 0 || strchr(name, '=') ? -1 : find(name, length);
    return place == -1 ? NULL : environ[place] + length + 1;
}

static void forget(char *text) {
    for (size_t i = 0; i < count; i++)
        if (made[i] == text) {
            made[i] = made[--count];
            free(text);
            return;
        }
}

// Puts the text in the place, or at the end if that is -1. Returns -1 with errno.
static int put(long place, char *text) {
    if (place != -1) {
        char *old = environ[place];
        environ[place] = text;
        forget(old);
        return 0;
    }
    size_t entries = 0;
    while (environ && environ[entries])
        entries++;
    if (environ != own || entries + 2 > room) {
        char **array = realloc(environ == own ? own : NULL, 2 * (entries + 8) * sizeof(*array));
        if (!array)
            return -1;
        if (environ != own && entries > 0)
            memcpy(array, environ, entries * sizeof(*array));
        own = environ = array;
        room = 2 * (entries + 8);
    }
    environ[entries] = text;
    environ[entries + 1] = NULL;
    return 0;
}

int setenv(const char *name, const char *value, int replace) {
    if (!name || !*name || strchr(name, '=') || !value) {
        errno = EINVAL;
        return -1;
    }
    size_t length = strlen(name), size = strlen(value) + 1;
    long place = find(name, length);
    if (place != -1 && !replace)
        return 0;
    char *text = malloc(length + 1 + size);
    if (!text || reallocarr(&made, count + 1, sizeof(*made)) != 0) {
        free(text);
        errno = ENOMEM;
        return -1;
    }
    memcpy(text, name, length);
    text[length] = '=';
    memcpy(text + length + 1, value, size);
    if (put(place, text) == -1) {
        free(text);
        return -1;
    }
    made[count++] = text;
    return 0;
}

int putenv(char *text) {
    const char *end = text ? strchr(text, '=') : NULL;
    if (!end || end == text) {
        errno = EINVAL;
        return -1;
    }
    return put(find(text, (size_t)(end - text)), text);
}

int unsetenv(const char *name) {
    if (!name || !*name || strchr(name, '=')) {
        errno = EINVAL;
        return -1;
    }
    for (long i; (i = find(name, strlen(name))) != -1;) {
        char *old = environ[i];
        do
            environ[i] = environ[i + 1];
        while (environ[i++]);
        forget(old);
    }
    return 0;
}
