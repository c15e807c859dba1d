// Pages that many share and all write; memory that ends meanwhile.
#include "loops.h"

// --- depth -----------------------------------------------------------------------

// Page k is written by level k, and a last page by all. Every level finds what
// those above it wrote, and what lower levels write it does not see.
static bool pages_of(volatile int *p, unsigned level, unsigned levels) {
    const unsigned words = PAGE / sizeof(int);
    for (unsigned i = 0; i <= levels; i++)
        if (p[i * words] != (i <= level ? (int)(1000 + i) : 7))
            return false;
    return p[(levels + 1) * words] == (int)level;
}

static int descend(volatile int *p, unsigned level, unsigned levels) {
    const unsigned words = PAGE / sizeof(int);
    p[level * words] = (int)(1000 + level);
    p[(levels + 1) * words] = (int)level;
    if (!pages_of(p, level, levels))
        return 1;
    if (level == levels)
        return 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(descend(p, level + 1, levels));
    if (pid == -1 || status_of(pid) != 0 || !pages_of(p, level, levels))
        return 1;
    for (unsigned i = 0; i <= levels + 1; i++)
        p[i * words + 1] = (int)level; // whoever else shared it has gone
    return 0;
}

bool depth(unsigned levels) {
    volatile int *p = (volatile int *)map_pages(levels + 2, MAP_PRIVATE);
    EXPECT(p != NULL, "no memory");
    for (unsigned i = 0; i <= levels + 1; i++)
        p[i * (PAGE / sizeof(int))] = 7;
    EXPECT_EQ(descend(p, 0, levels), 0);
    return true;
}

// --- storms ------------------------------------------------------------------------

enum { STORM_PAGES = 200, STORM_WRITES = 600 };

// Writes to random pages at random places, remembers what, and compares.
static int private_storm(volatile uint32_t *p, unsigned seed) {
    const unsigned words = PAGE / sizeof(uint32_t);
    static uint32_t last[STORM_PAGES], place[STORM_PAGES];
    uint64_t sum = 0, found = 0;
    random_seed(seed);
    for (unsigned i = 0; i < STORM_PAGES; i++) {
        place[i] = 2 + random_below(words - 2);
        last[i] = p[i * words + place[i]];
    }
    for (unsigned i = 0; i < STORM_WRITES; i++) {
        unsigned page = random_below(STORM_PAGES);
        last[page] = (uint32_t)random64();
        p[page * words + place[page]] = last[page];
    }
    for (unsigned i = 0; i < STORM_PAGES; i++) {
        sum += last[i];
        found += p[i * words + place[i]];
        if (p[i * words] != i) // nobody writes there
            return 2;
    }
    return sum == found ? 0 : 1;
}

bool storm_private(unsigned children) {
    volatile uint32_t *p = (volatile uint32_t *)map_pages(STORM_PAGES, MAP_PRIVATE);
    EXPECT(p != NULL && children <= 500, "no memory");
    for (unsigned i = 0; i < STORM_PAGES; i++)
        p[i * (PAGE / sizeof(uint32_t))] = i;
    pid_t child[500];
    for (unsigned i = 0; i < children; i++) {
        child[i] = fork();
        EXPECT(child[i] != -1, "fork %u: errno %d", i, errno);
        if (child[i] == 0)
            _exit(private_storm(p, i + 1));
    }
    EXPECT_EQ(private_storm(p, 1000), 0);
    for (unsigned i = 0; i < children; i++)
        EXPECT_EQ(status_of(child[i]), 0);
    return true;
}

// Word n of every page is process n's.
static uint64_t shared_storm(volatile uint32_t *p, unsigned n) {
    const unsigned words = PAGE / sizeof(uint32_t);
    random_seed(n + 1);
    for (unsigned i = 0; i < STORM_WRITES; i++) {
        unsigned page = random_below(STORM_PAGES);
        p[page * words + n] += (uint32_t)random64() & 0xffff;
    }
    uint64_t sum = 0;
    for (unsigned i = 0; i < STORM_PAGES; i++)
        sum += p[i * words + n];
    return sum;
}

