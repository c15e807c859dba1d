/* A tree of processes that print themselves in order. */
#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int
node(int depth, int width, const char *path)
{
	char name[32];
	int status, sum = 1;

	printf("%*s%s\n", 2 * (int)(path[0] ? depth + 1 : 0), "", path[0] ? path : "root");
	fflush(stdout);
	for (int i = 1; depth < 2 && i <= width; i++) {
		pid_t pid = fork();

		if (pid == -1)
			err(1, "fork");
		if (pid == 0) {
			snprintf(name, sizeof(name), "%s%s%d", path, path[0] ? "." : "", i);
			exit(node(depth + 1, width, name));
		}
		if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
			errx(1, "child %d of %s", i, path);
		sum += WEXITSTATUS(status);
	}
	return sum;
}

int
main(int argc, char *argv[])
{
	int width = argc > 1 ? atoi(argv[1]) : 3;

	printf("%d processes\n", node(0, width, ""));
	return 0;
}
