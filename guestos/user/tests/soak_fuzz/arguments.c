// Arguments of random calls. Most of them are of the right kind, so that calls
// come far; the others are whatever breaks kernels.
#include "fuzz.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/event.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <ucontext.h>

#define PICK(table) ((table)[random_below(sizeof(table) / sizeof((table)[0]))])

// Structures that calls read; other calls may overwrite them, and so be it.
static struct {
    void *iov_base;
    size_t iov_len;
} vectors[8];
static struct timespec times[4];
static struct kevent events[8];
static struct rlimit limit;
static int name[CTL_MAXNAME];
static size_t length;
static sigset_t mask;
static struct sigaction action;
static ucontext_t context;
static char *arguments[6];
static char lwp_stacks[8][4096] __attribute__((aligned(16)));

long wild(void) {
    static const long values[] = {0,
                                  1,
                                  2,
                                  3,
                                  8,
                                  -1,
                                  -2,
                                  -100,
                                  4095,
                                  4096,
                                  4097,
                                  0x7fff,
                                  0x7fffffff,
                                  0x80000000,
                                  0xffffffff,
                                  0x100000000,
                                  0x7fffffffffffffff,
                                  (long)0x8000000000000000,
                                  0x7fffffffff,
                                  0x8000000000,
                                  (long)0xffffff8000000000,
                                  (long)0xffffff8000000ff8,
                                  (long)0xffff000040080000,
                                  (long)0xfffffffffffff000,
                                  (long)0xffffffffffffffff,
                                  0x0123456789abcdef,
                                  0x09000000,
                                  0x08000000,
                                  0x40080000,
                                  0xfffffff8};
    switch (random_below(6)) {
    case 0:
        return (long)random64();
    case 1:
        return (int)random64();
    case 2:
        return 1L << random_below(64);
    case 3:
        return (long)(arena + random_below(ARENA_PAGES + 1) * PAGE) - (long)random_below(32);
    case 4:
        return (long)__builtin_frame_address(0) + random_below(8192) - 4096;
    default:
        return PICK(values);
    }
}

static long page_address(void) {
    return (long)(arena + random_below(ARENA_PAGES) * PAGE);
}

// A place in the arena: anywhere, or so that a page's end comes soon.
static long buffer(void) {
    if (random_below(4) == 0)
        return page_address() + PAGE - (long)random_below(24);
    return page_address() + random_below(PAGE);
}

static long path(void) {
    static const char *const paths[] = {
        "a",        "b",    "c",         "d/a",       "d",           "d/d",       "d/d/b",
        "/",        ".",    "..",        "",          "/dev/null",   "/dev/zero", "/dev/console",
        "/dev/tty", "link", "/bin/true", "/bin/echo", "../../../..", "/dev"};
    return (long)PICK(paths);
}

static long process(void) {
    switch (random_below(8)) {
    case 0:
        return 0;
    case 1:
        return -1;
    case 2:
        return getpid();
    case 3:
        return getppid();
    case 4:
        return random_below(300);
    default:
        return PICK(relatives);
    }
}

static long size(void) {
    static const long sizes[] = {0,   1,   4,   8,    16,   64,   100,  128,
                                 144, 512, 648, 4095, 4096, 4097, 16384};
    return PICK(sizes);
}

static long clone_flags(void) {
    long flags = (long)(random64() & 0x4f00);
    if (random_below(8) == 0)
        flags = (long)(random64() & 0xffff);
    return flags | (random_below(2) ? SIGCHLD : random_below(70));
}

static long fill_context(void) {
    if (random_below(4) == 0)
        return buffer();
    getcontext(&context);
    if (random_below(8) == 0)
        ((long *)&context)[random_below(sizeof(context) / sizeof(long))] = wild();
    char *stack = PICK(lwp_stacks);
    __greg_t *registers = context.uc_mcontext.__gregs;
    registers[_REG_X0] = random64();
    registers[_REG_PC] = (__greg_t)lwp_calls;
    registers[_REG_LR] = (__greg_t)_exit;
    registers[_REG_SP] = (__greg_t)stack + sizeof(lwp_stacks[0]);
    return (long)&context;
}

static long fill_vectors(void) {
    for (unsigned i = 0; i < 8; i++) {
        vectors[i].iov_base = (void *)(random_below(8) ? buffer() : wild());
        vectors[i].iov_len = (size_t)(random_below(16) ? size() : wild());
    }
    return (long)vectors;
}

static long fill_times(void) {
    for (unsigned i = 0; i < 4; i++) {
        times[i].tv_sec = random_below(16) ? 0 : wild();
        times[i].tv_nsec = random_below(16) ? random_below(30) * 1000L : wild();
    }
    return random_below(8) ? (long)times : 0;
}

static long fill_events(void) {
    static const uint32_t filters[] = {EVFILT_READ, EVFILT_WRITE, EVFILT_PROC, EVFILT_SIGNAL,
                                       EVFILT_USER};
    for (unsigned i = 0; i < 8; i++) {
        uint32_t filter = random_below(16) ? PICK(filters) : random_below(12);
        events[i] = (struct kevent){
            .ident = (uintptr_t)argument(filter == EVFILT_PROC     ? 'P'
                                         : filter == EVFILT_SIGNAL ? 's'
                                                                   : 'f'),
            .filter = filter,
            .flags = random_below(4) ? EV_ADD | (1U << random_below(9)) : (uint32_t)random64(),
            .fflags = random_below(4) ? NOTE_EXIT | NOTE_FORK | NOTE_EXEC | NOTE_TRACK
                                      : (uint32_t)random64(),
            .data = random_below(100)};
    }
    return (long)events;
}

