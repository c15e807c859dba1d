#include "selftest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t start(int (*body)(void *), void *argument) {
    pid_t pid = fork();
    if (pid == -1)
        give_up("fork");
    if (pid == 0)
        _exit(body(argument));
    return pid;
}

int finish(pid_t pid) {
    int status;
    while (waitpid(pid, &status, 0) == -1)
        if (errno != EINTR)
            give_up("waitpid");
    return status;
}

int status_in_child(int (*body)(void *), void *argument) {
    return finish(start(body, argument));
}

int signal_of(int wait_status) {
    return WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
}

int exit_of(int wait_status) {
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

struct channel open_channel(void) {
    struct channel channel;
    if (pipe(channel.ends) == -1)
        give_up("pipe");
    return channel;
}

void tell(struct channel channel, char what) {
    if (write(channel.ends[1], &what, 1) != 1)
        _exit(120);
}

char hear(struct channel channel) {
    char what;
    if (read(channel.ends[0], &what, 1) != 1)
        _exit(121);
    return what;
}

void close_channel(struct channel channel) {
    close(channel.ends[0]);
    close(channel.ends[1]);
}
