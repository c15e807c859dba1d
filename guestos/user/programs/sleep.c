// sleep SECONDS, which may have a fraction.
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv) {
    if (argc != 2 || !isdigit((unsigned char)argv[1][0])) {
        fputs("usage: sleep seconds\n", stderr);
        return 2;
    }
    char *end;
    struct timespec time = {.tv_sec = strtol(argv[1], &end, 10)};
    if (*end == '.') {
        long unit = 100000000;
        for (end++; isdigit((unsigned char)*end); end++, unit /= 10)
            time.tv_nsec += (*end - '0') * unit;
    }
    if (*end)
        errx(2, "%s: not a number of seconds", argv[1]);
    while (nanosleep(&time, &time) == -1)
        if (errno != EINTR)
            err(1, "nanosleep");
    return 0;
}