static long fill_name(void) {
    static const int tops[] = {CTL_KERN, CTL_VM, CTL_DEBUG, CTL_HW, CTL_PROC};
    name[0] = PICK(tops);
    name[1] = random_below(4) ? (int)random_below(16) : KERN_PROC2;
    for (unsigned i = 2; i < CTL_MAXNAME; i++)
        name[i] = random_below(4) ? (int)random_below(8) : (int)random64();
    if (random_below(2))
        name[4] = sizeof(struct kinfo_proc2);
    return (long)name;
}

static long fill_action(void) {
    static void (*const handlers[])(int) = {SIG_DFL, SIG_IGN, SIG_IGN, SIG_IGN};
    action.sa_handler = random_below(16) ? PICK(handlers) : (void (*)(int))wild();
    action.sa_flags = (int)(random64() & 0x7f);
    action.sa_mask.__bits[0] = (uint32_t)(random64() & random64());
    return (long)&action;
}

static long fill_mask(void) {
    mask.__bits[0] = (uint32_t)(random64() & random64());
    mask.__bits[1] = (uint32_t)(random64() & random64());
    return (long)&mask;
}

static long fill_limit(void) {
    limit.rlim_cur = random_below(2) ? (rlim_t)wild() : random_below(1 << 20);
    limit.rlim_max = random_below(2) ? RLIM_INFINITY : limit.rlim_cur;
    return (long)&limit;
}

static long fill_arguments(void) {
    for (unsigned i = 0; i < 5; i++)
        arguments[i] = random_below(8) ? (char *)path() : (char *)buffer();
    arguments[random_below(6)] = NULL;
    return random_below(16) ? (long)arguments : 0;
}

static long fill_size(void) {
    length = (size_t)size();
    return (long)&length;
}

static long clone_stack(void) {
    return random_below(16) ? (long)(PICK(lwp_stacks) + sizeof(lwp_stacks[0])) : 0;
}

// Addresses of structures that are filled in.
static long of_structure(char letter) {
    static const struct {
        char letter;
        long (*fill)(void);
    } structures[] = {
        {'A', fill_arguments}, {'G', fill_mask},    {'H', fill_action},  {'k', fill_events},
        {'K', clone_stack},    {'L', fill_limit},   {'N', fill_name},    {'S', fill_size},
        {'t', fill_times},     {'U', fill_context}, {'v', fill_vectors},
    };
    for (unsigned i = 0; i < sizeof(structures) / sizeof(structures[0]); i++)
        if (structures[i].letter == letter)
            return structures[i].fill();
    return wild();
}

static long ioctl_request(void) {
    static const int requests[] = {TIOCGPGRP, TIOCSPGRP, TIOCGETA,   TIOCSETA,   TIOCSCTTY,
                                   FIONREAD,  FIONBIO,   TIOCGWINSZ, TIOCSWINSZ, TIOCNOTTY};
    return (long)(unsigned)(random_below(8) ? PICK(requests) : (int)random64());
}

static long signal_number(void) {
    static const int ends[] = {SIGCHLD, SIGUSR1, SIGCONT, SIGSTOP, SIGTSTP, SIGTERM, SIGKILL, 0};
    return random_below(4) ? PICK(ends) : (long)random_below(70);
}

static long map_flags(void) {
    static const int maps[] = {MAP_ANON, MAP_ANON, MAP_FILE, MAP_STACK, MAP_WIRED};
    return PICK(maps) | (random_below(2) ? MAP_PRIVATE : MAP_SHARED) |
           (random_below(4) ? MAP_FIXED : 0);
}

static long open_flags(void) {
    return (long)random_below(3) | (random_below(2) ? O_CREAT : 0) |
           (random_below(4) ? O_NONBLOCK : (long)random_below(1 << 26));
}

// Numbers and plain addresses.
static long of_letter(char letter) {
    switch (letter) {
    case 'a':
        return page_address();
    case 'b':
        return buffer();
    case 'c':
        return random_below(9);
    case 'C':
        return clone_flags();
    case 'E':
        return (long)(random_below(2) ? "/bin/true" : "/bin/echo");
    case 'f':
        return random_below(16) ? (long)random_below(14) : -100; // AT_FDCWD
    case 'F':
        return random_below(4);
    case 'i':
        return random_below(24) - 4L;
    case 'I':
        return ioctl_request();
    case 'l':
        return random_below(8) ? (1 + random_below(8)) * PAGE : (long)random_below(65536);
    case 'm':
        return random_below(8) ? 0755 : (long)random_below(0x20000);
    case 'M':
        return map_flags();
    case 'n':
        return size();
    case 'o':
        return open_flags();
    case 'p':
        return path();
    case 'P':
        return process();
    case 's':
        return signal_number();
    case 'T':
        return random_below(40);
    case 'u':
        return random_below(2) ? -1 : (long)random_below(3) * 500;
    case 'W':
        return random_below(8) ? 1 | (long)random_below(128) : (long)random_below(1 << 18);
    case 'x':
        return random_below(4) ? PROT_READ | PROT_WRITE : random_below(8);
    default:
        return of_structure(letter);
    }
}

long argument(char letter) {
    return random_below(24) == 0 ? wild() : of_letter(letter);
}
