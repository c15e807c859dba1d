// A small debugger: breakpoints, steps, registers, system calls, and what a
// debugged program makes: children and LWPs.
#include "rows.h"
#include "traced.h"

#include <errno.h>
#include <lwp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

// --- the debugger -----------------------------------------------------------------

static struct reg regs;

static uintptr_t pc_of(pid_t pid) {
    return ptrace(PT_GETREGS, pid, &regs, 0) == 0 ? PTRACE_REG_PC(&regs) : 0;
}

// Why it has stopped: the si_code of SIGTRAP, or -1.
static int trap_of(pid_t pid) {
    ptrace_siginfo_t info;
    if (ptrace(PT_GET_SIGINFO, pid, &info, sizeof(info)) == -1 ||
        info.psi_siginfo.si_signo != SIGTRAP)
        return -1;
    return info.psi_siginfo.si_code;
}

static int breakpoint(void) {
    int insn;
    memcpy(&insn, PTRACE_BREAKPOINT, PTRACE_BREAKPOINT_SIZE);
    return insn;
}

// Puts a breakpoint there. => what was there
static int plant(pid_t pid, uintptr_t at) {
    int insn = ptrace(PT_READ_I, pid, (void *)at, 0);
    return ptrace(PT_WRITE_I, pid, (void *)at, breakpoint()) == 0 ? insn : 0;
}

// Over the breakpoint: the instruction is put back for one step.
static bool step_over(pid_t pid, uintptr_t at, int insn) {
    return ptrace(PT_WRITE_I, pid, (void *)at, insn) == 0 &&
           go(pid, PT_STEP, 0) == W_STOPCODE(SIGTRAP) && trap_of(pid) == TRAP_TRACE &&
           ptrace(PT_WRITE_I, pid, (void *)at, breakpoint()) == 0;
}

// --- breakpoints --------------------------------------------------------------------

__attribute__((noinline)) static int twice(int n) {
    __asm__ volatile("" : "+r"(n));
    return 2 * n;
}

static void calls_twice(void) {
    _exit(twice(twice(3)));
}

static bool breaks(void) {
    pid_t pid = trace(calls_twice);
    uintptr_t at = (uintptr_t)twice;
    int before = *(int *)at, insn = plant(pid, at);
    EXPECT_EQ(insn, before);
    EXPECT_EQ(*(int *)at, before); // the text here is still the same
    EXPECT_EQ(ptrace(PT_READ_I, pid, (void *)at, 0), breakpoint());
    for (int n = 3; n < 12; n *= 2) {
        EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
        EXPECT_EQ(trap_of(pid), TRAP_BRKPT);
        EXPECT_EQ(pc_of(pid), at);
        EXPECT_EQ(regs.r_reg[0], n);
        EXPECT(step_over(pid, at, insn), "no step over the breakpoint");
    }
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_EXITCODE(12, 0));
    return true;
}

