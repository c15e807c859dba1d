// system(3), wait(2) and waitpid(2).
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t wait4(pid_t, int *, int, struct rusage *);

pid_t waitpid(pid_t pid, int *status, int options) {
    return wait4(pid, status, options, NULL);
}

pid_t wait(int *status) {
    return wait4(WAIT_ANY, status, 0, NULL);
}

pid_t wait3(int *status, int options, struct rusage *usage) {
    return wait4(WAIT_ANY, status, options, usage);
}

int system(const char *command) {
    if (!command)
        return access("/bin/sh", X_OK) == 0;
    void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
    void (*quit)(int) = signal(SIGQUIT, SIG_IGN);
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGINT, interrupt);
        signal(SIGQUIT, quit);
        execl("/bin/sh", "sh", "-c", command, NULL);
        _exit(127);
    }
    if (child > 0)
        while (waitpid(child, &status, 0) == -1)
            if (errno != EINTR) {
                status = -1;
                break;
            }
    signal(SIGINT, interrupt);
    signal(SIGQUIT, quit);
    return status;
}
