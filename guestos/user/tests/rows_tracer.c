// What a tracer hears of, and what it changes in nothing: faults, masks, process
// groups, parents, vfork; and LWPs that come and go all at once.
#include "rows.h"
#include "traced.h"

#include <errno.h>
#include <lwp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/exec_elf.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysctl.h>

static bool ask(pid_t pid, int events) {
    ptrace_event_t mask = {events};
    return ptrace(PT_SET_EVENT_MASK, pid, &mask, sizeof(mask)) == 0;
}

static int event_of(pid_t pid, pid_t *other) {
    ptrace_state_t state;
    if (ptrace(PT_GET_PROCESS_STATE, pid, &state, sizeof(state)) == -1)
        return -1;
    *other = state.pe_other_pid;
    return state.pe_report_event;
}

static int code_of(pid_t pid) {
    ptrace_siginfo_t info;
    return ptrace(PT_GET_SIGINFO, pid, &info, sizeof(info)) == 0 ? info.psi_siginfo.si_code : -1;
}

static struct kinfo_proc2 info_of(pid_t pid) {
    int name[] = {CTL_KERN, KERN_PROC2, KERN_PROC_PID, pid, sizeof(struct kinfo_proc2), 1};
    struct kinfo_proc2 info = {0};
    size_t size = sizeof(info);
    sysctl(name, 6, &info, &size, NULL, 0);
    return info;
}

static void hold_back(int signal) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

// --- signals and faults -------------------------------------------------------------

static void *volatile nowhere;

static void faults_masked(void) {
    hold_back(SIGSEGV);
    *(volatile int *)nowhere = 1;
}

static void faults_ignored(void) {
    signal(SIGSEGV, SIG_IGN);
    *(volatile int *)nowhere = 1;
}

// The tracer hears of the fault before anything is changed; the program would fault
// for ever until the tracer sends the signal on.
static bool told_of_faults(void) {
    void (*programs[])(void) = {faults_masked, faults_ignored};
    for (int i = 0; i < 2; i++) {
        pid_t pid = trace(programs[i]);
        for (int turn = 0; turn < 2; turn++) {
            EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGSEGV));
            EXPECT_EQ(code_of(pid), SEGV_MAPERR);
            struct kinfo_proc2 info = info_of(pid);
            const ki_sigset_t *quiet = i == 0 ? &info.p_sigmask : &info.p_sigignore;
            EXPECT(sigismember((const sigset_t *)quiet, SIGSEGV), "the signal is not quiet");
            EXPECT(!sigismember((sigset_t *)&info.p_siglist, SIGSEGV), "the signal pends");
        }
        EXPECT_EQ(ptrace(PT_KILL, pid, NULL, 0), 0);
        EXPECT_EQ(wait_for(pid), SIGKILL);
    }
    return true;
}

static void faults(void) {
    *(volatile int *)nowhere = 1;
}

static bool fault_is_sent_on(void) {
    pid_t pid = trace(faults);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGSEGV));
    EXPECT_EQ(go(pid, PT_CONTINUE, SIGSEGV), SIGSEGV);
    return true;
}

static void executes_masked(void) {
    hold_back(SIGTRAP);
    execl("/bin/true", "true", NULL);
}

static bool told_of_exec(void) {
    pid_t pid = trace(executes_masked);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(code_of(pid), TRAP_EXEC);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), 0);
    return true;
}

// --- vfork --------------------------------------------------------------------------

// The tracer waits in vfork and can't be told, so the child does not stop for it.
static bool vfork_child_does_not_stop(void) {
    static const int quiet[] = {SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};
    setpgid(0, 0);
    for (int i = 0; i < 4; i++) {
        pid_t pid = vfork();
        if (pid == 0) {
            ptrace(PT_TRACE_ME, 0, NULL, 0);
            raise(quiet[i]);
            _exit(5);
        }
        EXPECT_EQ(wait_for(pid), W_EXITCODE(5, 0));
    }
    pid_t pid = vfork();
    if (pid == 0) {
        ptrace(PT_TRACE_ME, 0, NULL, 0);
        raise(SIGTERM);
        _exit(5);
    }
    EXPECT_EQ(wait_for(pid), SIGTERM);
    return true;
}

// --- groups and parents -------------------------------------------------------------

