// env [NAME=VALUE...] [COMMAND [ARGUMENT...]]
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv) {
    int i = 1;
    for (; i < argc && strchr(argv[i], '='); i++)
        if (putenv(argv[i]) != 0)
            err(1, "%s", argv[i]);
    if (i < argc) {
        execvp(argv[i], argv + i);
        err(errno == ENOENT ? 127 : 126, "%s", argv[i]);
    }
    for (char **entry = environ; *entry; entry++)
        puts(*entry);
    return 0;
}
