// The address space at fork, and what takes it back.
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysctl.h>

enum { PAGE = 4096 };

// --- what the kernel counts ---------------------------------------------------

static struct debug_vm vm(void) {
    static const int name[] = {CTL_DEBUG, DEBUG_VM};
    struct debug_vm counts;
    size_t size = sizeof(counts);
    sysctl(name, 2, &counts, &size, NULL, 0);
    return counts;
}

static void set_debug(int node, int value) {
    const int name[] = {CTL_DEBUG, node};
    sysctl(name, 2, NULL, NULL, &value, sizeof(value));
}

static void fail_allocation(int kind, int64_t nth) {
    const int name[] = {CTL_DEBUG, DEBUG_INJECT, kind};
    sysctl(name, 3, NULL, NULL, &nth, sizeof(nth));
}

static void leaks_begin(void) {
    set_debug(DEBUG_LEAKS, 1);
}

// How many things differ since leaks_begin.
static int leaks(void) {
    static const int name[] = {CTL_DEBUG, DEBUG_LEAKS};
    int count = -1;
    size_t size = sizeof(count);
    sysctl(name, 2, &count, &size, NULL, 0);
    return count;
}

// --- memory ---------------------------------------------------------------------

static char *map(size_t pages, int flags) {
    char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_ANON | flags, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void fill(volatile char *p, size_t pages, char value) {
    for (size_t i = 0; i < pages; i++)
        p[i * PAGE] = value;
}

static int sum(volatile char *p, size_t pages) {
    int total = 0;
    for (size_t i = 0; i < pages; i++)
        total += p[i * PAGE];
    return total;
}

// Runs f(p) in a child; its result is the exit status.
static int in_child(int (*f)(volatile char *), volatile char *p) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(f(p));
    int status = -1;
    if (pid == -1 || waitpid(pid, &status, 0) != pid)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + status;
}

static int read_it(volatile char *p) {
    return p[0];
}

static int write_it(volatile char *p) {
    p[0] = 77;
    return p[0];
}

// --- M1: sharing a space --------------------------------------------------------

static bool shared_space(void) {
    struct debug_vm before = vm();
    pid_t pid = vfork();
    if (pid == 0) {
        struct debug_vm inside = vm();
        _exit(inside.spaces == before.spaces && inside.tables == before.tables ? 0 : 1);
    }
    int status;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
    return true;
}

static int spaces_now(volatile char *before) {
    return (int)(vm().spaces - *(volatile uint64_t *)before);
}

static bool copied_space(void) {
    uint64_t before = vm().spaces;
    EXPECT_EQ(in_child(spaces_now, (char *)&before), 1);
    EXPECT_EQ(vm().spaces, before);
    return true;
}

// --- M2: inheritance ---------------------------------------------------------------

static bool inherit_none(void) {
    char *p = map(1, MAP_PRIVATE);
    p[0] = 5;
    EXPECT_EQ(minherit(p, PAGE, MAP_INHERIT_NONE), 0);
    EXPECT_EQ(in_child(read_it, p), 256 + SIGSEGV);
    EXPECT_EQ(p[0], 5);
    return true;
}

static bool inherit_share(void) {
    char *p = map(1, MAP_PRIVATE);
    p[0] = 5;
    EXPECT_EQ(minherit(p, PAGE, MAP_INHERIT_SHARE), 0);
    EXPECT_EQ(in_child(write_it, p), 77);
    EXPECT_EQ(p[0], 77);
    return true;
}

static bool inherit_share_unwritten(void) {
    char *p = map(1, MAP_PRIVATE);
    EXPECT_EQ(minherit(p, PAGE, MAP_INHERIT_SHARE), 0);
    EXPECT_EQ(in_child(write_it, p), 77);
    EXPECT_EQ(p[0], 77);
    return true;
}

static bool inherit_copy(void) {
    char *p = map(1, MAP_SHARED);
    p[0] = 5;
    EXPECT_EQ(minherit(p, PAGE, MAP_INHERIT_COPY), 0);
    EXPECT_EQ(in_child(write_it, p), 77);
    EXPECT_EQ(p[0], 5);
    return true;
}

static bool inherit_zero(void) {
    char *p = map(2, MAP_PRIVATE);
    p[0] = 5;
    p[PAGE] = 6;
    EXPECT_EQ(minherit(p, PAGE, MAP_INHERIT_ZERO), 0);
    EXPECT_EQ(in_child(read_it, p), 0);
    EXPECT_EQ(in_child(write_it, p), 77);
    EXPECT_EQ(in_child(read_it, p + PAGE), 6);
    EXPECT_EQ(p[0], 5);
    return true;
}