// Registers changed and a call left out: it goes on where it is told.
static bool changes_course(void) {
    pid_t pid = trace(calls_twice);
    int insn = plant(pid, (uintptr_t)twice);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT(pc_of(pid) != 0, "no registers");
    EXPECT(insn != 0, "no breakpoint");
    regs.r_reg[0] = 20;
    EXPECT_EQ(ptrace(PT_SETREGS, pid, &regs, 0), 0);
    // Back to the caller at once, with 20 for a result.
    EXPECT_EQ(ptrace(PT_CONTINUE, pid, (void *)(uintptr_t)regs.r_reg[30], 0), 0);
    EXPECT_EQ(wait_for(pid), W_STOPCODE(SIGTRAP));
    EXPECT(pc_of(pid) == (uintptr_t)twice, "not at the second call");
    EXPECT_EQ(regs.r_reg[0], 20);
    EXPECT_EQ(ptrace(PT_CONTINUE, pid, (void *)3, 0), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(ptrace(PT_CONTINUE, pid, (void *)1, NSIG), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(ptrace(PT_KILL, pid, NULL, 0), 0);
    EXPECT_EQ(wait_for(pid), SIGKILL);
    return true;
}

// A breakpoint that a program has in itself, and goes past by hand.
static void traps_itself(void) {
    register uint64_t x0 __asm__("x0") = 5;
    __asm__ volatile("brk #7" : "+r"(x0));
    _exit((int)x0);
}

static bool own_breakpoint(void) {
    struct ptrace_io_desc io = {PIOD_READ_I, NULL, NULL, sizeof(int)};
    int insn = 0;
    pid_t pid = trace(traps_itself);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(trap_of(pid), TRAP_BRKPT);
    io.piod_offs = (void *)pc_of(pid);
    io.piod_addr = &insn;
    EXPECT_EQ(ptrace(PT_IO, pid, &io, 0), 0);
    EXPECT_EQ(insn, (int)0xd42000e0);
    EXPECT_EQ(go(pid, PT_STEP, 0), W_STOPCODE(SIGTRAP)); // it goes nowhere
    EXPECT_EQ(trap_of(pid), TRAP_BRKPT);
    EXPECT(pc_of(pid) == (uintptr_t)io.piod_offs, "it went past the breakpoint");
    insn = (int)0xd503201f; // NOP
    io.piod_op = PIOD_WRITE_I;
    EXPECT_EQ(ptrace(PT_IO, pid, &io, 0), 0);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_EXITCODE(5, 0));
    return true;
}

static char *shared_page;

static void locks_text(void) {
    mlock((void *)((uintptr_t)twice & ~4095UL), 4096);
    raise(SIGUSR1);
    _exit(twice(1));
}

// What is written must be the program's own, and unwired.
static bool not_its_own(void) {
    shared_page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
    *shared_page = 1;
    mprotect(shared_page, 4096, PROT_READ);
    pid_t pid = trace(locks_text);
    EXPECT_EQ(ptrace(PT_READ_D, pid, shared_page, 0), 1);
    EXPECT_EQ(ptrace(PT_WRITE_D, pid, shared_page, 2), -1);
    EXPECT_EQ(errno, EFAULT);
    EXPECT_EQ(*shared_page, 1);
    EXPECT(plant(pid, (uintptr_t)twice) != 0, "no breakpoint in text");
    EXPECT_EQ(ptrace(PT_WRITE_I, pid, (void *)twice, *(int *)(uintptr_t)twice), 0);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGUSR1)); // the text is wired now
    EXPECT_EQ(ptrace(PT_WRITE_I, pid, (void *)twice, breakpoint()), -1);
    EXPECT_EQ(errno, EFAULT);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_EXITCODE(2, 0));
    return true;
}

// --- steps ----------------------------------------------------------------------------

// Every way to branch, then a loop, a system call, and an exclusive sequence.
extern const char way_begin[], way_end[];
__asm__(".pushsection .text\n"
        "way_begin:\n"
        "    mov x9, #2\n"       //  0
        "1:  subs x9, x9, #1\n"  //  4 twice
        "    b.ne 1b\n"          //  8 twice
        "    cbz x9, 2f\n"       // 12
        "    nop\n"              // 16 never
        "2:  tbnz x9, #3, 3f\n"  // 20
        "    adr x10, 4f\n"      // 24
        "    br x10\n"           // 28
        "3:  nop\n"              // 32 never
        "4:  mov x11, x30\n"     // 36
        "    bl 5f\n"            // 40
        "    mov x30, x11\n"     // 44
        "    svc #20\n"          // 48: getpid
        "    sub x10, sp, #16\n" // 52
        "6:  ldxr x9, [x10]\n"   // 56
        "    add x9, x9, #1\n"   // 60 inside
        "    stxr w12, x9, [x10]\n" // 64 inside
        "    cbnz w12, 6b\n"     // 68
        "    b way_end\n"        // 72
        "5:  ret\n"              // 76
        "way_end:\n"             // 80
        "    ret\n"
        ".popsection\n");

static void walks(void) {
    ((void (*)(void))(uintptr_t)way_begin)();
    _exit(4);
}

static bool steps(void) {
    static const int expected[] = {4,  8,  4,  8,  12, 20, 24, 28, 36, 40,
                                   76, 44, 48, 52, 56, 68, 72, 80};
    pid_t pid = trace(walks);
    int insn = plant(pid, (uintptr_t)way_begin);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(ptrace(PT_WRITE_I, pid, (void *)way_begin, insn), 0);
    for (unsigned i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        EXPECT_EQ(go(pid, PT_STEP, 0), W_STOPCODE(SIGTRAP));
        EXPECT_EQ(trap_of(pid), TRAP_TRACE);
        EXPECT_EQ(pc_of(pid) - (uintptr_t)way_begin, expected[i]);
        EXPECT(i != 13 || regs.r_reg[0] == (unsigned)pid, "getpid is not %d", pid);
    }
    // No breakpoint is left behind.
    for (const char *at = way_begin; at < way_end; at += 4)
        EXPECT_EQ(ptrace(PT_READ_I, pid, (void *)at, 0), *(int *)at);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_EXITCODE(4, 0));
    return true;
}

