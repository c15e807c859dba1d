// getline(3), dprintf(3).
#include "libc.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

ssize_t getdelim(char **restrict line, size_t *restrict size, int delimiter, FILE *restrict file) {
    size_t used = 0;
    if (!line || !size) {
        errno = EINVAL;
        return -1;
    }
    for (int c = 0; c != delimiter || used == 0;) {
        c = getc(file);
        if (c == EOF && (used == 0 || ferror(file)))
            return -1;
        if (c == EOF)
            break;
        if (!*line || used + 2 > *size) {
            size_t bigger = !*line ? 128 : *size < 64 ? 128 : *size * 2;
            char *moved = realloc(*line, bigger);
            if (!moved)
                return -1;
            *line = moved;
            *size = bigger;
        }
        (*line)[used++] = (char)c;
    }
    (*line)[used] = '\0';
    return (ssize_t)used;
}

ssize_t getline(char **restrict line, size_t *restrict size, FILE *restrict file) {
    return getdelim(line, size, '\n', file);
}

int vdprintf(int fd, const char *restrict format, va_list arguments) {
    char *text;
    int length = vasprintf(&text, format, arguments);
    if (length == -1)
        return -1;
    ssize_t written = __write_all(fd, text, (size_t)length);
    free(text);
    return (int)written;
}

int dprintf(int fd, const char *restrict format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int result = vdprintf(fd, format, arguments);
    va_end(arguments);
    return result;
}