static bool inherit_zero_of_shared(void) {
    char *p = map(1, MAP_SHARED);
    p[0] = 5;
    EXPECT_EQ(minherit(p, PAGE, MAP_INHERIT_ZERO), 0);
    EXPECT_EQ(in_child(read_it, p), 0);
    EXPECT_EQ(in_child(write_it, p), 77);
    EXPECT_EQ(p[0], 5);
    return true;
}

static bool inherit_other(void) {
    char *p = map(1, MAP_PRIVATE);
    static const int bad[] = {MAP_INHERIT_DONATE_COPY, 5, -1, 1000};
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        EXPECT_EQ(minherit(p, PAGE, bad[i]), -1);
        EXPECT_EQ(errno, EINVAL);
    }
    return true;
}

static bool shared_mappings(void) {
    char *p = map(2, MAP_SHARED);
    EXPECT_EQ(in_child(write_it, p), 77);
    EXPECT_EQ(p[0], 77);
    int fd = open("/tmp/rows_vm", O_RDWR | O_CREAT | O_TRUNC, 0600);
    EXPECT(fd >= 0, "open: errno %d", errno);
    EXPECT_EQ(ftruncate(fd, PAGE), 0);
    char *file = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    EXPECT(file != MAP_FAILED, "mmap: errno %d", errno);
    EXPECT_EQ(in_child(write_it, file), 77);
    EXPECT_EQ(file[0], 77);
    char byte = 0;
    EXPECT_EQ(pread(fd, &byte, 1, 0), 1);
    EXPECT_EQ(byte, 77);
    EXPECT_EQ(msync(file, PAGE, MS_SYNC), 0);
    EXPECT_EQ(unlink("/tmp/rows_vm"), 0);
    return true;
}

// --- M3, M4: write protection --------------------------------------------------------

enum { MANY = 16 };

static int nothing(volatile char *p) {
    (void)p;
    return 0;
}

static bool protected_once(void) {
    char *p = map(MANY, MAP_PRIVATE);
    fill(p, MANY, 1);
    uint64_t start = vm().write_protected;
    EXPECT_EQ(in_child(nothing, p), 0);
    uint64_t first = vm().write_protected;
    EXPECT(first - start >= MANY, "%ld descriptors lost write permission", (long)(first - start));
    EXPECT_EQ(in_child(nothing, p), 0);
    uint64_t second = vm().write_protected;
    EXPECT(second - first < MANY, "%ld lost it again", (long)(second - first));
    return true;
}

static bool stale_entries_gone(void) {
    char *p = map(MANY, MAP_PRIVATE);
    for (int round = 0; round < 3; round++) {
        fill(p, MANY, 1); // the TLB holds writable entries now
        int gate[2];
        EXPECT_EQ(pipe(gate), 0);
        pid_t pid = fork();
        if (pid == 0) {
            char byte;
            close(gate[1]);
            (void)!read(gate[0], &byte, 1);
            _exit(sum(p, MANY));
        }
        uint64_t before = vm().cow_copy;
        fill(p, MANY, 2);
        EXPECT(vm().cow_copy - before >= MANY, "%ld copies for %d pages",
               (long)(vm().cow_copy - before), MANY);
        close(gate[0]);
        close(gate[1]);
        int status;
        EXPECT_EQ(waitpid(pid, &status, 0), pid);
        EXPECT_EQ(WEXITSTATUS(status), MANY);
    }
    return true;
}

// --- M5: wired memory ------------------------------------------------------------------

static int is_wired(volatile char *p) {
    uint64_t copies = vm().cow_copy;
    fill(p, MANY, 3); // its own pages already
    if (vm().cow_copy - copies >= MANY || sum(p, MANY) != 3 * MANY)
        return 1;
    uint64_t eager = vm().eager_copy; // of memory that is not wired none is made
    return in_child(nothing, p) == 0 && vm().eager_copy == eager ? 0 : 2;
}

static bool wired_is_copied(void) {
    char *p = map(MANY, MAP_PRIVATE);
    fill(p, MANY, 1);
    EXPECT_EQ(mlock(p, MANY * PAGE), 0);
    struct debug_vm before = vm();
    EXPECT_EQ(in_child(is_wired, p), 0);
    EXPECT_EQ(vm().eager_copy - before.eager_copy, MANY);
    uint64_t faults = vm().faults;
    fill(p, MANY, 2);
    EXPECT_EQ(vm().faults, faults); // the parent stayed writable
    EXPECT_EQ(sum(p, MANY), 2 * MANY);
    EXPECT_EQ(munlock(p, MANY * PAGE), 0);
    return true;
}

