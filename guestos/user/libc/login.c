// Sessions and their terminals: getlogin(2), daemon(3), ttyname(3).
#include "libc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOGIN_NAME_SIZE = 24 }; // the kernel's

int getlogin_r(char *name, size_t size) {
    char own[LOGIN_NAME_SIZE];
    if (__sys_getlogin(own, sizeof(own)) == -1)
        return errno;
    return strlcpy(name, own, size) >= size ? ERANGE : 0;
}

// NULL if nobody has set it in this session.
char *getlogin(void) {
    static char name[LOGIN_NAME_SIZE];
    return getlogin_r(name, sizeof(name)) == 0 && *name ? name : NULL;
}

// The child goes on without the session, the directory and the streams that it
// began with.
int daemon(int keep_directory, int keep_streams) {
    pid_t child = fork();
    if (child == -1)
        return -1;
    if (child > 0)
        _exit(0);
    if (setsid() == -1)
        return -1;
    if (!keep_directory)
        chdir("/");
    int null = keep_streams ? -1 : open("/dev/null", O_RDWR);
    for (int fd = 0; null != -1 && fd <= 2; fd++)
        dup2(null, fd);
    if (null > 2)
        close(null);
    return 0;
}

// The node in /dev of the terminal that fd is; returns an errno value.
int ttyname_r(int fd, char *path, size_t size) {
    struct stat tty, node;
    if (!isatty(fd) || fstat(fd, &tty) == -1)
        return errno;
    DIR *dev = opendir("/dev");
    if (!dev)
        return errno;
    int result = ENOTTY;
    for (struct dirent *entry; result == ENOTTY && (entry = readdir(dev));) {
        if (entry->d_type != DT_CHR)
            continue;
        int length = snprintf(path, size, "/dev/%s", entry->d_name);
        if ((size_t)length >= size)
            result = ERANGE;
        else if (stat(path, &node) == 0 && node.st_rdev == tty.st_rdev)
            result = 0;
    }
    closedir(dev);
    return result;
}

char *ttyname(int fd) {
    static char path[64];
    int error = ttyname_r(fd, path, sizeof(path));
    if (error)
        errno = error;
    return error ? NULL : path;
}
