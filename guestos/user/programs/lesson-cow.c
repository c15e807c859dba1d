// lesson-cow: one page, a fork, and the first write.
// The lesson is configs/lessons/fork-cow.json.
#include <moment.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

// A page of its own, so that nothing else touches it.
struct page {
    volatile int value;
} __attribute__((aligned(4096))) page;

MOMENT(before_fork)
MOMENT(child_is_here)
MOMENT(child_has_read)
MOMENT(child_has_written)
MOMENT(child_is_gone)

int main(void) {
    page.value = 1;
    before_fork();
    pid_t child = fork();
    if (child == 0) {
        child_is_here();
        int seen = page.value;
        child_has_read();
        page.value = 2;
        child_has_written();
        printf("child  : I read %d, and wrote %d\n", seen, page.value);
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    child_is_gone();
    printf("parent : I still read %d\n", page.value);
    return 0;
}
