// popen(3): a pipe to or from the shell, in a vfork'd child.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// What pclose has to wait for.
struct child {
    FILE *file;
    pid_t pid;
    struct child *next;
};
static struct child *children;

// In the child: the pipe's end becomes standard input or output.
static void become_shell(const char *command, int end, int number) {
    if (end == number)
        fcntl(end, F_SETFD, 0);
    else
        dup2(end, number);
    execl("/bin/sh", "sh", "-c", command, NULL);
    _exit(127);
}

// Deviation: the stream is always close-on-exec, with `e` or not. So the ends that
// other streams have stay out of the shell.
FILE *popen(const char *command, const char *type) {
    int ends[2], reads = *type == 'r';
    if ((*type != 'r' && *type != 'w') || type[1 + (type[1] == 'e')]) {
        errno = EINVAL;
        return NULL;
    }
    struct child *child = malloc(sizeof(*child));
    if (!child || pipe2(ends, O_CLOEXEC) == -1) {
        free(child);
        return NULL;
    }
    int ours = ends[!reads], theirs = ends[reads];
    child->file = fdopen(ours, reads ? "r" : "w");
    child->pid = child->file ? vfork() : -1;
    if (child->pid == 0)
        become_shell(command, theirs, reads ? STDOUT_FILENO : STDIN_FILENO);
    int error = errno;
    close(theirs);
    if (child->pid == -1) {
        child->file ? fclose(child->file) : close(ours);
        free(child);
        errno = error;
        return NULL;
    }
    child->next = children;
    children = child;
    return child->file;
}

int pclose(FILE *file) {
    struct child **link = &children;
    while (*link && (*link)->file != file)
        link = &(*link)->next;
    struct child *child = *link;
    if (!child) {
        errno = EBADF;
        return -1;
    }
    *link = child->next;
    fclose(file);
    int status;
    pid_t pid;
    do
        pid = waitpid(child->pid, &status, 0);
    while (pid == -1 && errno == EINTR);
    free(child);
    return pid == -1 ? -1 : status;
}
