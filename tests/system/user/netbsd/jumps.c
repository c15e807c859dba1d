/* setjmp(3) and its kin: the mask, handlers that jump, the alternate stack. */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <err.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static jmp_buf env;
static sigjmp_buf sigenv;
static volatile int depth;

static void
fault(int sig)
{
	longjmp(env, sig);
}

static void
fault_without_mask(int sig)
{
	siglongjmp(sigenv, sig);
}

static int
blocked(int sig)
{
	sigset_t now;

	sigprocmask(SIG_BLOCK, NULL, &now);
	return sigismember(&now, sig);
}

/* Far more than a signal handler could use: it has to run on its own stack. */
static __attribute__((__noinline__)) int
overflow(int n)
{
	volatile char frame[4096];

	frame[n % 4096] = 1;
	depth = n;
	return n < 1000000 ? overflow(n + 1) + frame[n % 4096] : 0;
}

static void
values(void)
{
	double volatile d = 0.5;
	int volatile n = 0;
	int got;

	got = _setjmp(env);
	n++;
	d *= 2;
	if (n < 4)
		_longjmp(env, n == 1 ? 0 : n);
	printf("_longjmp: came back %d times, last with %d, d %g\n", n - 1, got, d);
}

static void
faults(void)
{
	int *volatile nowhere = NULL;
	int volatile n;

	signal(SIGSEGV, fault);
	for (n = 0; n < 3; n++)
		if (setjmp(env) == 0)
			*nowhere = n;
	printf("%d faults caught, SIGSEGV blocked %d\n", n, blocked(SIGSEGV));

	signal(SIGBUS, fault_without_mask);
	if (sigsetjmp(sigenv, 0) == 0)
		raise(SIGBUS);
	printf("without the mask: SIGBUS blocked %d\n", blocked(SIGBUS));
	if (sigsetjmp(sigenv, 1) == 0) {
		sigset_t set;

		sigemptyset(&set);
		sigprocmask(SIG_SETMASK, &set, NULL);
		raise(SIGBUS);
	}
	printf("with the mask: SIGBUS blocked %d\n", blocked(SIGBUS));
}

static void
overflows(void)
{
	stack_t ss = { .ss_size = SIGSTKSZ };
	struct sigaction sa = { .sa_handler = fault, .sa_flags = SA_ONSTACK };
	int volatile n;

	if ((ss.ss_sp = malloc(ss.ss_size)) == NULL || sigaltstack(&ss, NULL) == -1)
		err(EXIT_FAILURE, "sigaltstack");
	sigaction(SIGSEGV, &sa, NULL);
	for (n = 0; n < 2; n++)
		if (setjmp(env) == 0)
			exit(overflow(0));
	sigaltstack(NULL, &ss);
	printf("%d overflows caught, %s, on the alternate stack %d\n", n,
	    depth > 200 ? "deep" : "too early", (ss.ss_flags & SS_ONSTACK) != 0);
}

int
main(void)
{
	values();
	faults();
	overflows();
	return EXIT_SUCCESS;
}
