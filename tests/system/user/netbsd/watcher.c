/* kqueue(2) follows a family: who is whose child, who forks, executes and ends. */
#include <sys/types.h>
#include <sys/event.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
	pid_t		pid;
	int		parent, status;
	unsigned	events;
} family[8];
static int known;

static int
number_of(pid_t pid)
{
	for (int i = 0; i < known; i++)
		if (family[i].pid == pid)
			return i;
	family[known].pid = pid;
	return known++;
}

static void
member(int generation)
{
	while (generation < 3 && fork() == 0)
		generation++;
	if (generation == 3)
		execl("/bin/true", "true", (char *)NULL);
	wait(NULL);
	_exit(generation);
}

int
main(void)
{
	struct kevent kev;
	struct timespec timeout = { 3, 0 };
	int kq, gate[2], alive, i;
	char byte = 'x';
	pid_t pid;

	if ((kq = kqueue1(O_CLOEXEC)) == -1)
		err(1, "kqueue1");
	if (pipe(gate) == -1)
		err(1, "pipe");
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		read(gate[0], &byte, 1);
		member(1);
	}
	EV_SET(&kev, pid, EVFILT_PROC, EV_ADD, NOTE_EXIT | NOTE_FORK | NOTE_EXEC | NOTE_TRACK, 0, 0);
	if (kevent(kq, &kev, 1, NULL, 0, NULL) == -1)
		err(1, "kevent");
	number_of(pid);
	write(gate[1], &byte, 1);
	for (alive = 1; alive > 0;) {
		int n = kevent(kq, NULL, 0, &kev, 1, &timeout);

		if (n <= 0)
			errx(1, "kevent: %d", n);
		if (kev.fflags & NOTE_CHILD) {
			int parent = number_of((pid_t)kev.data);

			alive++;
			family[number_of((pid_t)kev.ident)].parent = parent;
			continue;
		}
		i = number_of((pid_t)kev.ident);
		family[i].events |= kev.fflags;
		if (kev.fflags & NOTE_EXIT) {
			family[i].status = (int)kev.data;
			alive--;
		}
	}
	for (i = 0; i < known; i++)
		printf("%d, child of %d:%s%s, ends with %d\n", i, family[i].parent,
		    family[i].events & NOTE_FORK ? " forks" : "",
		    family[i].events & NOTE_EXEC ? " executes" : "",
		    WEXITSTATUS(family[i].status));
	return 0;
}
