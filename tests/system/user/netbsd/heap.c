/* malloc(3) under stress: patterns that must survive, in parent and child. */
#include <sys/types.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCKS	300

static struct block {
	unsigned char	*data;
	size_t		size;
	unsigned char	fill;
} blocks[BLOCKS];

static unsigned long seed = 1;

static unsigned
number(unsigned below)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(seed >> 33) % below;
}

static void
check(const struct block *b)
{
	for (size_t i = 0; i < b->size; i++)
		if (b->data[i] != b->fill)
			errx(2, "block %td: byte %zu is wrong", b - blocks, i);
}

static size_t
size(void)
{
	unsigned kind = number(20);

	return 1 + number(kind == 0 ? 60000 : kind < 5 ? 4000 : 100);
}

static void
churn(int rounds)
{
	while (rounds-- > 0) {
		struct block *b = &blocks[number(BLOCKS)];
		size_t n = size();

		check(b);
		switch (number(4)) {
		case 0:
			free(b->data);
			b->data = NULL;
			b->size = 0;
			continue;
		case 1:
			free(b->data);
			b->data = calloc(n, 1);
			b->fill = 0;
			b->size = n;
			check(b);
			break;
		case 2:
			free(b->data);
			if (posix_memalign((void **)&b->data, 256, n) != 0)
				b->data = NULL;
			if ((uintptr_t)b->data % 256 != 0)
				errx(2, "not aligned");
			break;
		default:
			b->data = realloc(b->data, n);
			if (b->size < n)
				n = b->size > 0 ? b->size : n;
			if (b->size > 0) {
				b->size = n;
				check(b);
			}
		}
		if (b->data == NULL)
			err(2, "no memory");
		b->size = n;
		b->fill = (unsigned char)number(256);
		memset(b->data, b->fill, n);
	}
	for (int i = 0; i < BLOCKS; i++)
		check(&blocks[i]);
}

int
main(void)
{
	struct rlimit rl = { 8 * 1024 * 1024, RLIM_INFINITY };
	int status, good = 0;

	churn(3000);
	for (int i = 0; i < 3; i++)
		if (fork() == 0) {
			seed += (unsigned long)i;
			churn(1000);
			_exit(0);
		}
	churn(1000);
	while (wait(&status) != -1)
		good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
	printf("%d children and the parent found every byte\n", good);

	for (int i = 0; i < BLOCKS; i++) {
		free(blocks[i].data);
		blocks[i].data = NULL;
	}
	if (fork() == 0) {
		void *p;
		int n = 0;

		if (setrlimit(RLIMIT_AS, &rl) == -1)
			err(1, "setrlimit");
		errno = 0;
		while (n < 100 && (p = malloc(100000)) != NULL)
			n++;
		printf("under the limit: %s, %s\n", n > 0 && n < 80 ? "some blocks" : "?",
		    strerror(errno));
		p = mmap(NULL, 8 * 1024 * 1024, PROT_READ, MAP_ANON | MAP_PRIVATE, -1, 0);
		printf("mmap: %s\n", p == MAP_FAILED ? strerror(errno) : "?");
		exit(0);
	}
	wait(NULL);
	return 0;
}
