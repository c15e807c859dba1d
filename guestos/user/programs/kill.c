// kill [-SIGNAL | -s SIGNAL] PID...
// kill -l
#include <ctype.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void usage(void) {
    fputs("usage: kill [-signal | -s signal] pid ...\n       kill -l\n", stderr);
    exit(2);
}

static int signal_number(const char *name) {
    if (isdigit((unsigned char)*name))
        return atoi(name);
    if (strncasecmp(name, "SIG", 3) == 0)
        name += 3;
    for (int i = 1; i < sys_nsig; i++)
        if (sys_signame[i] && strcasecmp(name, sys_signame[i]) == 0)
            return i;
    errx(2, "%s: unknown signal", name);
}

static int list(void) {
    for (int i = 1; i < sys_nsig; i++)
        if (sys_signame[i])
            printf("%2d %s\n", i, sys_signame[i]);
    return 0;
}

int main(int argc, char **argv) {
    int number = SIGTERM, first = 1;
    if (argc > 1 && strcmp(argv[1], "-l") == 0)
        return list();
    if (argc > 2 && strcmp(argv[1], "-s") == 0) {
        number = signal_number(argv[2]);
        first = 3;
    } else if (argc > 1 && argv[1][0] == '-' && strcmp(argv[1], "--") != 0) {
        number = signal_number(argv[1] + 1);
        first = 2;
    }
    if (first < argc && strcmp(argv[first], "--") == 0)
        first++;
    if (first >= argc)
        usage();
    int status = 0;
    for (int i = first; i < argc; i++) {
        char *end;
        long pid = strtol(argv[i], &end, 10);
        if (!*argv[i] || *end) {
            warnx("%s: not a process id", argv[i]);
            status = 1;
        } else if (kill((pid_t)pid, number) == -1) {
            warn("%s", argv[i]);
            status = 1;
        }
    }
    return status;
}
