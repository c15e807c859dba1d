// mkdir [-p] FOLDER...
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_with_parents(char *path) {
    for (char *slash = path; (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        if (mkdir(path, 0777) == -1 && errno != EEXIST)
            return -1;
        *slash = '/';
    }
    return mkdir(path, 0777) == -1 && errno != EEXIST ? -1 : 0;
}

int main(int argc, char **argv) {
    int parents = 0, status = 0;
    for (int option; (option = getopt(argc, argv, "p")) != -1;) {
        if (option == '?')
            return 2;
        parents = 1;
    }
    if (optind == argc) {
        fputs("usage: mkdir [-p] folder ...\n", stderr);
        return 2;
    }
    for (int i = optind; i < argc; i++)
        if ((parents ? make_with_parents(argv[i]) : mkdir(argv[i], 0777)) == -1) {
            warn("%s", argv[i]);
            status = 1;
        }
    return status;
}
