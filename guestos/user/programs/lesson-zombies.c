// lesson-zombies: a child that ends before anybody waits, and a child whose parent
// ends first. The lesson is configs/lessons/zombies-orphans.json.
#include <moment.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MILLISECOND = 1000 }; // of usleep

MOMENT(child_lives)
MOMENT(child_has_ended)
MOMENT(child_is_reaped)
MOMENT(grandchild_has_parent)
MOMENT(parent_of_grandchild_has_ended)
MOMENT(middle_is_reaped)
MOMENT(all_have_ended)

static pid_t checked_fork(void) {
    pid_t pid = fork();
    if (pid == -1)
        exit(99);
    return pid;
}

static void zombie(void) {
    pid_t child = checked_fork();
    if (child == 0) {
        usleep(50 * MILLISECOND);
        _exit(7);
    }
    child_lives();
    usleep(200 * MILLISECOND); // the child ends meanwhile
    child_has_ended();
    int status;
    waitpid(child, &status, 0);
    child_is_reaped();
    printf("zombie : its exit status was %d\n", WEXITSTATUS(status));
}

static void orphan(void) {
    pid_t middle = checked_fork();
    if (middle == 0) {
        if (checked_fork() == 0) { // the grandchild outlives its parent
            usleep(100 * MILLISECOND);
            grandchild_has_parent();
            usleep(300 * MILLISECOND);
            parent_of_grandchild_has_ended();
            usleep(400 * MILLISECOND);
            _exit(0);
        }
        usleep(200 * MILLISECOND);
        _exit(0);
    }
    usleep(600 * MILLISECOND);
    waitpid(middle, NULL, 0);
    middle_is_reaped();
    usleep(600 * MILLISECOND);
    all_have_ended();
}

int main(void) {
    zombie();
    fflush(stdout);
    orphan();
    return 0;
}
