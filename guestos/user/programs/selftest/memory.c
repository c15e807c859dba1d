// mmap, munmap, mprotect, brk, and what the MMU forbids.
#include "selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int load(void *address) {
    return *(volatile char *)address & 0;
}

static int store(void *address) {
    *(volatile char *)address = 1;
    return 0;
}

static int call(void *address) {
    ((void (*)(void))(uintptr_t)address)();
    return 0;
}

static bool faults(int (*access)(void *), const void *address) {
    return signal_of(status_in_child(access, (void *)address)) == SIGSEGV;
}

static bool is_zero(const char *memory, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (memory[i])
            return false;
    return true;
}

static void *map(size_t size, int protection, int flags, int fd, off_t offset) {
    return mmap(NULL, size, protection, flags | (fd == -1 ? MAP_ANON : 0), fd, offset);
}

static void test_anonymous(void) {
    char *area = map(5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1, 0);
    check(area != MAP_FAILED && (uintptr_t)area % PAGE == 0, "mmap gives whole pages");
    check(is_zero(area, 5 * PAGE), "filled with zeros");
    memset(area, 'x', 5 * PAGE);
    check(munmap(area + 2 * PAGE, PAGE) == 0, "munmap takes one out of the middle");
    check(faults(load, area + 2 * PAGE), "a load from it is SIGSEGV");
    check(area[2 * PAGE - 1] == 'x' && area[3 * PAGE] == 'x', "its neighbours are untouched");
    char *again = mmap(area + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE,
                       MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1, 0);
    check(again == area + 2 * PAGE && is_zero(again, PAGE), "MAP_FIXED fills the hole with zeros");
    check(mmap(area, PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1, 0) ==
                  area &&
              is_zero(area, PAGE) && area[PAGE] == 'x',
          "and replaces what was mapped");
    check(munmap(area, 5 * PAGE) == 0, "munmap of all of it");
    check_error((long)mmap(NULL, 0, PROT_READ, MAP_ANON | MAP_PRIVATE, -1, 0), EINVAL,
                "no bytes at all is EINVAL");
    check_error(munmap((void *)123, PAGE), EINVAL, "an odd address is EINVAL");
}

static void test_protection(void) {
    char *area = map(3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1, 0);
    memset(area, 'p', 3 * PAGE);
    check(mprotect(area + PAGE, PAGE, PROT_READ) == 0 && area[PAGE] == 'p',
          "mprotect leaves a page readable");
    check(faults(store, area + PAGE), "a store to it is SIGSEGV");
    check(exit_of(status_in_child(store, area)) == 0, "its neighbour can be written");
    check(mprotect(area + PAGE, PAGE, PROT_NONE) == 0 && faults(load, area + PAGE),
          "with PROT_NONE a load is SIGSEGV");
    check(mprotect(area + PAGE, PAGE, PROT_READ | PROT_WRITE) == 0 && area[PAGE] == 'p',
          "given back, it has its contents");
    area[PAGE] = 'q';
    check(area[PAGE] == 'q', "and can be written");
    check(faults(call, area), "data can't be executed: SIGSEGV");
    check_error(mprotect(area + 1, PAGE, PROT_READ), EINVAL, "an odd address is EINVAL");
    munmap(area, 3 * PAGE);
}

