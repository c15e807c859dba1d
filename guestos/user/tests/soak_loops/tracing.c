// Processes that fork under a tracer's eyes.
#include "loops.h"

#include <sys/ptrace.h>

enum { EVENTS = PTRACE_FORK | PTRACE_VFORK | PTRACE_VFORK_DONE };

// A process, a child by vfork, and the same again one level down.
static int grow(unsigned levels) {
    pid_t pid = vfork();
    if (pid == 0)
        _exit(0);
    bool good = pid > 0;
    if (levels > 0) {
        pid_t next = fork();
        if (next == 0)
            _exit(grow(levels - 1));
        good = good && next > 0 && status_of(next) == 0;
    }
    return good && status_of(pid) == 0 ? 0 : 1;
}

static pid_t start_traced(unsigned levels) {
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PT_TRACE_ME, 0, NULL, 0);
        raise(SIGSTOP);
        _exit(grow(levels));
    }
    return pid;
}

struct seen {
    unsigned stops, ends, events;
};

// Lets everything go on until nothing is left to wait for, or until `most` stops.
// Every stop by SIGTRAP asks for events anew, so that children have them too.
static struct seen follow(unsigned most) {
    struct seen seen = {0, 0, 0};
    int status;
    for (pid_t pid; seen.stops < most && (pid = waitpid(-1, &status, WALLSIG)) > 0;) {
        if (!WIFSTOPPED(status)) {
            seen.ends++;
            continue;
        }
        seen.stops++;
        int number = WSTOPSIG(status);
        ptrace_event_t events = {EVENTS};
        ptrace_state_t state = {0, {0}};
        ptrace(PT_SET_EVENT_MASK, pid, &events, sizeof(events));
        if (number == SIGTRAP && ptrace(PT_GET_PROCESS_STATE, pid, &state, sizeof(state)) == 0)
            seen.events += state.pe_report_event != 0;
        ptrace(PT_CONTINUE, pid, (void *)1, number == SIGTRAP || number == SIGSTOP ? 0 : number);
    }
    return seen;
}

enum { LEVELS = 5 };

// 2 * LEVELS + 2 processes; each fork is told by parent and child, each vfork once
// more when its wait is over.
bool traced_trees(unsigned rounds) {
    for (unsigned round = 0; round < rounds; round++) {
        EXPECT(start_traced(LEVELS) > 0, "fork: errno %d", errno);
        struct seen seen = follow(~0U);
        EXPECT(seen.ends >= 2 * LEVELS + 2, "%u ends", seen.ends);
        EXPECT_EQ(seen.events, 2 * LEVELS + 3 * (LEVELS + 1));
    }
    return true;
}

// The tracer exits after some stops; what it held must go or go on.
bool tracer_dies(unsigned rounds) {
    for (unsigned round = 0; round < rounds; round++) {
        pid_t tracer = fork();
        if (tracer == 0) {
            start_traced(LEVELS);
            follow(round + 1);
            _exit(0);
        }
        EXPECT_EQ(status_of(tracer), 0);
    }
    return true;
}
