/* Watches a child and a grandchild with kqueue. */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <sys/param.h>
#include <sys/event.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void __dead
child(void)
{
	pid_t pid;

	usleep(50000);
	switch (pid = fork()) {
	case -1:
		err(EXIT_FAILURE, "fork");
	case 0:
		execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	default:
		if (waitpid(pid, NULL, 0) == -1)
			err(EXIT_FAILURE, "waitpid");
	}
	exit(3);
}

int
main(int argc __unused, char *argv[] __unused)
{
	struct kevent ch[2], ev;
	const struct timespec ts = { .tv_sec = 10, .tv_nsec = 0 };
	pid_t pid;
	int kq, nev, status;
	unsigned int seen = 0;

	if ((kq = kqueue1(O_CLOEXEC)) == -1)
		err(EXIT_FAILURE, "kqueue1");
	if ((pid = fork()) == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		child();

	EV_SET(&ch[0], pid, EVFILT_PROC, EV_ADD,
	    NOTE_EXIT | NOTE_FORK | NOTE_EXEC | NOTE_TRACK, 0, "watched");
	EV_SET(&ch[1], 1, EVFILT_TIMER, EV_ADD | EV_ONESHOT, NOTE_MSECONDS, 5, 0);
	if (kevent(kq, ch, __arraycount(ch), NULL, 0, NULL) == -1)
		err(EXIT_FAILURE, "kevent");

	do {
		if ((nev = kevent(kq, NULL, 0, &ev, 1, &ts)) == -1)
			err(EXIT_FAILURE, "kevent");
		if (nev == 0)
			errx(EXIT_FAILURE, "nothing happens");
		if (ev.flags & EV_ERROR)
			errc(EXIT_FAILURE, (int)ev.data, "event");
		if (ev.filter == EVFILT_TIMER)
			seen |= 1;
		else if ((pid_t)ev.ident != pid)
			seen |= ev.fflags & NOTE_CHILD ? 2 : 0;
		else
			seen |= ev.fflags & NOTE_FORK ? 4 : 0;
	} while ((pid_t)ev.ident != pid || !(ev.fflags & NOTE_EXIT));

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		err(EXIT_FAILURE, "waitpid");
	printf("%s: seen %#x, status %d, note of %d\n", (char *)ev.udata, seen,
	    WEXITSTATUS(status), WEXITSTATUS((int)ev.data));
	return EXIT_SUCCESS;
}
