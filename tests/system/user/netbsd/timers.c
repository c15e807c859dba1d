/* setitimer(2) and sigaction(2) drive a program; real and virtual time. */
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t real, virtual, prof;

static void
tick(int sig)
{
	if (sig == SIGALRM)
		real++;
	else if (sig == SIGVTALRM)
		virtual++;
	else
		prof++;
}

static void
set(int which, long usec, long first)
{
	struct itimerval it = { { 0, (suseconds_t)usec }, { 0, (suseconds_t)first } };

	if (setitimer(which, &it, NULL) == -1)
		err(1, "setitimer");
}

static long
since(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	timespecsub(&now, from, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
main(void)
{
	struct sigaction sa = { .sa_handler = tick, .sa_flags = SA_RESTART };
	struct itimerval it;
	struct timespec start, ts = { 0, 200000000 }, left;
	struct rusage ru;
	volatile unsigned long work = 0;

	sigemptyset(&sa.sa_mask);
	sigaction(SIGALRM, &sa, NULL);
	sigaction(SIGVTALRM, &sa, NULL);
	sigaction(SIGPROF, &sa, NULL);

	/* Sleeping: ten ticks of real time, none of virtual. */
	clock_gettime(CLOCK_MONOTONIC, &start);
	set(ITIMER_VIRTUAL, 10000, 10000);
	set(ITIMER_REAL, 20000, 20000);
	while (real < 10)
		pause();
	set(ITIMER_REAL, 0, 0);
	printf("real: %d ticks, %s, virtual: %d\n", (int)real,
	    since(&start) >= 200 && since(&start) < 2000 ? "in time" : "?", (int)virtual);

	/* Working: virtual time goes on. */
	set(ITIMER_PROF, 10000, 10000);
	while (virtual < 5 || prof < 5)
		work++;
	set(ITIMER_VIRTUAL, 0, 0);
	set(ITIMER_PROF, 0, 0);
	getrusage(RUSAGE_SELF, &ru);
	printf("virtual and profiling ticks came, user time %s\n",
	    ru.ru_utime.tv_sec > 0 || ru.ru_utime.tv_usec >= 40000 ? "was used" : "?");

	/* A sleep that a timer ends has some time left. */
	set(ITIMER_REAL, 0, 50000);
	if (nanosleep(&ts, &left) == -1)
		printf("nanosleep: %s, %s left\n", strerror(errno),
		    left.tv_sec == 0 && left.tv_nsec > 0 && left.tv_nsec <= 150000000 ? "up to 150 ms" : "?");
	set(ITIMER_REAL, 0, 500000);
	getitimer(ITIMER_REAL, &it);
	printf("half a second: %s, alarm returns %u\n",
	    it.it_value.tv_usec > 0 && it.it_value.tv_usec <= 500000 ? "not yet over" : "?", alarm(0));
	getitimer(ITIMER_REAL, &it);
	printf("off: %s\n", timerisset(&it.it_value) ? "no" : "yes");
	return 0;
}
