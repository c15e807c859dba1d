// lesson-bomb: a fork bomb of a user who may have so many processes and no more.
// The lesson is configs/lessons/fork-bomb.json.
#include <moment.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT = 8, USER = 1000, MILLISECOND = 1000 };

MOMENT(before_the_bomb)
MOMENT(first_refusal)
MOMENT(bomb_is_stuck)
MOMENT_WITH(root_has_forked)
MOMENT(bomb_is_gone)

// Every process of the bomb, the children too, forks until it can't.
static void explode(void) {
    while (fork() != -1)
        continue;
    first_refusal();
    for (;;)
        pause();
}

int main(void) {
    before_the_bomb();
    pid_t bomb = fork();
    if (bomb == 0) {
        const struct rlimit limit = {LIMIT, LIMIT};
        setpgid(0, 0);
        if (setrlimit(RLIMIT_NPROC, &limit) != 0 || setuid(USER) != 0)
            _exit(99);
        explode();
    }
    usleep(100 * MILLISECOND);
    bomb_is_stuck();

    pid_t other = fork(); // root's own processes are not counted there
    if (other == 0)
        _exit(0);
    root_has_forked(other != -1);
    waitpid(other, NULL, 0);

    kill(-bomb, SIGKILL);
    waitpid(bomb, NULL, 0);
    usleep(100 * MILLISECOND); // init reaps the others
    bomb_is_gone();
    printf("root   : I could fork all the time\n");
    return 0;
}
