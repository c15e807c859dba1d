/* Several LWPs add up numbers, park, and are waited for. */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <sys/types.h>

#include <err.h>
#include <lwp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <ucontext.h>

#define NLWPS	4
#define STACKSIZE	65536

static atomic_int ready;
static atomic_long sum;

static void
worker(void *arg)
{
	int i, n = *(int *)arg;

	atomic_fetch_add(&ready, 1);
	while (_lwp_park(CLOCK_MONOTONIC, 0, NULL, 0, &ready, NULL) == -1)
		continue;
	for (i = 0; i < 1000; i++) {
		atomic_fetch_add(&sum, n);
		if (i % 100 == 0)
			sched_yield();
	}
	_lwp_exit();
}

int
main(void)
{
	ucontext_t uc;
	lwpid_t lid[NLWPS], gone;
	int n[NLWPS], i;
	char name[16];
	void *stack;

	for (i = 0; i < NLWPS; i++) {
		n[i] = i + 1;
		if ((stack = malloc(STACKSIZE)) == NULL)
			err(EXIT_FAILURE, "malloc");
		_lwp_makecontext(&uc, worker, &n[i], NULL, stack, STACKSIZE);
		if (_lwp_create(&uc, 0, &lid[i]) == -1)
			err(EXIT_FAILURE, "_lwp_create");
		snprintf(name, sizeof(name), "worker %d", i);
		if (_lwp_setname(lid[i], name) == -1)
			err(EXIT_FAILURE, "_lwp_setname");
	}
	while (atomic_load(&ready) < NLWPS)
		sched_yield();
	for (i = 0; i < NLWPS; i++)
		if (_lwp_unpark(lid[i], &ready) == -1)
			err(EXIT_FAILURE, "_lwp_unpark");
	if (_lwp_getname(lid[2], name, sizeof(name)) == -1)
		name[0] = '\0';
	for (i = 0; i < NLWPS; i++)
		if (_lwp_wait(lid[i], &gone) == -1 || gone != lid[i])
			err(EXIT_FAILURE, "_lwp_wait");
	printf("%d LWPs, sum %ld\n", NLWPS, atomic_load(&sum));
	return EXIT_SUCCESS;
}
