/* posix_spawn(3) with file actions and attributes; wait6(2). */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

int
main(void)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	struct wrusage wru;
	siginfo_t si;
	sigset_t set;
	char *args[] = { __UNCONST("sh"), __UNCONST("-c"),
	    __UNCONST("echo hello from $0; exit 5"), NULL };
	char buf[64];
	int error, fd[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	if ((error = posix_spawn_file_actions_init(&fa)) != 0 ||
	    (error = posix_spawn_file_actions_adddup2(&fa, fd[1], STDOUT_FILENO)) != 0)
		errc(EXIT_FAILURE, error, "file actions");
	sigemptyset(&set);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attr, &set);
	posix_spawnattr_setpgroup(&attr, 0);

	error = posix_spawn(&pid, "/bin/no-such-program", &fa, &attr, args, environ);
	printf("no such program: %s\n", strerror(error));
	if ((error = posix_spawnp(&pid, "sh", &fa, &attr, args, environ)) != 0)
		errc(EXIT_FAILURE, error, "posix_spawnp");
	close(fd[1]);
	if ((n = read(fd[0], buf, sizeof(buf))) == -1)
		err(EXIT_FAILURE, "read");
	printf("child says: %.*s", (int)n, buf);

	memset(&wru, 0, sizeof(wru));
	if (wait6(P_PID, (id_t)pid, &status, WEXITED | WNOWAIT, &wru, &si) != pid)
		err(EXIT_FAILURE, "wait6");
	printf("wait6: exited %d, si_code %s, si_pid %s, cpu time %s\n",
	    WEXITSTATUS(status), si.si_code == CLD_EXITED ? "CLD_EXITED" : "?",
	    si.si_pid == pid ? "the child" : "?",
	    timerisset(&wru.wru_self.ru_stime) || timerisset(&wru.wru_self.ru_utime) ? "some" : "none");
	if (waitpid(pid, &status, 0) != pid)
		err(EXIT_FAILURE, "waitpid");
	printf("then waitpid: exited %d\n", WEXITSTATUS(status));
	if (waitpid(pid, &status, 0) != -1 || errno != ECHILD)
		errx(EXIT_FAILURE, "there is still a child");
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&attr);
	return EXIT_SUCCESS;
}
