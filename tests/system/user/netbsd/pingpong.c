/* Two processes hand a ball over with signals, values and all. */
#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t hits, last;

static void
hit(int sig, siginfo_t *si, void *ctx)
{
	(void)ctx;
	hits++;
	last = sig == SIGRTMIN ? si->si_value.sival_int : 0;
}

static void
serve(pid_t other, int turns, const sigset_t *mask)
{
	for (int i = 0; i < turns; i++) {
		int before = hits;

		while (hits == before)
			sigsuspend(mask);
		kill(other, SIGUSR1);
	}
}

int
main(void)
{
	struct sigaction sa = { .sa_sigaction = hit, .sa_flags = SA_SIGINFO };
	sigset_t block, old;
	siginfo_t si;
	struct timespec ts = { 2, 0 };
	pid_t child, parent = getpid();
	int status, sum = 0;

	sigemptyset(&sa.sa_mask);
	sigaction(SIGUSR1, &sa, NULL);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigaddset(&block, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &block, &old);
	if ((child = fork()) == -1)
		err(1, "fork");
	if (child == 0) {
		serve(parent, 100, &old);
		for (int i = 1; i <= 5; i++)
			if (sigqueue(parent, SIGRTMIN, (union sigval){ .sival_int = i * i }) == -1)
				_exit(1);
		_exit(hits == 100 ? 0 : 2);
	}
	kill(child, SIGUSR1);
	serve(child, 99, &old);
	if (waitpid(child, &status, 0) != child)
		err(1, "waitpid");
	printf("%d hits here, child's status %d\n", (int)hits, WEXITSTATUS(status));

	sigdelset(&block, SIGUSR1);
	for (int i = 0; i < 5; i++) {
		int sig = sigtimedwait(&block, &si, &ts);

		if (sig == -1)
			err(1, "sigtimedwait");
		sum += si.si_value.sival_int;
		printf("queued: %s %d from %s\n", si.si_code == SI_QUEUE ? "value" : "?",
		    si.si_value.sival_int, si.si_pid == child ? "the child" : "?");
	}
	ts.tv_sec = 0;
	printf("sum %d, then %s\n", sum,
	    sigtimedwait(&block, &si, &ts) == -1 ? strerror(errno) : "one more");
	return 0;
}
