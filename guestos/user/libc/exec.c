// The forms of exec(3) over execve(2).
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char default_path[] = "/bin:/sbin";

int execv(const char *path, char *const *argv) {
    return execve(path, argv, environ);
}

// A file that is no program is a script for the shell.
static int exec_script(const char *path, char *const *argv, char *const *envp) {
    int argc = 0;
    while (argv[argc])
        argc++;
    char *script[argc + 3];
    script[0] = "sh";
    script[1] = (char *)path;
    for (int i = 1; i <= argc; i++)
        script[i + 1] = argv[i];
    script[argc + 1] = NULL;
    return execve("/bin/sh", script, envp);
}

int execvpe(const char *file, char *const *argv, char *const *envp) {
    if (strchr(file, '/')) {
        execve(file, argv, envp);
        return errno == ENOEXEC ? exec_script(file, argv, envp) : -1;
    }
    const char *path = getenv("PATH");
    int denied = 0;
    for (path = path ? path : default_path; *path;) {
        size_t length = strcspn(path, ":");
        char full[PATH_MAX];
        snprintf(full, sizeof(full), "%.*s%s%s", (int)length, path, length ? "/" : "", file);
        path += length + (path[length] == ':');
        execve(full, argv, envp);
        if (errno == ENOEXEC)
            return exec_script(full, argv, envp);
        if (errno == EACCES)
            denied = 1;
        else if (errno != ENOENT && errno != ENOTDIR)
            return -1;
    }
    errno = denied ? EACCES : ENOENT;
    return -1;
}

int execvp(const char *file, char *const *argv) {
    return execvpe(file, argv, environ);
}

// Counts the arguments of the variadic forms, the first among them.
#define COUNT(first, count, list)                                                                  \
    do {                                                                                           \
        va_start(list, first);                                                                     \
        for (count = 1; va_arg(list, char *);)                                                     \
            count++;                                                                               \
        va_end(list);                                                                              \
    } while (0)
#define COLLECT(first, count, list, argv)                                                          \
    do {                                                                                           \
        argv[0] = (char *)first;                                                                   \
        for (int i = 1; i <= count; i++)                                                           \
            argv[i] = va_arg(list, char *);                                                        \
    } while (0)

int execl(const char *path, const char *first, ...) {
    va_list list;
    int count;
    COUNT(first, count, list);
    char *argv[count + 1];
    va_start(list, first);
    COLLECT(first, count, list, argv);
    va_end(list);
    return execve(path, argv, environ);
}

int execle(const char *path, const char *first, ...) {
    va_list list;
    int count;
    COUNT(first, count, list);
    char *argv[count + 1];
    va_start(list, first);
    COLLECT(first, count, list, argv);
    char **envp = va_arg(list, char **);
    va_end(list);
    return execve(path, argv, envp);
}

int execlp(const char *file, const char *first, ...) {
    va_list list;
    int count;
    COUNT(first, count, list);
    char *argv[count + 1];
    va_start(list, first);
    COLLECT(first, count, list, argv);
    va_end(list);
    return execvp(file, argv);
}
