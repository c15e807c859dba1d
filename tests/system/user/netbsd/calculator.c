/* Errors by setjmp(3): a parser that jumps out, traps that are caught. */
#include <ctype.h>
#include <err.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static jmp_buf on_error;
static sigjmp_buf on_signal;
static const char *text, *complaint;

static double sum(void);

static _Noreturn void
fail(const char *why)
{
	complaint = why;
	longjmp(on_error, (int)strlen(text) + 1);
}

static double
factor(void)
{
	double value;
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	if (*text == '-') {
		text++;
		return -factor();
	}
	if (*text == '(') {
		text++;
		value = sum();
		if (*text++ != ')') {
			text--;
			fail("')' expected");
		}
		return value;
	}
	value = strtod(text, &end);
	if (end == text)
		fail("number expected");
	text = end;
	return value;
}

static double
product(void)
{
	double value = factor();

	for (;;) {
		while (isspace((unsigned char)*text))
			text++;
		if (*text == '*') {
			text++;
			value *= factor();
		} else if (*text == '/') {
			double divisor;

			text++;
			if ((divisor = factor()) == 0)
				fail("division by zero");
			value /= divisor;
		} else
			return value;
	}
}

static double
sum(void)
{
	double value = product();

	while (*text == '+' || *text == '-')
		value += *text++ == '+' ? product() : -product();
	return value;
}

static void
calculate(const char *line)
{
	volatile int left;
	double value;

	text = line;
	if ((left = setjmp(on_error)) != 0) {
		printf("%s: %s at %zu\n", line, complaint, strlen(line) + 1 - (size_t)left);
		return;
	}
	value = sum();
	if (*text != '\0')
		fail("end expected");
	printf("%s = %.10g\n", line, value);
}

static void
trapped(int sig)
{
	siglongjmp(on_signal, sig);
}

int
main(void)
{
	static const char *const lines[] = {
		"1 + 2 * 3", "(1 + 2) * 3", "-2 * -(3 - 5)", "1e3 / 8", "2 * (3 + ",
		"1 / (2 - 2)", "7 7", "x", "0.1 + 0.2",
	};
	volatile int i;
	int sig;

	for (i = 0; i < (int)(sizeof(lines) / sizeof(lines[0])); i++)
		calculate(lines[i]);

	signal(SIGSEGV, trapped);
	signal(SIGILL, trapped);
	signal(SIGTRAP, trapped);
	for (i = 0; i < 6; i++) {
		volatile int *volatile nowhere = NULL;

		if ((sig = sigsetjmp(on_signal, 1)) != 0) {
			printf("trap %d: %s\n", i, strsignal(sig));
			continue;
		}
		if (i % 3 == 0)
			*nowhere = 1;
		else if (i % 3 == 1)
			__asm__ volatile("udf #0");
		else
			__asm__ volatile("brk #1");
	}
	printf("%.3f %e %g %a\n", M_PI, exp(10), sqrt(2), 1.5);
	return 0;
}
