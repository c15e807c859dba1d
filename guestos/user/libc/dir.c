// opendir(3) and its kin over getdents(2).
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct _dirdesc {
    int fd;
    off_t start; // where in the directory the buffer begins
    int length; // bytes that getdents gave
    int next;   // offset of the entry to give out
    char buffer[4096] __attribute__((aligned(8)));
};

DIR *fdopendir(int fd) {
    struct stat status;
    if (fstat(fd, &status) == -1)
        return NULL;
    if (!S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        return NULL;
    }
    DIR *dir = malloc(sizeof(*dir));
    if (!dir)
        return NULL;
    dir->fd = fd;
    dir->start = 0;
    dir->length = dir->next = 0;
    return dir;
}

DIR *opendir(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd == -1)
        return NULL;
    DIR *dir = fdopendir(fd);
    if (!dir)
        close(fd);
    return dir;
}

struct dirent *readdir(DIR *dir) {
    for (;;) {
        if (dir->next >= dir->length) {
            dir->start = lseek(dir->fd, 0, SEEK_CUR);
            dir->length = getdents(dir->fd, dir->buffer, sizeof(dir->buffer));
            dir->next = 0;
            if (dir->length <= 0)
                return NULL;
        }
        struct dirent *entry = (struct dirent *)(dir->buffer + dir->next);
        dir->next += entry->d_reclen;
        if (entry->d_fileno != 0)
            return entry;
    }
}

void rewinddir(DIR *dir) {
    seekdir(dir, 0);
}

// A place is where its buffer begins, and the offset in that.
long telldir(DIR *dir) {
    return (long)dir->start * (long)sizeof(dir->buffer) + dir->next % (int)sizeof(dir->buffer);
}

void seekdir(DIR *dir, long place) {
    dir->start = lseek(dir->fd, place / (long)sizeof(dir->buffer), SEEK_SET);
    dir->length = dir->next = 0;
    int offset = (int)(place % (long)sizeof(dir->buffer));
    while (dir->next < offset && readdir(dir))
        ;
}

int dirfd(DIR *dir) {
    return dir->fd;
}

int closedir(DIR *dir) {
    int fd = dir->fd;
    free(dir);
    return close(fd);
}

// --- scandir -----------------------------------------------------------------------

int alphasort(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static struct dirent *copy_of(const struct dirent *entry) {
    struct dirent *copy = malloc(entry->d_reclen);
    return copy ? memcpy(copy, entry, entry->d_reclen) : NULL;
}

// Adds a copy of the entry to the list. Returns -1 with errno.
static int add_entry(struct dirent ***list, int count, const struct dirent *entry) {
    struct dirent *copy = copy_of(entry);
    if (!copy || reallocarr(list, (size_t)count + 1, sizeof(**list)) != 0) {
        free(copy);
        errno = ENOMEM;
        return -1;
    }
    (*list)[count] = copy;
    return 0;
}

int scandir(const char *path, struct dirent ***result, int (*select)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **)) {
    DIR *dir = opendir(path);
    if (!dir)
        return -1;
    struct dirent **list = NULL;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (select && !select(entry))
            continue;
        if (add_entry(&list, count, entry) == -1) {
            while (count > 0)
                free(list[--count]);
            free(list);
            closedir(dir);
            return -1;
        }
        count++;
    }
    closedir(dir);
    if (compare && count > 0)
        qsort(list, (size_t)count, sizeof(*list), (int (*)(const void *, const void *))compare);
    *result = list;
    return count;
}