static bool lock_limits(void) {
    char *p = map(4, MAP_PRIVATE);
    struct rlimit little = {2 * PAGE, RLIM_INFINITY};
    EXPECT_EQ(setrlimit(RLIMIT_MEMLOCK, &little), 0);
    EXPECT_EQ(mlock(p, 4 * PAGE), -1);
    EXPECT_EQ(errno, EAGAIN);
    EXPECT_EQ(mlock(p, 2 * PAGE), 0);
    EXPECT_EQ(munlock(p, 2 * PAGE), 0);
    EXPECT_EQ(mlock((void *)0x1000, PAGE), -1);
    EXPECT_EQ(errno, ENOMEM);
    EXPECT_EQ(mlockall(0), -1);
    EXPECT_EQ(errno, EINVAL);
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    EXPECT_EQ(setrlimit(RLIMIT_MEMLOCK, &all), 0);
    EXPECT_EQ(mlockall(MCL_CURRENT | MCL_FUTURE), 0);
    uint64_t faults = vm().faults;
    char *q = map(4, MAP_PRIVATE);
    uint64_t wired = vm().faults;
    EXPECT(wired > faults, "mmap wired nothing");
    fill(q, 4, 1);
    EXPECT_EQ(vm().faults, wired);
    EXPECT_EQ(munlockall(), 0);
    return true;
}

// --- M6, M7, M8, M9: amaps and anons -------------------------------------------------------

static int amaps_after_write(volatile char *p) {
    uint64_t before = vm().amaps;
    p[0] = 2;
    return (int)(vm().amaps - before);
}

static bool amap_cases(void) {
    char *p = map(4, MAP_PRIVATE);
    uint64_t none = vm().amaps;
    p[0] = 1;
    EXPECT_EQ(vm().amaps - none, 1); // none: made
    p[PAGE] = 1;
    EXPECT_EQ(vm().amaps - none, 1); // one reference: kept
    EXPECT_EQ(in_child(amaps_after_write, p), 1); // more: copied
    uint64_t before = vm().amaps;
    p[0] = 3; // the child has gone: taken over
    EXPECT_EQ(vm().amaps, before);
    return true;
}

// Taken over, an amap drops the anons of what was unmapped while it had others.
static bool taken_over_in_part(void) {
    char *p = map(4, MAP_PRIVATE);
    fill(p, 4, 1);
    uint64_t four = vm().anons;
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    EXPECT_EQ(munmap(p, 2 * PAGE), 0);
    kill(pid, SIGKILL);
    EXPECT_EQ(waitpid(pid, NULL, 0), pid);
    p[2 * PAGE] = 2;
    EXPECT_EQ(four - vm().anons, 2);
    return true;
}

static bool shared_amap(void) {
    char *p = map(MANY, MAP_PRIVATE);
    fill(p, MANY, 1);
    EXPECT_EQ(minherit(p, MANY * PAGE, MAP_INHERIT_SHARE), 0);
    EXPECT_EQ(in_child(write_it, p), 77);
    // Alone again, and inherited as a copy: nothing is shared any more, and fork
    // leaves the amap to who writes first.
    EXPECT_EQ(minherit(p, MANY * PAGE, MAP_INHERIT_COPY), 0);
    p[0] = 1;
    EXPECT_EQ(in_child(amaps_after_write, p), 1);
    EXPECT_EQ(in_child(write_it, p), 77);
    EXPECT_EQ(p[0], 1);
    return true;
}

// A process shares memory with its child, and a grandchild has a copy of it, when the
// child writes.
static void share_and_copy(volatile char *p, int written, int seen) {
    char byte;
    p[0] = 5; // mapped writable from here on
    if (minherit((void *)(uintptr_t)p, PAGE, MAP_INHERIT_COPY) != 0)
        _exit(1);
    if (in_child(write_it, p) != 77 || p[0] != 5)
        _exit(2);
    pid_t pid = fork();
    if (pid == 0)
        _exit(read(seen, &byte, 1) == 1 ? p[0] : 0);
    p[0] = 6;
    write(written, "", 1);
    int status;
    waitpid(pid, &status, 0);
    _exit(WEXITSTATUS(status) == 5 ? 0 : 3);
}

static bool shared_amap_copied(void) {
    int written[2], seen[2], status;
    char byte, *p = map(1, MAP_PRIVATE);
    EXPECT(pipe(written) == 0 && pipe(seen) == 0, "no pipes");
    p[0] = 5;
    EXPECT_EQ(minherit(p, PAGE, MAP_INHERIT_SHARE), 0);
    pid_t pid = fork();
    if (pid == 0)
        share_and_copy(p, written[1], seen[0]);
    EXPECT_EQ(p[0], 5);
    EXPECT_EQ(read(written[0], &byte, 1), 1);
    EXPECT_EQ(p[0], 6); // though it was mapped here
    write(seen[1], "", 1);
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
    return true;
}

