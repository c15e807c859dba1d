// lesson-wired: two pages, one of them wired, and a fork.
// The lesson is configs/lessons/wired-pages.json.
#include <moment.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct page {
    volatile int value;
} __attribute__((aligned(4096))) lazy, wired;

MOMENT(before_fork)
MOMENT(child_is_here)
MOMENT(child_has_written)
MOMENT(parent_goes_on)
MOMENT(parent_wrote_wired)
MOMENT(parent_wrote_lazy)

int main(void) {
    int parents_turn[2];
    if (pipe(parents_turn) != 0 || mlock(&wired, sizeof(wired)) != 0)
        return 99;
    lazy.value = wired.value = 1;
    before_fork();
    pid_t child = fork();
    if (child == 0) {
        child_is_here();
        wired.value = 2;
        child_has_written();
        char byte;
        close(parents_turn[1]);
        read(parents_turn[0], &byte, 1); // until the parent has closed the pipe
        _exit(0);
    }
    usleep(20000); // the child waits in the pipe
    parent_goes_on();
    wired.value = 3;
    parent_wrote_wired();
    lazy.value = 3;
    parent_wrote_lazy();
    close(parents_turn[1]);
    waitpid(child, NULL, 0);
    printf("parent : %d and %d\n", lazy.value, wired.value);
    return 0;
}