static void forks_in_group(void) {
    setpgid(0, 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(5);
    _exit(wait_for(pid) == W_EXITCODE(5, 0) ? 6 : 1);
}

// The tracer is in another group, and yet not the one that job control counts.
static bool groups(void) {
    pid_t child, other, pid = trace(forks_in_group);
    EXPECT(ask(pid, PTRACE_FORK), "no events");
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(pid, &child), PTRACE_FORK);
    EXPECT_EQ(wait_for(child), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(child, &other), PTRACE_FORK);
    EXPECT_EQ(info_of(child).p__pgid, pid);
    EXPECT_EQ(info_of(child).p_jobc, 1); // for pid, whose parent we are
    EXPECT_EQ(go(child, PT_CONTINUE, 0), W_EXITCODE(5, 0));
    EXPECT_EQ(info_of(pid).p_jobc, 1);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGCHLD));
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_EXITCODE(6, 0));
    return true;
}

static int gate[2];

static void tell(void) {
    write(gate[1], "x", 1);
}

static void hear(void) {
    char byte;
    read(gate[0], &byte, 1);
}

// Attached to, it is still its parent's child in every answer that it gets.
static bool parent_stays(void) {
    pipe(gate);
    pid_t pid = fork();
    if (pid == 0) {
        hear();
        _exit(getppid() == info_of(getpid()).p_ppid ? getppid() & 0x7f : 1);
    }
    pid_t tracer = fork();
    if (tracer == 0) {
        EXPECT_EQ(ptrace(PT_ATTACH, pid, NULL, 0), 0);
        EXPECT_EQ(wait_for(pid), W_STOPCODE(SIGSTOP));
        tell();
        _exit(go(pid, PT_CONTINUE, 0) != -1 ? 5 : 1);
    }
    EXPECT_EQ(wait_for(tracer), W_EXITCODE(5, 0));
    EXPECT_EQ(wait_for(pid), W_EXITCODE(getpid() & 0x7f, 0));
    return true;
}

// Init would never let a process go on.
static bool not_by_init(void) {
    int answers[2];
    char answer = 0;
    pipe(gate);
    pipe(answers);
    pid_t pid = fork();
    if (pid == 0) {
        if (fork() != 0)
            _exit(0);
        hear(); // the parent has gone
        answer = ptrace(PT_TRACE_ME, 0, NULL, 0) == -1 && errno == EPERM ? 'y' : 'n';
        write(answers[1], &answer, 1);
        _exit(0);
    }
    EXPECT_EQ(wait_for(pid), 0);
    tell();
    EXPECT_EQ(read(answers[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    return true;
}

// Nobody traces what is outside of its own root.
static bool not_outside(void) {
    pipe(gate);
    EXPECT(mkdir("/tmp/inside", 0755) == 0 || errno == EEXIST, "mkdir: %d", errno);
    pid_t target = fork();
    if (target == 0) {
        hear();
        _exit(0);
    }
    pid_t pid = fork();
    if (pid == 0) {
        if (chroot("/tmp/inside") == -1)
            _exit(1);
        _exit(ptrace(PT_ATTACH, target, NULL, 0) == -1 && errno == EPERM ? 0 : 2);
    }
    EXPECT_EQ(wait_for(pid), 0);
    tell();
    EXPECT_EQ(wait_for(target), 0);
    EXPECT_EQ(ptrace(PT_ATTACH, 0, NULL, 0), -1);
    EXPECT_EQ(errno, EPERM); // the kernel's own
    return true;
}

// --- LWPs ----------------------------------------------------------------------------

enum { LWPS = 20, STACK = 8192 };

static volatile int begun;

static void counts_in(void *unused) {
    (void)unused;
    __atomic_add_fetch(&begun, 1, __ATOMIC_SEQ_CST);
    while (begun < LWPS)
        sched_yield();
    _lwp_exit();
}

static void many_lwps(void) {
    static char stacks[LWPS][STACK] __attribute__((aligned(16)));
    static ucontext_t contexts[LWPS];
    lwpid_t lid;
    for (int i = 0; i < LWPS; i++) {
        _lwp_makecontext(&contexts[i], counts_in, NULL, NULL, stacks[i], STACK);
        _lwp_create(&contexts[i], 0, &lid);
    }
    for (int i = 0; i < LWPS; i++)
        _lwp_wait(0, NULL);
    _exit(5);
}

// The event of one LWP is told before another's takes its place.
static bool every_event(void) {
    int created = 0, ended = 0, status;
    pid_t lid, pid = trace(many_lwps);
    EXPECT(ask(pid, PTRACE_LWP_CREATE | PTRACE_LWP_EXIT), "no events");
    while ((status = go(pid, PT_CONTINUE, 0)) == W_STOPCODE(SIGTRAP)) {
        int event = event_of(pid, &lid);
        created += event == PTRACE_LWP_CREATE;
        ended += event == PTRACE_LWP_EXIT;
    }
    EXPECT_EQ(status, W_EXITCODE(5, 0));
    EXPECT_EQ(created, LWPS);
    EXPECT_EQ(ended, LWPS);
    return true;
}

static void executes_here(void *unused) {
    (void)unused;
    execl("/bin/true", "true", NULL);
}

static void one_executes(void) {
    static char stack[STACK] __attribute__((aligned(16)));
    static ucontext_t context;
    lwpid_t lid;
    _lwp_makecontext(&context, executes_here, NULL, NULL, stack, STACK);
    _lwp_create(&context, 0, &lid);
    for (;;)
        sched_yield();
}

// The LWP that execs ends the other, whose end is an event that stops both.
static bool exec_ends_lwps(void) {
    pid_t lid, pid = trace(one_executes);
    EXPECT(ask(pid, PTRACE_LWP_EXIT), "no events");
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(pid, &lid), PTRACE_LWP_EXIT);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(code_of(pid), TRAP_EXEC);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), 0);
    return true;
}