bool storm_shared(unsigned children) {
    volatile uint32_t *p = (volatile uint32_t *)map_pages(STORM_PAGES, MAP_SHARED);
    volatile uint64_t *sums = (volatile uint64_t *)map_pages(2, MAP_SHARED);
    EXPECT(p != NULL && sums != NULL && children <= 500, "no memory");
    pid_t child[500];
    for (unsigned n = 0; n < children; n++) {
        child[n] = fork();
        EXPECT(child[n] != -1, "fork %u: errno %d", n, errno);
        if (child[n] == 0) {
            sums[n] = shared_storm(p, n);
            _exit(0);
        }
    }
    uint64_t wanted = shared_storm(p, children), found = 0;
    for (unsigned n = 0; n < children; n++) {
        EXPECT_EQ(status_of(child[n]), 0);
        wanted += sums[n];
    }
    for (unsigned i = 0; i < STORM_PAGES * PAGE / sizeof(uint32_t); i++)
        found += p[i];
    EXPECT(found == wanted && found != 0, "the checksum is %lu, not %lu", (unsigned long)found,
           (unsigned long)wanted);
    return true;
}

// --- the end of memory ---------------------------------------------------------------

// Three children copy what fills more than half of memory: not all can.
bool out_of_memory(unsigned rounds) {
    for (unsigned round = 0; round < rounds; round++) {
        size_t pages = (size_t)vm().frames_free * (11 + round % 4) / 20;
        volatile char *p = map_pages(pages, MAP_PRIVATE);
        EXPECT(p != NULL, "mmap: errno %d", errno);
        for (size_t i = 0; i < pages; i++)
            p[i * PAGE] = 1;
        pid_t child[3];
        unsigned killed = 0;
        for (unsigned n = 0; n < 3; n++)
            if ((child[n] = fork()) == 0) {
                for (size_t i = 0; i < pages; i++)
                    p[(n == 1 ? pages - 1 - i : i) * PAGE] = 2;
                _exit(0);
            }
        for (unsigned n = 0; n < 3; n++) {
            int status = status_of(child[n]);
            EXPECT(status == 0 || status == SIGKILL, "child %u: status 0x%x", n, status);
            killed += status == SIGKILL;
        }
        EXPECT(killed > 0, "all copies of %ld pages found room", (long)pages);
        for (size_t i = 0; i < pages; i++)
            EXPECT(p[i * PAGE] == 1, "page %ld is %d", (long)i, p[i * PAGE]);
        munmap((void *)(uintptr_t)p, pages * PAGE);
    }
    return true;
}

// A family that forks, copies, maps, executes, and may fail at all of it.
static int family(volatile char *p, int kind, int nth) {
    usleep(2000); // our parent waits, with pages of its own
    fail_allocation(kind, nth);
    for (int i = 0; i < 3; i++) {
        int ends[2] = {-1, -1};
        (void)!pipe(ends);
        pid_t pid = i == 1 ? vfork() : fork();
        if (pid == 0 && i == 1) {
            execl("/bin/true", "true", (char *)NULL);
            _exit(0);
        }
        for (int k = 0; k < 8; k++)
            p[k * PAGE] = (char)i;
        char *q = map_pages(8, i == 2 ? MAP_SHARED : MAP_PRIVATE);
        for (int k = 0; q && k < 8; k++)
            q[k * PAGE] = (char)i;
        if (pid == 0)
            _exit(0);
        if (pid > 0)
            status_of(pid);
        close(ends[0]);
        close(ends[1]);
    }
    return 0;
}

// Who waits for memory, as fork does after its commit point, gets it in the end.
static bool end_of(pid_t pid, int *status, int kind) {
    for (int tries = 0; waitpid(pid, status, WNOHANG) != pid; tries++) {
        if (tries == 20)
            fail_allocation(kind, 0);
        if (tries == 2000)
            return false;
        usleep(10000);
    }
    fail_allocation(kind, 0);
    return true;
}

bool failing_allocations(unsigned most) {
    static const int kinds[] = {INJECT_UAREA, INJECT_PID,   INJECT_PAGE, INJECT_ANON,
                                INJECT_AMAP,  INJECT_TABLE, INJECT_KMEM};
    volatile char *p = map_pages(8, MAP_PRIVATE);
    EXPECT(p != NULL, "no memory");
    for (int k = 0; k < 8; k++)
        p[k * PAGE] = 9;
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        for (unsigned n = 1; n <= most; n++) {
            pid_t pid = fork();
            if (pid == 0)
                _exit(
                    family(p, kinds[i], n % 3 == 0 && kinds[i] != INJECT_KMEM ? -(int)n : (int)n));
            volatile int status = -1; // our stack is our own before it begins
            EXPECT(pid > 0 && end_of(pid, (int *)&status, kinds[i]),
                   "kind %d, allocation %u: stuck", kinds[i], n);
            EXPECT(status == 0 || status == SIGKILL, "kind %d, allocation %u: status 0x%x",
                   kinds[i], n, status);
        }
    for (int k = 0; k < 8; k++)
        EXPECT_EQ(p[k * PAGE], 9);
    return true;
}
