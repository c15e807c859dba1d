// fork's copy-on-write: what one side writes the other never sees.
#include "selftest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGES = 24 };

static char in_data[2 * PAGE] = {'d'};
static char in_bss[2 * PAGE];

struct places {
    char *data, *bss, *stack, *heap, *mapped;
};

static bool all_are(const struct places *places, char value) {
    return *places->data == value && *places->bss == value && *places->stack == value &&
           *places->heap == value && *places->mapped == value;
}

static void set_all(const struct places *places, char value) {
    *places->data = *places->bss = *places->stack = *places->heap = *places->mapped = value;
}

static int write_places(void *argument) {
    struct places *places = argument;
    if (!all_are(places, 'p'))
        return 1;
    set_all(places, 'c');
    return all_are(places, 'c') ? 0 : 2;
}

static void test_places(void) {
    char on_stack = 'p';
    struct places places = {
        &in_data[PAGE], &in_bss[PAGE], &on_stack, malloc(100),
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0)};
    set_all(&places, 'p');
    check(exit_of(status_in_child(write_places, &places)) == 0,
          "a child has its parent's data, bss, stack, heap and mappings");
    check(all_are(&places, 'p'), "and what it writes there the parent does not see");
    free(places.heap);
    munmap(places.mapped, PAGE);
}

struct exchange {
    char *page;
    struct channel to_child, to_parent;
};

static int watch_parent(void *argument) {
    struct exchange *e = argument;
    tell(e->to_parent, 'r');
    hear(e->to_child);
    return *e->page == 'b' ? 0 : 1;
}

static void test_parent_writes(void) {
    struct exchange e = {mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0),
                         open_channel(), open_channel()};
    *e.page = 'b';
    pid_t child = start(watch_parent, &e);
    hear(e.to_parent);
    *e.page = 'a';
    tell(e.to_child, 'g');
    check(exit_of(finish(child)) == 0, "what the parent writes after fork the child does not see");
    check(*e.page == 'a', "but the parent does");
    close_channel(e.to_child);
    close_channel(e.to_parent);
    munmap(e.page, PAGE);
}

// Each generation checks what it was given, writes its own, makes the next and
// checks that its own is still there.
static int descend(char *area, int depth, int last) {
    for (int i = 0; i < PAGES; i++)
        if (area[i * PAGE] != (char)(depth - 1))
            return 1;
    for (int i = 0; i < PAGES; i++)
        area[i * PAGE] = (char)depth;
    if (depth < last) {
        pid_t pid = fork();
        if (pid == -1)
            return 2;
        if (pid == 0)
            _exit(descend(area, depth + 1, last));
        int status = exit_of(finish(pid));
        if (status != 0)
            return status;
    }
    for (int i = 0; i < PAGES; i++)
        if (area[i * PAGE] != (char)depth)
            return 3;
    return 0;
}

static int descend_from_here(void *area) {
    return descend(area, 1, 8);
}

struct sibling {
    char *area;
    int number;
};

static int be_sibling(void *argument) {
    struct sibling *self = argument;
    for (int turn = 0; turn < 20; turn++)
        for (int i = self->number % 3; i < PAGES; i += 3) {
            char *byte = &self->area[i * PAGE + self->number];
            if (*byte != (char)turn)
                return 1;
            ++*byte;
        }
    for (int i = 0; i < PAGES; i++)
        for (int other = 0; other < 8; other++)
            if (other != self->number && self->area[i * PAGE + other] != 0)
                return 2;
    return 0;
}

static void test_siblings(char *area) {
    pid_t pids[8];
    struct sibling siblings[8];
    memset(area, 0, PAGES * PAGE);
    for (int i = 0; i < 8; i++) {
        siblings[i] = (struct sibling){area, i};
        pids[i] = start(be_sibling, &siblings[i]);
    }
    bool right = true;
    for (int i = 0; i < 8; i++)
        right &= exit_of(finish(pids[i])) == 0;
    check(right, "eight children that write to the same pages at once don't meet");
    for (int i = 0; i < PAGES * PAGE; i++)
        right &= area[i] == 0;
    check(right, "and leave their parent's pages alone");
}

static int read_into(void *page) {
    int fd = open("/bin/sh", O_RDONLY);
    return read(fd, page, 4) == 4 && memcmp(page, "\177ELF", 4) == 0 ? 0 : 1;
}

static void test_kernel_writes(void) {
    char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
    memcpy(page, "mine", 4);
    check(exit_of(status_in_child(read_into, page)) == 0, "the kernel's own stores, as in read,");
    check(memcmp(page, "mine", 4) == 0, "go to the caller's copy too");
    munmap(page, PAGE);
}

void test_cow(void) {
    test_places();
    test_parent_writes();
    char *area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
    memset(area, 0, PAGES * PAGE);
    check(exit_of(status_in_child(descend_from_here, area)) == 0,
          "eight generations each keep their own copy");
    test_siblings(area);
    munmap(area, PAGES * PAGE);
    test_kernel_writes();
}