static int read_then_write(volatile char *p) {
    struct debug_vm start = vm();
    int total = sum(p, MANY);
    struct debug_vm after_read = vm();
    fill(p, MANY, 2);
    struct debug_vm after_write = vm();
    if (total != MANY || after_read.cow_copy != start.cow_copy ||
        after_read.frames_free != start.frames_free)
        return 1;
    return after_write.cow_copy - after_read.cow_copy == MANY ? 0 : 2;
}

static bool shared_anon_read(void) {
    char *p = map(MANY, MAP_PRIVATE);
    fill(p, MANY, 1);
    EXPECT_EQ(in_child(read_then_write, p), 0);
    return true;
}

static int write_many(volatile char *p) {
    struct debug_vm before = vm();
    fill(p, MANY, 2);
    struct debug_vm after = vm();
    return after.cow_copy - before.cow_copy == MANY && after.anons - before.anons == MANY ? 0 : 1;
}

static bool write_to_shared(void) {
    char *p = map(MANY, MAP_PRIVATE);
    fill(p, MANY, 1);
    EXPECT_EQ(in_child(write_many, p), 0);
    EXPECT_EQ(sum(p, MANY), MANY);
    return true;
}

static bool last_sharer_writes(void) {
    char *p = map(MANY, MAP_PRIVATE);
    fill(p, MANY, 1);
    EXPECT_EQ(in_child(write_many, p), 0);
    struct debug_vm before = vm();
    fill(p, MANY, 3);
    struct debug_vm after = vm();
    EXPECT_EQ(after.cow_reuse - before.cow_reuse, MANY);
    EXPECT_EQ(after.cow_copy, before.cow_copy);
    EXPECT_EQ(after.anons, before.anons);
    return true;
}

// --- M10, M12: filling ----------------------------------------------------------------------

static bool zero_fill(void) {
    char *p = map(MANY, MAP_PRIVATE);
    memset(p, 0xee, MANY * PAGE); // dirty frames to be used again
    munmap(p, MANY * PAGE);
    p = map(MANY, MAP_PRIVATE);
    struct debug_vm before = vm();
    for (int i = 0; i < MANY * PAGE; i++)
        EXPECT(p[i] == 0, "byte %d is %d", i, p[i]);
    EXPECT_EQ(vm().zero_fill - before.zero_fill, MANY);
    return true;
}

static int open_file(const char *path, int pages) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (int i = 0; i < pages; i++) {
        char page[PAGE];
        memset(page, i + 1, PAGE);
        if (write(fd, page, PAGE) != PAGE)
            return -1;
    }
    unlink(path);
    return fd;
}

static bool file_promotion(void) {
    int fd = open_file("/tmp/rows_vm", 2);
    char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    EXPECT(p != MAP_FAILED, "mmap: errno %d", errno);
    EXPECT_EQ(p[0], 1);
    uint64_t anons = vm().anons;
    p[0] = 50;
    EXPECT_EQ(vm().anons - anons, 1);
    EXPECT_EQ(p[1], 1);
    char byte = 0;
    EXPECT_EQ(pread(fd, &byte, 1, 0), 1);
    EXPECT_EQ(byte, 1);
    EXPECT_EQ(in_child(write_it, p), 77);
    EXPECT_EQ(p[0], 50);
    return true;
}

