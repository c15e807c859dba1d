/* A server that passes lines between its children with select(2). */
#include <sys/types.h>
#include <sys/select.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLIENTS	4
#define ROUNDS	3

static struct client {
	pid_t	pid;
	int	from, to;	/* -1 when it has left */
	int	lines;
} clients[CLIENTS];

static _Noreturn void
client(int id, int in, int out)
{
	char line[128];
	FILE *f = fdopen(in, "r");
	int heard = 0;

	for (int i = 0; i < ROUNDS; i++) {
		dprintf(out, "client %d says %d\n", id, i);
		while (fgets(line, sizeof(line), f) != NULL) {
			heard++;
			if (line[7] - '0' == id)
				break;		/* my own has come back */
		}
	}
	_exit(heard >= ROUNDS ? 10 + id : 1);
}

static void
start(int id)
{
	int up[2], down[2];

	if (pipe2(up, O_CLOEXEC) == -1 || pipe2(down, O_CLOEXEC) == -1)
		err(1, "pipe2");
	if ((clients[id].pid = fork()) == -1)
		err(1, "fork");
	if (clients[id].pid == 0) {
		/* The others' ends would keep their pipes open. */
		for (int fd = 3; fd < 32; fd++)
			if (fd != down[0] && fd != up[1])
				close(fd);
		client(id, down[0], up[1]);
	}
	close(up[1]);
	close(down[0]);
	clients[id].from = up[0];
	clients[id].to = down[1];
}

static void
tell_all(const char *text, size_t len)
{
	for (int i = 0; i < CLIENTS; i++)
		if (clients[i].to != -1 && write(clients[i].to, text, len) == -1) {
			if (errno != EPIPE)
				err(1, "write");
			close(clients[i].to);
			clients[i].to = -1;
		}
}

int
main(void)
{
	char buf[512];
	int left = CLIENTS, status;

	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < CLIENTS; i++)
		start(i);
	while (left > 0) {
		struct timeval tv = { .tv_sec = 5 };
		fd_set set;
		int max = -1, n;

		FD_ZERO(&set);
		for (int i = 0; i < CLIENTS; i++)
			if (clients[i].from != -1) {
				FD_SET(clients[i].from, &set);
				if (clients[i].from > max)
					max = clients[i].from;
			}
		if ((n = select(max + 1, &set, NULL, NULL, &tv)) <= 0)
			errx(1, "select: %d", n);
		for (int i = 0; i < CLIENTS; i++) {
			ssize_t len;

			if (clients[i].from == -1 || !FD_ISSET(clients[i].from, &set))
				continue;
			if ((len = read(clients[i].from, buf, sizeof(buf))) == -1)
				err(1, "read");
			if (len == 0) {
				close(clients[i].from);
				clients[i].from = -1;
				left--;
				continue;
			}
			for (char *p = buf; (p = memchr(p, '\n', (size_t)(buf + len - p))) != NULL; p++)
				clients[i].lines++;
			tell_all(buf, (size_t)len);
		}
	}
	for (int i = 0; i < CLIENTS; i++) {
		waitpid(clients[i].pid, &status, 0);
		printf("client %d: %d lines, exit %d\n", i, clients[i].lines, WEXITSTATUS(status));
	}
	return 0;
}
