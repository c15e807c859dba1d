// ls [-1al] [FILE...]: lists folders, one name a line, in the order of their names.
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int all, with_status;

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static const char *mode_text(mode_t mode) {
    static char text[11];
    text[0] = S_ISDIR(mode)    ? 'd'
              : S_ISCHR(mode)  ? 'c'
              : S_ISBLK(mode)  ? 'b'
              : S_ISFIFO(mode) ? 'p'
              : S_ISLNK(mode)  ? 'l'
                               : '-';
    for (int i = 0; i < 9; i++)
        text[1 + i] = mode & (0400 >> i) ? "rwx"[i % 3] : '-';
    if (mode & S_ISVTX)
        text[9] = mode & S_IXOTH ? 't' : 'T';
    return text;
}

static int print(const char *path, const char *name) {
    if (with_status) {
        struct stat status;
        if (lstat(path, &status) == -1) {
            warn("%s", path);
            return 1;
        }
        printf("%s %3ld %3ld %3ld ", mode_text(status.st_mode), (long)status.st_nlink,
               (long)status.st_uid, (long)status.st_gid);
        if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
            printf("%3d, %3d ", (int)major(status.st_rdev), (int)minor(status.st_rdev));
        else
            printf("%8ld ", (long)status.st_size);
    }
    puts(name);
    return 0;
}

static int list(const char *path) {
    DIR *dir = opendir(path);
    if (!dir) {
        warn("%s", path);
        return 1;
    }
    char **names = NULL;
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.' && !all)
            continue;
        names = realloc(names, (count + 1) * sizeof(*names));
        if (!names || !(names[count++] = strdup(entry->d_name)))
            err(1, NULL);
    }
    closedir(dir);
    if (count > 0)
        qsort(names, count, sizeof(*names), compare);
    int status = 0;
    for (size_t i = 0; i < count; i++) {
        char full[1024];
        snprintf(full, sizeof(full), "%s/%s", path, names[i]);
        status |= print(full, names[i]);
        free(names[i]);
    }
    free(names);
    return status;
}

int main(int argc, char **argv) {
    for (int option; (option = getopt(argc, argv, "1al")) != -1;) {
        if (option == '?') {
            fputs("usage: ls [-1al] [file ...]\n", stderr);
            return 2;
        }
        all |= option == 'a';
        with_status |= option == 'l';
    }
    if (optind == argc)
        return list(".");
    int status = 0;
    for (int i = optind; i < argc; i++) {
        struct stat file;
        if (stat(argv[i], &file) == -1) {
            warn("%s", argv[i]);
            status = 1;
        } else if (!S_ISDIR(file.st_mode)) {
            status |= print(argv[i], argv[i]);
        } else {
            if (argc - optind > 1)
                printf("%s%s:\n", i > optind ? "\n" : "", argv[i]);
            status |= list(argv[i]);
        }
    }
    return status;
}