static long faults_of_reading(int around) {
    set_debug(DEBUG_FAULTAROUND, around);
    int fd = open_file("/tmp/rows_vm", MANY);
    volatile char *p = mmap(NULL, MANY * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    uint64_t before = vm().faults;
    int total = sum(p, MANY);
    uint64_t faults = vm().faults - before;
    set_debug(DEBUG_FAULTAROUND, 8);
    // Mapped in read-only: writes still go to pages of one's own.
    uint64_t anons = vm().anons;
    fill(p, MANY, 1);
    bool good = vm().anons - anons == MANY && total == MANY * (MANY + 1) / 2;
    munmap((void *)(uintptr_t)p, MANY * PAGE);
    close(fd);
    return good ? (long)faults : -1;
}

static bool neighbours(void) {
    EXPECT_EQ(faults_of_reading(8), MANY / 8);
    EXPECT_EQ(faults_of_reading(0), MANY);
    return true;
}

// --- M11: the kernel's own writes --------------------------------------------------------------

static int kernel_reads_into(volatile char *p) {
    int fd = open("/dev/zero", O_RDONLY);
    uint64_t before = vm().cow_copy;
    if (read(fd, (void *)(uintptr_t)p, PAGE) != PAGE)
        return 1;
    if (vm().cow_copy == before)
        return 2;
    return p[0] + p[PAGE - 1];
}

static bool copyout_breaks_cow(void) {
    char *p = map(1, MAP_PRIVATE);
    memset(p, 5, PAGE);
    EXPECT_EQ(in_child(kernel_reads_into, p), 0);
    EXPECT_EQ(p[0], 5);
    EXPECT_EQ(p[PAGE - 1], 5);
    return true;
}

static volatile sig_atomic_t handled;

static void handler(int signo) {
    handled = signo;
}

static int signal_on_stack(volatile char *p) {
    stack_t stack = {.ss_sp = (void *)(uintptr_t)p, .ss_size = 16 * PAGE, .ss_flags = 0};
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    if (sigaltstack(&stack, NULL) != 0 || sigaction(SIGUSR1, &action, NULL) != 0)
        return 1;
    uint64_t before = vm().cow_copy;
    raise(SIGUSR1);
    return handled == SIGUSR1 && vm().cow_copy > before ? 0 : 2;
}

static bool signal_frame_breaks_cow(void) {
    char *p = map(16, MAP_PRIVATE);
    memset(p, 5, 16 * PAGE);
    EXPECT_EQ(in_child(signal_on_stack, p), 0);
    for (int i = 0; i < 16 * PAGE; i++)
        EXPECT(p[i] == 5, "byte %d is %d", i, p[i]);
    return true;
}

static bool bad_addresses(void) {
    int fd = open("/dev/zero", O_RDONLY);
    char *p = map(2, MAP_PRIVATE);
    EXPECT_EQ(mprotect(p, PAGE, PROT_READ), 0);
    char *const bad[] = {(char *)8, p, (char *)0x3000000000, (char *)0xffffff8000000000,
                         (char *)-1};
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        EXPECT_EQ(read(fd, bad[i], 16), -1);
        EXPECT_EQ(errno, EFAULT);
        EXPECT_EQ(wait4(-1, (int *)bad[i], WNOHANG, NULL), -1);
    }
    EXPECT_EQ(in_child(signal_on_stack, (char *)0x3000000000), 256 + SIGILL); // no frame
    EXPECT_EQ(munmap(p + PAGE, PAGE), 0);
    EXPECT_EQ(mprotect(p, PAGE, PROT_READ | PROT_WRITE), 0);
    EXPECT_EQ(read(fd, p + PAGE - 8, 16), -1); // runs off the end
    EXPECT_EQ(errno, EFAULT);
    return true;
}

// --- M13: generations ----------------------------------------------------------------------------

