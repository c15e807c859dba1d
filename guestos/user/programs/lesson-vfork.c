// lesson-vfork: the same store by a child of fork and by a child of vfork.
// The lesson is configs/lessons/vfork.json.
#include <moment.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

// A page of its own, so that nothing else touches it.
struct page {
    volatile int value;
} __attribute__((aligned(4096))) page;

MOMENT(fork_child_has_written)
MOMENT_WITH(parent_sees_after_fork)
MOMENT(before_vfork)
MOMENT(vfork_child_is_here)
MOMENT(vfork_child_has_written)
MOMENT_WITH(parent_sees_after_vfork)

int main(void) {
    page.value = 1;
    pid_t child = fork();
    if (child == 0) {
        page.value = 2;
        fork_child_has_written();
        _exit(0);
    }
    waitpid(child, NULL, 0);
    parent_sees_after_fork(page.value);
    printf("after fork  : I read %d\n", page.value);
    fflush(stdout);

    page.value = 1;
    before_vfork();
    child = vfork();
    if (child == 0) {
        vfork_child_is_here();
        page.value = 2;
        vfork_child_has_written();
        _exit(0); // never return from here: the parent's stack is ours, too
    }
    parent_sees_after_vfork(page.value);
    waitpid(child, NULL, 0);
    printf("after vfork : I read %d\n", page.value);
    return 0;
}
