// lockf(3): exclusive locks of fcntl(2), from the file's offset on.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

// Fails with EACCES if another process has a lock there.
static int test(int fd, struct flock *lock) {
    if (fcntl(fd, F_GETLK, lock) == -1)
        return -1;
    if (lock->l_type == F_UNLCK || lock->l_pid == getpid())
        return 0;
    errno = EACCES;
    return -1;
}

int lockf(int fd, int what, off_t size) {
    struct flock lock = {.l_whence = SEEK_CUR, .l_len = size, .l_type = F_WRLCK};
    switch (what) {
    case F_ULOCK:
        lock.l_type = F_UNLCK;
        return fcntl(fd, F_SETLK, &lock);
    case F_LOCK:
        return fcntl(fd, F_SETLKW, &lock);
    case F_TLOCK:
        return fcntl(fd, F_SETLK, &lock);
    case F_TEST:
        return test(fd, &lock);
    default:
        errno = EINVAL;
        return -1;
    }
}
