/* Coroutines with makecontext(3) and swapcontext(3). */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#define STACKSIZE	65536

static ucontext_t main_context, producer_context, end_context;
static int item;
static double product = 1;

static void
producer(int first, int last)
{
	double half = 0.5;	/* kept in a register across the switches */

	for (item = first; item <= last; item++) {
		swapcontext(&producer_context, &main_context);
		half /= 2;
	}
	printf("producer ends, half is %g\n", half);
	item = 0;
}

static void
many(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j)
{
	printf("ten arguments: %d%d%d%d%d%d%d%d%d %d\n", a, b, c, d, e, f, g, h, i, j);
}

static void
prepare(ucontext_t *uc)
{
	if (getcontext(uc) == -1)
		err(EXIT_FAILURE, "getcontext");
	uc->uc_stack.ss_size = STACKSIZE;
	if ((uc->uc_stack.ss_sp = malloc(STACKSIZE)) == NULL)
		err(EXIT_FAILURE, "malloc");
	uc->uc_link = &end_context;
}

int
main(void)
{
	volatile int ended = 0, rounds = 0;
	sigset_t set;

	/* A context can be gone back to. */
	if (getcontext(&main_context) != 0)
		errx(EXIT_FAILURE, "getcontext returned something else");
	if (rounds++ < 3)
		setcontext(&main_context);
	printf("%d rounds\n", rounds);

	/* With its signal mask. */
	getcontext(&end_context);
	sigprocmask(SIG_BLOCK, NULL, &set);
	if (ended++ == 0) {
		prepare(&producer_context);
		makecontext(&producer_context, (void (*)(void))producer, 2, 1, 5);
		sigaddset(&set, SIGUSR1);
		sigprocmask(SIG_SETMASK, &set, NULL);
		for (;;) {
			swapcontext(&main_context, &producer_context);
			product *= item;
			printf("item %d\n", item);
		}
	}
	printf("back at the end: product %g, SIGUSR1 blocked %d\n", product,
	    sigismember(&set, SIGUSR1));
	if (ended == 2) {
		prepare(&producer_context);
		makecontext(&producer_context, (void (*)(void))many, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
		setcontext(&producer_context);
	}
	return ended - 3;
}
