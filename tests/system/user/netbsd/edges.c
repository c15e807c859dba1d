/* Small promises of the manual pages that are easily broken: limits of files,
 * bad descriptors, sticky files, places in a directory, clocks of used time. */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lwp.h>
#include <machine/lock.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static void
limits_of_files(void)
{
	int fds[2];

	pipe(fds);
	printf("name %ld, path %ld, tty name %ld, pipe %ld\n",
	    pathconf("/", _PC_NAME_MAX), pathconf("/", _PC_PATH_MAX),
	    sysconf(_SC_TTY_NAME_MAX), fpathconf(fds[0], _PC_PIPE_BUF));
	printf("line of a device %ld, of a file %ld\n",
	    pathconf("/dev/console", _PC_MAX_CANON),
	    pathconf("/etc", _PC_MAX_CANON));
	printf("a pipe's name %ld %d, no file %ld %d\n",
	    fpathconf(fds[0], _PC_NAME_MAX), errno == EINVAL,
	    fpathconf(-1, _PC_NAME_MAX), errno == EBADF);
	printf("NAME_MAX %s\n", NAME_MAX == pathconf("/", _PC_NAME_MAX) ?
	    "is the kernel's" : "is another");
	close(fds[0]);
	close(fds[1]);
}

static void
bad_descriptors(void)
{
	fd_set set;
	struct timeval none = { 0, 0 };
	struct pollfd pfd = { .fd = 0, .events = POLLIN };
	int wrong = 0;

	for (int fd = 10; fd < FD_SETSIZE; fd++) {
		FD_ZERO(&set);
		FD_SET(fd, &set);
		wrong += select(fd + 1, &set, NULL, NULL, &none) != -1 ||
		    errno != EBADF;
	}
	printf("select took %d closed descriptors\n", wrong);
	printf("poll with -2: %d %d\n", poll(&pfd, 1, -2), errno == EINVAL);
}

static void
nodes(void)
{
	struct stat st;
	int status;

	printf("no device: %d %d\n", mknod("node", S_IFCHR, -1),
	    errno == EINVAL);
	mknod("block", S_IFBLK | 0600, 0x1203);
	stat("block", &st);
	printf("block device %d, number %#llx, open %d %d\n",
	    S_ISBLK(st.st_mode), (unsigned long long)st.st_rdev,
	    open("block", O_RDONLY), errno == ENXIO);
	if (mkfifo("fifo", 0600) == -1 || chown("fifo", 1000, 7) == -1)
		err(EXIT_FAILURE, "fifo");
	fflush(stdout);
	if (fork() == 0) {
		setgid(1000);
		setgroups(0, NULL);
		setuid(1000);
		printf("sticky fifo: %d %d\n", chmod("fifo", 01600),
		    errno == EFTYPE);
		printf("set-group-ID of a foreign group: %d %d\n",
		    chmod("fifo", 02600), errno == EPERM);
		printf("sticky directory: %d\n",
		    mkdir("/tmp/sticky", 0700) | chmod("/tmp/sticky", 01700));
		exit(EXIT_SUCCESS);
	}
	wait(&status);
}

/* access asks for the real user, who may be another than the one who opens. */
static void
users(void)
{
	symlink("nowhere", "dangling");
	printf("dangling link: %d %d\n",
	    faccessat(AT_FDCWD, "dangling", F_OK, 0),
	    faccessat(AT_FDCWD, "dangling", F_OK, AT_SYMLINK_NOFOLLOW));
	mkdir("mine", 0700);
	close(open("mine/file", O_CREAT | O_WRONLY, 0600));
	seteuid(1000);
	printf("root who is another: access %d, ", access("mine/file", R_OK));
	printf("AT_EACCESS %d, open %d\n",
	    faccessat(AT_FDCWD, "mine/file", R_OK, AT_EACCESS),
	    open("mine/file", O_RDONLY));
	seteuid(0);
	printf("bad flags: %d %d\n", faccessat(AT_FDCWD, "/", F_OK, 1 << 20),
	    errno == EINVAL);
}

static void
names(void)
{
	char one[] = "abc", two[] = "abcXX", buffer[8];
	int fd;

	fd = mkstemp(one);
	printf("mkstemp of %s: %s, again %d\n", one, fd >= 0 ? "made" : "not",
	    mkstemp(one));
	fd = mkstemp(two);
	printf("with two X's: %s, %zu bytes, X's %s\n", fd >= 0 ? "made" : "not",
	    strlen(two), strchr(two, 'X') ? "left" : "gone");
	strcpy(two, "abcXX");
	fd = mkostemp(two, O_CLOEXEC);
	printf("mkostemp: close-on-exec %d\n", fcntl(fd, F_GETFD) == FD_CLOEXEC);
	printf("getcwd into nothing: %d %d\n", getcwd(buffer, 0) != NULL,
	    errno == EINVAL);
}

