// lesson-exec: fork copies a process, exec replaces it.
// The lesson is configs/lessons/exec.json.
#include <moment.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

// A page of its own, so that nothing else touches it.
struct page {
    volatile int value;
} __attribute__((aligned(4096))) page;

MOMENT(child_before_exec)
MOMENT(exec_has_failed)
MOMENT(child_is_gone)

int main(void) {
    page.value = 1;
    pid_t child = fork();
    if (child == 0) {
        child_before_exec();
        execl("/bin/nobody-wrote-this", "nobody-wrote-this", (char *)NULL);
        exec_has_failed();
        execl("/bin/echo", "echo", "child  : I am another program now", (char *)NULL);
        _exit(1);
    }
    int status;
    waitpid(child, &status, 0);
    child_is_gone();
    printf("parent : my child ended with status %d\n", WEXITSTATUS(status));
    return 0;
}
