// ptrace: a tracer and the processes that fork under its eyes.
#include "rows.h"
#include "traced.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/sysctl.h>

static volatile int cell = 41;

static int status_of(pid_t pid, int options) {
    int status = -1;
    return waitpid(pid, &status, options) == pid ? status : -1;
}

static bool resume(pid_t pid, int signal) {
    return ptrace(PT_CONTINUE, pid, (void *)1, signal) == 0;
}

// The next status but for stops with the signal of a child's end, which a traced
// process gets like all others.
static int next_of(pid_t pid) {
    int status;
    while ((status = status_of(pid, 0)) == W_STOPCODE(SIGCHLD) || status == W_STOPCODE(SIGUSR1))
        resume(pid, WSTOPSIG(status));
    return status;
}

// A child that is traced and has stopped itself; then it does that.
static pid_t traced(void (*does)(void), int events) {
    pid_t pid = trace(does);
    ptrace_event_t mask = {events};
    if (pid == -1 || ptrace(PT_SET_EVENT_MASK, pid, &mask, sizeof(mask)) == -1 ||
        !resume(pid, 0))
        return -1;
    return pid;
}

static void forks(void) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(5);
    _exit(status_of(pid, 0) == W_EXITCODE(5, 0) ? 6 : 1);
}

static void vforks(void) {
    pid_t pid = vfork();
    if (pid == 0)
        _exit(5);
    _exit(status_of(pid, 0) == W_EXITCODE(5, 0) ? 6 : 1);
}

static char stack[8192] __attribute__((aligned(16)));

static int five(void *unused) {
    (void)unused;
    return 5;
}

static void clones_waiting(void) {
    signal(SIGUSR1, SIG_IGN);
    int pid = __clone(five, stack + sizeof(stack), CLONE_VFORK | SIGUSR1, NULL);
    _exit(status_of(pid, WALLSIG) == W_EXITCODE(5, 0) ? 6 : 1);
}

// What the process has stopped for: the event, 0 for a mere signal, -1 for none.
static int event_of(pid_t pid, pid_t *other) {
    ptrace_state_t state;
    ptrace_siginfo_t info;
    if (ptrace(PT_GET_PROCESS_STATE, pid, &state, sizeof(state)) == -1 ||
        ptrace(PT_GET_SIGINFO, pid, &info, sizeof(info)) == -1)
        return -1;
    *other = state.pe_other_pid;
    if (state.pe_report_event != 0 && (info.psi_siginfo.si_signo != SIGTRAP ||
                                       info.psi_siginfo.si_code != TRAP_CHLD ||
                                       info.psi_siginfo.si_pe_report_event != state.pe_report_event))
        return -2;
    return state.pe_report_event;
}

// The forker stops with the event and the child's pid, the child with the event
// and the forker's pid; both go on to their end.
static bool both_stop(void (*does)(void), int event, bool done) {
    pid_t child = 0, other = 0;
    pid_t pid = traced(does, event | (done ? PTRACE_VFORK_DONE : 0));
    EXPECT(pid > 0, "no traced child");
    EXPECT_EQ(next_of(pid), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(pid, &child), event);
    EXPECT(child > 1 && child != pid, "the child's pid is %d", child);
    EXPECT_EQ(status_of(child, 0), W_STOPCODE(SIGTRAP)); // our child, though it is not
    EXPECT_EQ(event_of(child, &other), event);
    EXPECT_EQ(other, pid);
    EXPECT(resume(pid, 0), "the forker does not go on");
    EXPECT(resume(child, 0), "the child does not go on");
    EXPECT_EQ(status_of(child, 0), W_EXITCODE(5, 0)); // the tracer first
    if (done) {
        EXPECT_EQ(next_of(pid), W_STOPCODE(SIGTRAP));
        EXPECT_EQ(event_of(pid, &other), PTRACE_VFORK_DONE);
        EXPECT_EQ(other, child);
        EXPECT(resume(pid, 0), "the forker does not go on after the wait");
    }
    EXPECT_EQ(next_of(pid), W_EXITCODE(6, 0)); // then the forker saw it too
    return true;
}

static void forks_twice(void) {
    pid_t pid = fork();
    if (pid == 0)
        forks(); // and ends with 6
    _exit(status_of(pid, 0) == W_EXITCODE(6, 0) ? 6 : 1);
}

// The child is traced, but whoever wants its events must ask for them anew.
static bool child_is_asked_nothing(void) {
    pid_t child = 0;
    pid_t pid = traced(forks_twice, PTRACE_FORK);
    EXPECT_EQ(next_of(pid), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(pid, &child), PTRACE_FORK);
    EXPECT_EQ(status_of(child, 0), W_STOPCODE(SIGTRAP));
    EXPECT(resume(pid, 0) && resume(child, 0), "they do not go on");
    EXPECT_EQ(next_of(child), W_EXITCODE(6, 0));
    EXPECT_EQ(next_of(pid), W_EXITCODE(6, 0));
    return true;
}

