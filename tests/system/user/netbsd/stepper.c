/* ptrace(2): steps through a child, stops at a breakpoint, changes its mind. */
#include <sys/types.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <machine/reg.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int answer = 41;

static __attribute__((__noinline__)) int
ask(int n)
{
	__asm__ volatile("" : "+r"(n));
	return answer + n;
}

static void
child(void)
{
	if (ptrace(PT_TRACE_ME, 0, NULL, 0) == -1)
		err(1, "PT_TRACE_ME");
	raise(SIGSTOP);
	_exit(ask(1));
}

static int
wait_stop(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	return WIFSTOPPED(status) ? WSTOPSIG(status) : -1 - WEXITSTATUS(status);
}

static uint32_t
poke(pid_t pid, uint32_t instruction)
{
	struct ptrace_io_desc io = { .piod_op = PIOD_READ_I, .piod_len = 4 };
	uint32_t old;

	io.piod_offs = (void *)(uintptr_t)ask;
	io.piod_addr = &old;
	if (ptrace(PT_IO, pid, &io, 0) == -1)
		err(1, "PIOD_READ_I");
	io.piod_op = PIOD_WRITE_I;
	io.piod_addr = &instruction;
	io.piod_len = 4;
	if (ptrace(PT_IO, pid, &io, 0) == -1)
		err(1, "PIOD_WRITE_I");
	return old;
}

int
main(void)
{
	struct reg reg, before;
	uint32_t old, brk;
	int sig, steps, value = 99;
	pid_t pid;

	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0)
		child();
	printf("first stop: %d\n", wait_stop(pid) == SIGSTOP);

	memcpy(&brk, PTRACE_BREAKPOINT, PTRACE_BREAKPOINT_SIZE);
	old = poke(pid, brk);
	ptrace(PT_CONTINUE, pid, (void *)1, 0);
	sig = wait_stop(pid);
	ptrace(PT_GETREGS, pid, &reg, 0);
	printf("breakpoint: %s at ask%+jd, argument %jd\n", sig == SIGTRAP ? "SIGTRAP" : "?",
	    (intmax_t)(PTRACE_REG_PC(&reg) - (uintptr_t)ask), (intmax_t)reg.r_reg[0]);

	poke(pid, old);
	PTRACE_REG_SET_PC(&reg, (uintptr_t)ask);
	if (ptrace(PT_SETREGS, pid, &reg, 0) == -1)
		err(1, "PT_SETREGS");
	before = reg;
	for (steps = 0; steps < 100 && PTRACE_REG_PC(&reg) != before.r_reg[30]; steps++) {
		if (ptrace(PT_STEP, pid, (void *)1, 0) == -1)
			err(1, "PT_STEP");
		if (wait_stop(pid) != SIGTRAP)
			errx(1, "no SIGTRAP after a step");
		ptrace(PT_GETREGS, pid, &reg, 0);
	}
	printf("back in its caller: %s, result %jd\n", steps >= 3 && steps < 20 ? "after some steps" : "?",
	    (intmax_t)reg.r_reg[0]);

	if (ptrace(PT_WRITE_D, pid, (void *)(uintptr_t)&answer, value) == -1)
		err(1, "PT_WRITE_D");
	errno = 0;
	printf("the child's answer: %d, mine: %d\n",
	    ptrace(PT_READ_D, pid, (void *)(uintptr_t)&answer, 0), answer);
	reg.r_reg[0] = 7;
	ptrace(PT_SETREGS, pid, &reg, 0);
	ptrace(PT_CONTINUE, pid, (void *)1, 0);
	printf("exits with %d\n", -1 - wait_stop(pid));
	return 0;
}