// PT_SETSTEP: every way to go on is a step. An LWP can be named.
static bool always_steps(void) {
    pid_t pid = trace(walks);
    int insn = plant(pid, (uintptr_t)way_begin);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(ptrace(PT_WRITE_I, pid, (void *)way_begin, insn), 0);
    EXPECT_EQ(ptrace(PT_SETSTEP, pid, NULL, pid), 0);
    for (unsigned i = 0; i < 4; i++) {
        EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
        EXPECT_EQ(trap_of(pid), TRAP_TRACE);
    }
    EXPECT_EQ(pc_of(pid) - (uintptr_t)way_begin, 8);
    EXPECT_EQ(ptrace(PT_CLEARSTEP, pid, NULL, pid), 0);
    EXPECT_EQ(go(pid, PT_STEP, -pid), W_STOPCODE(SIGTRAP)); // the LWP by its number
    EXPECT_EQ(ptrace(PT_STEP, pid, (void *)1, -99999), -1);
    EXPECT_EQ(errno, ESRCH);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_EXITCODE(4, 0));
    return true;
}

static volatile int heard;
static int *volatile nowhere = (int *)16;

static void handler(int number) {
    heard = number;
}

static void raises(void) {
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    *nowhere = heard;
}

// A signal is passed on with a step: the step goes into its handler. A step that
// faults gives the fault's signal.
static bool steps_into_handler(void) {
    pid_t pid = trace(raises);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGUSR1));
    EXPECT_EQ(go(pid, PT_STEP, SIGUSR1), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(trap_of(pid), TRAP_TRACE);
    EXPECT_EQ(pc_of(pid) - (uintptr_t)handler, 4);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGSEGV));
    uintptr_t fault = pc_of(pid);
    EXPECT_EQ(go(pid, PT_STEP, 0), W_STOPCODE(SIGSEGV));
    EXPECT(pc_of(pid) == fault, "a fault is a step");
    EXPECT_EQ(go(pid, PT_CONTINUE, SIGSEGV), SIGSEGV);
    return true;
}

// --- system calls -----------------------------------------------------------------------

static ptrace_siginfo_t info;

// Goes on to the next edge of a system call. => the si_code there
static int next_edge(pid_t pid) {
    if (go(pid, PT_SYSCALL, 0) != W_STOPCODE(SIGTRAP) ||
        ptrace(PT_GET_SIGINFO, pid, &info, sizeof(info)) == -1)
        return -1;
    return info.psi_siginfo.si_code;
}

static void calls_system(void) {
    long pid = syscall(SYS_getpid);
    close(77);
    _exit(pid == getpid() ? 3 : 4);
}

static bool syscalls(void) {
    pid_t pid = trace(calls_system);
    do
        EXPECT_EQ(next_edge(pid), TRAP_SCE);
    while (info.psi_siginfo.si_sysnum != SYS_getpid && next_edge(pid) == TRAP_SCX);
    EXPECT_EQ(info.psi_siginfo.si_sysnum, SYS_getpid);
    EXPECT_EQ(next_edge(pid), TRAP_SCX);
    EXPECT_EQ(info.psi_siginfo.si_sysnum, SYS_getpid);
    EXPECT_EQ(info.psi_siginfo.si_retval[0], pid);
    EXPECT_EQ(info.psi_siginfo.si_error, 0);
    EXPECT_EQ(next_edge(pid), TRAP_SCE);
    EXPECT_EQ(info.psi_siginfo.si_sysnum, SYS_close);
    EXPECT_EQ(info.psi_siginfo.si_args[0], 77);
    EXPECT_EQ(next_edge(pid), TRAP_SCX);
    EXPECT_EQ(info.psi_siginfo.si_error, EBADF);
    EXPECT(pc_of(pid) != 0 && regs.r_reg[0] == EBADF, "the registers have no result yet");
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_EXITCODE(3, 0)); // and no more stops
    return true;
}