// Each generation adds one, and checks that its descendants did not touch it.
static int descend(volatile char *p, int depth) {
    fill(p, 4, (char)depth);
    if (depth == 0)
        return 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(descend(p, depth - 1));
    int status = -1;
    if (pid == -1 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return 1;
    return WEXITSTATUS(status) != 0 || sum(p, 4) != 4 * depth ? 1 : 0;
}

static bool generations(void) {
    char *p = map(4, MAP_PRIVATE);
    fill(p, 4, 1);
    leaks_begin();
    EXPECT_EQ(descend(p, 40), 0);
    EXPECT_EQ(leaks(), 0);
    return true;
}

enum { SHARERS = 8 };

// SHARERS children share a page with their parent, which has not written since.
static bool sharers(void) {
    volatile char *p = map(1, MAP_PRIVATE);
    volatile int *turn = (int *)map(1, MAP_SHARED);
    p[0] = 1;
    leaks_begin();
    pid_t child[SHARERS];
    for (int i = 0; i < SHARERS; i++) {
        child[i] = fork();
        if (child[i] == 0) {
            while (*turn != i)
                usleep(1000);
            p[0] = (char)(10 + i);
            *turn = -1;
            while (*turn != SHARERS)
                usleep(1000);
            _exit(p[0]);
        }
    }
    struct debug_vm before = vm();
    for (int i = 0; i < SHARERS; i++) {
        *turn = i;
        while (*turn != -1)
            usleep(1000);
    }
    struct debug_vm middle = vm();
    p[0] = 2; // the last sharer
    struct debug_vm after = vm();
    *turn = SHARERS;
    for (int i = 0; i < SHARERS; i++) {
        int status;
        EXPECT_EQ(waitpid(child[i], &status, 0), child[i]);
        EXPECT_EQ(WEXITSTATUS(status), 10 + i);
    }
    EXPECT(middle.cow_copy - before.cow_copy >= SHARERS, "%ld copies",
           (long)(middle.cow_copy - before.cow_copy));
    EXPECT_EQ(after.cow_copy, middle.cow_copy);
    EXPECT_EQ(after.cow_reuse - middle.cow_reuse, 1);
    *turn = 0;
    EXPECT_EQ(leaks(), 0);
    return true;
}

// --- F6, F7, M14: nothing left -------------------------------------------------------------------

static bool no_uarea(void) {
    leaks_begin();
    fail_allocation(INJECT_UAREA, 1);
    EXPECT_EQ(fork(), -1);
    EXPECT_EQ(errno, ENOMEM);
    EXPECT_EQ(leaks(), 0);
    EXPECT_EQ(in_child(nothing, NULL), 0);
    EXPECT_EQ(leaks(), 0);
    return true;
}

static bool no_pid(void) {
    char *p = map(1, MAP_PRIVATE);
    EXPECT_EQ(mlock(p, PAGE), 0); // a frame is set aside for its copy, and goes back
    leaks_begin();
    fail_allocation(INJECT_PID, 1);
    EXPECT_EQ(fork(), -1);
    EXPECT_EQ(errno, EAGAIN);
    EXPECT_EQ(leaks(), 0);
    EXPECT_EQ(in_child(nothing, NULL), 0);
    EXPECT_EQ(leaks(), 0);
    return true;
}

// The user who was charged gets it back: with a limit of two processes many
// failures may come before a fork that works.
static int fail_under_limit(volatile char *p) {
    (void)p;
    struct rlimit two = {2, 2};
    if (setreuid(1000, 0) != 0) // the user's charge, root's right to inject
        return 3;
    for (int i = 0; i < 10; i++) {
        fail_allocation(i % 2 ? INJECT_UAREA : INJECT_PID, 1);
        if (fork() != -1 || errno != (i % 2 ? ENOMEM : EAGAIN))
            return 1;
    }
    if (setrlimit(RLIMIT_NPROC, &two) != 0 || setuid(1000) != 0)
        return 2;
    return in_child(nothing, NULL);
}

static bool charge_goes_back(void) {
    leaks_begin();
    EXPECT_EQ(in_child(fail_under_limit, NULL), 0);
    EXPECT_EQ(leaks(), 0);
    return true;
}

enum { SOME = 6 };

// Forks and copies while an allocation of the kind fails.
static int victim(volatile char *p, int kind, int nth) {
    usleep(2000); // the parent sleeps in waitpid, with pages of its own
    fail_allocation(kind, nth);
    pid_t pid = fork();
    if (pid == -1)
        return errno == ENOMEM ? 0 : 1;
    fill(p, SOME, 2);
    volatile char *q = map(SOME, MAP_PRIVATE);
    if (q)
        fill(q, SOME, 3);
    if (pid == 0)
        _exit(0);
    int status;
    return waitpid(pid, &status, 0) == pid && (status == 0 || status == SIGKILL) ? 0 : 2;
}

static bool injected_then_leaks(int kind) {
    volatile char *p = map(SOME, MAP_PRIVATE);
    fill(p, SOME, 1);
    leaks_begin();
    uint64_t uareas = vm().uareas;
    for (int n = 1; n <= 25; n += 2) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(victim(p, kind, n % 4 == 1 || kind == INJECT_KMEM ? n : -n));
        volatile int status = -1; // stack and data are one's own before it begins
        expect_came[0] = '\0';
        EXPECT_EQ(waitpid(pid, (int *)&status, 0), pid);
        fail_allocation(kind, 0);
        EXPECT(status == 0 || status == SIGKILL, "allocation %d: status 0x%x", n, status);
        for (int i = 0; i < 100 && vm().uareas != uareas; i++)
            usleep(10000); // init reaps the victim's child
    }
    EXPECT_EQ(sum(p, SOME), SOME);
    EXPECT_EQ(leaks(), 0);
    return true;
}

static bool fail_page(void) {
    return injected_then_leaks(INJECT_PAGE);
}

static bool fail_anon(void) {
    return injected_then_leaks(INJECT_ANON);
}

static bool fail_amap(void) {
    return injected_then_leaks(INJECT_AMAP);
}

static bool fail_table(void) {
    return injected_then_leaks(INJECT_TABLE);
}

static bool fail_kmem(void) {
    return injected_then_leaks(INJECT_KMEM);
}

static bool mlock_out_of_memory(void) {
    char *p = map(MANY, MAP_PRIVATE);
    leaks_begin();
    fail_allocation(INJECT_PAGE, 5);
    EXPECT_EQ(mlock(p, MANY * PAGE), -1);
    EXPECT_EQ(errno, ENOMEM);
    fail_allocation(INJECT_PAGE, 0);
    EXPECT_EQ(mlock(p, MANY * PAGE), 0);
    EXPECT_EQ(munlock(p, MANY * PAGE), 0);
    EXPECT_EQ(leaks(), 0);
    return true;
}