static bool fork_event(void) {
    return both_stop(forks, PTRACE_FORK, false);
}
static bool vfork_event(void) {
    return both_stop(vforks, PTRACE_VFORK, false);
}
static bool vfork_done_event(void) {
    return both_stop(vforks, PTRACE_VFORK, true);
}
static bool clone_event(void) {
    return both_stop(clones_waiting, PTRACE_VFORK, true);
}

// Events nobody asked for do not happen.
static bool only_if_asked(void) {
    pid_t other, pid = traced(forks, 0);
    EXPECT_EQ(next_of(pid), W_EXITCODE(6, 0));
    pid = traced(forks, PTRACE_VFORK | PTRACE_VFORK_DONE);
    EXPECT_EQ(next_of(pid), W_EXITCODE(6, 0));
    pid = traced(vforks, PTRACE_FORK);
    EXPECT_EQ(next_of(pid), W_EXITCODE(6, 0));
    pid = traced(vforks, PTRACE_FORK | PTRACE_VFORK_DONE);
    EXPECT_EQ(next_of(pid), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(pid, &other), PTRACE_VFORK_DONE);
    kill(pid, SIGKILL);
    EXPECT_EQ(status_of(pid, 0), SIGKILL);
    return true;
}

static int fds[2];

static void report_parent(void) {
    pid_t pid = fork();
    if (pid == 0) {
        pid_t parent = getppid();
        write(fds[1], &parent, sizeof(parent));
        _exit(5);
    }
    _exit(status_of(pid, 0) == W_EXITCODE(5, 0) ? 6 : 1);
}

static bool childs_parent(void) {
    pid_t child = 0, seen = 0;
    EXPECT_EQ(pipe(fds), 0);
    pid_t pid = traced(report_parent, PTRACE_FORK);
    EXPECT_EQ(next_of(pid), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(pid, &child), PTRACE_FORK);
    EXPECT_EQ(status_of(child, 0), W_STOPCODE(SIGTRAP));
    EXPECT(resume(child, 0) && resume(pid, 0), "they do not go on");
    EXPECT_EQ(read(fds[0], &seen, sizeof(seen)), (long)sizeof(seen));
    EXPECT_EQ(seen, pid); // getppid(2) names the forker all the same
    EXPECT_EQ(status_of(child, 0), W_EXITCODE(5, 0)); // ours to wait for
    EXPECT_EQ(next_of(pid), W_EXITCODE(6, 0));
    return true;
}

// The traced child of vfork wakes the one that waits, not the tracer.
static bool wakes_forker(void) {
    pid_t child = 0;
    pid_t pid = traced(vforks, PTRACE_VFORK);
    EXPECT_EQ(next_of(pid), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(pid, &child), PTRACE_VFORK);
    EXPECT_EQ(status_of(child, 0), W_STOPCODE(SIGTRAP));
    EXPECT(resume(pid, 0), "the forker does not go on");
    usleep(30000);
    EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0); // it waits for the child
    EXPECT(resume(child, 0), "the child does not go on");
    EXPECT_EQ(status_of(child, 0), W_EXITCODE(5, 0));
    EXPECT_EQ(next_of(pid), W_EXITCODE(6, 0));
    return true;
}

// Process T traces P, which forks C; T goes while both are stopped.
static bool tracer_goes(void) {
    pid_t pids[2];
    EXPECT_EQ(pipe(fds), 0);
    pid_t tracer = fork();
    if (tracer == 0) {
        pids[0] = traced(forks, PTRACE_FORK);
        status_of(pids[0], 0);
        event_of(pids[0], &pids[1]);
        status_of(pids[1], 0);
        write(fds[1], pids, sizeof(pids));
        _exit(3);
    }
    EXPECT_EQ(read(fds[0], pids, sizeof(pids)), (long)sizeof(pids));
    EXPECT_EQ(status_of(tracer, 0), W_EXITCODE(3, 0));
    for (int i = 0; i < 100 && (kill(pids[0], 0) == 0 || kill(pids[1], 0) == 0); i++)
        usleep(10000);
    EXPECT_EQ(kill(pids[0], 0), -1); // killed, and reaped by init
    EXPECT_EQ(kill(pids[1], 0), -1);
    return true;
}