// The kernel leaves a call alone whose result the debugger has given.
static void asks_its_number(void) {
    int first = getpid();
    _exit(first == 4242 && getpid() != 4242 ? 5 : 6);
}

static bool emulates(void) {
    pid_t pid = trace(asks_its_number);
    EXPECT_EQ(ptrace(PT_SYSCALLEMU, pid, NULL, 0), -1); // it is not at its calls
    EXPECT_EQ(errno, EINVAL);
    do
        EXPECT_EQ(next_edge(pid), TRAP_SCE);
    while (info.psi_siginfo.si_sysnum != SYS_getpid && next_edge(pid) == TRAP_SCX);
    EXPECT_EQ(ptrace(PT_SYSCALLEMU, pid, NULL, 0), 0);
    EXPECT(pc_of(pid) != 0, "no registers");
    regs.r_reg[0] = 4242;
    regs.r_spsr &= ~(1ul << 29); // carry: no error
    EXPECT_EQ(ptrace(PT_SETREGS, pid, &regs, 0), 0);
    EXPECT_EQ(next_edge(pid), TRAP_SCX);
    EXPECT(pc_of(pid) != 0 && regs.r_reg[0] == 4242, "%ld", (long)regs.r_reg[0]);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_EXITCODE(5, 0)); // the next call is the kernel's
    return true;
}

static volatile sig_atomic_t taken;

static void takes(int number) {
    taken += number;
}

static void gets_signals(void) {
    signal(SIGUSR1, takes);
    signal(SIGUSR2, takes);
    signal(SIGWINCH, SIG_IGN);
    raise(SIGUSR1);
    raise(SIGWINCH);
    raise(SIGUSR2);
    _exit(taken == SIGUSR1 + SIGUSR2 ? 5 : 6);
}

static bool passes_signals(void) {
    sigset_t pass, there;
    pid_t pid = trace(gets_signals);
    EXPECT(ptrace(PT_GET_SIGPASS, pid, &there, sizeof(there)) == 0 &&
               sigismember(&there, SIGUSR1) == 0,
           "signals pass from the beginning");
    sigemptyset(&pass);
    sigaddset(&pass, SIGUSR1);
    sigaddset(&pass, SIGWINCH);
    EXPECT_EQ(ptrace(PT_SET_SIGPASS, pid, &pass, 4), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(ptrace(PT_SET_SIGPASS, pid, &pass, sizeof(pass)), 0);
    EXPECT(ptrace(PT_GET_SIGPASS, pid, &there, sizeof(there)) == 0 &&
               memcmp(&pass, &there, sizeof(pass)) == 0,
           "another set");
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGUSR2));
    EXPECT_EQ(go(pid, PT_CONTINUE, SIGUSR2), W_EXITCODE(5, 0));
    return true;
}

// --- children and LWPs -------------------------------------------------------------------

static int event_of(pid_t pid, pid_t *other) {
    ptrace_state_t state;
    if (ptrace(PT_GET_PROCESS_STATE, pid, &state, sizeof(state)) == -1)
        return -1;
    *other = state.pe_other_pid;
    return state.pe_report_event;
}

static bool ask(pid_t pid, int events) {
    ptrace_event_t mask = {events}, there = {0};
    return ptrace(PT_SET_EVENT_MASK, pid, &mask, sizeof(mask)) == 0 &&
           ptrace(PT_GET_EVENT_MASK, pid, &there, sizeof(there)) == 0 &&
           there.pe_set_event == events;
}

static void child_calls_twice(void) {
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(twice(4));
    waitpid(pid, &status, 0);
    _exit(WEXITSTATUS(status) + 1);
}

// The child of a fork is followed, and meets the breakpoint of its parent.
static bool follows_fork(void) {
    pid_t child, other, pid = trace(child_calls_twice);
    uintptr_t at = (uintptr_t)twice;
    int insn = plant(pid, at);
    EXPECT(ask(pid, PTRACE_FORK | PTRACE_POSIX_SPAWN), "no events");
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(pid, &child), PTRACE_FORK);
    EXPECT_EQ(wait_for(child), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(child, &other), PTRACE_FORK);
    EXPECT_EQ(other, pid);
    EXPECT_EQ(go(child, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(trap_of(child), TRAP_BRKPT);
    EXPECT_EQ(pc_of(child), at);
    EXPECT_EQ(regs.r_reg[0], 4);
    EXPECT_EQ(ptrace(PT_WRITE_I, child, (void *)at, insn), 0);
    EXPECT_EQ(ptrace(PT_READ_I, pid, (void *)at, 0), breakpoint()); // only in the child
    EXPECT_EQ(ptrace(PT_DETACH, child, (void *)1, 0), 0);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGCHLD));
    EXPECT_EQ(go(pid, PT_CONTINUE, SIGCHLD), W_EXITCODE(9, 0));
    return true;
}

