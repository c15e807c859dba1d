// bench-fork [FORKS [PAGES]]: forks again and again; each child writes to some
// pages that it shares with its parent, and exits; the parent waits for it.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096 };

static long number(const char *text) {
    char *end;
    long value = strtol(text, &end, 10);
    if (!*text || *end || value < 0) {
        fprintf(stderr, "bench-fork: %s: not a number\n", text);
        exit(2);
    }
    return value;
}

static void write_to(volatile char *memory, long pages, char value) {
    for (long i = 0; i < pages; i++)
        memory[i * PAGE] = value;
}

int main(int argc, char **argv) {
    long forks = argc > 1 ? number(argv[1]) : 2000;
    long pages = argc > 2 ? number(argv[2]) : 16;
    char *memory = mmap(NULL, (size_t)(pages ? pages : 1) * PAGE, PROT_READ | PROT_WRITE,
                        MAP_ANON | MAP_PRIVATE, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    write_to(memory, pages, 1);
    long sum = 0;
    for (long i = 0; i < forks; i++) {
        pid_t child = fork();
        if (child == -1) {
            perror("fork");
            return 1;
        }
        if (child == 0) {
            write_to(memory, pages, 2);
            _exit((int)(i % 100));
        }
        int status;
        if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
            perror("waitpid");
            return 1;
        }
        sum += WEXITSTATUS(status);
    }
    for (long i = 0; i < pages; i++)
        if (memory[i * PAGE] != 1) {
            fprintf(stderr, "bench-fork: page %ld has a child's value\n", i);
            return 1;
        }
    printf("bench-fork: %ld forks, %ld pages each, sum of statuses %ld\n", forks, pages, sum);
    return 0;
}
