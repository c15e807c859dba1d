/* Prints the system calls of a program by ptrace(2). */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <sys/types.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	int number;
	const char *name;
} names[] = {
	{ SYS_write, "write" }, { SYS_open, "open" }, { SYS_close, "close" },
	{ SYS_exit, "exit" }, { SYS_fork, "fork" }, { SYS_getppid, "getppid" },
};

static void __dead
traced(void)
{
	char c = '.';

	if (ptrace(PT_TRACE_ME, 0, NULL, 0) == -1)
		err(EXIT_FAILURE, "PT_TRACE_ME");
	raise(SIGSTOP);
	(void)write(STDOUT_FILENO, &c, 0);
	(void)open("/no/such/file", O_RDONLY);
	(void)close(99);
	_exit(7);
}

static void
syscall_stop(pid_t pid)
{
	ptrace_siginfo_t psi;
	size_t i;

	if (ptrace(PT_GET_SIGINFO, pid, &psi, sizeof(psi)) == -1)
		err(EXIT_FAILURE, "PT_GET_SIGINFO");
	for (i = 0; i < __arraycount(names); i++) {
		if (psi.psi_siginfo.si_sysnum != names[i].number)
			continue;
		if (psi.psi_siginfo.si_code == TRAP_SCE)
			printf("%s", names[i].name);
		else if (psi.psi_siginfo.si_error != 0)
			printf(" = -1 (%s)\n", strerror(psi.psi_siginfo.si_error));
		else
			printf(" = %d\n", psi.psi_siginfo.si_retval[0]);
	}
}

int
main(void)
{
	struct ptrace_lwpstatus pls;
	struct reg r;
	pid_t pid;
	int status;

	setvbuf(stdout, NULL, _IONBF, 0);
	if ((pid = fork()) == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		traced();
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		err(EXIT_FAILURE, "waitpid");

	memset(&pls, 0, sizeof(pls));
	if (ptrace(PT_LWPNEXT, pid, &pls, sizeof(pls)) == -1)
		err(EXIT_FAILURE, "PT_LWPNEXT");
	if (ptrace(PT_GETREGS, pid, &r, pls.pl_lwpid) == -1)
		err(EXIT_FAILURE, "PT_GETREGS");
	printf("stopped by %s, stack %saligned\n", strsignal(WSTOPSIG(status)),
	    PTRACE_REG_SP(&r) % 16 == 0 ? "" : "not ");

	do {
		if (ptrace(PT_SYSCALL, pid, (void *)1, 0) == -1)
			err(EXIT_FAILURE, "PT_SYSCALL");
		if (waitpid(pid, &status, 0) != pid)
			err(EXIT_FAILURE, "waitpid");
		if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP)
			syscall_stop(pid);
	} while (WIFSTOPPED(status));
	printf("\nexited %d\n", WEXITSTATUS(status));
	return EXIT_SUCCESS;
}