// Copies of shared pages until no frame is left.
static int exhaust(volatile char *p) {
    size_t pages = (size_t)vm().frames_free * 2;
    (void)p;
    char *big = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
    if (big == MAP_FAILED)
        return 1;
    fill(big, pages, 1);
    return 0; // there was enough after all
}

static bool out_of_frames(void) {
    leaks_begin();
    EXPECT_EQ(in_child(exhaust, NULL), 256 + SIGKILL);
    EXPECT_EQ(in_child(nothing, NULL), 0);
    EXPECT_EQ(leaks(), 0);
    return true;
}

// Parent and child have a bit more than half of memory: the copies don't fit.
static bool out_of_frames_in_cow(void) {
    leaks_begin();
    size_t pages = (size_t)vm().frames_free * 11 / 20;
    volatile char *p = map(pages, MAP_PRIVATE);
    EXPECT(p != NULL, "mmap: errno %d", errno);
    fill(p, pages, 1);
    pid_t pid = fork();
    if (pid == 0) {
        fill(p, pages, 2);
        _exit(0);
    }
    int status;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, SIGKILL);
    for (size_t i = 0; i < pages; i++)
        EXPECT(p[i * PAGE] == 1, "page %ld is %d", (long)i, p[i * PAGE]);
    fill(p, pages, 3); // the parent goes on
    munmap((void *)(uintptr_t)p, pages * PAGE);
    EXPECT_EQ(leaks(), 0);
    return true;
}

// Wired memory that has no room for its copy.
static bool no_frames_for_wired(void) {
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    EXPECT_EQ(setrlimit(RLIMIT_MEMLOCK, &all), 0);
    leaks_begin();
    size_t pages = (size_t)vm().frames_free * 11 / 20;
    volatile char *p = map(pages, MAP_PRIVATE);
    EXPECT(p != NULL, "mmap: errno %d", errno);
    EXPECT_EQ(mlock((void *)(uintptr_t)p, pages * PAGE), 0);
    uint64_t forks = vm().eager_copy;
    EXPECT_EQ(fork(), -1);
    EXPECT_EQ(errno, ENOMEM);
    EXPECT_EQ(vm().eager_copy, forks);
    EXPECT_EQ(munlock((void *)(uintptr_t)p, pages * PAGE), 0);
    EXPECT_EQ(in_child(nothing, NULL), 0);
    munmap((void *)(uintptr_t)p, pages * PAGE);
    EXPECT_EQ(leaks(), 0);
    return true;
}

// Takes all frames but a few and sleeps.
static void hog(int ready) {
    enum { FEW = 600 };
    volatile char *p = map((size_t)vm().frames_free, MAP_PRIVATE);
    for (size_t i = 0, most; (most = (size_t)vm().frames_free) > FEW;)
        for (size_t end = i + (most - FEW + 1) / 2; i < end; i++)
            p[i * PAGE] = 1;
    write(ready, "", 1);
    for (;;)
        pause();
}

// A fork that needs more kernel memory than there is can't fail any more: it waits
// until the process goes that has the memory.
static bool hog_is_killed(void) {
    leaks_begin();
    size_t size = (size_t)1 << 30; // its table of anons takes 1,024 frames
    int ready[2];
    EXPECT_EQ(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0)
        hog(ready[1]);
    char byte;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    pid_t small = fork();
    if (small == 0)
        for (;;)
            pause();
    char *p = map(size / PAGE, MAP_PRIVATE);
    EXPECT_EQ(minherit(p, size, MAP_INHERIT_SHARE), 0);
    EXPECT_EQ(in_child(nothing, NULL), 0);
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, SIGKILL);
    kill(small, SIGTERM);
    EXPECT_EQ(waitpid(small, &status, 0), small);
    EXPECT_EQ(status, SIGTERM); // it was let alone
    munmap(p, size);
    close(ready[0]);
    close(ready[1]);
    EXPECT_EQ(leaks(), 0);
    return true;
}

// --- M15: reaping ---------------------------------------------------------------------------------

static bool freed_at_reap(void) {
    struct debug_vm before = vm();
    pid_t child[SHARERS];
    for (int i = 0; i < SHARERS; i++)
        if ((child[i] = fork()) == 0)
            _exit(0);
    struct debug_vm most = vm();
    EXPECT_EQ(most.uareas - before.uareas, SHARERS);
    for (int i = 0; i < SHARERS; i++)
        EXPECT_EQ(waitpid(child[i], NULL, 0), child[i]);
    struct debug_vm after = vm();
    EXPECT_EQ(after.uareas, before.uareas);
    EXPECT_EQ(after.spaces, before.spaces);
    EXPECT_EQ(after.tables, before.tables);
    return true;
}

