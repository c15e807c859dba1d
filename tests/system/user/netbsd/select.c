/* select(2), pselect(2), poll(2), pollts(2): what is ready, timeouts, masks. */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void
handler(int sig)
{
	caught = sig;
}

static long
elapsed(const struct timespec *from)
{
	struct timespec now, diff;

	clock_gettime(CLOCK_MONOTONIC, &now);
	timespecsub(&now, from, &diff);
	return diff.tv_sec * 1000 + diff.tv_nsec / 1000000;
}

static void
sets(int rd, int wr)
{
	fd_set r, w, none;
	struct timeval tv = { 0, 30000 };
	struct timespec from;
	int n;

	FD_ZERO(&r);
	FD_SET(rd, &r);
	FD_ZERO(&w);
	FD_SET(wr, &w);
	n = select(wr + 1, &r, &w, NULL, NULL);
	printf("empty pipe: %d ready, read %d write %d\n", n,
	    FD_ISSET(rd, &r), FD_ISSET(wr, &w));

	FD_SET(rd, &r);
	clock_gettime(CLOCK_MONOTONIC, &from);
	n = select(wr + 1, &r, NULL, NULL, &tv);
	printf("timeout: %d ready, read %d, %s\n", n, FD_ISSET(rd, &r),
	    elapsed(&from) >= 30 ? "waited" : "too early");

	if (write(wr, "x", 1) != 1)
		err(EXIT_FAILURE, "write");
	FD_SET(rd, &r);
	FD_ZERO(&none);
	n = select(wr + 1, &r, NULL, &none, &tv);
	printf("one byte: %d ready, read %d\n", n, FD_ISSET(rd, &r));

	FD_ZERO(&r);
	FD_SET(15, &r);
	n = select(16, &r, NULL, NULL, &tv);
	printf("bad descriptor: %d, %s\n", n, strerror(errno));
	n = select(-1, &r, NULL, NULL, &tv);
	printf("negative number: %d, %s\n", n, strerror(errno));
	tv.tv_sec = -1;
	n = select(0, NULL, NULL, NULL, &tv);
	printf("negative time: %d, %s\n", n, strerror(errno));
}

/* The signal pends, and is let in only while the call waits. */
static void
masks(int rd)
{
	struct sigaction sa = { .sa_handler = handler };
	struct timespec ts = { 5, 0 };
	struct pollfd pfd = { .fd = rd, .events = POLLIN };
	sigset_t usr1, none, now;
	fd_set r;
	int n;

	sigaction(SIGUSR1, &sa, NULL);
	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);

	raise(SIGUSR1);
	printf("blocked: caught %d\n", caught);
	FD_ZERO(&r);
	FD_SET(rd, &r);
	n = pselect(rd + 1, &r, NULL, NULL, &ts, &none);
	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("pselect: %d, %s, caught %d, blocked again %d\n", n,
	    n == -1 ? strerror(errno) : "-", caught == SIGUSR1,
	    sigismember(&now, SIGUSR1));

	caught = 0;
	raise(SIGUSR1);
	n = pollts(&pfd, 1, &ts, &none);
	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("pollts: %d, %s, caught %d, blocked again %d\n", n,
	    n == -1 ? strerror(errno) : "-", caught == SIGUSR1,
	    sigismember(&now, SIGUSR1));

	caught = 0;
	ts.tv_sec = 0;
	n = pollts(&pfd, 1, &ts, &none);
	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("nothing pends: %d, caught %d, blocked again %d\n", n, caught,
	    sigismember(&now, SIGUSR1));

	/* A stop and a continue run no handler: the mask still comes back. */
	if (fork() == 0) {
		kill(getppid(), SIGSTOP);
		usleep(20000);
		kill(getppid(), SIGCONT);
		_exit(0);
	}
	ts.tv_nsec = 100000000;
	n = pollts(&pfd, 1, &ts, &none);
	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("stopped and continued: blocked again %d\n", sigismember(&now, SIGUSR1));
	wait(NULL);
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
}

static void
polls(int rd, int wr)
{
	struct pollfd pfd[4] = {
		{ .fd = rd, .events = POLLIN | POLLRDNORM },
		{ .fd = wr, .events = POLLOUT },
		{ .fd = -1, .events = POLLIN },
		{ .fd = 99, .events = POLLIN },
	};
	int n, i;

	n = poll(pfd, 4, INFTIM);
	printf("poll: %d:", n);
	for (i = 0; i < 4; i++)
		printf(" %#x", pfd[i].revents);
	close(wr);
	n = poll(pfd, 1, 0);
	printf("\nno writer: %d: %#x\n", n, pfd[0].revents);
}

int
main(void)
{
	int fd[2];
	char byte;

	if (pipe(fd) == -1)
		err(EXIT_FAILURE, "pipe");
	sets(fd[0], fd[1]);
	if (read(fd[0], &byte, 1) != 1)
		err(EXIT_FAILURE, "read");
	masks(fd[0]);
	polls(fd[0], fd[1]);
	return EXIT_SUCCESS;
}
