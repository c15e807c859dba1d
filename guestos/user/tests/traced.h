// What the tests that trace a child share.
#ifndef TRACED_H_
#define TRACED_H_

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int wait_for(pid_t pid) {
    int status = -1;
    return waitpid(pid, &status, 0) == pid ? status : -1;
}

// Starts does() as a traced child, which has stopped once.
static pid_t trace(void (*does)(void)) {
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PT_TRACE_ME, 0, NULL, 0);
        raise(SIGSTOP);
        does();
        _exit(9);
    }
    return wait_for(pid) == W_STOPCODE(SIGSTOP) ? pid : -1;
}

// Lets it go on by a request, and waits for what comes.
static inline int go(pid_t pid, int request, int signal) {
    return ptrace(request, pid, (void *)1, signal) == 0 ? wait_for(pid) : -1;
}

#endif