// A step over the system call of a fork: only the parent has stepped.
static bool steps_over_fork(void) {
    pid_t pid = trace(child_calls_twice);
    do
        EXPECT_EQ(next_edge(pid), TRAP_SCE);
    while (info.psi_siginfo.si_sysnum != SYS_fork && next_edge(pid) == TRAP_SCX);
    EXPECT_EQ(info.psi_siginfo.si_sysnum, SYS_fork);
    uintptr_t at = pc_of(pid);
    EXPECT_EQ(go(pid, PT_STEP, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(trap_of(pid), TRAP_TRACE);
    EXPECT_EQ(pc_of(pid), at);
    int status;
    while ((status = go(pid, PT_CONTINUE, 0)) == W_STOPCODE(SIGCHLD))
        ;
    EXPECT_EQ(status, W_EXITCODE(9, 0));
    return true;
}

static void second(void *argument) {
    (void)argument;
    _lwp_exit();
}

static void makes_lwp(void) {
    static char stack[16384] __attribute__((aligned(16)));
    ucontext_t context;
    lwpid_t lid = 0;
    _lwp_makecontext(&context, second, NULL, NULL, stack, sizeof(stack));
    _exit(_lwp_create(&context, 0, &lid) == 0 && _lwp_wait(lid, NULL) == 0 ? 2 : 1);
}

static bool lwp_events(void) {
    struct ptrace_lwpstatus lwp = {0};
    pid_t lid, again, pid = trace(makes_lwp);
    EXPECT(ask(pid, PTRACE_LWP_CREATE | PTRACE_LWP_EXIT), "no events");
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(pid, &lid), PTRACE_LWP_CREATE);
    EXPECT_EQ(trap_of(pid), TRAP_LWP);
    EXPECT(lid != pid, "the first LWP is told of");
    int seen = 0;
    while (ptrace(PT_LWPNEXT, pid, &lwp, sizeof(lwp)) == 0 && lwp.pl_lwpid != 0)
        seen += lwp.pl_lwpid == lid ? 1 : lwp.pl_lwpid == pid ? 10 : 100;
    EXPECT_EQ(seen, 11);
    lwp.pl_lwpid = lid;
    EXPECT_EQ(ptrace(PT_LWPSTATUS, pid, &lwp, sizeof(lwp)), 0);
    EXPECT_EQ(lwp.pl_lwpid, lid);
    lwp.pl_lwpid = 99999;
    EXPECT_EQ(ptrace(PT_LWPSTATUS, pid, &lwp, sizeof(lwp)), -1);
    EXPECT_EQ(errno, ESRCH);
    EXPECT_EQ(ptrace(PT_GETREGS, pid, &regs, lid), 0); // by the LWP's number
    EXPECT_EQ(PTRACE_REG_PC(&regs), (uintptr_t)second);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(pid, &again), PTRACE_LWP_EXIT);
    EXPECT_EQ(again, lid);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_EXITCODE(2, 0));
    return true;
}

static volatile long turns[2];

static void counts(void *which) {
    for (;;)
        turns[(long)which]++;
}

static void two_count(void) {
    static char stack[16384] __attribute__((aligned(16)));
    ucontext_t context;
    lwpid_t lid = 0;
    _lwp_makecontext(&context, counts, (void *)1, NULL, stack, sizeof(stack));
    _lwp_create(&context, 0, &lid);
    counts((void *)0);
}

// What an LWP of the stopped process has counted.
static long turns_of(pid_t pid, int which) {
    long turn = -1;
    struct ptrace_io_desc io = {PIOD_READ_D, (void *)&turns[which], &turn, sizeof(turn)};
    return ptrace(PT_IO, pid, &io, 0) == 0 ? turn : -1;
}

