/* A tree of directories made and walked with the ...at calls. */
#include <sys/types.h>
#include <sys/stat.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long bytes, files, folders, links;

static void
make(int at, int depth)
{
	char name[16], text[64];

	for (int i = 0; i < 3; i++) {
		int fd;

		snprintf(name, sizeof(name), "file%d", i);
		if ((fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL, 0600)) == -1)
			err(1, "%s", name);
		memset(text, 'a' + i, sizeof(text));
		if (write(fd, text, (size_t)(10 * i + depth)) == -1)
			err(1, "write");
		close(fd);
	}
	if (symlinkat("file1", at, "link") == -1 || linkat(at, "file2", at, "again", 0) == -1)
		err(1, "links");
	if (depth == 3)
		return;
	for (int i = 0; i < 2; i++) {
		int fd;

		snprintf(name, sizeof(name), "dir%d", i);
		if (mkdirat(at, name, 0700) == -1 ||
		    (fd = openat(at, name, O_RDONLY | O_DIRECTORY)) == -1)
			err(1, "%s", name);
		make(fd, depth + 1);
		close(fd);
	}
}

static void
walk(int at, bool removes)
{
	struct dirent *entry;
	struct stat st;
	char target[PATH_MAX];
	DIR *dir;
	int fd;

	if ((fd = dup(at)) == -1 || (dir = fdopendir(fd)) == NULL)
		err(1, "fdopendir");
	rewinddir(dir);
	while ((entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			err(1, "%s", name);
		if (S_ISDIR(st.st_mode)) {
			int below = openat(at, name, O_RDONLY | O_DIRECTORY);

			folders++;
			walk(below, removes);
			close(below);
		} else if (S_ISLNK(st.st_mode)) {
			ssize_t n = readlinkat(at, name, target, sizeof(target));

			links += n == 5 && memcmp(target, "file1", 5) == 0;
		} else {
			files++;
			bytes += st.st_size / (st.st_nlink == 0 ? 1 : st.st_nlink);
		}
		if (removes && unlinkat(at, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) == -1)
			err(1, "unlink %s", name);
	}
	closedir(dir);
}

static void
report(const char *when)
{
	printf("%s: %ld files, %ld folders, %ld links, %ld bytes\n", when, files, folders, links, bytes);
	bytes = files = folders = links = 0;
}

int
main(void)
{
	char root[] = "/tmp/walk.XXXXXX";
	int fd;

	if (mkdtemp(root) == NULL || (fd = open(root, O_RDONLY | O_DIRECTORY)) == -1)
		err(1, "%s", root);
	make(fd, 0);
	walk(fd, false);
	report("made");
	if (renameat(fd, "dir0/dir1", fd, "moved") == -1 || unlinkat(fd, "dir1/dir0/file0", 0) == -1)
		err(1, "renameat");
	printf("faccessat: %d %d\n", faccessat(fd, "moved/file0", R_OK, 0),
	    faccessat(fd, "dir0/dir1", F_OK, 0));
	walk(fd, false);
	report("moved");
	printf("a folder that is not empty: %s\n",
	    unlinkat(fd, "dir0", AT_REMOVEDIR) == -1 ? strerror(errno) : "gone");
	walk(fd, true);
	walk(fd, false);
	report("removed");
	return rmdir(root);
}
