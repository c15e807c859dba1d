/* A shell that knows nothing but pipelines and redirections. */
#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAXARGS	32

struct stage {
	char	*argv[MAXARGS + 1];
	char	*in, *out;
	bool	append;
};

static char *
next_word(char **line)
{
	char *word;

	while ((word = strsep(line, " \t\n")) != NULL)
		if (*word != '\0')
			return word;
	return NULL;
}

static bool
parse(char *text, struct stage *st)
{
	char *word;
	int argc = 0;

	memset(st, 0, sizeof(*st));
	while ((word = next_word(&text)) != NULL) {
		if (strcmp(word, "<") == 0)
			st->in = next_word(&text);
		else if (strcmp(word, ">") == 0 || strcmp(word, ">>") == 0) {
			st->append = word[1] == '>';
			st->out = next_word(&text);
		} else if (argc < MAXARGS)
			st->argv[argc++] = word;
	}
	return argc > 0;
}

static void
redirect(const char *path, int flags, int to)
{
	int fd;

	if (path == NULL)
		return;
	if ((fd = open(path, flags, 0666)) == -1)
		err(1, "%s", path);
	if (dup2(fd, to) == -1)
		err(1, "dup2");
	close(fd);
}

static pid_t
start(struct stage *st, int in, int out, pid_t pgrp)
{
	pid_t pid;

	switch (pid = fork()) {
	case -1:
		err(1, "fork");
	case 0:
		setpgid(0, pgrp);
		if (in != STDIN_FILENO)
			dup2(in, STDIN_FILENO);
		if (out != STDOUT_FILENO)
			dup2(out, STDOUT_FILENO);
		closefrom(3);
		redirect(st->in, O_RDONLY, STDIN_FILENO);
		redirect(st->out, O_WRONLY | O_CREAT |
		    (st->append ? O_APPEND : O_TRUNC), STDOUT_FILENO);
		execvp(st->argv[0], st->argv);
		warn("%s", st->argv[0]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	setpgid(pid, pgrp ? pgrp : pid);
	return pid;
}

static int
run(char *line)
{
	struct stage st;
	char *text;
	int fd[2], in = STDIN_FILENO, status, last = -1, n = 0;
	pid_t pid = -1, pgrp = 0;

	while ((text = strsep(&line, "|")) != NULL) {
		if (!parse(text, &st)) {
			warnx("empty command");
			break;
		}
		fd[0] = -1;
		fd[1] = STDOUT_FILENO;
		if (line != NULL && pipe(fd) == -1)
			err(1, "pipe");
		pid = start(&st, in, fd[1], pgrp);
		if (pgrp == 0)
			pgrp = pid;
		n++;
		if (in != STDIN_FILENO)
			close(in);
		if (line != NULL)
			close(fd[1]);
		in = fd[0];
	}
	for (pid_t gone; n > 0 && (gone = waitpid(-pgrp, &status, 0)) > 0; n--)
		if (gone == pid)
			last = status;
	return WIFEXITED(last) ? WEXITSTATUS(last) : 128 + WTERMSIG(last);
}

int
main(void)
{
	static const char *const script[] = {
		"echo one two three | wc",
		"echo first > /tmp/pipeline.txt",
		"echo second >> /tmp/pipeline.txt",
		"cat < /tmp/pipeline.txt | cat | cat",
		"ls /bin | cat | wc -l > /tmp/count",
		"no-such-program",
		"cat /no/such/file | wc -c",
		"false | true",
		"true | false",
		"echo lonely | | cat",
	};
	char line[256];

	for (size_t i = 0; i < sizeof(script) / sizeof(script[0]); i++) {
		strlcpy(line, script[i], sizeof(line));
		printf("$ %s\n", script[i]);
		fflush(stdout);
		printf("status %d\n", run(line));
	}
	return 0;
}
