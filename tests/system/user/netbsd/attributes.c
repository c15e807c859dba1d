/* Owners, permissions and times of files; realpath(3), scandir(3), fchroot(2). */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <sys/param.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utime.h>

static void
show(const char *what, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		err(EXIT_FAILURE, "%s", path);
	printf("%s: mode %o, owner %u:%u, times %jd.%09ld %jd.%09ld\n", what,
	    st.st_mode & ALLPERMS, st.st_uid, st.st_gid,
	    (intmax_t)st.st_atimespec.tv_sec, st.st_atimespec.tv_nsec,
	    (intmax_t)st.st_mtimespec.tv_sec, st.st_mtimespec.tv_nsec);
}

static int
touch(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

	if (fd == -1)
		err(EXIT_FAILURE, "%s", path);
	return fd;
}

static void
times_of_files(void)
{
	struct timeval tv[2] = { { 1000, 250000 }, { 2000, 500000 } };
	struct timespec ts[2] = { { 3000, 7 }, { 0, UTIME_OMIT } };
	struct utimbuf ut = { 11, 12 };
	struct stat st;
	int fd;

	fd = touch("file");
	if (symlink("file", "link") == -1)
		err(EXIT_FAILURE, "symlink");
	utimes("file", tv);
	show("utimes", "file");
	utimensat(AT_FDCWD, "file", ts, 0);
	show("utimensat", "file");
	ts[1].tv_nsec = 999999999;
	futimens(fd, ts);
	show("futimens", "file");
	utime("file", &ut);
	show("utime", "file");
	lutimes("link", tv);
	show("lutimes, the link", "link");
	show("lutimes, its file", "file");
	ts[0].tv_nsec = 1000000000;
	printf("a full second: %s\n", futimens(fd, ts) == -1 ? strerror(errno) : "accepted");
	futimes(fd, NULL);
	fstat(fd, &st);
	printf("now: %s\n", st.st_mtime > 12 && st.st_atime == st.st_mtime ? "yes" : "no");

	/* Another user may set the times to now if he may write, and no others. */
	fchmod(fd, 0666);
	fflush(stdout);
	if (fork() == 0) {
		setuid(77);
		printf("another user, now: %s\n", futimes(fd, NULL) == -1 ? strerror(errno) : "done");
		printf("another user, then: %s\n", futimes(fd, tv) == -1 ? strerror(errno) : "done");
		exit(0);
	}
	wait(NULL);
	close(fd);
}

static void
modes(void)
{
	struct timespec ts[2] = { { 5, 0 }, { 6, 0 } };

	mkdir("dir", 0755);
	int dir = open("dir", O_RDONLY | O_DIRECTORY);
	int fd = openat(dir, "inside", O_CREAT | O_WRONLY, 0600);

	fchmodat(dir, "inside", 0640, 0);
	fchownat(dir, "inside", 3, 4, 0);
	utimensat(dir, "inside", ts, AT_SYMLINK_NOFOLLOW);
	show("fchmodat, fchownat", "dir/inside");
	lchown("link", 8, 9);
	lchmod("link", 0700);
	utimensat(AT_FDCWD, "link", ts, AT_SYMLINK_NOFOLLOW);
	show("lchown, lchmod", "link");
	mkfifoat(dir, "fifo", 0622);
	mknodat(dir, "null", S_IFCHR | 0666, makedev(2, 2));
	fdatasync(fd);
	close(fd);
	close(dir);
}

static int
not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
names(void)
{
	struct dirent **list;
	char path[MAXPATHLEN], *made;
	int i, n;

	if ((n = scandir("dir", &list, not_hidden, alphasort)) == -1)
		err(EXIT_FAILURE, "scandir");
	printf("scandir: %d:", n);
	for (i = 0; i < n; i++) {
		printf(" %s", list[i]->d_name);
		free(list[i]);
	}
	free(list);
	symlink("/tmp/names/dir/../link", "far");
	symlink("loop", "loop");
	printf("\nrealpath: %s", realpath("./dir//../far", path));
	printf(" %s", made = realpath("..", NULL));
	free(made);
	printf(" %s\n", realpath("/../..//tmp/.", path));
	printf("no file: %s\n", realpath("dir/none", path) ? path : strerror(errno));
	printf("loop: %s\n", realpath("loop", path) ? path : strerror(errno));
	printf("no directory: %s\n", realpath("file/", path) ? path : strerror(errno));
}

static void
roots(void)
{
	int fd = open("dir", O_RDONLY | O_DIRECTORY);

	if (fork() == 0) {
		if (fchroot(fd) == -1)
			err(EXIT_FAILURE, "fchroot");
		printf("new root: %s\n", access("/inside", F_OK) == 0 ? "there" : "not there");
		exit(0);
	}
	wait(NULL);
	close(fd);
}

static void
too_long(int sig)
{
	(void)sig;
	printf("SIGXFSZ\n");
}

static void
limits(void)
{
	struct rlimit rl = { 10, RLIM_INFINITY };
	int fd = touch("limited");

	signal(SIGXFSZ, too_long);
	setrlimit(RLIMIT_FSIZE, &rl);
	printf("ten bytes: %zd\n", write(fd, "0123456789", 10));
	printf("one more: %s\n", write(fd, "x", 1) == -1 ? strerror(errno) : "?");
	rl.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &rl);
	printf("without the limit: %zd\n", write(fd, "x", 1));
	close(fd);
}

int
main(void)
{
	if (mkdir("/tmp/names", 0755) == -1 || chdir("/tmp/names") == -1)
		err(EXIT_FAILURE, "/tmp/names");
	times_of_files();
	modes();
	names();
	fflush(stdout);
	roots();
	limits();
	return EXIT_SUCCESS;
}