// --- what else can be read ------------------------------------------------------------

static void raises(void) {
    raise(SIGUSR1);
    _exit(5);
}

static bool lwp_info(void) {
    struct ptrace_lwpinfo info = {0, -1};
    pid_t pid = trace(raises);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGUSR1));
    EXPECT_EQ(code_of(pid), SI_LWP); // raise(3) is for the LWP itself
    EXPECT_EQ(ptrace(PT_LWPINFO, pid, &info, sizeof(info)), 0);
    EXPECT(info.pl_lwpid > 0, "no LWP");
    EXPECT_EQ(info.pl_event, PL_EVENT_SIGNAL);
    EXPECT_EQ(ptrace(PT_LWPINFO, pid, &info, sizeof(info)), 0);
    EXPECT_EQ(info.pl_lwpid, 0);
    EXPECT_EQ(ptrace(PT_CONTINUE, pid, NULL, 0), -1); // nothing is ever at 0
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_EXITCODE(5, 0));
    return true;
}

static bool auxiliary_vector(void) {
    AuxInfo vector[64];
    struct ptrace_io_desc io = {PIOD_READ_AUXV, NULL, vector, sizeof(vector)};
    pid_t pid = trace(raises);
    EXPECT_EQ(ptrace(PT_IO, pid, &io, 0), 0);
    EXPECT(io.piod_len > 0 && io.piod_len < sizeof(vector), "%zu bytes", io.piod_len);
    const AuxInfo *entry = vector;
    while (entry->a_type != AT_NULL && entry->a_type != AT_PAGESZ)
        entry++;
    EXPECT_EQ(entry->a_type, AT_PAGESZ);
    EXPECT_EQ(entry->a_v, 4096);
    io.piod_offs = (void *)io.piod_len; // its end
    io.piod_len = 8;
    EXPECT_EQ(ptrace(PT_IO, pid, &io, 0), 0);
    EXPECT_EQ(io.piod_len, 0);
    EXPECT_EQ(ptrace(PT_KILL, pid, NULL, 0), 0);
    EXPECT_EQ(wait_for(pid), SIGKILL);
    return true;
}

static const struct row rows[] = {
    ROW("N5", "a tracer is told of a fault that the program masks or ignores", told_of_faults),
    ROW("N5", "a fault kills once its signal is sent on", fault_is_sent_on),
    ROW("N5", "a tracer is told of exec though SIGTRAP is masked", told_of_exec),
    ROW("N5", "PT_LWPINFO names the LWPs, and the one that the signal is for", lwp_info),
    ROW("N5", "the auxiliary vector is read to its end", auxiliary_vector),
    ROW("N5", "LWPs that begin and end at once are told of one by one", every_event),
    ROW("N5", "exec ends other LWPs under a tracer's eyes", exec_ends_lwps),
    ROW("N5", "nobody is traced by init", not_by_init),
    ROW("N5", "a tracer in a root of its own does not reach out of it", not_outside),
    ROW("N6", "a tracer in another group leaves job control as it is", groups),
    ROW("N2", "a traced process sees its own parent", parent_stays),
    ROW("V1", "a vfork child that its parent traces does not stop", vfork_child_does_not_stop),
};
ROWS_MAIN(rows)
