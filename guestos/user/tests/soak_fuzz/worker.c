// The worker: random calls, and what it needs to outlive most of them.
#include "fuzz.h"

#include <fcntl.h>
#include <lwp.h>
#include <signal.h>
#include <sys/event.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <ucontext.h>

bool is_root;
int relatives[16];
char *arena;
static unsigned faults; // bad accesses that were stepped over
static char handler_stack[16384] __attribute__((aligned(16)));

// --- calls ---------------------------------------------------------------------

static bool is_fork(long number) {
    return number == SYS_fork || number == SYS_vfork || number == SYS___vfork14 ||
           number == SYS___clone;
}

// Root may do anything, but these would end the system and not the worker: the
// processes that it names must be its own.
static bool own_process(int pid) {
    bool own = pid == getpid();
    for (unsigned i = 0; i < 16; i++)
        own |= relatives[i] == pid && pid > shared->first_pid;
    return own;
}

static bool allowed_to_root(long number, const long *a) {
    switch (number) {
    case SYS_reboot:
    case SYS_syscall:
    case SYS___syscall:
        return false;
    case SYS_kill:
    case SYS_sigqueueinfo:
        return own_process((int)a[0]);
    case SYS_ptrace:
    case SYS_setpriority:
        return own_process((int)a[1]);
    case SYS_ktrace:
    case SYS_fktrace:
        return own_process((int)a[3]);
    case SYS___sysctl: // nothing is set
        return a[4] == 0;
    default:
        return true;
    }
}

static bool allowed(long number, const long *a, unsigned depth) {
    if (is_fork(number) && depth >= 4)
        return false;
    if (number == SYS_exit || number == SYS__lwp_exit || number == SYS_execve ||
        number == SYS_setcontext)
        return depth > 0 || random_below(256) == 0;
    return !is_root || allowed_to_root(number, a);
}

// A random call for a process `depth` forks below the worker. Its number goes to
// *number, which is negative if there is none.
static void choose(unsigned depth, long *number, long *a) {
    if (random_below(64) == 0) {
        *number = random_below(520);
        for (unsigned i = 0; i < 8; i++)
            a[i] = wild();
    } else {
        const struct call *call = &calls[random_below(call_count)];
        *number = call->number;
        for (unsigned i = 0; i < 8; i++)
            a[i] = i < strlen(call->arguments) ? argument(call->arguments[i]) : 0;
    }
    if (!allowed(*number, a, depth))
        *number = -1;
}

static void count(long number, bool good) {
    __atomic_fetch_add(&shared->calls, 1, __ATOMIC_RELAXED);
    if ((unsigned long)number < 512)
        __atomic_fetch_add(good ? &shared->good[number] : &shared->failed[number], 1,
                           __ATOMIC_RELAXED);
}

// A byte in the arena is read or written: what the calls have done to it shows.
static void touch(void) {
    volatile char *p = arena + random_below(ARENA_PAGES) * PAGE + random_below(PAGE);
    if (random_below(2))
        *p = (char)random64();
    else
        (void)*p;
}

static void reap(void) {
    int status;
    while (waitpid(-1, &status, WNOHANG | WALLSIG) > 0)
        continue;
}

static __attribute__((noreturn, noinline)) void loop(unsigned depth, unsigned limit);

// A child has fewer calls to make, and its own numbers. It may share memory with
// its parent, even the stack, so it never returns.
static __attribute__((noreturn)) void begin_child(unsigned depth) {
    random_seed(random64() ^ (uint64_t)getpid());
    loop(depth, random_below(24));
}

// One system call. => does not return in a child
static inline __attribute__((always_inline)) bool make(long number, const long *a, unsigned depth) {
    register long x0 __asm__("x0") = a[0];
    register long x1 __asm__("x1") = a[1];
    register long x2 __asm__("x2") = a[2];
    register long x3 __asm__("x3") = a[3];
    register long x4 __asm__("x4") = a[4];
    register long x5 __asm__("x5") = a[5];
    register long x6 __asm__("x6") = a[6];
    register long x7 __asm__("x7") = a[7];
    register long x17 __asm__("x17") = number;
    long carry, fork = is_fork(number), below = depth + 1; // in registers: a child may
    __asm__ volatile("svc #0\n\tcset %0, cs"               // have another stack
                     : "=&r"(carry), "+r"(x0), "+r"(x1), "+r"(fork), "+r"(below)
                     : "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x6), "r"(x7), "r"(x17)
                     : "memory", "cc", "x18");
    if (fork && !carry && x1 == 1)
        begin_child((unsigned)below);
    if (fork && !carry)
        relatives[random_below(16)] = (int)x0;
    return !carry;
}

