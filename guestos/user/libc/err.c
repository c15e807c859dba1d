// err(3): `name: message[: what errno says]` on standard error.
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *progname = "?";

const char *getprogname(void) {
    return progname;
}

void setprogname(const char *path) {
    const char *slash = strrchr(path, '/');
    progname = slash ? slash + 1 : path;
}

static void complain(int number, const char *format, va_list arguments) {
    fflush(stdout);
    fprintf(stderr, "%s: ", progname);
    vfprintf(stderr, format, arguments);
    if (number)
        fprintf(stderr, ": %s", strerror(number));
    fputc('\n', stderr);
}

void warn(const char *format, ...) {
    int number = errno;
    va_list arguments;
    va_start(arguments, format);
    complain(number, format, arguments);
    va_end(arguments);
}

void warnx(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    complain(0, format, arguments);
    va_end(arguments);
}

void err(int status, const char *format, ...) {
    int number = errno;
    va_list arguments;
    va_start(arguments, format);
    complain(number, format, arguments);
    va_end(arguments);
    exit(status);
}

void errx(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    complain(0, format, arguments);
    va_end(arguments);
    exit(status);
}