// With few ASIDs they are used again at once: each child must see its own page
// at an address that all of them use.
static bool asids_again(void) {
    volatile char *p = map(1, MAP_PRIVATE);
    set_debug(DEBUG_ASIDS, 8);
    int wrong = 0;
    for (int round = 0; round < 10; round++) {
        pid_t child[SHARERS];
        for (int i = 0; i < SHARERS; i++)
            if ((child[i] = fork()) == 0) {
                p[0] = (char)i;
                for (int turn = 0; turn < 5; turn++) {
                    sched_yield();
                    if (p[0] != i)
                        _exit(1);
                }
                _exit(0);
            }
        for (int i = 0; i < SHARERS; i++) {
            int status = 1;
            waitpid(child[i], &status, 0);
            wrong += status != 0;
        }
    }
    set_debug(DEBUG_ASIDS, 65536);
    EXPECT_EQ(wrong, 0);
    return true;
}

static const struct row rows[] = {
    ROW("M1", "vfork shares the space and its tables", shared_space),
    ROW("M1", "fork makes one more space, which goes with the child", copied_space),
    ROW("M2", "inheritance NONE: absent in the child", inherit_none),
    ROW("M2", "inheritance SHARE: both see the child's store", inherit_share),
    ROW("M2", "inheritance SHARE: memory that is first written after fork",
        inherit_share_unwritten),
    ROW("M2", "inheritance COPY: even shared memory is the child's own", inherit_copy),
    ROW("M2", "inheritance ZERO: zeros in the child", inherit_zero),
    ROW("M2", "inheritance ZERO: where the parent shares memory too", inherit_zero_of_shared),
    ROW("M2", "any other inheritance is EINVAL", inherit_other),
    ROW("M2", "shared mappings of memory and files stay shared", shared_mappings),
    ROW("M3", "the parent loses write permission once", protected_once),
    ROW("M4", "every write after fork faults, whatever the TLB held", stale_entries_gone),
    ROW("M5", "wired memory is copied at once, the parent stays writable", wired_is_copied),
    ROW("M5", "mlock keeps to its limit; mlockall wires what comes", lock_limits),
    ROW("M6", "an amap is made, kept, copied, taken over", amap_cases),
    ROW("M6", "an amap that is taken over drops what nobody maps", taken_over_in_part),
    ROW("M6", "a shared amap stops being shared when one is left", shared_amap),
    ROW("M6", "a shared amap is copied for a child that gets a copy", shared_amap_copied),
    ROW("M7", "reading a shared page copies nothing and gives no right to write", shared_anon_read),
    ROW("M8", "writing to a shared page gives a new frame, once", write_to_shared),
    ROW("M9", "the last sharer writes without a copy", last_sharer_writes),
    ROW("M10", "memory that was never written is zero", zero_fill),
    ROW("M10", "a private write to a file's page stays private", file_promotion),
    ROW("M11", "read into a shared page breaks COW", copyout_breaks_cow),
    ROW("M11", "a signal frame on a shared page breaks COW", signal_frame_breaks_cow),
    ROW("M11", "a bad address is EFAULT", bad_addresses),
    ROW("M12", "neighbours are mapped in around a read, unless turned off", neighbours),
    ROW("M13", "forty generations leave nothing", generations),
    ROW("M13", "each distinct sharer copies, the last one reuses", sharers),
    ROW("F6", "no kernel stack: ENOMEM, and nothing is kept", no_uarea),
    ROW("F7", "no process number: EAGAIN, and nothing is kept", no_pid),
    ROW("F7", "the user's charge goes back", charge_goes_back),
    ROW("M14", "no page: a defined fate, nothing is kept", fail_page),
    ROW("M14", "no anon: a defined fate, nothing is kept", fail_anon),
    ROW("M14", "no amap: a defined fate, nothing is kept", fail_amap),
    ROW("M14", "no translation table: a defined fate, nothing is kept", fail_table),
    ROW("M14", "no kernel memory: a wait, nothing is kept", fail_kmem),
    ROW("M14", "mlock without memory is ENOMEM, and wires nothing", mlock_out_of_memory),
    ROW("M14", "who uses up all frames is killed, others go on", out_of_frames),
    ROW("M14", "copies that don't fit kill the writer, not its parent", out_of_frames_in_cow),
    ROW("M14", "a fork without frames for wired memory is ENOMEM", no_frames_for_wired),
    ROW("M14", "when a wait for memory brings none, the largest process goes", hog_is_killed),
    ROW("M15", "U-areas, spaces and tables go when the child is reaped", freed_at_reap),
    ROW("M15", "ASIDs that are used again show nobody else's memory", asids_again),
};
ROWS_MAIN(rows)
