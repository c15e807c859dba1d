/* What a process can ask for and have: waitid, popen, sysctlbyname and others. */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <sys/param.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <sys/times.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static void
catch(int sig)
{
	(void)sig;
}

static void
waits(void)
{
	siginfo_t si;
	pid_t pid;

	memset(&si, 0xff, sizeof(si));
	if ((pid = fork()) == 0)
		_exit(EX_TEMPFAIL);
	if (waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT) == -1)
		err(EXIT_FAILURE, "waitid");
	printf("waitid: pid %d, code %d, status %d\n", si.si_pid == pid, si.si_code, si.si_status);
	if (waitid(P_ALL, 0, &si, WEXITED) == -1)
		err(EXIT_FAILURE, "waitid");
	printf("waitid without a child: %s\n",
	    waitid(P_ALL, 0, &si, WEXITED) == -1 ? strerror(errno) : "?");
	if ((pid = fork()) == 0) {
		pause();
		_exit(0);
	}
	printf("no news: %d,", waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG));
	printf(" si_pid %d\n", si.si_pid);
	kill(pid, SIGTERM);
	if (waitid(P_PID, (id_t)pid, &si, WEXITED) == -1)
		err(EXIT_FAILURE, "waitid");
	printf("killed: code %d, status %d\n", si.si_code, si.si_status);
}

static void
pipes(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *in, *out;

	if ((in = popen("echo one; echo; exit 3", "r")) == NULL)
		err(EXIT_FAILURE, "popen");
	while ((len = getline(&line, &size, in)) != -1)
		printf("popen: %zd bytes '%.*s'\n", len, (int)strcspn(line, "\n"), line);
	printf("pclose: %d\n", WEXITSTATUS(pclose(in)));
	/* The second shell must not have the first one's pipe, or it never ends. */
	if ((out = popen("cat", "w")) == NULL || (in = popen("cat", "w")) == NULL)
		err(EXIT_FAILURE, "popen");
	fflush(stdout);
	fprintf(out, "through the first cat\n");
	printf("pclose: %d\n", pclose(out));
	printf("pclose: %d, not a pipe: %d\n", pclose(in), pclose(stdin));
	free(line);
}

static void
kernel(void)
{
	char name[64];
	int number, mib[CTL_MAXNAME];
	size_t size = sizeof(name), count = CTL_MAXNAME;

	if (sysctlbyname("kern.ostype", name, &size, NULL, 0) == -1)
		err(EXIT_FAILURE, "kern.ostype");
	printf("ostype: %zu bytes, %s\n", size, strlen(name) == size - 1 ? "a string" : "?");
	size = sizeof(number);
	if (sysctlbyname("hw.pagesize", &number, &size, NULL, 0) == -1)
		err(EXIT_FAILURE, "hw.pagesize");
	printf("page size: %d\n", number);
	printf("no such name: %s\n",
	    sysctlbyname("kern.nothing", &number, &size, NULL, 0) == -1 ? strerror(errno) : "?");
	sysctlnametomib("proc.curproc.stopfork", mib, &count);
	printf("proc.curproc.stopfork: %zu numbers, %d\n", count, mib[count - 1]);
	number = -1;
	if (sysctlbyname("proc.curproc.stopfork", &number, &size, NULL, 0) == -1)
		err(EXIT_FAILURE, "stopfork");
	printf("stopfork: %d\n", number);
}

static void
own(void)
{
	struct tms tms;
	clock_t start = times(&tms), now;
	char name[MAXLOGNAME];
	int fd, i;

	setlogin("student");
	printf("login: %s, %d\n", getlogin(), getlogin_r(name, 3) == ERANGE);
	errno = 0;
	printf("nice: %d, then %d\n", nice(5), getpriority(PRIO_PROCESS, 0));
	printf("open files: %ld, %d\n", sysconf(_SC_OPEN_MAX), getdtablesize());
	for (i = 0; i < 5; i++)
		fd = dup(0);
	closefrom(fd - 2);
	printf("closefrom:");
	for (i = fd - 4; i <= fd; i++)
		printf(" %s", fcntl(i, F_GETFD) == -1 ? "closed" : "open");
	printf("\n");
	setprogname("/bin/mine");
	printf("program: %s\n", getprogname());
	usleep(20000);
	now = times(&tms);
	printf("times: %s\n", now - start >= 2 && now - start < 100 ? "two ticks or some more" : "?");
	fd = open("/dev/null", O_RDWR);
	printf("ttyname: %s, of null: %s\n", ttyname(STDIN_FILENO),
	    ttyname(fd) == NULL ? strerror(errno) : "?");
}

static void
signals(void)
{
	struct itimerval it = { { 0, 0 }, { 0, 20000 } };
	int fd[2], mask;
	char byte;

	signal(SIGALRM, catch);
	siginterrupt(SIGALRM, 1);
	if (pipe(fd) == -1)
		err(EXIT_FAILURE, "pipe");
	setitimer(ITIMER_REAL, &it, NULL);
	printf("interrupted: %s\n", read(fd[0], &byte, 1) == -1 ? strerror(errno) : "?");
	signal(SIGALRM, catch);
	ualarm(20000, 0);
	printf("still: %s\n", read(fd[0], &byte, 1) == -1 ? strerror(errno) : "?");
	mask = sigblock(sigmask(SIGUSR1) | sigmask(SIGUSR2));
	printf("sigblock: %d,", mask);
	mask = sigsetmask(0);
	printf(" %d\n", mask == (sigmask(SIGUSR1) | sigmask(SIGUSR2)));
	fflush(stdout);
	psignal(SIGUSR1, "psignal");
}

static void
background(void)
{
	int fd[2];
	char line[64];
	ssize_t n;

	if (pipe(fd) == -1)
		err(EXIT_FAILURE, "pipe");
	if (fork() == 0) {
		pid_t session = getsid(0);
		char *cwd;

		if (daemon(0, 0) == -1)
			err(EXIT_FAILURE, "daemon");
		cwd = getcwd(NULL, 0);
		dprintf(fd[1], "daemon: in %s, session %s, terminal %d\n", cwd,
		    getsid(0) == session ? "old" : "new", isatty(STDOUT_FILENO));
		_exit(0);
	}
	wait(NULL);
	if ((n = read(fd[0], line, sizeof(line))) == -1)
		err(EXIT_FAILURE, "read");
	printf("%.*s", (int)n, line);
}

int
main(void)
{
	waits();
	pipes();
	kernel();
	own();
	signals();
	background();
	return EXIT_SUCCESS;
}