// A traced process that its tracer leaves is its forker's again, killed.
static bool forker_waits(void) {
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    pid_t tracer = fork();
    if (tracer == 0) {
        bool held =
            ptrace(PT_ATTACH, child, NULL, 0) == 0 && status_of(child, 0) == W_STOPCODE(SIGSTOP);
        _exit(held ? 3 : 4);
    }
    EXPECT_EQ(status_of(tracer, 0), W_EXITCODE(3, 0));
    EXPECT_EQ(status_of(child, 0), SIGKILL);
    return true;
}

static void vfork_kills(void) {
    pid_t pid = vfork();
    if (pid == 0) {
        kill(getppid(), SIGKILL);
        _exit(5);
    }
    _exit(1);
}

// The signal is there when the wait of vfork ends: there is no stop to tell of that.
static bool kill_wins_over_done(void) {
    pid_t pid = traced(vfork_kills, PTRACE_VFORK_DONE);
    EXPECT_EQ(next_of(pid), SIGKILL);
    return true;
}

// A child that its forker took in hand before it ran was not born under a tracer.
static bool attached_before_it_ran(void) {
    int name[] = {CTL_PROC, PROC_CURPROC, PROC_PID_STOPFORK}, on = 1, off = 0;
    EXPECT_EQ(sysctl(name, 3, NULL, NULL, &on, sizeof(on)), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(5);
    EXPECT_EQ(sysctl(name, 3, NULL, NULL, &off, sizeof(off)), 0);
    EXPECT(WIFSTOPPED(status_of(pid, WUNTRACED)), "it is not born stopped");
    EXPECT_EQ(ptrace(PT_ATTACH, pid, NULL, 0), 0);
    EXPECT_EQ(status_of(pid, 0), W_STOPCODE(SIGSTOP));
    EXPECT(resume(pid, 0), "it does not go on");
    EXPECT_EQ(status_of(pid, 0), W_EXITCODE(5, 0));
    return true;
}

static bool kill_wins(void) {
    pid_t child = 0;
    pid_t pid = traced(forks, PTRACE_FORK);
    EXPECT_EQ(next_of(pid), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(pid, &child), PTRACE_FORK);
    kill(child, SIGKILL);
    int status = status_of(child, 0);
    if (status == W_STOPCODE(SIGTRAP)) // it had stopped before
        status = status_of(child, 0);
    EXPECT_EQ(status, SIGKILL);
    EXPECT_EQ(ptrace(PT_KILL, pid, NULL, 0), 0);
    EXPECT_EQ(status_of(pid, 0), SIGKILL);
    return true;
}

// --- ptrace itself -------------------------------------------------------------------

static volatile sig_atomic_t heard;

static void hear(int number) {
    heard = number;
}

static void raises(void) {
    signal(SIGUSR1, hear);
    signal(SIGUSR2, hear);
    raise(SIGUSR1);
    _exit(heard == 0 ? cell : heard);
}

static bool signals(void) {
    for (int sent = 0; sent < 3; sent++) {
        int instead = (int[]){0, SIGUSR1, SIGUSR2}[sent];
        pid_t other, pid = traced(raises, 0);
        EXPECT_EQ(status_of(pid, 0), W_STOPCODE(SIGUSR1));
        EXPECT_EQ(event_of(pid, &other), 0);
        EXPECT(resume(pid, instead), "it does not go on");
        EXPECT_EQ(status_of(pid, 0), W_EXITCODE(instead ? instead : 41, 0));
    }
    return true;
}

static bool memory(void) {
    int there = 0, new = 43;
    struct ptrace_io_desc io = {PIOD_READ_D, (void *)&cell, &there, sizeof(there)};
    struct reg regs;
    pid_t pid = traced(raises, 0);
    EXPECT_EQ(status_of(pid, 0), W_STOPCODE(SIGUSR1));
    EXPECT_EQ(ptrace(PT_IO, pid, &io, 0), 0);
    EXPECT_EQ(there, 41);
    EXPECT_EQ(ptrace(PT_WRITE_D, pid, (void *)&cell, 42), 0);
    EXPECT_EQ(ptrace(PT_READ_D, pid, (void *)&cell, 0), 42);
    EXPECT_EQ(cell, 41); // written there, not here
    io = (struct ptrace_io_desc){PIOD_WRITE_D, (void *)&cell, &new, sizeof(new)};
    EXPECT_EQ(ptrace(PT_IO, pid, &io, 0), 0);
    io = (struct ptrace_io_desc){PIOD_READ_D, (void *)64, &there, sizeof(there)};
    EXPECT_EQ(ptrace(PT_IO, pid, &io, 0), -1);
    EXPECT_EQ(errno, EFAULT);
    EXPECT_EQ(ptrace(PT_GETREGS, pid, &regs, 0), 0);
    EXPECT(regs.r_sp % 16 == 0 && regs.r_sp != 0 && regs.r_pc % 4 == 0, "registers are odd");
    EXPECT_EQ(ptrace(PT_SETREGS, pid, &regs, 0), 0);
    regs.r_spsr = 5; // EL1
    EXPECT_EQ(ptrace(PT_SETREGS, pid, &regs, 0), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT(resume(pid, 0), "it does not go on");
    EXPECT_EQ(status_of(pid, 0), W_EXITCODE(43, 0));
    return true;
}

// A grandchild is attached to, comes back, and ends where it belongs.
static bool attach(void) {
    pid_t sleeper = 0;
    EXPECT_EQ(pipe(fds), 0);
    pid_t parent = fork();
    if (parent == 0) {
        pid_t pid = fork();
        if (pid == 0) {
            pause();
            _exit(0);
        }
        write(fds[1], &pid, sizeof(pid));
        int status = status_of(pid, 0); // while it is another's child
        _exit(status == SIGTERM ? 6 : 1);
    }
    EXPECT_EQ(read(fds[0], &sleeper, sizeof(sleeper)), (long)sizeof(sleeper));
    usleep(20000);
    EXPECT_EQ(ptrace(PT_CONTINUE, sleeper, (void *)1, 0), -1);
    EXPECT_EQ(errno, EPERM);
    EXPECT_EQ(ptrace(PT_ATTACH, sleeper, NULL, 0), 0);
    EXPECT_EQ(status_of(sleeper, 0), W_STOPCODE(SIGSTOP));
    EXPECT_EQ(ptrace(PT_ATTACH, sleeper, NULL, 0), -1);
    EXPECT_EQ(errno, EBUSY);
    EXPECT_EQ(ptrace(PT_ATTACH, getpid(), NULL, 0), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(ptrace(PT_DETACH, sleeper, (void *)1, 0), 0);
    usleep(20000);
    kill(sleeper, SIGTERM);
    EXPECT_EQ(status_of(parent, 0), W_EXITCODE(6, 0));
    EXPECT_EQ(ptrace(PT_ATTACH, 99999, NULL, 0), -1);
    EXPECT_EQ(errno, ESRCH);
    EXPECT_EQ(ptrace(77, parent, NULL, 0), -1);
    EXPECT_EQ(errno, EINVAL);
    return true;
}

static void executes(void) {
    execl("/bin/true", "true", NULL);
    _exit(1);
}

static bool exec_stops(void) {
    ptrace_siginfo_t info;
    pid_t pid = traced(executes, 0);
    EXPECT_EQ(next_of(pid), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(ptrace(PT_GET_SIGINFO, pid, &info, sizeof(info)), 0);
    EXPECT_EQ(info.psi_siginfo.si_code, TRAP_EXEC);
    EXPECT(resume(pid, 0), "it does not go on");
    EXPECT_EQ(status_of(pid, 0), 0);
    return true;
}

static const struct row rows[] = {
    ROW("T1", "fork stops forker and child with PTRACE_FORK", fork_event),
    ROW("T1", "events that nobody asked for do not happen", only_if_asked),
    ROW("T1", "a child does not inherit which events are asked for", child_is_asked_nothing),
    ROW("T1", "vfork gives PTRACE_VFORK, and PTRACE_VFORK_DONE after the wait", vfork_done_event),
    ROW("T2", "the tracer is the parent of a child born under an event", childs_parent),
    ROW("T3", "forker and child stop with SIGTRAP, TRAP_CHLD and each other's pid", fork_event),
    ROW("T3", "a vfork child stops with the event of vfork", vfork_event),
    ROW("T3", "a clone that waits is a vfork to the tracer", clone_event),
    ROW("T4", "a tracer that goes leaves nobody stopped", tracer_goes),
    ROW("T4", "what a tracer leaves is its forker's again", forker_waits),
    ROW("T4", "SIGKILL wins over the stop", kill_wins),
    ROW("T4", "SIGKILL that comes in the wait of vfork wins too", kill_wins_over_done),
    ROW("V2", "a traced vfork child wakes its forker, not its tracer", wakes_forker),
    ROW("F36", "a child born under a tracer reports before it returns", fork_event),
    ROW("F36", "a child that is attached to before it runs does not", attached_before_it_ran),
    ROW("N5", "a traced process stops with its signals, and the tracer chooses", signals),
    ROW("N5", "a tracer reads and writes memory and registers", memory),
    ROW("N5", "a traced process stops in its new program", exec_stops),
    ROW("N5", "a process is attached to, let go, and waited for by its parent", attach),
};
ROWS_MAIN(rows)