// Lets the process run for a while, and stops it.
static bool let_count(pid_t pid) {
    if (ptrace(PT_CONTINUE, pid, (void *)1, 0) == -1)
        return false;
    usleep(60000);
    return ptrace(PT_STOP, pid, NULL, 0) == 0 && wait_for(pid) == W_STOPCODE(SIGSTOP);
}

// The LWP that is held back stays where it is, and the other counts.
static bool holds_lwp_back(void) {
    pid_t lid, pid = trace(two_count);
    EXPECT(ask(pid, PTRACE_LWP_CREATE), "no events");
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(event_of(pid, &lid), PTRACE_LWP_CREATE);
    EXPECT(let_count(pid), "it does not count");
    EXPECT_EQ(ptrace(PT_SUSPEND, pid, NULL, lid), 0);
    long first = turns_of(pid, 0), held = turns_of(pid, 1);
    EXPECT(let_count(pid), "it does not count on");
    EXPECT_EQ(turns_of(pid, 1), held);
    EXPECT(turns_of(pid, 0) > first, "the first does not count");
    EXPECT_EQ(ptrace(PT_SUSPEND, pid, NULL, pid), 0);
    EXPECT_EQ(ptrace(PT_CONTINUE, pid, (void *)1, 0), -1); // nobody is left
    EXPECT_EQ(errno, EDEADLK);
    EXPECT_EQ(ptrace(PT_RESUME, pid, NULL, lid), 0);
    first = turns_of(pid, 0);
    EXPECT(let_count(pid), "it does not count at last");
    EXPECT_EQ(turns_of(pid, 0), first);
    EXPECT(turns_of(pid, 1) > held, "the second does not count");
    EXPECT_EQ(ptrace(PT_SUSPEND, pid, NULL, 99999), -1);
    EXPECT_EQ(errno, ESRCH);
    EXPECT_EQ(ptrace(PT_KILL, pid, NULL, 0), 0); // ends those held back too
    EXPECT_EQ(wait_for(pid), SIGKILL);
    return true;
}

static void doubles(void) {
    register double d8 __asm__("d8") = 1.5;
    __asm__ volatile("brk #0" : "+w"(d8));
    _exit((int)(2 * d8));
}

static bool fp_registers(void) {
    struct fpreg fp;
    double value;
    pid_t pid = trace(doubles);
    EXPECT_EQ(go(pid, PT_CONTINUE, 0), W_STOPCODE(SIGTRAP));
    EXPECT_EQ(ptrace(PT_GETFPREGS, pid, &fp, 0), 0);
    memcpy(&value, &fp.fp_reg[8], sizeof(value));
    EXPECT(value == 1.5, "d8 is not what it was");
    value = 21;
    memcpy(&fp.fp_reg[8], &value, sizeof(value));
    EXPECT_EQ(ptrace(PT_SETFPREGS, pid, &fp, 0), 0);
    EXPECT_EQ(ptrace(PT_CONTINUE, pid, (void *)(pc_of(pid) + 4), 0), 0);
    EXPECT_EQ(wait_for(pid), W_EXITCODE(42, 0));
    return true;
}

static const struct row rows[] = {
    ROW("N5", "a breakpoint stops a program, whose text alone has it", breaks),
    ROW("N5", "a debugger changes registers and where a program goes on", changes_course),
    ROW("N5", "a program's own breakpoint stops it there", own_breakpoint),
    ROW("N5", "a debugger writes only what is the program's own", not_its_own),
    ROW("N5", "a step is one instruction, however it branches", steps),
    ROW("N5", "an LWP can be made to step whenever it goes on", always_steps),
    ROW("N5", "a step goes into a handler, and not past a fault", steps_into_handler),
    ROW("N5", "a program stops where system calls begin and end", syscalls),
    ROW("N5", "a debugger makes a system call in the kernel's place", emulates),
    ROW("N5", "signals pass of which the debugger does not want to hear", passes_signals),
    ROW("N5", "floating point registers are read and changed", fp_registers),
    ROW("N5", "LWPs are told of when they begin and end", lwp_events),
    ROW("N5", "an LWP is held back while the others go on", holds_lwp_back),
    ROW("T1", "a fork is followed, and the child has its parent's breakpoints", follows_fork),
    ROW("T2", "a step over fork is the parent's alone", steps_over_fork),
};
ROWS_MAIN(rows)