static void
places(void)
{
	DIR *dir;
	char name[16], third[256];
	long place;

	mkdir("places", 0755);
	for (int i = 0; i < 300; i++) { /* more than a buffer */
		snprintf(name, sizeof(name), "places/%03d", i);
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	dir = opendir("places");
	for (int i = 0; i < 280; i++)
		readdir(dir);
	place = telldir(dir);
	strlcpy(third, readdir(dir)->d_name, sizeof(third));
	rewinddir(dir);
	printf("first %s, ", readdir(dir)->d_name);
	seekdir(dir, place);
	printf("place found again %d, ", telldir(dir) == place);
	printf("name %d\n", strcmp(readdir(dir)->d_name, third) == 0);
	closedir(dir);
}

static void
clocks(void)
{
	struct timespec a, b, c;
	clockid_t clock;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
	for (volatile int i = 0; i < 100000; i++)
		continue;
	printf("one LWP uses all: %d\n", clock_getcpuclockid(0, &clock) == 0 &&
	    clock_gettime(clock, &c) == 0 && timespeccmp(&a, &b, <=) &&
	    timespeccmp(&b, &c, <));
	timespecsub(&c, &a, &c);
	usleep(200000);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	timespecsub(&b, &a, &b);
	printf("sleeping takes none: %d\n", c.tv_nsec > 100000 &&
	    b.tv_sec == 0 && b.tv_nsec < 100000000);
	printf("nobody's clock: %d\n", clock_getcpuclockid(29999, &clock) == ESRCH);
	printf("time bases: %d %d %d\n", timespec_get(&a, TIME_UTC),
	    timespec_getres(&a, TIME_MONOTONIC), timespec_get(&a, 99));
}

static char stack[32768];
static ucontext_t back, there;
static void *seen;

static void look(void);

static void
prepare(void)
{
	getcontext(&there);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = sizeof(stack);
	makecontext(&there, look, 0);
}

static void
look(void)
{
	seen = _lwp_getprivate();
	swapcontext(&there, &back);
}

/* The thread pointer goes with a context, unless its flag is taken away. */
static void
contexts(void)
{
	void *own = _lwp_getprivate(), *other = (char *)own + 16;
	int flag, taken;

	prepare();
	flag = (there.uc_flags & _UC_TLSBASE) != 0;
	there.uc_flags &= ~_UC_TLSBASE;
	_lwp_setprivate(other);
	swapcontext(&back, &there);
	taken = seen == other;
	_lwp_setprivate(own);
	printf("thread pointer: flag %d, left alone %d", flag, taken);
	prepare();
	_lwp_setprivate(other);
	swapcontext(&back, &there);
	taken = seen == own && _lwp_getprivate() == other;
	_lwp_setprivate(own);
	printf(", brought along %d\n", taken);
	there.uc_flags &= ~_UC_CPU;
	printf("an LWP without registers: %d %d\n",
	    _lwp_create(&there, 0, &(lwpid_t){0}), errno == EINVAL);
	printf("LWP %d\n", _lwp_gettid() == _lwp_self());
	prepare();
	printf("registers: sp %d, pc %d\n",
	    (char *)_UC_MACHINE_SP(&there) == stack + sizeof(stack),
	    _UC_MACHINE_PC(&there) == (long)look);
	printf("__syscall %d\n", __syscall(SYS_getpid) == getpid());
}

/* What putenv is given is the environment's own, what setenv is given a copy. */
static void
environment(void)
{
	char text[] = "edge=old", value[] = "value";

	putenv(text);
	memcpy(text + 5, "new", 3);
	printf("environment: %s", getenv("edge"));
	setenv("edge", value, 0);
	printf(" %s", getenv("edge"));
	setenv("edge", value, 1);
	value[0] = 'V';
	printf(" %s", getenv("edge"));
	for (int i = 0; i < 200; i++) {
		char name[16];

		snprintf(name, sizeof(name), "edge%d", i);
		setenv(name, name, 1);
	}
	printf(" %s", getenv("edge199"));
	unsetenv("edge");
	*environ = NULL;
	printf(", gone %d %d", getenv("edge") == NULL, getenv("edge5") == NULL);
	setenv("edge", "again", 1);
	printf(", %s\n", getenv("edge"));
	printf("no names: %d %d %d %d\n", setenv("", "", 1),
	    setenv("a=b", "", 1), putenv(value), unsetenv(NULL));
}

static void
spin_locks(void)
{
	__cpu_simple_lock_t lock;

	__cpu_simple_lock_init(&lock);
	__cpu_simple_lock(&lock);
	printf("locked: try %d", __cpu_simple_lock_try(&lock));
	__cpu_simple_unlock(&lock);
	printf(", unlocked: try %d\n", __cpu_simple_lock_try(&lock));
}

int
main(void)
{
	chmod("/tmp", 01777);
	limits_of_files();
	bad_descriptors();
	nodes();
	users();
	names();
	places();
	clocks();
	contexts();
	environment();
	spin_locks();
	return EXIT_SUCCESS;
}
