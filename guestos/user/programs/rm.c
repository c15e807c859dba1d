// rm [-fr] FILE...
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int force, recursive;

static int remove_path(const char *path);

// The folder is opened anew after each removal: its entries have moved.
static int remove_contents(const char *path) {
    for (;;) {
        DIR *dir = opendir(path);
        if (!dir)
            return -1;
        struct dirent *entry = readdir(dir);
        while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0))
            entry = readdir(dir);
        char full[1024];
        if (entry)
            snprintf(full, sizeof(full), "%s/%s", path, entry->d_name);
        closedir(dir);
        if (!entry)
            return 0;
        if (remove_path(full) == -1)
            return -1;
    }
}

static int remove_path(const char *path) {
    struct stat status;
    if (lstat(path, &status) == -1)
        return force && errno == ENOENT ? 0 : -1;
    if (!S_ISDIR(status.st_mode))
        return unlink(path);
    if (!recursive) {
        errno = EISDIR;
        return -1;
    }
    return remove_contents(path) == -1 ? -1 : rmdir(path);
}

int main(int argc, char **argv) {
    int status = 0;
    for (int option; (option = getopt(argc, argv, "fr")) != -1;) {
        if (option == '?')
            return 2;
        force |= option == 'f';
        recursive |= option == 'r';
    }
    if (optind == argc && !force) {
        fputs("usage: rm [-fr] file ...\n", stderr);
        return 2;
    }
    for (int i = optind; i < argc; i++)
        if (remove_path(argv[i]) == -1) {
            warn("%s", argv[i]);
            status = 1;
        }
    return status;
}
