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
    if (format)
        vfprintf(stderr, format, arguments);
    if (number)
        fprintf(stderr, "%s%s", format ? ": " : "", strerror(number));
    fputc('\n', stderr);
}

void vwarnc(int number, const char *format, va_list arguments) {
    complain(number, format, arguments);
}

void vwarn(const char *format, va_list arguments) {
    complain(errno, format, arguments);
}

void vwarnx(const char *format, va_list arguments) {
    complain(0, format, arguments);
}

void verrc(int status, int number, const char *format, va_list arguments) {
    complain(number, format, arguments);
    exit(status);
}

void verr(int status, const char *format, va_list arguments) {
    verrc(status, errno, format, arguments);
}

void verrx(int status, const char *format, va_list arguments) {
    verrc(status, 0, format, arguments);
}

void warnc(int number, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    complain(number, format, arguments);
    va_end(arguments);
}

void warn(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vwarn(format, arguments);
    va_end(arguments);
}

void warnx(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vwarnx(format, arguments);
    va_end(arguments);
}

void errc(int status, int number, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    verrc(status, number, format, arguments);
}

void err(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    verr(status, format, arguments);
}

void errx(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    verrx(status, format, arguments);
}
