/* What mmap(2), mlock(2), mincore(2) and setrlimit(2) refuse and allow. */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <sys/wait.h>

#include <alloca.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static long page;

/* Prints whether a call succeeded, or the name of its error. */
static void
tell(const char *what, int succeeded)
{
	static const struct {
		int number;
		const char *name;
	} names[] = { { EINVAL, "EINVAL" }, { ENOMEM, "ENOMEM" },
	    { EACCES, "EACCES" }, { EFAULT, "EFAULT" }, { EBADF, "EBADF" } };
	const char *result = "another error";

	for (size_t i = 0; i < __arraycount(names); i++)
		if (names[i].number == errno)
			result = names[i].name;
	printf("%s: %s\n", what, succeeded ? "ok" : result);
}

static void *
map(void *where, int prot, int flags, int fd)
{
	return mmap(where, page, prot, flags, fd, 0);
}

static void
addresses(void)
{
	unsigned long low, high;
	size_t size = sizeof(low);
	int disabled;

	if (sysctlbyname("vm.minaddress", &low, &size, NULL, 0) == -1 ||
	    sysctlbyname("vm.maxaddress", &high, &size, NULL, 0) == -1)
		err(EXIT_FAILURE, "sysctl");
	size = sizeof(disabled);
	sysctlbyname("vm.user_va0_disable", &disabled, &size, NULL, 0);
	printf("from %#lx to %#lx, page 0 disabled %d\n", low, high, disabled);
	tell("hint at the end", map((void *)high, PROT_READ,
	    MAP_ANON | MAP_PRIVATE, -1) != MAP_FAILED);
	tell("hint at -1", map((void *)-1, PROT_READ,
	    MAP_ANON | MAP_PRIVATE, -1) != MAP_FAILED);
	tell("fixed at -1, no file", map((void *)-1, PROT_READ,
	    MAP_FIXED | MAP_PRIVATE, -1) != MAP_FAILED);
	tell("no file", map(NULL, PROT_READ, MAP_PRIVATE, -1) != MAP_FAILED);
}

/* A file that may only be written can be mapped, but not to read. */
static void
file(void)
{
	int fd = open("file", O_WRONLY | O_CREAT, 0600);

	if (fd == -1 || write(fd, "text", 4) != 4)
		err(EXIT_FAILURE, "file");
	tell("private, to read", map(NULL, PROT_READ, MAP_PRIVATE, fd) !=
	    MAP_FAILED);
	tell("private, to write", map(NULL, PROT_WRITE, MAP_PRIVATE, fd) !=
	    MAP_FAILED);
	tell("shared, to read", map(NULL, PROT_READ, MAP_SHARED, fd) !=
	    MAP_FAILED);
	close(fd);
}

static void
locks(void)
{
	char *none = map(NULL, PROT_NONE, MAP_ANON | MAP_PRIVATE | MAP_WIRED,
	    -1);
	char *some = map(NULL, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE,
	    -1);
	char vec[1];

	tell("mlock of page 0", mlock(NULL, page) == 0);
	tell("munlock of page 0", munlock(NULL, page) == 0);
	tell("mlock without access", mlock(none, page) == 0);
	tell("mlock", mlock(some, page) == 0);
	tell("mlockall", mlockall(MCL_CURRENT) == 0);
	munlockall();
	tell("mincore of nothing", mincore(some, 0, vec) == 0);
	tell("mincore of page 0", mincore(NULL, page, vec) == 0);
	tell("mincore into nowhere", mincore(some, page, (char *)-1) == 0);
	tell("mincore", mincore(some, page, vec) == 0 && vec[0] == 1);
}

/* Whether a child can use so much stack. */
static const char *
use_stack(size_t size)
{
	int status;

	switch (fork()) {
	case -1:
		err(EXIT_FAILURE, "fork");
	case 0: {
		volatile char *bytes = alloca(size);

		for (size_t i = size; i > 0; i -= page)
			bytes[i - 1] = 1;
		_exit(bytes[0] = 0);
	}
	default:
		wait(&status);
		return WIFEXITED(status) ? "there" : "not there";
	}
}

static void
stack(void)
{
	struct rlimit limit;
	rlim_t size;

	getrlimit(RLIMIT_STACK, &limit);
	size = limit.rlim_cur;
	printf("all of the stack's limit is %s\n", use_stack(size));
	limit.rlim_cur = 2 * size;
	setrlimit(RLIMIT_STACK, &limit);
	printf("raised to twice that: %s", use_stack(size));
	printf(", all of that: %s\n", use_stack(2 * size));
	limit.rlim_cur = size;
	setrlimit(RLIMIT_STACK, &limit);
	printf("lowered again: %s\n", use_stack(size));
	limit.rlim_cur = 2 * size;
	setrlimit(RLIMIT_STACK, &limit);
	printf("raised again: %s\n", use_stack(size));
}

int
main(void)
{
	page = sysconf(_SC_PAGESIZE);
	addresses();
	file();
	locks();
	fflush(stdout);
	stack();
	return EXIT_SUCCESS;
}