static void loop(unsigned depth, unsigned limit) {
    for (unsigned i = 0; i < limit; i++) {
        long number, a[8];
        if (random_below(8) == 0)
            touch();
        if (random_below(64) == 0)
            reap();
        choose(depth, &number, a);
        if (number >= 0)
            count(number, make(number, a, depth));
    }
    _exit(0);
}

// --- LWPs ------------------------------------------------------------------------

void lwp_calls(void *seed) {
    uint64_t mixed = (uint64_t)seed;
    for (unsigned i = 0; i < 8; i++) {
        long number, a[8];
        soak_state ^= mixed | 1;
        choose(3, &number, a);
        if (number < 0)
            continue;
        count(number, make(number, a, 3));
    }
    _lwp_exit();
}

// --- what it is given --------------------------------------------------------------

// Steps over a bad access. A bad jump can't be stepped over: it comes again.
static void step_over(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    if (++faults > 200)
        _exit(3);
    ((ucontext_t *)context)->uc_mcontext.__gregs[_REG_PC] += 4;
}

static void interrupted(int signal) {
    (void)signal;
}

static void set_handlers(void) {
    stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof(handler_stack), .ss_flags = 0};
    sigaltstack(&stack, NULL);
    struct sigaction action = {.sa_sigaction = step_over, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    action.sa_handler = interrupted;
    action.sa_flags = SA_ONSTACK;
    for (int number = 1; number < NSIG; number++)
        if (number != SIGSEGV && number != SIGBUS && number != SIGCHLD)
            sigaction(number, &action, NULL);
}

// Descriptors 0 to 13, of all kinds.
static void open_descriptors(void) {
    static const char *const files[] = {"/dev/null", "/dev/zero", "a", "b", ".", "/dev/tty"};
    for (int fd = 0; fd < 20; fd++)
        close(fd);
    for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (open(files[i], O_RDWR | O_CREAT | O_NONBLOCK, 0755) == -1)
            open(files[i], O_RDONLY | O_NONBLOCK);
    int pipes[2];
    if (pipe2(pipes, O_NONBLOCK) == 0 && pipe(pipes) == 0)
        (void)!write(pipes[1], "words", 5);
    while (kqueue() != -1 && kqueue1(O_CLOEXEC) < 12)
        continue;
}

static void set_limits(void) {
    static const struct {
        int which;
        rlim_t most;
    } limits[] = {{RLIMIT_NPROC, 24},    {RLIMIT_FSIZE, 1 << 18}, {RLIMIT_DATA, 8 << 20},
                  {RLIMIT_AS, 24 << 20}, {RLIMIT_NOFILE, 40},     {RLIMIT_MEMLOCK, 1 << 20}};
    for (unsigned i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct rlimit limit = {limits[i].most, limits[i].most};
        setrlimit(limits[i].which, &limit);
    }
}

static void make_arena(void) {
    arena = mmap(NULL, ARENA_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
    if (arena == MAP_FAILED)
        _exit(4);
    mmap(arena + ARENA_PAGES / 2 * PAGE, ARENA_PAGES / 4 * PAGE, PROT_READ | PROT_WRITE,
         MAP_ANON | MAP_SHARED | MAP_FIXED, -1, 0);
    for (unsigned i = 0; i < ARENA_PAGES; i += 2)
        memset(arena + i * PAGE, (int)i, PAGE);
}

void worker(uint64_t seed, bool root, unsigned limit) {
    random_seed(seed);
    is_root = root;
    setsid();
    open_descriptors();
    set_limits();
    make_arena();
    set_handlers();
    for (unsigned i = 0; i < 16; i++)
        relatives[i] = getpid();
    if (!root && setuid(1000) != 0)
        _exit(5);
    loop(0, limit);
}
