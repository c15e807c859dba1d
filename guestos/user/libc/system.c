// system(3), and the forms of wait(2) over wait4(2) and wait6(2).
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t waitpid(pid_t pid, int *status, int options) {
    return wait4(pid, status, options, NULL);
}

pid_t wait(int *status) {
    return wait4(WAIT_ANY, status, 0, NULL);
}

pid_t wait3(int *status, int options, struct rusage *usage) {
    return wait4(WAIT_ANY, status, options, usage);
}

int waitid(idtype_t type, id_t id, siginfo_t *info, int options) {
    int status;
    return wait6(type, id, &status, options, NULL, info) == -1 ? -1 : 0;
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