static void test_file(void) {
    const char *path = "/tmp/selftest.map";
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    char page[PAGE];
    for (int i = 0; i < 3; i++) {
        memset(page, 'a' + i, PAGE);
        write(fd, page, i < 2 ? PAGE : 100);
    }
    char *area = map(3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    check(area != MAP_FAILED && area[0] == 'a' && area[PAGE] == 'b' && area[2 * PAGE + 99] == 'c',
          "a private mapping shows the file");
    check(is_zero(area + 2 * PAGE + 100, PAGE - 100), "with zeros after its end");
    area[0] = 'X';
    char byte = 0;
    lseek(fd, 0, SEEK_SET);
    check(read(fd, &byte, 1) == 1 && byte == 'a', "a store to it does not reach the file");
    check(area[0] == 'X' && area[1] == 'a', "but stays in the mapping");
    char *second = map(PAGE, PROT_READ, MAP_PRIVATE, fd, PAGE);
    check(second != MAP_FAILED && second[0] == 'b', "an offset in pages is taken");
    check_error((long)map(PAGE, PROT_READ, MAP_PRIVATE, fd, 1), EINVAL, "another offset is EINVAL");
    close(fd);
    check(second[1] == 'b', "the mapping outlives its descriptor");
    check_error((long)map(PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EBADF,
                "a closed descriptor is EBADF");
    munmap(area, 3 * PAGE);
    munmap(second, PAGE);
    unlink(path);
}

static void test_brk(void) {
    char *old = sbrk(0);
    check(sbrk(3 * PAGE) == old && sbrk(0) == old + 3 * PAGE, "sbrk moves the break");
    check(is_zero(old, 3 * PAGE), "to zeros");
    memset(old, 'b', 3 * PAGE);
    check(sbrk(-3 * PAGE) == old + 3 * PAGE, "and back");
    char *above = (char *)(((uintptr_t)old + 2 * PAGE) & ~(uintptr_t)(PAGE - 1));
    check(faults(load, above), "what was above is gone: SIGSEGV");
    check(sbrk(3 * PAGE) == old && is_zero(above, PAGE), "and zero when it comes back");
    sbrk(-3 * PAGE);
}

static void test_malloc(void) {
    enum { BLOCKS = 200 };
    unsigned char *blocks[BLOCKS] = {0};
    size_t sizes[BLOCKS];
    unsigned int random = 1;
    bool right = true;
    for (int turn = 0; turn < 2000; turn++) {
        random = random * 1103515245 + 12345;
        int which = (int)(random >> 16) % BLOCKS;
        if (blocks[which])
            for (size_t i = 0; i < sizes[which]; i++)
                right &= blocks[which][i] == (unsigned char)which;
        free(blocks[which]);
        sizes[which] = (random >> 8) % 3000;
        blocks[which] = malloc(sizes[which]);
        right &= blocks[which] != NULL;
        if (blocks[which])
            memset(blocks[which], which, sizes[which]);
    }
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    check(right, "malloc and free keep 200 blocks apart, 2,000 times");
}

static int undefined_instruction(void *unused) {
    (void)unused;
    __asm__ volatile(".inst 0x00000000");
    return 0;
}

static int breakpoint(void *unused) {
    (void)unused;
    __asm__ volatile("brk #0");
    return 0;
}

static int privileged_instruction(void *unused) {
    (void)unused;
    unsigned long value;
    __asm__ volatile("mrs %0, ttbr0_el1" : "=r"(value));
    return (int)value & 0;
}

static int recurse(void *depth) {
    static int (*volatile self)(void *) = recurse;
    volatile char frame[2000];
    frame[0] = (char)(uintptr_t)depth;
    return self((char *)depth + 1) + frame[0];
}

static void test_forbidden(void) {
    check(faults(load, (void *)0) && faults(store, (void *)0), "address 0 is SIGSEGV");
    check(faults(store, (const void *)(uintptr_t)test_forbidden), "a store to code is SIGSEGV");
    check(faults(load, (void *)0xffffffc000100000), "the kernel's half is SIGSEGV");
    check(faults(call, (void *)8), "a jump to nowhere is SIGSEGV");
    check(signal_of(status_in_child(undefined_instruction, NULL)) == SIGILL,
          "an undefined instruction is SIGILL");
    check(signal_of(status_in_child(privileged_instruction, NULL)) == SIGILL,
          "so is one for the kernel only");
    check(signal_of(status_in_child(breakpoint, NULL)) == SIGTRAP, "a breakpoint is SIGTRAP");
    check(signal_of(status_in_child(recurse, NULL)) == SIGSEGV, "endless recursion is SIGSEGV");
}

void test_memory(void) {
    test_anonymous();
    test_protection();
    test_file();
    test_brk();
    test_malloc();
    test_forbidden();
}
